"""When a read was captured, whatever the unit's clock said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platekeeper.field.times import EARLIEST, SECOND, TOLERANCE, Run, said_time

HOUR = 3600 * SECOND
NOON = EARLIEST + 1000 * HOUR
HEARD = Run(ahead=NOON, heard=NOON + HOUR, ended=2 * HOUR)
UNHEARD = Run(heard=NOON - HOUR, ended=2 * HOUR)


@pytest.mark.parametrize(
    "case",
    [
        (NOON + HOUR + 2 * SECOND, HOUR, HEARD, None, NOON + HOUR + 2 * SECOND, "right enough"),
        (NOON + 5 * HOUR, HOUR, HEARD, None, NOON + HOUR, "ahead"),
        (0, HOUR, HEARD, None, NOON + HOUR, "a clock without a battery"),
        (17, None, HEARD, None, 17, "a recording says its own time"),
        (NOON + HOUR, HOUR, UNHEARD, NOON + 9 * HOUR, NOON + HOUR, "nobody was heard, and it can be true"),
        (0, HOUR, UNHEARD, NOON + 9 * HOUR, NOON + 8 * HOUR, "it cannot: counted back from the next run that heard"),
        (NOON * 2, HOUR, UNHEARD, NOON + 9 * HOUR, NOON + 8 * HOUR, "it cannot: not after that run either"),
        (0, HOUR, UNHEARD, None, NOON, "nobody ever heard since: no earlier than what was heard before"),
        (0, HOUR, Run(), None, EARLIEST + HOUR, "nobody ever heard"),
        (NOON, HOUR, Run(), None, NOON, "nobody ever heard, and it can be true"),
    ],
)
def test_the_time_that_is_told(case: tuple[int, int | None, Run, int | None, int, str]) -> None:
    at, since, run, before, told, why = case
    assert said_time(at, since=since, run=run, before=before) == told, why


@given(wrong_by=st.integers(-(10**16), 10**16), since=st.integers(0, 10**12))
def test_where_a_server_was_heard_the_clock_does_not_matter(wrong_by: int, since: int) -> None:
    told = said_time(NOON + since + wrong_by, since=since, run=Run(ahead=NOON), before=None)
    assert abs(told - (NOON + since)) <= TOLERANCE
