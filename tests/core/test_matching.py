"""Matching against a plain oracle that looks at every entry."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from platekeeper.core.matching import HotListIndex, HowMatched, Match, Sighting, StateAgreement, WantedPlate
from platekeeper.core.partial import PlatePattern
from platekeeper.core.plates import Plate, Unreadable, fold, look_alike

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
TEXTS = st.text(alphabet="AO0B81I", min_size=1, max_size=4)
STATES = st.sampled_from([None, "NY", "NJ"])
TIMES = st.sampled_from([None, NOW - timedelta(hours=1), NOW, NOW + timedelta(hours=1)])
WANTED = st.one_of(TEXTS.map(Plate), st.text(alphabet="AO0?*", min_size=1, max_size=4).map(PlatePattern))


@st.composite
def entries(draw: st.DrawFn) -> list[WantedPlate]:
    count = draw(st.integers(0, 8))
    return [
        WantedPlate(key=str(n), plate=draw(WANTED), state=draw(STATES), effective=draw(TIMES), expires=draw(TIMES))
        for n in range(count)
    ]


def _oracle(entry: WantedPlate, seen: Sighting) -> Match | None:
    if isinstance(seen.plate, Unreadable):
        return None
    if (entry.effective and entry.effective > NOW) or (entry.expires and entry.expires <= NOW):
        return None
    if isinstance(entry.plate, PlatePattern):
        how = HowMatched.PARTIAL if entry.plate.matches(seen.plate) else None
    elif fold(entry.plate.text) == fold(seen.plate.text):
        how = HowMatched.PLATE
    else:
        how = HowMatched.LOOK_ALIKE if look_alike(entry.plate.text) == look_alike(seen.plate.text) else None
    if how is None:
        return None
    known = entry.state and seen.state
    agreement = StateAgreement.UNKNOWN
    if known:
        agreement = StateAgreement.AGREES if entry.state == seen.state else StateAgreement.DIFFERS
    return Match(entry.key, how, agreement)


@given(entries(), TEXTS, STATES)
def test_the_index_finds_what_looking_at_every_entry_finds(
    wanted: list[WantedPlate], text: str, state: str | None
) -> None:
    seen = Sighting(Plate(text), state, NOW)
    expected = [match for entry in wanted if (match := _oracle(entry, seen))]
    assert sorted(HotListIndex(wanted).match(seen), key=lambda match: match.key) == expected


@given(entries())
def test_an_unreadable_plate_matches_nothing(wanted: list[WantedPlate]) -> None:
    assert HotListIndex(wanted).match_batch([Sighting(Unreadable("A?"), "NY", NOW)]) == [[]]
