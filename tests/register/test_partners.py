"""Searches of partners in the register: an MOU lets them run, so no clause about our own people turns red for them."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from platekeeper.core.federation.words import AskSearch, Found, NotAnswered
from platekeeper.server.register.evidence import Status
from tests.cast import Cast
from tests.partnering import ask, connected
from tests.register.judging import NOW, by_number, until

pytestmark = [pytest.mark.django_db, pytest.mark.records]
AT = NOW - timedelta(hours=2)


def test_a_partners_searches_turn_nothing_red(cast: Cast) -> None:
    before = {number: line.evidence.status for number, line in by_number(until()).items()}
    connected(cast, at=AT)
    search = AskSearch(
        number=7, operator="Dan Deputy", requestor="", requestor_agency="", purpose="stolen", offense="larceny",
        case_number="M-118", justification="taken from the garage at Canal Street", none_prohibited=True,
        plate="STL1234", since=AT - timedelta(days=2), until=AT,
    )  # fmt: skip
    assert isinstance(ask(search, at=NOW), Found)
    assert isinstance(ask(msgspec.structs.replace(search, purpose="curiosity"), at=NOW), NotAnswered)
    lines = by_number(until(NOW + timedelta(minutes=1)))
    now_red = {number for number, line in lines.items() if line.evidence.status == Status.BREACH}
    assert now_red <= {number for number, status in before.items() if status == Status.BREACH}
    assert "2 searches of partners" in lines["VI.l"].evidence.words
