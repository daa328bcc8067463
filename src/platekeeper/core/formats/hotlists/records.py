"""Records of delimited files, quotes and line breaks within quotes included, and where in the file each stands."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import NamedTuple

from platekeeper.core.formats.hotlists.rows import DELIVER_AGAIN, HotListFormatError


class Record(NamedTuple):
    """One record: the line at which it begins, the bytes it takes, and what stands in it."""

    number: int
    begin: int
    end: int
    cells: list[str]


def records(rows: bytes, begin: int, delimiter: str) -> Iterator[Record]:
    """Give every record from a byte on. Raises `HotListFormatError` where quotes make no sense."""
    consumed = begin

    def lines() -> Iterator[str]:
        nonlocal consumed
        while consumed < len(rows):
            end = rows.find(b"\n", consumed) + 1 or len(rows)
            line = rows[consumed:end]
            consumed = end
            yield line.decode("utf-8", "replace")

    before = rows.count(b"\n", 0, begin) + 1
    reader = csv.reader(lines(), delimiter=delimiter)
    while True:
        place, number = consumed, before + reader.line_num
        try:
            row = next(reader)
            several = reader.line_num + before - number > 1
            if several or consumed == len(rows):
                _demand_closed(rows[place:consumed].decode("utf-8", "replace"), delimiter, several=several)
        except StopIteration:
            return
        except csv.Error as error:
            raise HotListFormatError(f"Line {number}: {error}. {DELIVER_AGAIN}") from error
        yield Record(number, place, consumed, row)


def _demand_closed(text: str, delimiter: str, *, several: bool) -> None:
    """Refuse a quote that is not closed: it has swallowed the lines after it."""
    try:
        next(csv.reader(io.StringIO(text), delimiter=delimiter, strict=True), [])
    except csv.Error as error:
        if several or "end of data" in str(error):
            raise csv.Error("a quote is not closed, or stands within a field") from error
