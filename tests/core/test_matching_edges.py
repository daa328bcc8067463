"""Matching at its edges: long plates, foreign states, times far away, hundreds of partial plates, many removals."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from platekeeper.core.matching import (
    NO_END,
    Entries,
    HotListIndex,
    HowMatched,
    Match,
    PlateBatch,
    StateAgreement,
    taken_off,
)
from platekeeper.core.matching.entries import seconds
from platekeeper.core.matching.packing import (
    ALPHABET,
    NO_STATE,
    OTHER_STATES,
    characters_of,
    looks_of,
    state_code,
    variant_of,
    variants_of,
)
from platekeeper.core.partial import PlatePattern
from platekeeper.core.plates import MAX_LENGTH, STATES, Plate, fold, look_alike

TEXTS = st.text(ALPHABET, min_size=1, max_size=MAX_LENGTH)
CODES = st.sampled_from([NO_STATE, state_code("NY"), state_code("NJ"), state_code(None, "QZ")])


def entries_of(
    *plates: str, states: list[int] | None = None, kinds: list[int] | None = None, **times: object
) -> Entries:
    """Return entries of plates, each numbered by its place."""
    return Entries.of(
        characters=characters_of(plates),
        states=[NO_STATE] * len(plates) if states is None else states,
        kinds=[1] * len(plates) if kinds is None else kinds,
        places=range(len(plates)),
        **times,  # type: ignore[arg-type]
    )


def found(index: HotListIndex, *plates: str, state: str | None = "NY", at: int = 1000) -> list[Match]:
    return index.match(PlateBatch(plates), states=[state] * len(plates), at=[at] * len(plates))


@given(TEXTS, TEXTS)
def test_two_plates_pack_alike_only_if_they_look_alike_or_are_the_same(one: str, other: str) -> None:
    packed = characters_of([one, other])
    first, second = looks_of(packed).tolist()
    assert (first == second) == (look_alike(one) == look_alike(other))
    assert variants_of(packed).tolist() == [variant_of(one), variant_of(other)]
    assert ((first, variant_of(one)) == (second, variant_of(other))) == (fold(one) == fold(other))


@pytest.mark.parametrize("plate", ["Z" * 10, "0" * 10, "ABCDEFGHIJ", "W9W9W9W9W9", "A", "8", "BBBBBBBBBB"])
def test_plates_of_one_and_of_ten_characters(plate: str) -> None:
    index = HotListIndex(entries_of(plate, states=[state_code("WY")], kinds=[127]))
    (match,) = found(index, plate, state="WY")
    assert (match.how, match.state) == (HowMatched.PLATE, StateAgreement.AGREES)
    assert index.holds(folded=fold(plate), state=state_code("WY"), kind=127)
    for other in (plate[:-1], plate + "A" if len(plate) < 10 else "A" + plate[1:9], plate[1:] + "X"):
        if other and look_alike(other) != look_alike(plate):
            assert found(index, other) == []


def test_a_plate_is_not_the_beginning_of_another() -> None:
    index = HotListIndex(entries_of("ABC123", "ABC1234", "ABC12340"))
    assert [index.entries.places[match.entry] for match in found(index, "ABC1234")] == [1]


def test_foreign_states_that_share_a_code_never_agree_nor_differ() -> None:
    foreign = [f"{first}{second}" for first in "QXZ" for second in ALPHABET if f"{first}{second}" not in STATES]
    codes = {state_code(None, each) for each in foreign}
    assert all(OTHER_STATES <= code < 128 for code in codes) and len(codes) < len(foreign)
    index = HotListIndex(entries_of("ABC1234", states=[state_code(None, "QZ")]))
    assert {match.state for state in [*STATES, None] for match in found(index, "ABC1234", state=state)} == {"unknown"}


def test_a_state_that_is_not_known_on_either_side_is_unknown() -> None:
    index = HotListIndex(entries_of("ABC1234", "XYZ99", states=[NO_STATE, state_code("NY")]))
    assert found(index, "ABC1234", state="NY")[0].state == StateAgreement.UNKNOWN
    assert found(index, "XYZ99", state=None)[0].state == StateAgreement.UNKNOWN
    assert found(index, "XYZ99", state="")[0].state == StateAgreement.UNKNOWN


def test_an_entry_is_in_force_from_its_begin_until_before_its_end() -> None:
    index = HotListIndex(entries_of("ABC1234", begins=[1000], ends=[2000]))
    assert [bool(found(index, "ABC1234", at=at)) for at in (999, 1000, 1999, 2000)] == [False, True, True, False]
    assert found(index, "ABC1234", at=1000)[0].ends == 2000


def test_of_one_batch_each_read_is_judged_at_its_own_time_and_state() -> None:
    index = HotListIndex(entries_of("ABC1234", states=[state_code("NY")], ends=[2000]))
    batch = PlateBatch(["ABC1234"] * 3)
    matches = index.match(batch, states=["NY", "NJ", None], at=[1999, 1999, 2000])
    assert [(match.sighting, match.state.value) for match in matches] == [(0, "agrees"), (1, "differs")]


@pytest.mark.parametrize(
    ("moment", "second"),
    [(None, 7), (-5.0, 0), (0.9, 0), (1e9, 10**9), (2.0**32 - 1, NO_END), (2.0**32, NO_END), (1e12, NO_END),
     (datetime.max.replace(tzinfo=UTC).timestamp(), NO_END), (datetime(1, 1, 1, tzinfo=UTC).timestamp(), 0)],
)  # fmt: skip
def test_times_outside_what_a_column_holds_stay_at_its_edge(moment: float | None, second: int) -> None:
    assert seconds([moment], missing=7).tolist() == [second]


def test_an_end_beyond_the_column_is_none() -> None:
    index = HotListIndex(entries_of("ABC1234", "XYZ99", ends=seconds([1e12, 2000], missing=NO_END)))
    assert [match.ends for match in found(index, "ABC1234", at=2**33)] == [None]
    assert found(index, "XYZ99", at=2**33) == []


def test_equal_entries_keep_the_order_of_their_source() -> None:
    entries = entries_of("O0B8", "ABC1", "00B8", "0OB8")
    assert entries.places[entries.repeated()].tolist() == [2, 3]
    index = HotListIndex(entries)
    assert [int(entries.places[match.entry]) for match in found(index, "OOB8")] == [0, 2, 3]


def test_hundreds_of_partial_plates_of_every_shape() -> None:
    chance = random.Random(3)
    letters = "ABO0128XYZ"

    def partial() -> str:
        plate = [chance.choice(letters) for _ in range(chance.randint(3, 7))]
        for _ in range(chance.randint(1, 3)):
            plate[chance.randrange(len(plate))] = chance.choice("??*")
        return "".join(plate)

    patterns = [PlatePattern(text) for text in (*(partial() for _ in range(600)), "*", "??????????", "A")]
    plates = ["".join(chance.choices(letters, k=chance.randint(1, 10))) for _ in range(400)]
    index = HotListIndex(entries_of("HVK1", "HVK2"), patterns=patterns)
    assert len(index) == 605
    matches = found(index, *plates)
    got = sorted((match.sighting, match.entry - 2) for match in matches if match.how is HowMatched.PARTIAL)
    assert got == [
        (sighting, number)
        for sighting, plate in enumerate(plates)
        for number, pattern in enumerate(patterns)
        if pattern.matches(Plate(plate))
    ]
    assert all(match.state == StateAgreement.UNKNOWN and match.ends is None for match in matches)


def test_the_same_partial_plate_twice_is_two_entries() -> None:
    index = HotListIndex(entries_of(), patterns=[PlatePattern("AB*"), PlatePattern("AB*")])
    assert [match.entry for match in found(index, "ABC1", "", "ab".upper())] == [0, 1, 0, 1]


def test_removals_by_the_thousand_against_a_plain_loop() -> None:
    chance = np.random.default_rng(9)
    codes = np.array([NO_STATE, state_code("NY"), state_code("NJ"), state_code(None, "QZ")])

    def some(count: int) -> Entries:
        rows = np.zeros((count, 10), np.uint8)
        rows[:, :4] = chance.choice(np.frombuffer(b"ABO0128Z", np.uint8), (count, 4))
        return Entries.of(
            characters=rows,
            states=chance.choice(codes, count),
            kinds=chance.integers(0, 128, count),
            places=range(count),
        )

    entries, removals = some(20_000), some(300)
    off = taken_off(entries, removals)
    assert off.tolist() == sorted(set(off.tolist()))
    told = {(word >> 14, word >> 7 & 127, variant) for word, variant in _told(removals)}
    assert off.tolist() == [
        number
        for number, (word, variant) in enumerate(_told(entries))
        if told & {(word >> 14, NO_STATE, variant), (word >> 14, word >> 7 & 127, variant)}
    ]


@given(st.lists(st.tuples(TEXTS, CODES), max_size=5))
def test_nothing_is_taken_off_nothing_and_by_nothing(plates: list[tuple[str, int]]) -> None:
    entries = entries_of(*(plate for plate, _ in plates), states=[state for _, state in plates])
    assert taken_off(entries, entries_of()).tolist() == taken_off(entries_of(), entries).tolist() == []
    assert taken_off(entries, entries).tolist() == list(range(len(entries)))


def _told(entries: Entries) -> list[tuple[int, int]]:
    return list(zip(entries.words.tolist(), entries.variants.tolist(), strict=True))
