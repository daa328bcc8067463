"""A file of people (CSV): rows as they are to be added, or every fault in it with its line and column."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

COLUMNS = ("name", "username", "kind", "badge", "email", "agency", "positions", "since", "until", "ends_on")
NEEDED = ("name", "username", "kind")
KINDS = ("member", "staff", "outside")
LARGEST, MOST_ROWS = 1_000_000, 5_000
_DAYS = ("since", "until", "ends_on")
_LENGTHS = {"name": 120, "username": 60, "badge": 20, "email": 254, "agency": 120}
_LONGEST_TITLE = 80
_LAST_DAY = date(2199, 12, 31)
_LOGIN = re.compile(r"[a-zA-Z0-9_-]+")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_EMAIL = re.compile(
    r"[\w!#$%&'*+/=?^`{}|~-]+(?:\.[\w!#$%&'*+/=?^`{}|~-]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}",
    re.ASCII | re.IGNORECASE,
)
_SAVE_AS = "Save it as “CSV UTF-8” and choose it again."


class PeopleFileError(ValueError):
    """The file cannot be imported; `faults` says why, line by line, and what to do."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person as the file has them. `line` is the number of the line on which they begin, from 1."""

    line: int
    name: str
    username: str
    kind: str
    badge: str = ""
    email: str = ""
    agency: str = ""
    positions: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    ends_on: date | None = None


def parse(content: bytes) -> list[PersonRow]:
    """Return the people in a file: UTF-8, separated by commas, semicolons or tabs, one heading line.

    Positions within a cell stand between ";" or "|"; days are written 2026-03-01. Raises `PeopleFileError` with every fault.
    """
    if len(content) > LARGEST:
        raise PeopleFileError([f"The file is larger than the {LARGEST:,} bytes that are read at once: split it."])
    lines = _lines(_text(content))
    if not lines:
        raise PeopleFileError(["The file is empty: write a heading line, and below it a line for each person."])
    (heading, cells), *body = lines
    head = [_column(cell) for cell in cells]
    faults = [(heading, fault) for fault in _faults_of_heading(heading, head)]
    if any(name not in head for name in NEEDED):
        raise PeopleFileError(_told(faults))  # without them the lines below would be judged by the wrong columns
    if not body:
        raise PeopleFileError(["There is nobody in the file: add a line for each person below the heading."])
    if len(body) > MOST_ROWS:
        raise PeopleFileError([f"The file has {len(body):,} people; at most {MOST_ROWS:,} are read at once: split it."])
    rows = [(line, _values(head, cells)) for line, cells in body]
    for (line, values), (_, cells) in zip(rows, body, strict=True):
        faults += [(line, fault) for fault in (*_misplaced(line, head, cells), *_faults(line, values))]
    faults += _twice(rows)
    if faults:
        raise PeopleFileError(_told(faults))
    return [_row(line, values) for line, values in rows]


def _text(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise PeopleFileError([f"Line {line}: the file is not UTF-8. {_SAVE_AS}"]) from error
    if "\0" in text:
        raise PeopleFileError([f"Line {text[: text.index(chr(0))].count(chr(10)) + 1}: binary data. {_SAVE_AS}"])
    return text


def _lines(text: str) -> list[tuple[int, list[str]]]:
    """Return (line number, cells) of whatever is not blank."""
    first = next((line for line in re.split(r"[\r\n]", text) if line.strip()), "")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count), strict=True)
    found, begin = [], 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                found.append((begin, cells))
            begin = reader.line_num + 1
    except csv.Error as error:
        fault = (
            f"Line {begin}: a quote is open, stands amid a value, or the value is far too long. Close it or double it."
        )
        raise PeopleFileError([fault]) from error
    return found


def _told(faults: list[tuple[int, str]]) -> list[str]:
    return [fault for _, fault in sorted(faults, key=lambda each: each[0])]


def _alike(cell: str) -> str:
    return re.sub(r"[\s_]+", "", cell).casefold()


def _column(cell: str) -> str:
    """Return our name of a column, or theirs where it is none of ours."""
    ours = {_alike(name): name for name in COLUMNS}
    return ours.get(_alike(cell), " ".join(cell.split()))


