"""Small counts: none is shown, and none can be worked out from what is."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platekeeper.core.suppression import WITHHELD, Shown, suppressed

TABLES = st.dictionaries(st.sampled_from("abcdefgh"), st.one_of(st.integers(0, 6), st.integers(0, 400)), min_size=1)


@pytest.mark.parametrize(
    ("counts", "cells", "total"),
    [
        ({"a": 7, "b": 9}, {"a": 7, "b": 9}, 16),
        ({"a": 0, "b": 0}, {"a": 0, "b": 0}, 0),
        ({"a": 2, "b": 9, "c": 80}, {"a": "<5", "b": WITHHELD, "c": 80}, 91),
        ({"a": 4, "b": 4, "c": 90}, {"a": "<5", "b": "<5", "c": WITHHELD}, 98),
        ({"a": 4, "b": 0, "c": 90}, {"a": "<5", "b": 0, "c": WITHHELD}, 94),
        ({"a": 1, "b": 5, "c": 90}, {"a": "<5", "b": WITHHELD, "c": WITHHELD}, 96),
        ({"a": 4, "b": 4}, {"a": WITHHELD, "b": WITHHELD}, 8),
        ({"a": 1, "b": 1, "c": 0}, {"a": "<5", "b": "<5", "c": "<5"}, "<5"),
        ({"a": 3}, {"a": "<5"}, "<5"),
    ],
)
def test_a_table(counts: dict[str, int], cells: dict[str, object], total: object) -> None:
    shown = suppressed(counts)
    assert (shown.cells, shown.total) == (cells, total)


@pytest.mark.parametrize(("counts", "least"), [({"a": 1}, 2), ({"a": -1}, 5)])
def test_what_makes_no_sense_is_refused(counts: dict[str, int], least: int) -> None:
    with pytest.raises(ValueError, match="threshold"):
        suppressed(counts, least=least)


@given(TABLES, st.integers(3, 12))
def test_no_small_count_is_shown_and_no_other_is_falsified(counts: dict[str, int], least: int) -> None:
    shown = suppressed(counts, least=least)
    for name, said in [*shown.cells.items(), ("", shown.total)]:
        real = counts.get(name, sum(counts.values()))
        assert said == real if isinstance(said, int) else said in (f"<{least}", WITHHELD)
        assert not isinstance(said, int) or said == 0 or said >= least


def _possible(said: int | str, least: int, most: int, *, noughts: bool) -> Iterator[int]:
    """Give what a reader who knows the method holds possible of a cell by itself."""
    if isinstance(said, int):
        yield said
    elif said == WITHHELD:
        yield from range(0 if noughts else least, most + 1)
    else:
        yield from range(0 if noughts else 1, least)


def _worked_out(shown: Shown, least: int) -> dict[str, set[int]]:
    """Return what remains possible of each cell: every table that has this total and these signs."""
    noughts = len(set(shown.cells.values())) == 1  # nothing in it is shown
    top = shown.total if isinstance(shown.total, int) else least - 1
    each = [list(_possible(said, least, top, noughts=noughts)) for said in shown.cells.values()]
    left: dict[str, set[int]] = {name: set() for name in shown.cells}
    for values in product(*each):
        if sum(values) == shown.total or (isinstance(shown.total, str) and 0 < sum(values) < least):
            for name, value in zip(left, values, strict=True):
                left[name].add(value)
    return left


@given(st.dictionaries(st.sampled_from("abcd"), st.integers(0, 14), min_size=1, max_size=4), st.integers(3, 6))
def test_subtracting_gives_no_small_count_away(counts: dict[str, int], least: int) -> None:
    """By brute force: a small cell can still be anything that its sign says, whatever else is known of the table."""
    shown = suppressed(counts, least=least)
    for name, left in _worked_out(shown, least).items():
        if 0 < counts[name] < least:
            assert set(range(1, least)) <= left
        elif isinstance(shown.cells[name], str):
            assert len(left) > 1
