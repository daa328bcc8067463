"""Imports of stored reads: CSV, JSON lines of our own shape, and the tables of reads and images of an Elsag database.

Files are handed in as pieces of bytes, so that one of many gigabytes can be read. Rows are counted as a spreadsheet does,
the header being row 1 and a row with line breaks in it counting once per line. A quote that never closes swallows the
rows behind it; they are read again one by one. A row with more cells than the header is not understood: its columns may
have shifted. `NULL` is nothing, except as a plate: people have that plate.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial

from platekeeper.core.formats.cameras import platekeeper
from platekeeper.core.formats.cameras.payload import Item, guarded, one_picture, picture
from platekeeper.core.formats.cameras.values import any_time, country_state, place, region_state, share_of_either
from platekeeper.core.formats.reads import ParsedRead, ReadFormatError, UnparsedRead, storable

DELIMITERS = ",;\t|"
LONGEST_ROW, LONGEST_LINE = 64, 32 * 1024 * 1024
"""Lines of one row: a quote still open after them was never meant to open. Bytes of one line, with its picture."""
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "plate": ("plate",),
    "captured_at": ("captured_at", "timestamp"),
    "state": ("state", "region"),
    "confidence": ("confidence", "score"),
    "event_id": ("event_id",),
    "latitude": ("latitude",),
    "longitude": ("longitude",),
    "direction": ("direction",),
}
"""Our names, and the columns that hold them unless a mapping says otherwise; Plate Recognizer's among them."""
ELSAG = {"plate": "plate", "captured_at": "read_date", "event_id": "read_id", "latitude": "lat", "longitude": "lon"}
IMAGE_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "image": ("image_id",),
    "read": ("read_id",),
    "type": ("plate_image_type",),
    "path": ("path", "image_path", "file", "file_name", "filename"),
}
OVERVIEW = "1"
REGION_CODE = re.compile(r"""['"]code['"]\s*:\s*['"]([\w-]*)['"]""")
"""Plate Recognizer writes a whole object into the column region."""

Pictures = Callable[[str], bytes | None]
"""Gives the picture of a read by its event id, None where there is none."""
Row = tuple[int, Mapping[str, str] | None, str]
"""A row's number, its values by our names (None where it is no row of this table), and its text."""


def parse_csv(pieces: Iterable[bytes], mapping: Mapping[str, str]) -> Iterator[Item]:
    """Parse a CSV file whose first row names its columns; `mapping` is our names to theirs.

    Raises `ReadFormatError` where a column that is needed or mapped is not there.
    """
    unknown = sorted(set(mapping) - set(COLUMNS))
    if unknown:
        raise ReadFormatError(f"{unknown[0]}: not one of {', '.join(COLUMNS)}")
    columns = {**COLUMNS, **{ours: (theirs,) for ours, theirs in mapping.items()}}
    yield from _reads(pieces, columns, {"plate", "captured_at", *mapping}, lambda _event: None)


def parse_json_lines(pieces: Iterable[bytes]) -> Iterator[Item]:
    """Parse lines that are each a read of our own shape, or several as `POST /api/reads` takes them."""
    for number, line in enumerate(_lines(pieces), start=1):
        row = line.strip().encode("utf-8", "replace")
        for item in guarded(partial(platekeeper.parse, row), row) if row else []:
            yield _numbered(number, item)


def parse_elsag(pieces: Iterable[bytes], pictures: Pictures = lambda _event: None) -> Iterator[Item]:
    """Parse a CSV export of the table `reads`; the event id is read_id, so that an import can be repeated.

    Raises `ReadFormatError` where a column is missing.
    """
    columns = {ours: (theirs,) for ours, theirs in ELSAG.items()}
    yield from _reads(pieces, columns, {"plate", "captured_at", "event_id"}, pictures)


def parse_elsag_images(pieces: Iterable[bytes]) -> tuple[dict[str, str], list[UnparsedRead]]:
    """Return, by read_id, the path of its picture where the table `images` has one, else its image_id.

    The overview (type 1) comes before the crop (2). Raises `ReadFormatError` where a column is missing.
    """
    chosen: dict[str, tuple[bool, str]] = {}
    unparsed: list[UnparsedRead] = []
    for number, cells, written in _rows(pieces, IMAGE_COLUMNS, {"image", "read"}):
        values = cells or {}
        named = values.get("path") or values.get("image")
        if not named or not values.get("read"):
            reason = f"row {number}: image_id and read_id are needed"
            unparsed.append(UnparsedRead(reason=reason, payload=written.encode("utf-8", "replace")))
            continue
        is_overview = values.get("type", "") == OVERVIEW
        if values["read"] not in chosen or (is_overview and not chosen[values["read"]][0]):
            chosen[values["read"]] = is_overview, named
    return {read: named for read, (_, named) in chosen.items()}, unparsed


def _reads(
    pieces: Iterable[bytes], columns: Mapping[str, tuple[str, ...]], needed: set[str], pictures: Pictures
) -> Iterator[Item]:
    for number, values, written in _rows(pieces, columns, needed):
        for item in guarded(partial(_read, values, pictures), written.encode("utf-8", "replace")):
            yield _numbered(number, item)


