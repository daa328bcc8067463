"""Tables as CSV that a spreadsheet opens and never runs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any


def csv_of(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Return a table as CSV (RFC 4180, UTF-8). What a spreadsheet would run as a formula is set off by an apostrophe."""
    return "".join(csv_lines(columns, rows)).encode()


def csv_lines(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Give the same table row by row, its head first."""
    text = io.StringIO()
    writer = csv.writer(text)

    def line(cells: Iterable[str]) -> str:
        text.seek(text.truncate(0))
        writer.writerow(cells)
        return text.getvalue()

    yield line(columns)
    for row in rows:
        yield line(_cell(row[name]) for name in columns)


def _cell(value: Any) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} and not _is_number(text) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
