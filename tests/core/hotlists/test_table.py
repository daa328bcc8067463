"""Every format of the table against any bytes, and against good files with something wrong in them.

`make fuzz` runs these with many more examples (`PLATEKEEPER_FUZZ`, over all of them together).
"""

from __future__ import annotations

import os
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from platekeeper.core.categories import Category
from platekeeper.core.formats.hotlists import HOT_LIST_FORMATS, incremental
from platekeeper.core.formats.hotlists.rows import HotListFormat, HotListFormatError, ParsedHotList, kind_of
from platekeeper.core.matching import Entries
from platekeeper.core.matching.packing import state_code
from platekeeper.core.plates import fold
from tests.core.hotlists.making import SAMPLES, packed, parsed, zipped

FUZZERS = 3
EXAMPLES = max(40, int(os.environ.get("PLATEKEEPER_FUZZ", "0")) // (len(HOT_LIST_FORMATS) * FUZZERS))
fuzzed = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
NAMES = pytest.mark.parametrize("name", sorted(HOT_LIST_FORMATS))
SPLICED = st.sampled_from(
    [b"\r", b"\n", b"\r\n", b'"', b'""', b",", b";", b"\t", b"|", b"\x1a", b"\xef\xbb\xbf", b"\xff", b"\x00", b" ",
     b"\xc3\xa9", b"\xe2\x80\x91", b"0", b"-", b"9999-12-31", b"0001-01-01T00:00:00+23:59", b"PK", b"\x1c", b"\x85"]
)  # fmt: skip


def hold(reader: HotListFormat, content: bytes) -> ParsedHotList | None:
    """Parse, and hold what is promised: refused in our words, or every entry reads again as its columns have it."""
    try:
        rows = reader.rows(content)
        found = reader.parse(rows, progress=lambda done, of: None)
    except HotListFormatError as error:
        assert str(error)
        return None
    agree(reader, rows, found.entries)
    agree(reader, rows, found.removed, removed=True)
    assert sum(found.counts.values()) == len(found.entries)
    assert all(isinstance(category, Category) for category in found.counts)
    assert all(line.reason and line.number > 0 for line in found.skipped)
    return found


def agree(reader: HotListFormat, rows: bytes, entries: Entries, *, removed: bool = False) -> None:
    """Hold that what is read again at the place of every entry is what its packed columns say."""
    for plate, state, kind, place in packed(entries):
        line = reader.line(lambda at, length: rows[at : at + length], place)
        assert fold(line.plate.text) == plate
        assert state_code(line.state, line.raw_state) == state
        assert line.removes == removed
        assert kind == (0 if removed else line.kind)
        assert removed or reader.category(kind) == line.category
        assert kind == 0 or kind_of(line.code or line.category) == kind


def test_every_format_has_samples() -> None:
    assert set(SAMPLES) == set(HOT_LIST_FORMATS)
    assert all(SAMPLES.values())


def test_every_format_has_a_title_of_its_own() -> None:
    titles = {reader.title for reader in HOT_LIST_FORMATS.values()}
    assert len(titles) == len(HOT_LIST_FORMATS) and all(titles)


@NAMES
def test_every_entry_of_a_sample_reads_again_as_it_was_packed(name: str) -> None:
    for content in SAMPLES[name]:
        found = hold(HOT_LIST_FORMATS[name], content)
        assert found is not None and len(found.entries)
        assert not found.left_out.faults


@NAMES
def test_a_sample_zipped_is_the_same(name: str) -> None:
    reader = HOT_LIST_FORMATS[name]
    for content in SAMPLES[name]:
        if not content.startswith(b"PK"):
            assert reader.rows(zipped(("list_add.dat", content))) == reader.rows(content)


@NAMES
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r\r\n", b"\r"], ids=repr)
@pytest.mark.parametrize(
    "last",
    [b"", b"\r", b"\x1a", b"\r\n\x1a", b"\r\x1a", b"\x1a" * 100, b"\n\n\n", b"\x1a\r\n"],
    ids=lambda last: repr(last[:6]),
)
def test_ends_of_lines_and_of_the_file_say_nothing(name: str, end: bytes, last: bytes) -> None:
    for content in SAMPLES[name]:
        if content.startswith(b"PK") or (b'"' in content and b"\r" in end) or (end, last) == (b"\r", b"\n\n\n"):
            continue
        written = end.join(content.replace(b"\r\n", b"\n").split(b"\n")).removesuffix(end) + last
        found, usual = hold(HOT_LIST_FORMATS[name], written), hold(HOT_LIST_FORMATS[name], content)
        assert found is not None and usual is not None
        assert [each[:3] for each in packed(found.entries)] == [each[:3] for each in packed(usual.entries)]
        assert found.left_out.reasons == usual.left_out.reasons


@NAMES
@pytest.mark.parametrize(
    "content",
    [b"", b" ", b"\n", b"\n" * 5000, b"\r\n\x1a", b"\xef\xbb\xbf", b"PK\x03\x04", b"PK\x05\x06" + bytes(18), b"\xff" * 99,
     b"\x00" * 99, b'"', b'"' * 5000, b"," * 5000, b"<html><body>Not found</body></html>\n", b"no such file", b"%PDF-1.7\n"],
    ids=lambda content: repr(content[:12]),
)  # fmt: skip
def test_what_is_no_list_is_refused(name: str, content: bytes) -> None:
    assert hold(HOT_LIST_FORMATS[name], content) is None


@NAMES
def test_a_large_file_is_parsed_in_bounded_time(name: str) -> None:
    begun = time.process_time()
    for filler in (b"a," * 40_000, b'"\n' * 25_000, b" " * 80_000, b"A\n" * 16_000, b"\n" * 80_000):
        hold(HOT_LIST_FORMATS[name], filler)
        hold(HOT_LIST_FORMATS[name], SAMPLES[name][-1] + filler)
    assert time.process_time() - begun < 3


@NAMES
@fuzzed
@given(content=st.binary(max_size=300) | st.lists(SPLICED, max_size=40).map(b"".join))
def test_any_bytes_are_a_list_or_refused(name: str, content: bytes) -> None:
    hold(HOT_LIST_FORMATS[name], content)
    heading = SAMPLES[name][-1].partition(b"\n")[0]
    hold(HOT_LIST_FORMATS[name], heading + b"\n" + content)


@NAMES
@fuzzed
@given(data=st.data())
def test_any_mutated_sample_is_a_list_or_refused(name: str, data: st.DataObject) -> None:
    content = data.draw(st.sampled_from(SAMPLES[name]))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content)))
        spliced = data.draw(SPLICED | st.binary(max_size=4))
        content = content[:place] + spliced + content[place + data.draw(st.integers(0, 6)) :]
    hold(HOT_LIST_FORMATS[name], content)
    hold(HOT_LIST_FORMATS[name], content[: data.draw(st.integers(0, len(content)))])


