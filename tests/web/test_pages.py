"""Long lists: what does not fit on a page is on the next one, and a board without pages says what it does not show."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from platekeeper.core.matching import HowMatched
from platekeeper.server.web import hits, sharing, supervision
from tests.cast import Cast
from tests.sharing import make_order
from tests.web.making import make_hit

pytestmark = pytest.mark.django_db
AsRole = Callable[[str], Client]
NOW = datetime.now(UTC)


def test_orders_of_courts_go_on_on_the_next_page(cast: Cast, as_role: AsRole, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "_SHOWN", 1)
    make_order(cast, at=NOW, number="26-old")
    make_order(cast, at=NOW, number="26-new")
    first, second = (as_role("custodian").get(f"/sharing/?page={n}").content.decode() for n in (1, 2))
    assert ("26-new" in first, "26-old" in first, "Page 1 of 2" in first) == (True, False, True)
    assert ("26-new" in second, "26-old" in second) == (False, True)


def test_look_alikes_go_on_on_the_next_page(cast: Cast, as_role: AsRole, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervision, "MOST_SHOWN", 1)
    for plate, minutes in (("QLD1111", 2), ("QNW2222", 1)):
        make_hit(cast, plate=plate, how=HowMatched.LOOK_ALIKE, at=NOW - timedelta(minutes=minutes))
    page = as_role("custodian").get("/hits/silent/?page=2").content.decode()
    assert ("QLD1111" in page, "QNW2222" in page) == (True, False)


def test_the_board_says_how_many_alarms_it_does_not_show(
    cast: Cast, as_role: AsRole, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hits, "MOST_SHOWN", 1)
    make_hit(cast)
    assert "not shown here" not in as_role("officer").get("/hits/").content.decode()
    make_hit(cast)
    make_hit(cast)
    assert "2 more open alarms are not shown here" in as_role("officer").get("/hits/").content.decode()
