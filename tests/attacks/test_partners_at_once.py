"""A partner whose server asks for too much at the same time: the threads that pages and LPRs need stay theirs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from platekeeper.core.federation.words import Answered, AskSearch, Found, NotAnswered
from platekeeper.server.procedures import search_for_partners
from tests.cast import Cast
from tests.partnering import ask, connected
from tests.sharing import end_mous, make_mou

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)
SEARCH = AskSearch(
    number=7, operator="Dana Deputy", requestor="", requestor_agency="", purpose="stolen", offense="theft",
    case_number="M-1", justification="gray van left the scene", none_prohibited=True, plate="ABC1234",
    since=NOW - timedelta(days=1), until=NOW,
)  # fmt: skip


@pytest.fixture
def cast(cast: Cast) -> Cast:
    end_mous(cast, at=NOW)
    make_mou(cast, at=NOW)
    return cast


def test_few_searches_of_partners_run_at_the_same_time(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    connected(cast, at=NOW)
    told: list[Answered] = []
    begun: list[int] = []
    one = search_for_partners._found

    def meanwhile(*given: Any) -> Found:
        begun.append(1)
        if len(begun) < 20:
            told.append(ask(SEARCH, at=NOW))  # while this one runs
        return one(*given)

    monkeypatch.setattr(search_for_partners, "_found", meanwhile)
    assert isinstance(ask(SEARCH, at=NOW), Found)
    refused = [each for each in told if isinstance(each, NotAnswered)]
    assert [each.clause for each in refused] == [""] and "at the same time" in refused[0].reason
    assert len(begun) == search_for_partners.AT_ONCE
    monkeypatch.setattr(search_for_partners, "_found", one)
    assert isinstance(ask(SEARCH, at=NOW), Found), "afterwards as before"