@NAMES
@fuzzed
@given(data=st.data())
def test_a_line_at_any_place_is_an_entry_or_a_value_error(name: str, data: st.DataObject) -> None:
    reader = HOT_LIST_FORMATS[name]
    rows = reader.rows(data.draw(st.sampled_from(SAMPLES[name]))) + data.draw(st.binary(max_size=20))
    place = data.draw(st.integers(0, len(rows) + 2))
    try:
        assert reader.line(lambda at, length: rows[at : at + length], place).plate.text
    except ValueError as error:
        assert str(error)


@pytest.mark.parametrize("name", sorted(name for name, each in HOT_LIST_FORMATS.items() if each.is_incremental))
def test_changes_of_every_kind_can_be_summed_and_read_again(name: str) -> None:
    reader = HOT_LIST_FORMATS[name]
    for content in SAMPLES[name]:
        found = parsed(name, content)
        told = [line for _, _, line in reader.lines(reader.rows(content))]  # type: ignore[attr-defined]
        again = hold(incremental.FORMAT, incremental.summed(None, told))
        assert again is not None
        assert [each[:3] for each in packed(again.entries)] == [each[:3] for each in packed(found.entries)]
        assert [each[:3] for each in packed(again.removed)] == [each[:3] for each in packed(found.removed)]
