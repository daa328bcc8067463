"""What the tools ask: kept exactly, read back the same, told in words; and what cannot be asked."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platekeeper.core.investigations.terms import (
    FARTHEST,
    MOST_PATTERNS,
    Scene,
    Scenes,
    StakeOutTerms,
    TravelsWith,
    UnclearTerms,
    circle_of,
    describe,
    headline,
)
from platekeeper.core.ledger import canonical
from platekeeper.core.search.areas import Circle

AT = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BANK = Circle(43.0481, -76.1474, 500)
SCENES = Scenes((Scene((2, 1), AT, AT + HOUR, BANK), Scene((3,), AT + DAY, AT + DAY + HOUR)))
TRAVELS = TravelsWith("ABC1234", (), AT, AT + DAY, minutes=3, occasions=2, places=1)
STAKE_OUT = StakeOutTerms(("XY?99*", "ABC1234"), (1,), AT, AT + DAY)


@pytest.mark.parametrize("asked", [SCENES, TRAVELS, STAKE_OUT], ids=["scenes", "travels_with", "stake_out"])
def test_terms_are_plain_and_read_back_the_same(asked: Scenes | TravelsWith | StakeOutTerms) -> None:
    terms = asked.terms()
    assert canonical(terms)
    assert type(asked).of(terms).terms() == terms
    assert {"tool", "plate", "lprs", "since", "until"} <= terms.keys()


def test_they_are_told_in_words() -> None:
    assert headline(SCENES.terms()) == "plates at 2 of 2 scenes"
    assert describe(SCENES.terms(), {1: "Bridge Street"}) == [
        "Which plates were seen at 2 or more of 2 scenes?",
        "Scene 1: 2026-03-03 12:00 to 2026-03-03 13:00 UTC, Bridge Street, LPR 2 (within 500 m of 43.048100, -76.147400)",
        "Scene 2: 2026-03-04 12:00 to 2026-03-04 13:00 UTC, LPR 3",
    ]
    assert describe(TRAVELS.terms())[0] == (
        "Which plates were seen within 3 minutes of ABC1234 at the same LPR, on 2 occasions and at 1 place at least?"
    )
    of_a_day = {**STAKE_OUT.terms(), "stake_out": 7, "day": "2026-03-03"}
    assert headline(of_a_day) == "stake-out for ABC1234, XY?99*, 2026-03-03"
    assert describe(of_a_day)[-1] == "What it found on 2026-03-03 (stake-out 7)."
    assert (headline({"plate": "ABC1234"}), describe({"plate": "ABC1234"})) == ("ABC1234", [])


@pytest.mark.parametrize(
    ("scenes", "least"),
    [
        ((), 2),
        ((SCENES.scenes[0],), 2),
        (SCENES.scenes * 4, 2),
        (SCENES.scenes, 3),
        (SCENES.scenes, 1),
        ((SCENES.scenes[0], Scene((), AT, AT + HOUR)), 2),
        ((SCENES.scenes[0], Scene((3,), AT, AT)), 2),
        ((SCENES.scenes[0], Scene((3,), AT, AT + DAY)), 2),
        ((SCENES.scenes[0], Scene((1,), AT + HOUR / 2, AT + HOUR)), 2),
    ],
)
def test_scenes_that_cannot_be_compared(scenes: tuple[Scene, ...], least: int) -> None:
    with pytest.raises(UnclearTerms):
        Scenes(scenes, least)


@pytest.mark.parametrize(
    "changed",
    [{"plate": "AB*"}, {"plate": ""}, {"until": AT}, {"until": AT + 32 * DAY}, {"minutes": 0}, {"minutes": 16},
     {"occasions": 0}, {"places": 21}, {"occasions": 1}],
)  # fmt: skip
def test_what_cannot_be_travelled_with(changed: dict[str, Any]) -> None:
    told = {name: getattr(TRAVELS, name) for name in TravelsWith.__slots__}
    with pytest.raises(UnclearTerms):
        TravelsWith(**{**told, **changed})


@pytest.mark.parametrize(
    ("plates", "until"),
    [
        ((), AT + DAY),
        (("A??*",), AT + DAY),
        (("ABC1",) * (MOST_PATTERNS + 1), AT + DAY),
        (("ABC1",), AT),
        (("ABC1",), AT + 15 * DAY),
    ],
)
def test_what_cannot_be_staked_out(plates: tuple[str, ...], until: datetime) -> None:
    with pytest.raises(UnclearTerms):
        StakeOutTerms(plates, (), AT, until)


@given(st.text(max_size=80))
def test_a_circle_is_read_or_refused(text: str) -> None:
    with suppress(UnclearTerms):
        circle_of(text)


@given(st.floats(-90, 90), st.floats(-180, 180), st.integers(1, FARTHEST))
def test_a_circle_is_read_as_it_is_kept_and_as_it_was(latitude: float, longitude: float, meters: int) -> None:
    terms = Scenes((Scene((1,), AT, AT + HOUR, Circle(latitude, longitude, meters)), Scene((2,), AT, AT + HOUR)))
    again = Scenes.of(terms.terms())
    assert Scenes.of(again.terms()) == again
    before = f"{latitude:.6f}, {longitude:.6f}, {meters}"
    assert circle_of(before) == again.scenes[0].circle


@pytest.mark.parametrize(
    "text", ["", "43, -76", "circle 43,-76", "circle 43,-76 0", "circle 43,-76 10001", "polygon 1,1 1,2 2,2"]
)
def test_what_is_no_circle_is_told_how_one_is_written(text: str) -> None:
    with pytest.raises(UnclearTerms, match=re.escape("circle 43.0481,-76.1474 500")):
        circle_of(text)
