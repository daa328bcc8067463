"""The types of blanks: what fits, how it is stored (JSON without floats) and how it reads in a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from platekeeper.core import durations
from platekeeper.core.clauses import Clause


class Kind(StrEnum):
    """The type of a blank's value, and how JSON stores it."""

    TEXT = "text"  # text of one or more lines
    LINES = "lines"  # list of texts
    CHOICE = "choice"  # one of the blank's choices
    ZONE = "zone"  # IANA name
    WHOLE = "whole"  # integer of the blank's unit
    MONEY = "money"  # integer, whole dollars
    DATE = "date"  # ISO 8601
    PERIOD = "period"  # as `durations.written`: "30 days", or "never" where that is an answer
    PERIODS = "periods"  # list of [what, period]
    POSITIONS = "positions"  # sorted list of titles
    CLAUSES = "clauses"  # list of clause numbers


LONGEST_TITLE = 80
"""Characters of a position's title, as of those in a file of people."""
_MOST = 73_000
"""Of days, minutes or copies: 200 years of days, as of a period. What is reckoned with them stays within the calendar."""
LISTS = frozenset({Kind.LINES, Kind.PERIODS, Kind.POSITIONS, Kind.CLAUSES})


class BlankError(ValueError):
    """The value offered does not fit the blank; the message says what would."""


@dataclass(frozen=True, slots=True)
class Blank:
    """One blank. `key` begins with its clause; `blocks` says in words what waits for it.

    `ours`: not in the model policy; the product needs it said. `or_none`: an empty list, or "never", is an answer.
    `of_version`: belongs to one version alone and is asked anew in every draft.
    """

    key: str
    clause: Clause
    kind: Kind
    label: str
    blocks: str
    example: str = ""
    unit: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    ours: bool = False
    or_none: bool = False
    of_version: bool = False

    def checked(self, value: Any) -> Any:
        """Return `value` as it is stored, or raise `BlankError`."""
        try:
            if self.kind in LISTS:
                return self._checked_list(value)
            text = str(value).strip()
            if not text:
                raise BlankError("this cannot be empty.")
            return self._checked_text(text)
        except BlankError as error:
            raise BlankError(f"{self.label}: {error}") from error

    def _checked_text(self, text: str) -> Any:
        match self.kind:
            case Kind.WHOLE | Kind.MONEY:
                digits = text.replace(",", "").removeprefix("$")
                if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
                    raise BlankError(f"give a whole number of {self.unit}.")
                if self.kind is Kind.WHOLE and int(digits) > _MOST:
                    raise BlankError(f"give {_MOST} {self.unit} at most.")
                return int(digits)
            case Kind.CHOICE if text not in dict(self.choices):
                raise BlankError(f"choose one of {', '.join(dict(self.choices))}.")
            case Kind.DATE:
                try:
                    day = date.fromisoformat(text)
                except ValueError as error:
                    raise BlankError("give a date as 2026-03-01.") from error
                if not 1900 <= day.year < 3000:
                    raise BlankError("give a day of the years 1900 to 2999.")
                return day.isoformat()
            case Kind.PERIOD:
                return _period(text, or_never=self.or_none)
            case Kind.ZONE:
                try:
                    ZoneInfo(text)
                except (ZoneInfoNotFoundError, ValueError, OSError) as error:
                    raise BlankError(f"{text} is not a time zone; write one such as {self.example}.") from error
        return text

    def _checked_list(self, value: Any) -> list[Any]:
        given = value.splitlines() if isinstance(value, str) else value
        if not isinstance(given, (list, tuple)):
            raise BlankError("name at least one.")
        if self.kind is Kind.PERIODS:
            rows = [_row(each) for each in given if str(each).strip()]
            found: list[Any] = [[what, _period(period, or_never=True)] for what, period in rows]
        else:
            texts = [" ".join(str(each).split()) for each in given]
            found = list(dict.fromkeys(text for text in texts if text))
        if self.kind is Kind.POSITIONS:
            found = sorted(found)
            if any(len(title) > LONGEST_TITLE for title in found):
                raise BlankError(f"the title of a position has at most {LONGEST_TITLE} characters.")
        if self.kind is Kind.CLAUSES:
            unknown = [number for number in found if number not in _NUMBERS]
            if unknown:
                raise BlankError(f"there is no clause {', '.join(unknown)}; write one such as VI.b.")
        if not found and not self.or_none:
            raise BlankError("name at least one.")
        return found

    def spoken(self, value: Any) -> str:
        """Return a stored value as people read it in a sentence."""
        match self.kind:
            case _ if value == []:
                return "none"
            case Kind.CHOICE:
                return dict(self.choices).get(value, str(value))
            case Kind.MONEY:
                return f"${value:,}"
            case Kind.WHOLE:
                return f"{value} {_one(self.unit) if value == 1 else self.unit}".strip()
            case Kind.PERIOD:
                return durations.spoken(value)
            case Kind.PERIODS:
                return "; ".join(f"{what}: {durations.spoken(period)}" for what, period in value)
            case Kind.LINES:
                return "; ".join(value)
            case Kind.POSITIONS | Kind.CLAUSES:
                return ", ".join(value)
        return str(value)


_NUMBERS = frozenset(clause.number for clause in Clause)


def _one(unit: str) -> str:
    return f"{unit[:-3]}y" if unit.endswith("ies") else unit.removesuffix("s")


def _period(text: Any, *, or_never: bool) -> str:
    try:
        stored = durations.written(str(text))
    except ValueError as error:
        units = ", ".join(durations.UNITS)
        raise BlankError(
            f"write a period such as 30 days ({units}), or never."
            if or_never
            else f"write a period such as 30 days ({units})."
        ) from error
    if stored == durations.NEVER and not or_never:
        raise BlankError("write a period such as 30 days; never is no answer here.")
    return stored


def _row(given: Any) -> tuple[str, str]:
    parts = given.rpartition(":")[::2] if isinstance(given, str) else given
    what, period = parts if isinstance(parts, (list, tuple)) and len(parts) == 2 else ("", "")
    if not str(what).strip():
        raise BlankError("write one a line, such as felony: 25 years.")
    return " ".join(str(what).split()), str(period)
