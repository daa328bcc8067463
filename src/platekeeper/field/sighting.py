"""One vehicle seen once: what the engine hands to the rest of the unit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Sighting:
    """A plate as it was read, with up to ten candidates, the best first, and the pictures it was read from.

    `uid` is 128 random bits in hexadecimal, the read's number wherever it goes. `at` is aware. Confidences are calibrated:
    of readings with 0.9, nine in ten are right. `picture` and `crop` are JPEG; `crop` is the plate alone.
    """

    uid: str
    camera: str
    at: datetime
    plate: str
    confidence: float
    candidates: tuple[tuple[str, float], ...]
    picture: bytes
    crop: bytes
    state: str = ""
    latitude: float | None = None
    longitude: float | None = None
