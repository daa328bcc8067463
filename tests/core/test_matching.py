"""Matching against a plain oracle that looks at every entry."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass
from pathlib import Path

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
from platekeeper.core.matching.packing import OTHER_STATES, characters_of, looks_of, state_code, text_of, variants_of
from platekeeper.core.partial import PlatePattern
from platekeeper.core.plates import STATES, Plate, fold, look_alike
from platekeeper.server.storage import indexes

NOW = 1_772_539_200
TEXTS = st.text(alphabet="AO0B81I", min_size=1, max_size=4)
PATTERNS = st.text(alphabet="AO0?*", min_size=1, max_size=4)
SEEN_STATES = st.sampled_from([None, "NY", "NJ"])


@dataclass(frozen=True)
class Wanted:
    """An entry as the oracle looks at it; `raw_state` is what a file said where it named none of our states."""

    text: str
    state: str | None = None
    raw_state: str = ""
    kind: int = 1
    begins: int = 0
    ends: int = NO_END


WANTED = st.builds(
    Wanted,
    text=TEXTS,
    state=SEEN_STATES,
    kind=st.integers(1, 127),
    begins=st.sampled_from([0, NOW - 1, NOW, NOW + 1]),
    ends=st.sampled_from([NOW - 1, NOW, NOW + 1, NO_END]),
)


def entries_of(wanted: list[Wanted]) -> Entries:
    return Entries.of(
        characters=characters_of([entry.text for entry in wanted]),
        states=[state_code(entry.state, entry.raw_state) for entry in wanted],
        kinds=[entry.kind for entry in wanted],
        places=range(len(wanted)),
        begins=[entry.begins for entry in wanted],
        ends=[entry.ends for entry in wanted],
    )


def _how(entry: Wanted, seen: str) -> HowMatched | None:
    if fold(entry.text) == fold(seen):
        return HowMatched.PLATE
    return HowMatched.LOOK_ALIKE if look_alike(entry.text) == look_alike(seen) else None


def _agreement(entry: Wanted, seen: str | None) -> StateAgreement:
    if not entry.state or not seen:
        return StateAgreement.UNKNOWN
    return StateAgreement.AGREES if entry.state == seen else StateAgreement.DIFFERS


def _oracle(
    wanted: list[Wanted], seen: str, state: str | None
) -> set[tuple[int, HowMatched, StateAgreement, int | None]]:
    return {
        (place, how, _agreement(entry, state), None if entry.ends == NO_END else entry.ends)
        for place, entry in enumerate(wanted)
        if (how := _how(entry, seen)) and entry.begins <= NOW and entry.ends > NOW
    }


def _found(index: HotListIndex, texts: list[str], state: str | None) -> list[Match]:
    return index.match(PlateBatch(texts), states=[state] * len(texts), at=[NOW] * len(texts))


@given(st.lists(WANTED, max_size=8), st.lists(TEXTS, max_size=5), SEEN_STATES)
def test_the_index_finds_what_looking_at_every_entry_finds(
    wanted: list[Wanted], texts: list[str], state: str | None
) -> None:
    index = HotListIndex(entries_of(wanted))
    matches = _found(index, texts, state)
    found = {(m.sighting, int(index.entries.places[m.entry]), m.how, m.state, m.ends) for m in matches}
    assert found == {(number, *match) for number, text in enumerate(texts) for match in _oracle(wanted, text, state)}
    assert len(matches) == len(found)


@given(st.lists(PATTERNS, max_size=40), st.lists(TEXTS, max_size=5))
def test_partial_plates_find_what_their_patterns_fit(patterns: list[str], texts: list[str]) -> None:
    parsed = [PlatePattern(text) for text in patterns]
    index = HotListIndex(entries_of([Wanted("HVK1")]), patterns=parsed)
    found = {(m.sighting, m.entry - 1) for m in _found(index, texts, "NY") if m.how is HowMatched.PARTIAL}
    assert found == {
        (number, place)
        for number, text in enumerate(texts)
        for place, pattern in enumerate(parsed)
        if pattern.matches(Plate(text))
    }


@pytest.mark.parametrize("pattern", ["*1234", "AB*", "?B?1*", "*C12*", "??????????", "A*4", "*B*2*", "*", "ABC1234"])
def test_a_pattern_with_known_places_at_either_end_or_none_is_found(pattern: str) -> None:
    plates = ["ABC1234", "XBC1234", "AB", "ABCDEFGHIJ", "C12", "A4", "XXBXX2XX", "1234"]
    index = HotListIndex(entries_of([]), patterns=[PlatePattern(pattern)])
    expected = [number for number, plate in enumerate(plates) if PlatePattern(pattern).matches(Plate(plate))]
    assert sorted(match.sighting for match in _found(index, plates, None)) == expected


@given(st.lists(WANTED, max_size=8))
def test_an_unreadable_plate_matches_nothing(wanted: list[Wanted]) -> None:
    assert _found(HotListIndex(entries_of(wanted), patterns=[PlatePattern("*")]), [""], "NY") == []


def test_an_empty_batch_and_an_empty_list() -> None:
    assert _found(HotListIndex(entries_of([Wanted("ABC1234")])), [], "NY") == []
    assert _found(HotListIndex(entries_of([])), ["ABC1234"], "NY") == []


@given(st.text(alphabet="0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=10))
def test_look_and_variant_are_the_folded_text(text: str) -> None:
    packed = characters_of([text])
    assert text_of(int(looks_of(packed)[0]), int(variants_of(packed)[0])) == fold(text)


def test_every_state_has_a_code_of_its_own_and_a_foreign_one_never_claims_to_agree() -> None:
    assert len({state_code(state) for state in STATES}) == len(STATES)
    assert max(map(state_code, STATES)) < OTHER_STATES
    index = HotListIndex(entries_of([Wanted("ABC1234", raw_state="ZZ")]))
    for state in sorted(STATES):
        assert [match.state for match in _found(index, ["ABC1234"], state)] == [StateAgreement.UNKNOWN]


def test_the_same_plate_in_two_states_is_two_entries() -> None:
    index = HotListIndex(entries_of([Wanted("ABC1234", "NY"), Wanted("ABC1234", "NJ")]))
    assert sorted(match.state for match in _found(index, ["ABC1234"], "NY")) == ["agrees", "differs"]


@given(st.lists(WANTED, max_size=12), st.lists(WANTED, max_size=12))
def test_standing_in_another_list_is_by_plate_state_and_kind(ours: list[Wanted], theirs: list[Wanted]) -> None:
    def keys(wanted: list[Wanted]) -> list[tuple[str, str | None, int]]:
        return [(fold(entry.text), entry.state, entry.kind) for entry in wanted]

    entries, other = entries_of(ours), entries_of(theirs)
    mask = entries.standing_in(other)
    mine = [keys(ours)[place] for place in entries.places.tolist()]
    assert mask.tolist() == [key in set(keys(theirs)) for key in mine]
    assert int((~entries.repeated()).sum()) == len(set(mine))


@given(st.lists(WANTED, max_size=12), TEXTS, st.sampled_from([None, "NY", "NJ"]), st.integers(1, 127))
def test_a_holder_of_exactly_this_plate_state_and_kind(
    wanted: list[Wanted], text: str, state: str | None, kind: int
) -> None:
    index = HotListIndex(entries_of(wanted))
    held = index.holds(folded=fold(text), state=state_code(state), kind=kind)
    assert held == any((fold(e.text), e.state, e.kind) == (fold(text), state, kind) for e in wanted)


@given(st.lists(WANTED, max_size=12), st.lists(WANTED, max_size=6))
def test_removals_take_off_a_plate_in_its_state_or_in_all(wanted: list[Wanted], removals: list[Wanted]) -> None:
    entries = entries_of(wanted)
    gone = {int(entries.places[number]) for number in taken_off(entries, entries_of(removals))}
    assert gone == {
        place
        for place, entry in enumerate(wanted)
        if any(fold(r.text) == fold(entry.text) and r.state in (None, entry.state) for r in removals)
    }


def test_counts_by_kind_and_a_choice_of_entries() -> None:
    entries = entries_of([Wanted("ABC1", kind=3), Wanted("ABC2", kind=3), Wanted("ABC3", kind=86, ends=NOW)])
    assert entries.counts() == {3: 2, 86: 1}
    assert entries.take(entries.ends == NO_END).counts() == {3: 2}
    assert len(entries_of([Wanted("ABC1")]).ends) == 0  # times that say nothing take no room


def test_an_index_kept_on_disk_and_mapped_answers_the_same(tmp_path: Path) -> None:
    wanted = [Wanted(f"HVK{number:04d}", "NY", ends=NOW + number % 3) for number in range(2000)]
    made = HotListIndex(entries_of(wanted))
    indexes.keep(tmp_path, "one", columns=made.columns(), rows=b"rows")
    mapped = HotListIndex.from_columns(indexes.mapped(tmp_path, "one"))
    plates = [entry.text for entry in wanted[:300]]
    assert _found(mapped, plates, "NY") == _found(made, plates, "NY")
    assert bytes(indexes.mapped_rows(tmp_path, "one")) == b"rows"
    indexes.forget_others(tmp_path, kept=())
    assert _found(mapped, plates, "NY") == _found(made, plates, "NY")  # it is forgotten, and still mapped
    with pytest.raises(indexes.IndexMissing):
        indexes.mapped(tmp_path, "one")


def test_a_big_list_against_plain_dictionaries_and_from_several_threads() -> None:
    chance = random.Random(11)
    alphabet = "ABDGIOQSZ0125678"  # nearly every character is one of those that are misread for each other
    texts = ["".join(chance.choices(alphabet, k=chance.randint(5, 7))) for _ in range(50_000)]
    wanted = [Wanted(text, chance.choice(["NY", "NJ", None]), kind=1 + number % 9) for number, text in enumerate(texts)]
    by_look: dict[str, list[int]] = {}
    for place, entry in enumerate(wanted):
        by_look.setdefault(look_alike(entry.text), []).append(place)
    seen = chance.choices(texts, k=500) + ["".join(chance.choices(alphabet, k=6)) for _ in range(4500)]
    index = HotListIndex(entries_of(wanted))
    expected = {
        (number, place, _how(wanted[place], text), _agreement(wanted[place], "NY"))
        for number, text in enumerate(seen)
        for place in by_look.get(look_alike(text), ())
    }
    answers: list[bool] = []

    def ask() -> None:
        matches = _found(index, seen, "NY")
        answers.append({(m.sighting, int(index.entries.places[m.entry]), m.how, m.state) for m in matches} == expected)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [True] * 4
    assert np.all(index.entries.words[1:] >= index.entries.words[:-1])
