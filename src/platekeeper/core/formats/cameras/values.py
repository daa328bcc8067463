"""The small readers that parsers share: JSON, numbers, times, places and regions as devices write them.

Devices mix case, write numbers as text and texts as numbers; that is harmless and taken. What cannot be raises
`ReadFormatError` with the field's name, and what is needed but missing KeyError.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from platekeeper.core.formats.reads import ReadFormatError, storable
from platekeeper.core.plates import parse_state

NOWHERE = ((0.0, 0.0), (-1.0, -1.0))
"""What devices send for want of GPS."""
NORTH_AMERICA = {"us", "usa", "ca", "can"}
SECONDS_BELOW = 1e11
"""A time since 1970 below this is in seconds: as milliseconds it would lie before 1974."""
SINCE_1970 = re.compile(r"\d{9,13}(\.\d+)?")
RUN_TOGETHER = re.compile(r"(\d{14})(\d{3})?")
WITH_SLASHES = re.compile(r"(\d{4})/(\d\d?)/(\d\d?)(?=\D|$)")


def json_value(content: bytes) -> Any:
    """Return what JSON says. Raises `ReadFormatError` for what is none.

    Text in an encoding of the last century is read as Latin-1: a make with a wrong letter costs less than the read.
    """
    try:
        try:
            return json.loads(content)
        except UnicodeDecodeError:
            return json.loads(content.decode("latin-1"))
    except json.JSONDecodeError as error:
        raise ReadFormatError(f"not JSON: {error}") from error


def json_object(content: bytes) -> Mapping[str, Any]:
    """Return a JSON object. Raises ValueError."""
    return as_mapping(json_value(content), "message")


def as_mapping(value: Any, name: str) -> Mapping[str, Any]:
    """Return an object, or raise `ReadFormatError` naming it."""
    if not isinstance(value, Mapping):
        raise ReadFormatError(f"{name}: not an object")
    return value


def lowered(value: Any) -> Mapping[str, Any]:
    """Return an object with its field names in lower case, an empty one for anything else."""
    return {name.lower(): field for name, field in value.items()} if isinstance(value, Mapping) else {}


def as_list(value: Any, name: str) -> list[Any]:
    """Return a list, or raise `ReadFormatError` naming it; nothing is an empty one."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise ReadFormatError(f"{name}: not a list")
    return value


def as_text(value: Any, *, longest: int = 80) -> str:
    """Return a value as text that can be stored, nothing as empty text."""
    return "" if value is None or isinstance(value, Mapping | list) else storable(str(value)).strip()[:longest]


def plate_text(value: Any, name: str) -> str:
    """Return a plate as it was sent; one of digits alone may come as a number. Raises `ReadFormatError` or KeyError."""
    if value is None:
        raise KeyError(name)
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ReadFormatError(f"{name}: not text")
    return str(value)


def as_number(value: Any, name: str) -> float | None:
    """Return a number, also one written as text; nothing, or empty text, is None. Raises `ReadFormatError`."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ReadFormatError(f"{name}: not a number")
    try:
        return float(value.replace(",", ".") if isinstance(value, str) and value.count(",") == 1 else value)
    except (ValueError, OverflowError) as error:
        raise ReadFormatError(f"{name}: {str(value)[:40]!r} is not a number") from error


def share_of(value: Any, name: str, *, whole: float) -> float | None:
    """Return a confidence given out of `whole` (1, 100 or 255) as 0 to 1. Raises `ReadFormatError`."""
    if isinstance(value, str) and value.strip().endswith("%"):
        value, whole = value.strip().removesuffix("%"), 100
    number = as_number(value, name)
    return None if number is None else number / whole


def share_of_either(value: Any, name: str) -> float | None:
    """Return a confidence of 0 to 1 as it is, and one of 0 to 100 as 0 to 1. Raises `ReadFormatError`."""
    share = share_of(value, name, whole=1)
    return share if share is None or share <= 1 else share / 100


def moment(milliseconds: Any, name: str) -> datetime:
    """Return the time of milliseconds since 1970 UTC, number or text. Raises `ReadFormatError` or KeyError."""
    number = as_number(milliseconds, name)
    if number is None:
        raise KeyError(name)
    try:
        return datetime.fromtimestamp(number / 1000, tz=UTC)
    except (OverflowError, OSError, ValueError) as error:
        raise ReadFormatError(f"{name}: {str(milliseconds)[:40]!r} is no time") from error


def epoch(value: Any, name: str) -> datetime:
    """Return the time of seconds or milliseconds since 1970 UTC. Raises `ReadFormatError` or KeyError."""
    number = as_number(value, name)
    return moment(value if number is None or number >= SECONDS_BELOW else number * 1000, name)


def iso_time(value: Any, name: str) -> datetime:
    """Return a time as ISO 8601 or devices write it, naive where it has no offset. Raises `ReadFormatError` or KeyError.

    Fourteen digits must not reach the ISO reader, which takes the ninth character for a separator.
    """
    text = as_text(value)
    if not text:
        raise KeyError(name)
    try:
        if together := RUN_TOGETHER.fullmatch(text):
            day, thousandths = together[1], together[2] or "0"
            return datetime.strptime(f"{day}.{thousandths}", "%Y%m%d%H%M%S.%f")  # noqa: DTZ007 - it has no offset
        return datetime.fromisoformat(WITH_SLASHES.sub(_with_dashes, text).upper())
    except ValueError as error:
        raise ReadFormatError(f"{name}: {text!r} is no time") from error


def any_time(value: Any, name: str) -> datetime:
    """Return a time written as ISO 8601 or as seconds or milliseconds since 1970. Raises `ReadFormatError` or KeyError."""
    written = as_text(value)
    return epoch(written, name) if SINCE_1970.fullmatch(written) else iso_time(written, name)


def region_state(region: str) -> str | None:
    """Return the state that a region such as "us-ny" names, None for a region of another country."""
    country, dash, _ = region.lower().replace("_", "-").partition("-")
    if country in {"mx", "mex"}:
        return "MX"
    if (country == "us" and not dash) or (dash and country not in NORTH_AMERICA):
        return None
    return parse_state(region)


def country_state(code: str) -> str | None:
    """Return the state of a code that begins with a country: "us-ca" is California, "ca" alone is Canada."""
    return region_state(code) if "-" in code or "_" in code or code.lower() == "mx" else None


def place(latitude: Any, longitude: Any) -> tuple[float | None, float | None]:
    """Return where a read was made: both numbers or neither, and nothing for what devices send without GPS."""
    north, east = as_number(latitude, "latitude"), as_number(longitude, "longitude")
    return (None, None) if north is None or east is None or (north, east) in NOWHERE else (north, east)


def _with_dashes(found: re.Match[str]) -> str:
    year, month, day = found.groups()
    return f"{year}-{month:0>2}-{day:0>2}"
