"""What a command directive covers, and whether it says enough (VI.k.4)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from platekeeper.core.rules.directives import Named, may_direct
from platekeeper.core.search.areas import Circle

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
HERE = Circle(43.0, -76.0, 500)
_READ: dict[str, Any] = {"folded": "ABC1234", "lpr": 1, "at": NOON, "latitude": 43.0, "longitude": -76.0}


@pytest.mark.parametrize(
    ("named", "read", "covered"),
    [
        (Named(plates=("ABC1234",)), {}, True),
        (Named(plates=("XYZ1", "AB?1*")), {}, True),
        (Named(plates=("0BC1",)), {"folded": "0BC1"}, True),
        (Named(plates=("OBC1",)), {"folded": "0BC1"}, True),
        (Named(plates=("ABC123",)), {}, False),
        (Named(plates=("*",)), {"folded": None}, False),
        (Named(lprs=(1, 2)), {"folded": None}, True),
        (Named(lprs=(2,)), {}, False),
        (Named(area=HERE), {}, True),
        (Named(area=HERE), {"latitude": 43.1}, False),
        (Named(area=HERE), {"latitude": None, "longitude": None}, False),
        (Named(since=NOON, until=NOON + timedelta(seconds=1)), {}, True),
        (Named(since=NOON - timedelta(hours=1), until=NOON), {}, False),
        (Named(plates=("ABC1234",), lprs=(2,)), {}, False),
        (Named(plates=("ABC1234",), lprs=(1,), area=HERE, since=NOON), {}, True),
    ],
)
def test_all_that_is_named_must_agree(named: Named, read: dict[str, Any], covered: bool) -> None:
    assert named.covers(**(_READ | read)) is covered


@pytest.mark.parametrize(
    ("named", "changed", "allowed"),
    [
        (Named(plates=("ABC1234",)), {}, True),
        (Named(since=NOON, until=NOON + timedelta(hours=1)), {}, True),
        (Named(since=NOON), {}, False),
        (Named(), {}, False),
        (Named(lprs=(1,), since=NOON, until=NOON), {}, False),
        (Named(lprs=(1,)), {"why": " "}, False),
        (Named(lprs=(1,)), {"kept_until": NOON.date()}, False),
    ],
)
def test_a_directive_says_what_why_and_until_when(named: Named, changed: dict[str, Any], allowed: bool) -> None:
    given: dict[str, Any] = {"why": "civil suit", "kept_until": date(2027, 1, 1), "today": NOON.date()} | changed
    assert bool(may_direct(named, **given)) is allowed
