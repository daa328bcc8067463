"""An LPR that misreads more than one worked hit in ten is to be looked after (IX.a-c)."""

from __future__ import annotations

import pytest

from platekeeper.core.rules.decision import Refused
from platekeeper.core.rules.reading import Reading, reads_well

NOTHING = Reading()


@pytest.mark.parametrize(
    ("ever", "lately", "said"),
    [
        (NOTHING, NOTHING, ""),
        (Reading(9, 9), Reading(9, 9), ""),  # too few to go by
        (Reading(10, 1), NOTHING, ""),
        (Reading(10, 2), NOTHING, "2 of 10 worked hits were"),
        (Reading(100, 10), Reading(9, 9), ""),
        (Reading(100, 50), Reading(10, 1), ""),  # mended since
        (Reading(100, 2), Reading(10, 2), "2 of 10 worked hits in the last 30 days were"),
    ],
)
def test_it_is_judged_by_what_it_did_lately_if_that_is_enough(ever: Reading, lately: Reading, said: str) -> None:
    verdict = reads_well(ever, lately)
    assert bool(verdict) is not bool(said)
    if isinstance(verdict, Refused):
        assert said in verdict.reason and verdict.clause.number == "IX.a"


@pytest.mark.parametrize(("reading", "percent"), [(NOTHING, None), (Reading(3, 1), 33), (Reading(8, 8), 100)])
def test_the_share_is_in_percent(reading: Reading, percent: int | None) -> None:
    assert reading.percent == percent
