"""One vehicle seen once: what the engine hands to the rest of the unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from platekeeper.core.formats.reads import FINAL


@dataclass(frozen=True, slots=True)
class Sighting:
    """A plate as it was read, with up to ten candidates, the best first, and the pictures it was read from.

    `uid` is 128 bits in hexadecimal, the read's number wherever it goes. `at` is aware. Our engine's confidences are
    calibrated: of readings with 0.9, nine in ten are right; a camera that reads by itself may say none. `picture` and `crop`
    are JPEG or empty; `crop` is the plate alone. `direction` and `vehicle` are what such a camera says of it; `event` is its
    name for what it saw, and `stage` how far it was with it: a later text of one event takes the place of an earlier one.
    """

    uid: str
    camera: str
    at: datetime
    plate: str
    confidence: float | None
    candidates: tuple[tuple[str, float | None], ...]
    picture: bytes
    crop: bytes
    state: str = ""
    latitude: float | None = None
    longitude: float | None = None
    direction: str = ""
    vehicle: Mapping[str, str] = field(default_factory=dict)
    event: str = ""
    stage: int = FINAL
