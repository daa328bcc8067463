"""Tables as CSV that a spreadsheet opens and never runs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

_RUNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_PARTS = re.compile('[",;|\t\r\n]')
"""What some spreadsheet parts cells or rows at: the library's writer quotes for the comma alone, and behind an unquoted
semicolon a formula would begin a cell of its own."""


def csv_of(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Return a table as CSV (RFC 4180, UTF-8). What a spreadsheet would run as a formula is set off by an apostrophe."""
    return "".join(csv_lines(columns, rows)).encode()


def csv_lines(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Give the same table row by row, its head first."""
    yield _line(columns)
    for row in rows:
        yield _line(_cell(row[name]) for name in columns)


def _line(cells: Iterable[str]) -> str:
    written = ",".join(_quoted(cell) if _PARTS.search(cell) else cell for cell in cells)
    return (written or '""') + "\r\n"  # an empty line would be taken for no row


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


def _cell(value: Any) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_RUNS) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return text.isascii() and not text.isspace()