def _read(values: Mapping[str, str] | None, pictures: Pictures) -> list[Item]:
    if values is None:
        raise ReadFormatError("more cells than the header has, or quotes that do not pair")
    if not values.get("plate"):
        raise KeyError("plate")
    latitude, longitude = place(values.get("latitude"), values.get("longitude"))
    region = values.get("state", "")
    written = REGION_CODE.search(region)
    event = values.get("event_id", "")
    read = ParsedRead(
        raw_plate=values["plate"],
        captured_at=any_time(values.get("captured_at"), "captured_at"),
        event_id=event or None,
        confidence=share_of_either(values.get("confidence"), "confidence"),
        state=country_state(written[1]) if written else region_state(region),
        direction=values.get("direction", "")[:80],
        latitude=latitude,
        longitude=longitude,
    )
    image, complaints = one_picture(picture, pictures(event) if event else None)
    return [(read, image), *complaints]


def _rows(pieces: Iterable[bytes], columns: Mapping[str, tuple[str, ...]], needed: set[str]) -> Iterator[Row]:
    lines = _lines(pieces)
    first, heading = next(((at, line) for at, line in enumerate(lines, start=1) if line.strip()), (1, ""))
    delimiter = max(DELIMITERS, key=heading.count)
    header = [cell.strip().lower() for cell in _cells(heading, delimiter) or []]
    places = {
        ours: header.index(name.lower())
        for ours, names in columns.items()
        for name in reversed(names)
        if name.lower() in header
    }
    for ours in sorted(needed - set(places)):
        raise ReadFormatError(f"row {first}: {ours}: no column named {' or '.join(columns[ours])[:80]}")
    for number, cells, written in _split(lines, delimiter, first + 1):
        if cells is not None and not any(cells):
            continue
        if cells is None or len(cells) > len(header):
            yield number, None, written
        else:
            padded = [*cells, *[""] * (len(header) - len(cells))]
            yield number, {ours: _value(ours, padded[at]) for ours, at in places.items()}, written


def _value(ours: str, cell: str) -> str:
    text = storable(cell).strip()
    return "" if text.upper() == "NULL" and ours != "plate" else text


def _split(lines: Iterator[str], delimiter: str, number: int) -> Iterator[tuple[int, list[str] | None, str]]:
    """Yield rows with their numbers; None for cells where quotes do not pair."""
    again: deque[str] = deque()
    while (line := again.popleft() if again else next(lines, None)) is not None:
        gathered, cells = [line], _cells(line, delimiter)
        while cells is None and len(gathered) < LONGEST_ROW:
            following = again.popleft() if again else next(lines, None)
            if following is None:
                break
            gathered.append(following)
            cells = _cells("".join(gathered), delimiter) if '"' in following else None
        if cells is None:  # the quote never closes: this line alone is not understood
            again.extendleft(reversed(gathered[1:]))
            gathered = gathered[:1]
        yield number, cells, "".join(gathered)
        number += len(gathered)


def _cells(text: str, delimiter: str) -> list[str] | None:
    """Return the cells of exactly one row, None where it is not whole."""
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        return None
    return rows[0] if len(rows) == 1 else ([] if not rows else None)


def _numbered(number: int, item: Item) -> Item:
    if isinstance(item, UnparsedRead):
        return UnparsedRead(reason=f"row {number}: {item.reason}", payload=item.payload)
    return item


def _lines(pieces: Iterable[bytes]) -> Iterator[str]:
    """Yield lines with their ends, decoded as their mark says, else as UTF-8, else as Latin-1."""
    rest, mark = b"", b""
    decode: Callable[[bytes], str] = _decoded
    end = b"\n"
    for piece in pieces:
        rest += piece
        if not mark and len(rest) >= len(codecs.BOM_UTF8):
            mark = rest[:2]
            if mark in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}:
                little = mark == codecs.BOM_UTF16_LE
                decode = partial(_utf16, encoding="utf-16-le" if little else "utf-16-be")
                end, rest = b"\n\x00" if little else b"\x00\n", rest[2:]
            rest = rest.removeprefix(codecs.BOM_UTF8)
        if mark:
            *whole, rest = _cut(rest, end)
            yield from (decode(line) for line in whole)
        if len(rest) > LONGEST_LINE:
            raise ReadFormatError(f"a line is longer than {LONGEST_LINE} bytes: this is no file of rows")
    if rest.removeprefix(codecs.BOM_UTF8):
        yield decode(rest)


def _cut(content: bytes, end: bytes) -> list[bytes]:
    """Cut content behind every line end; characters of two bytes keep their pairs."""
    lines, start, at = [], 0, content.find(end)
    while at >= 0:
        if (at - start) % len(end) == 0:
            lines.append(content[start : at + len(end)])
            start = at + len(end)
            at = content.find(end, start)
        else:
            at = content.find(end, at + 1)
    return [*lines, content[start:]]


def _decoded(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("latin-1")


def _utf16(line: bytes, *, encoding: str) -> str:
    return line.decode(encoding, "replace")
