"""A file of case and call numbers (CSV or one a line): the numbers, or what is wrong with it and where."""

from __future__ import annotations

import csv
import io
import re

LARGEST, MOST_NUMBERS, LONGEST = 20_000_000, 1_000_000, 40
_HEADINGS = frozenset(
    {"number", "case", "casenumber", "call", "callnumber", "incident", "incidentnumber", "cfs", "event"}
)


class CaseNumbersError(ValueError):
    """The file is no list of numbers; the message names the line and says what to do."""


def fold(number: str) -> str:
    """Return a number as it is compared: "26-0101", "26 0101" and "26/0101" are the same."""
    return re.sub(r"[\W_]+", "", number.upper())


def parse(content: bytes) -> dict[str, str]:
    """Return the numbers of a file by how they are compared: UTF-8, the column headed "number", else the first one."""
    if len(content) > LARGEST:
        raise CaseNumbersError(
            f"The file is larger than {LARGEST:,} bytes: split it, and extend the list with each part."
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise CaseNumbersError(
            f"Line {line} is not UTF-8. Save the file as “CSV UTF-8” and choose it again."
        ) from error
    found: dict[str, str] = {}
    column: int | None = None
    rows = csv.reader(io.StringIO(text.replace("\0", "")), delimiter=_delimiter(text))
    try:
        for cells in rows:
            if not any(cell.strip() for cell in cells):
                continue
            if column is None:
                column, is_heading = _column(cells)
                if is_heading:
                    continue
            number = cells[column].strip() if column < len(cells) else ""
            if not (len(number) <= LONGEST and 0 < len(fold(number)) <= LONGEST):
                raise CaseNumbersError(
                    f"Line {rows.line_num} has no case or call number of {LONGEST} characters at most "
                    f"in column {column + 1}. Correct or delete the line."
                )
            found.setdefault(fold(number), number)
    except csv.Error as error:
        raise CaseNumbersError(
            f"Line {rows.line_num}: {error}. Save the file as “CSV UTF-8” and choose it again."
        ) from error
    if not found:
        raise CaseNumbersError("There is no number in the file: write one a line.")
    if len(found) > MOST_NUMBERS:
        raise CaseNumbersError(
            f"The file has {len(found):,} numbers; at most {MOST_NUMBERS:,} are read at once: split it."
        )
    return found


def _column(cells: list[str]) -> tuple[int, bool]:
    headed = [place for place, cell in enumerate(cells) if fold(cell).lower() in _HEADINGS]
    return (headed[0], True) if headed else (0, False)


def _delimiter(text: str) -> str:
    first = text.lstrip().partition("\n")[0]
    return max(",;\t", key=first.count)
