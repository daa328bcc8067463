"""A dictionary finds what looking at every plate finds."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from platekeeper.core.lookalikes import glob
from platekeeper.core.search import dictionary as module
from platekeeper.core.search.dictionary import PlateDictionary
from platekeeper.core.search.sought import Sought
from platekeeper.core.search.words import texts_of, words_of

PLATES = st.text("AB80D12", min_size=1, max_size=10)


def _dictionary(plates: Sequence[str], latest: Sequence[int] = ()) -> PlateDictionary:
    words = words_of(sorted(set(plates)))
    assert words is not None
    return PlateDictionary.of(words, np.array(latest or [0] * len(words), np.uint32))


@settings(deadline=None)
@given(
    st.lists(PLATES, max_size=40),
    st.lists(st.text("AB80D1?*", min_size=1, max_size=7), min_size=1, max_size=3),
    st.booleans(),
)
def test_it_finds_what_looking_at_every_plate_finds(plates: list[str], patterns: list[str], look_alikes: bool) -> None:
    dictionary = _dictionary(plates)
    found = dictionary.find(Sought(patterns, look_alikes=look_alikes))
    globs = [glob(each) if look_alikes else each for each in patterns]
    fitting = sorted({plate for plate in plates if any(fnmatchcase(plate, each) for each in globs)})
    if found is None:  # no known character to begin from
        assert any(not set(each) - {"?", "*"} for each in patterns)
    else:
        assert found == fitting


@given(st.lists(PLATES, min_size=1))
def test_words_sort_as_their_texts_and_give_them_back(plates: list[str]) -> None:
    words = words_of(plates)
    assert words is not None
    assert texts_of(words) == plates
    assert texts_of(np.sort(words)) == sorted(plates)


@pytest.mark.parametrize("text", ["", "ABO1", "ab1", "ABCDEFGHIJK", "A 1", "\u00c41", "A\0"])
def test_what_is_no_folded_plate_has_no_word(text: str) -> None:
    assert words_of(["ABC1234", text]) is None


@given(
    st.dictionaries(PLATES, st.integers(0, 9), max_size=60),
    st.text("AB8D1?*", min_size=1, max_size=3),
    st.integers(1, 9),
)
def test_of_the_newest_reads_none_is_missed(plates: dict[str, int], pattern: str, newest: int) -> None:
    dictionary = _dictionary(list(plates), [plates[plate] for plate in sorted(plates)])
    sought = Sought([pattern], look_alikes=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_FEW", 2)
        found, whole = dictionary.find(sought, newest=newest), dictionary.find(sought)
    if whole is None or found is None:
        assert found is whole
        return
    left_out = [plates[plate] for plate in set(whole) - set(found)]
    assert set(found) <= set(whole)
    assert not left_out or sum(plates[plate] > max(left_out) for plate in found) >= newest


def test_what_is_common_is_not_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LISTED", 5)
    dictionary = _dictionary([f"A{number}" for number in range(100)])
    assert dictionary.find(Sought(["A*"], look_alikes=False)) is None
    found = dictionary.find(Sought(["*77"], look_alikes=False))
    assert found is not None
    assert found == ["A77"]
