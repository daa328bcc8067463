"""What every camera format is parsed into. Parsers are pure functions of bytes; they drop nothing silently."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec

EARLIEST_YEAR, LATEST_YEAR = 1990, 2100


FINAL = 9
"""The stage of a read of which its sender says no more; every other stage comes before it."""


LONGEST_PLATE = 64
"""Characters of a plate's text as it was sent; whatever keeps that text has room for them."""


MOST_AT_ONCE = 50_000
"""Reads in one message: no camera and no unit has so many to send at once, and what holds more is not looked through."""


_MOST_VALUES, _PARTING = 2_000_000, (b",", b"[", b"{", b"<", b"\n")
"""What parts values in JSON, XML and lines. A value of two bytes is one of a hundred once it is read, so that a message of
nothing else would take gigabytes; pictures have few of these, or none."""


class TooManyReads(Exception):
    """A message holds more than `MOST_AT_ONCE`; nothing of it was taken."""

    def __init__(self) -> None:
        super().__init__(f"More than {MOST_AT_ONCE:,} reads in one message. Nothing was stored; send fewer at once.")


def too_many_values(message: bytes) -> str:
    """Say so of a message that is not read, since it would take too much memory; nothing of any other."""
    many = sum(map(message.count, _PARTING)) > _MOST_VALUES
    return f"More than {_MOST_VALUES:,} values in one message. Send fewer at once." if many else ""


class ReadFormatError(ValueError):
    """A payload makes no sense as a read; the message names the field and what is wrong with it."""


class ParsedRead(msgspec.Struct, frozen=True):
    """A read as its payload told it. `captured_at` is aware, or naive in the LPR's own zone; confidences are 0 to 1.

    `stage` says how far the sender was with it: what is said at a later stage counts, however late an earlier one arrives.
    Raises `ReadFormatError` where a value cannot be.
    """

    raw_plate: str
    captured_at: datetime
    event_id: str | None = None
    confidence: float | None = None
    state: str | None = None
    state_confidence: float | None = None
    candidates: tuple[tuple[str, float | None], ...] = ()
    direction: str = ""
    vehicle: Mapping[str, str] = {}
    latitude: float | None = None
    longitude: float | None = None
    stage: int = FINAL

    def __post_init__(self) -> None:
        """Hold the ranges."""
        if not EARLIEST_YEAR <= self.captured_at.year < LATEST_YEAR:
            raise ReadFormatError(f"captured_at: {self.captured_at.isoformat()} cannot be")
        if len(self.raw_plate) > LONGEST_PLATE:
            raise ReadFormatError("plate: longer than 64 characters")
        # Nearly all are printable, and that is quickly seen.
        if not (self.raw_plate.isprintable() and self.direction.isprintable() and (self.event_id or "").isprintable()):
            _demand_storable(self.raw_plate, self.event_id or "", self.direction)
        if self.vehicle or self.candidates:
            _demand_storable(*self.vehicle, *self.vehicle.values(), *(text for text, _confidence in self.candidates))
        _within("confidence", self.confidence, 0, 1)
        _within("state_confidence", self.state_confidence, 0, 1)
        _within("latitude", self.latitude, -90, 90)
        _within("longitude", self.longitude, -180, 180)
        for _text, confidence in self.candidates:
            _within("candidates", confidence, 0, 1)


@dataclass(frozen=True, slots=True)
class UnparsedRead:
    """A payload, or the part of one, that was not understood: kept whole, with the reason."""

    reason: str
    payload: bytes


def _within(name: str, value: float | None, least: float, most: float) -> None:
    if value is not None and not (math.isfinite(value) and least <= value <= most):
        raise ReadFormatError(f"{name}: {value} is not between {least} and {most}")


def _demand_storable(*texts: str) -> None:
    for text in texts:
        if storable(text) != text:
            raise ReadFormatError("a text holds characters that cannot be stored")


def storable(text: str) -> str:
    """Return text that every database takes: no NUL, no half characters, as JSON can spell them."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "\ufffd")
