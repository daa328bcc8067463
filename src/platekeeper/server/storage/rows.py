"""What is stored of a read, and the two hashes that make repeating it harmless.

The identity says which read it is; the digest says what was said about it. Same identity and digest: a repeat, not
stored again. Same identity, other digest: a correction, kept as the next revision.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from typing import Literal

from platekeeper.server.storage.images import ImageRef, media_type_of

LEAST_KEY = 16  # bytes

ClockQuality = Literal["offset", "zone", "received"]


@dataclass(frozen=True, slots=True)
class ReadRow:
    """One plate seen once, as stored (row version 1). Times are whole microseconds since 1970-01-01 UTC.

    `clock` says where `at` comes from: the payload with its offset, the payload's naive time in the LPR's `zone`, or,
    for want of both, the time of receipt. An unreadable plate has its `raw` text only: `plate` and `folded` are None,
    so it is never equal to anything. `candidates` and `vehicle` are JSON texts. `salt` hides the row's values behind
    its hash in the ledger; `batch` names the batch it came in.
    """

    id: bytes
    digest: bytes
    lpr: int
    at: int
    received: int
    clock: ClockQuality
    zone: str
    raw: str
    plate: str | None
    folded: str | None
    state: str | None
    state_confidence: float | None
    confidence: float | None
    candidates: str
    vehicle: str
    direction: str
    latitude: float | None
    longitude: float | None
    event: str
    retention: str
    salt: bytes
    batch: bytes

    def __post_init__(self) -> None:
        """Hold the shapes that the store's file relies on."""
        if len(self.id) != 16 or len(self.digest) != 8 or len(self.salt) != 16 or len(self.batch) != 16:
            raise ValueError("A read's id, salt and batch have 16 bytes each, its digest 8.")
        if self.at < 0:
            raise ValueError("A read cannot have been captured before 1970.")
        if (self.plate is None) != (self.folded is None):
            raise ValueError("A read has both its plate and the folded plate, or neither.")


@dataclass(frozen=True, slots=True)
class Incoming:
    """A read on its way into the store, with its image where there is one (JPEG or PNG; ValueError otherwise)."""

    row: ReadRow
    image: bytes | None = None

    def __post_init__(self) -> None:
        """Refuse what is not an image that a browser may be shown."""
        if self.image is not None and media_type_of(self.image) is None:
            raise ValueError("A plate image must be JPEG or PNG.")


@dataclass(frozen=True, slots=True)
class StoredRead:
    """A read as the store gives it back; `day` (UTC day of capture) and `rowid` together name it."""

    row: ReadRow
    day: date
    rowid: int
    revision: int  # 1 for the first row of this identity
    corrected: bool  # a later revision is stored; that one counts
    image: ImageRef | None


def keyed_read_id(key: bytes, *, lpr: int, event: str | None, at: int, raw: str) -> bytes:
    """Return a read's 16-byte identity: by LPR and the vendor's event id, or else by LPR, time and raw plate.

    Keyed, since after disposal nobody may find out by trying plates whether one had been read.
    """
    if len(key) < LEAST_KEY:
        raise ValueError(f"The key of read identities needs {LEAST_KEY} bytes or more.")
    named = [b"event", event.encode()] if event else [b"seen", str(at).encode(), raw.encode()]
    keyed = hashlib.blake2b(key=key[:64], digest_size=16, person=b"platekeeper.read")
    for part in (str(lpr).encode(), *named):
        keyed.update(len(part).to_bytes(8, "big") + part)
    return keyed.digest()


def content_digest(
    *,
    at: int | None,
    raw: str,
    plate: str | None,
    state: str | None,
    state_confidence: float | None,
    confidence: float | None,
    candidates: str,
    vehicle: str,
    direction: str,
    latitude: float | None,
    longitude: float | None,
    image: bytes | None,
) -> bytes:
    """Return the 8-byte digest of what a payload said, the image included; it tells a repeat from a correction.

    Pass `at=None` where the payload had no time (clock "received"): a repeat of it arrives at another time.
    """
    seen = None if image is None else hashlib.sha256(image).hexdigest()
    said = [
        at,
        raw,
        plate,
        state,
        state_confidence,
        confidence,
        candidates,
        vehicle,
        direction,
        latitude,
        longitude,
        seen,
    ]
    return hashlib.blake2b(json.dumps(said).encode(), digest_size=8, person=b"platekeeper.said").digest()