def _faults_of_heading(line: int, head: list[str]) -> Iterator[str]:
    for name in dict.fromkeys(head):
        if name and name not in COLUMNS:
            yield f"Line {line}: there is no column “{name[:60]}”. The columns are {', '.join(COLUMNS)}."
        if name and head.count(name) > 1:
            yield f"Line {line}: the column “{name[:60]}” stands there twice. Take one out."
    for name in NEEDED:
        if name not in head:
            yield f"Line {line}: the column “{name}” is missing. Every file needs {', '.join(NEEDED)}."


def _values(head: list[str], cells: list[str]) -> dict[str, str]:
    written = {name: " ".join(cell.split()) for name, cell in zip(head, cells, strict=False)}
    return {name: written.get(name, "") for name in COLUMNS}


def _misplaced(line: int, head: list[str], cells: list[str]) -> Iterator[str]:
    for number, cell in enumerate(cells, start=1):
        if cell.strip() and (number > len(head) or not head[number - 1]):
            yield (
                f"Line {line}: “{cell.strip()[:60]}” stands in column {number}, which has no name. "
                "Put values with commas into quotes."
            )


def _faults(line: int, values: Mapping[str, str]) -> Iterator[str]:
    for name in NEEDED:
        if not values[name]:
            yield f"Line {line}, {name}: empty. Write it, or take the line out."
    for name, longest in _LENGTHS.items():
        if len(values[name]) > longest:
            yield f"Line {line}, {name}: longer than {longest} characters. Shorten it."
    for name in COLUMNS:
        if not values[name].isprintable():
            yield f"Line {line}, {name}: holds a character that is not seen. Type it anew."
    username, kind, email = values["username"], values["kind"].casefold(), values["email"]
    if username and not _LOGIN.fullmatch(username):
        yield f"Line {line}, username: “{username[:60]}” may hold letters a to z, digits, - and _ alone."
    if kind and kind not in KINDS:
        yield f"Line {line}, kind: “{values['kind'][:30]}” is none of {', '.join(KINDS)}."
    if email and not _EMAIL.fullmatch(email):
        yield f"Line {line}, email: “{email[:60]}” is no e-mail address. Mend it, or leave it empty."
    if kind == "outside" and not values["agency"]:
        yield f"Line {line}, agency: empty. Somebody outside needs the name of their agency."
    if kind in {"member", "staff"} and values["agency"]:
        yield f"Line {line}, agency: members and staff are of this department. Leave it empty, or write the kind outside."
    for title in _titles(values):
        if len(title) > _LONGEST_TITLE:
            yield (
                f"Line {line}, positions: “{title[:30]}…” is longer than {_LONGEST_TITLE} characters. "
                "Put ; or | between positions."
            )
    yield from _faults_of_days(line, values)


def _faults_of_days(line: int, values: Mapping[str, str]) -> Iterator[str]:
    days = {name: _day(values[name]) for name in _DAYS}
    for name, day in days.items():
        if values[name] and day is None:
            yield f"Line {line}, {name}: “{values[name][:30]}” is no day. Write it as 2026-03-01."
        if day is not None and day > _LAST_DAY:
            yield f"Line {line}, {name}: {day} is too far away. Leave it empty for no end."
    if days["since"] and days["until"] and days["until"] < days["since"]:
        yield f"Line {line}, until: {days['until']} is before since, {days['since']}. Mend one of them."


def _twice(rows: list[tuple[int, dict[str, str]]]) -> Iterator[tuple[int, str]]:
    seen: dict[str, int] = {}
    for line, values in rows:
        name = values["username"]
        first = seen.setdefault(name.casefold(), line)
        if name and first != line:
            fault = (
                f"Line {line}, username: “{name[:60]}” stands in line {first} already. Each login name is one person's."
            )
            yield line, fault


def _titles(values: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(title for part in re.split(r"[;|]", values["positions"]) if (title := part.strip())))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None


def _row(line: int, values: Mapping[str, str]) -> PersonRow:
    return PersonRow(
        line=line,
        name=values["name"],
        username=values["username"],
        kind=values["kind"].casefold(),
        badge=values["badge"],
        email=values["email"],
        agency=values["agency"],
        positions=_titles(values),
        since=_day(values["since"]),
        until=_day(values["until"]),
        ends_on=_day(values["ends_on"]),
    )
