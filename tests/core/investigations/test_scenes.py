"""Plates at several scenes: the same as counting them one by one."""

from __future__ import annotations

from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platekeeper.core.investigations.scenes import (
    BEFORE,
    COMMON,
    AtScenes,
    Usual,
    days_before,
    in_several,
    ranked,
    usual_of,
)
from platekeeper.core.investigations.sightings import DAY, Sightings, Window, merged, numbers_of, text_of
from platekeeper.core.investigations.words import of_reference, of_scenes

_plates = st.text("AB09Z", min_size=1, max_size=10)
_seen = st.lists(st.tuples(st.sampled_from(["A", "AB", "B0", "ZZZ9999999"]), st.integers(1, 3), st.integers(0, 50)))


@given(_plates)
def test_a_plate_is_one_number(plate: str) -> None:
    assert text_of(int(numbers_of([plate])[0])) == plate


@given(st.lists(_plates, unique=True, max_size=40))
def test_different_plates_are_different_numbers(plates: list[str]) -> None:
    assert len(set(numbers_of(plates).tolist())) == len(plates)


@given(scenes=st.lists(_seen, min_size=2, max_size=4), least=st.integers(2, 4))
def test_scenes_are_counted_as_by_hand(scenes: list[list[tuple[str, int, int]]], least: int) -> None:
    ats: dict[str, list[list[int]]] = defaultdict(lambda: [[] for _ in scenes])
    for number, scene in enumerate(scenes):
        for plate, _, at in scene:
            ats[plate][number].append(at)
    expected = [
        AtScenes(plate, tuple(map(len, each)), min(map(min, filter(None, each))), max(map(max, filter(None, each))))
        for plate, each in sorted(ats.items())
        if sum(map(bool, each)) >= least
    ]
    found = in_several([Sightings.of(scene) for scene in scenes], least=least)
    assert sorted(found, key=lambda each: each.plate) == expected


@given(_seen, st.integers(51, 60))
def test_how_usual_a_plate_is_counts_its_days(seen: list[tuple[str, int, int]], first: int) -> None:
    moved = [(plate, lpr, at * DAY) for plate, lpr, at in seen]
    for plate, usual in usual_of(Sightings.of(moved), first=first * DAY + 1).items():
        days = [at for other, _, at in seen if other == plate]
        assert usual == Usual(len(days), len(set(days)))


def test_the_rarest_come_first_among_plates_at_as_many_scenes() -> None:
    found = [AtScenes(plate, counts, 0, 9) for plate, counts in (("BUS", (1, 1)), ("CAR", (1, 1)), ("ALL", (1, 1, 1)))]
    told = ranked(found, {"BUS": Usual(31, 6), "ALL": Usual(70, 7)})
    assert [(each.plate, each.is_common) for each in told] == [("ALL", True), ("CAR", False), ("BUS", True)]
    assert 0 < COMMON < BEFORE


@given(st.integers(0, 20 * DAY), st.integers(0, 20 * DAY))
def test_no_day_before_begins_too_early(first: int, not_before: int) -> None:
    days = days_before(first, not_before=not_before)
    assert 0 <= days <= BEFORE
    assert days == 0 or first - days * DAY >= not_before
    assert days == BEFORE or first - (days + 1) * DAY < not_before


@pytest.mark.parametrize(("days", "words"), [(7, ""), (3, "told from 3 days only, not 7"), (0, "cannot be told")])
def test_it_is_said_how_far_back_the_usual_counts_look(days: int, words: str) -> None:
    said = of_reference(days, wanted=BEFORE)
    assert (words in said, bool(said)) == (True, days < BEFORE)
    assert ("before" in of_scenes(AtScenes("CAR", (1, 1), 0, 9), days=days)) == (days > 0)


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 9), st.sampled_from([(), (1,), (2,)]))))
def test_merged_windows_cover_the_same_without_overlap(drawn: list[tuple[int, int, tuple[int, ...]]]) -> None:
    windows = [Window(since, since + length, lprs) for since, length, lprs in drawn]
    found = merged(windows)
    covered = [(at, each.lprs) for each in found for at in range(each.since, each.until)]
    assert len(covered) == len(set(covered))
    assert set(covered) == {(at, each.lprs) for each in windows for at in range(each.since, each.until)}
