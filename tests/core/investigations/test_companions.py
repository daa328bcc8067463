"""Plates that travel together: the same as comparing every pair; and chance, against its definition."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platekeeper.core.investigations import words
from platekeeper.core.investigations.companions import (
    APART,
    Companion,
    Judged,
    Wanted,
    companions,
    judged,
    occasions_of,
    surprise,
)
from platekeeper.core.investigations.sightings import DAY, MINUTE, Sightings

Seen = list[tuple[str, int, int]]
_minutes = st.integers(0, 90).map(lambda minute: minute * MINUTE)
_given = st.lists(st.tuples(st.just("GIVEN"), st.integers(1, 3), _minutes), max_size=8)
_near = st.lists(st.tuples(st.sampled_from(["A", "B0", "GIVEN"]), st.integers(1, 3), _minutes), max_size=30)
_wanted = st.builds(
    Wanted, within=st.integers(0, 9).map(MINUTE.__mul__), occasions=st.integers(1, 3), places=st.integers(1, 3)
)


def _with(plate: str, around: Seen, near: Seen, within: int) -> Seen:
    """Return the given sightings that a plate was near, one by one."""
    return sorted(
        (
            each
            for each in around
            if any(other == plate and lpr == each[1] and abs(at - each[2]) <= within for other, lpr, at in near)
        ),
        key=lambda each: each[2],
    )


def _occasions(ats: list[int]) -> int:
    begun: list[int] = []
    for at in ats:
        if not begun or at - begun[-1] >= APART:
            begun.append(at)
    return len(begun)


@given(around=_given, near=_near, wanted=_wanted)
def test_companions_are_found_as_by_hand(around: Seen, near: Seen, wanted: Wanted) -> None:
    expected = {}
    for plate in ("A", "B0"):
        met = _with(plate, around, near, wanted.within)
        told = (len(met), _occasions([at for *_, at in met]), len({lpr for _, lpr, _ in met}))
        if met and told[1] >= wanted.occasions and told[2] >= wanted.places:
            expected[plate] = told
    found = companions(Sightings.of(around), Sightings.of(near), wanted)
    assert {each.plate: (len(each.together), each.occasions, each.places) for each in found} == expected


@given(around=_given.filter(bool), near=_near, usual=_near, within=st.integers(1, 9).map(MINUTE.__mul__))
def test_what_a_plate_does_otherwise_is_away_from_the_given_one(
    around: Seen, near: Seen, usual: Seen, within: int
) -> None:
    seen = Sightings.of(around)
    found = companions(seen, Sightings.of(near), Wanted(within=within, occasions=1, places=1))
    told = judged(seen, found, Sightings.of(usual), within=within, span=(0, DAY))
    for each in told:
        away = [
            1
            for plate, lpr, at in usual
            if plate == each.companion.plate
            and not any(lpr == there and abs(at - then) <= within for _, there, then in around)
        ]
        assert each.otherwise == len(away)
    assert [each.surprise for each in told] == sorted((each.surprise for each in told), reverse=True)


@pytest.mark.parametrize("seen", [0, 1, 3, 10, 40])
@pytest.mark.parametrize("expected", [1e-6, 0.01, 0.7, 5.0, 30.0])
def test_surprise_is_the_tail_of_a_poisson_count(seen: int, expected: float) -> None:
    terms = [math.exp(k * math.log(expected) - expected - math.lgamma(k + 1)) for k in range(seen, seen + 300)]
    assert surprise(seen, expected) == pytest.approx(max(0.0, -math.log10(math.fsum(terms))), abs=1e-6)


def test_a_drive_down_a_street_is_one_occasion() -> None:
    assert occasions_of([0, MINUTE, 9 * MINUTE]) == 1
    assert occasions_of([0, 10 * MINUTE, 19 * MINUTE, 20 * MINUTE]) == 3
    assert occasions_of([]) == 0


def test_it_is_explained_in_words() -> None:
    together = Sightings.of(("GIVEN", lpr, lpr * DAY) for lpr in (1, 2, 3, 4, 1))
    found = Judged(Companion("AB1", together, 5, 4), otherwise=2, days=28, expected=0.02, surprise=9.0)
    assert words.of_companion(found, sightings=7, minutes=3) == (
        "5 of 7 sightings at 4 places within 3 minutes, on 5 occasions; otherwise seen there twice in 28 days"
    )
    assert words.by_chance(0.02) == "one in 50"
