"""A hot list between partners: whatever it was and becomes, what is loaded comes to what was sent."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platekeeper.core.categories import Category, HitAction
from platekeeper.core.federation import lists
from platekeeper.core.federation.line import MessageRefused
from platekeeper.core.formats.hotlists import incremental
from platekeeper.core.formats.hotlists.delimited import Delimited
from platekeeper.core.formats.hotlists.rows import HotListLine
from platekeeper.core.hotlists.loaded import format_of
from platekeeper.core.plates import Plate

LINES = st.builds(
    HotListLine,
    plate=st.builds(Plate, st.sampled_from(["ABC1234", "ABO1234", "XYZ9876", "HVK0001"])),
    state=st.sampled_from(["NY", "NJ"]),
    category=st.sampled_from([Category.STOLEN_VEHICLE, Category.CRIME_SUSPECT]),
    reason=st.sampled_from(["", 'seen "there",\r\nthen gone', "ünclear"]),
    action=st.sampled_from([None, HitAction.STOP]),
)
VERSIONS = st.lists(st.lists(LINES, max_size=5).map(lambda lines: lists.rows_of(lines, agency="Mill")), max_size=5)


def _named(rows: bytes) -> set[tuple[str, str, str, str]]:
    read = (line for _, _, line in incremental.FORMAT.lines(rows))
    return {
        (line.plate.text, line.state or "", line.category, line.reason)
        for line in read
        if isinstance(line, HotListLine) and not line.removes
    }


@given(versions=VERSIONS)
def test_what_is_loaded_comes_to_what_was_sent(versions: list[bytes]) -> None:
    reader = format_of(lists.FORMAT, lists.LAYOUT)
    assert isinstance(reader, Delimited)
    summed: bytes | None = None
    for old, new in pairwise([b"", *versions]):
        before = (line for _, _, line in incremental.FORMAT.lines(old)) if old else ()
        if content := lists.changes((line for line in before if isinstance(line, HotListLine)), new):
            reader.parse(rows := reader.rows(content))
            said = (line for _, _, line in reader.lines(rows) if isinstance(line, HotListLine))
            summed = incremental.summed(summed, said)
        assert _named(summed or b"\n") == _named(new) if summed else _named(new) == set()


@given(versions=VERSIONS)
def test_a_difference_gives_the_new_rows(versions: list[bytes]) -> None:
    for old, new in pairwise(versions):
        change = lists.unpacked(lists.packed(lists.difference(old, new)), most=100_000)
        assert lists.with_difference(old, change) == new


def test_what_is_packed_is_unpacked_up_to_a_bound() -> None:
    bomb = lists.packed(bytes(10_000_000))
    assert len(bomb) < 20_000
    for text in (bomb, bomb[:1000], "no base64", "AAAA"):
        with pytest.raises(MessageRefused):
            lists.unpacked(text, most=100_000)


@pytest.mark.parametrize("change", [b"", b"[[0,1]]", b'[[0,99,""]]', b'[["a",1,""]]', b"[[0,1,1]]"])
def test_a_difference_of_other_rows_is_none(change: bytes) -> None:
    with pytest.raises(MessageRefused):
        lists.with_difference(b"old", change)


def test_what_our_hits_do_and_our_codes_stay_here() -> None:
    line = HotListLine(
        plate=Plate("ABC1234"), state="NY", category=Category.GANG, code="V", action=HitAction.STOP, agency="Falls"
    )
    rows = lists.rows_of([line], agency="Mill County")
    assert b"Mill County" in rows and b"stop" not in rows and b'"V"' not in rows
    assert lists.count(rows) == 1
