"""What is stored of a read, and the two hashes that make repeating it harmless.

The identity says which read it is; the digest says what was said about it. Same identity and digest: a repeat, not
stored again. Same identity, other digest: a correction, kept as the next revision.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from json.encoder import encode_basestring_ascii
from typing import Literal, NamedTuple

from platekeeper.server.storage.images import ImageRef, media_type_of

LEAST_KEY = 16  # bytes

_SAID = hashlib.blake2b(digest_size=8, person=b"platekeeper.said")  # to be copied: that is quicker

ClockQuality = Literal["offset", "zone", "received"]


class ReadRow(NamedTuple):
    """One plate seen once, as stored (row version 1). Times are whole microseconds since 1970-01-01 UTC.

    `stage` is `core.formats.reads.FINAL` or, for what the sender said before, less: the highest stage counts, of one
    stage the latest. `clock` says where `at` comes from: the payload with its offset, the payload's naive time in the
    LPR's `zone`, or, for want of both, the time of receipt. An unreadable plate has its `raw` text only: `plate` and
    `folded` are None, so it is never equal to anything. `candidates` and `vehicle` are JSON texts. `salt` hides the
    row's values behind its hash in the ledger; `batch` names the batch it was stored in, and is empty until it is. A
    plain tuple, since it goes into the file as it is, a hundred thousand times a minute; the file's own checks hold the
    shapes.
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
    stage: int
    salt: bytes
    batch: bytes = b""


class Incoming(NamedTuple):
    """A read on its way into the store, with its image where there is one and that image's `image_hash`."""

    row: ReadRow
    image: bytes | None = None
    image_sha256: str | None = None


@dataclass(frozen=True, slots=True)
class StoredRead:
    """A read as the store gives it back; `day` (UTC day of capture) and `rowid` together name it."""

    row: ReadRow
    day: date
    rowid: int
    revision: int  # 1 for the first row of this identity
    corrected: bool  # a later revision is stored; that one counts
    image: ImageRef | None


def image_hash(image: bytes | None) -> str | None:
    """Return an image's SHA-256 (hex); ValueError for what is neither JPEG nor PNG, so not to be shown in a browser."""
    if image is None:
        return None
    if media_type_of(image) is None:
        raise ValueError("A plate image must be JPEG or PNG.")
    return hashlib.sha256(image).hexdigest()


def keyed_read_id(key: bytes, lpr: int, event: str | None, at: int, raw: str) -> bytes:
    """Return a read's 16-byte identity: by LPR and the vendor's event id, or else by LPR, time and raw plate.

    Keyed, since after disposal nobody may find out by trying plates whether one had been read.
    """
    if event:
        keyed = _identity_of(key, lpr, b"event").copy()
        keyed.update(_framed(event.encode()))
    else:
        keyed = _identity_of(key, lpr, b"seen").copy()
        keyed.update(_framed(b"%d" % at) + _framed(raw.encode()))
    return keyed.digest()


@lru_cache(maxsize=4096)
def _identity_of(key: bytes, lpr: int, kind: bytes) -> hashlib.blake2b:
    """Return the hash as far as it is the same for every read of an LPR; to be copied."""
    if len(key) < LEAST_KEY:
        raise ValueError(f"The key of read identities needs {LEAST_KEY} bytes or more.")
    begun = hashlib.blake2b(key=key[:64], digest_size=16, person=b"platekeeper.read")
    begun.update(_framed(b"%d" % lpr) + _framed(kind))
    return begun


def _framed(part: bytes) -> bytes:
    return len(part).to_bytes(8, "big") + part


def content_said(  # noqa: PLR0917 - in the order in which they are hashed
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
    image_sha256: str | None,
) -> str:
    """Return what a payload said, the image included, as a JSON list; written out, as `json.dumps` takes five times as long.

    Pass `at=None` where the payload had no time (clock "received"): a repeat of it arrives at another time.
    """
    null, text = "null", encode_basestring_ascii
    return (
        f"[{null if at is None else at}, {text(raw)}, {null if plate is None else text(plate)}, "
        f"{null if state is None else text(state)}, {null if state_confidence is None else repr(state_confidence)}, "
        f"{null if confidence is None else repr(confidence)}, {text(candidates)}, {text(vehicle)}, {text(direction)}, "
        f"{null if latitude is None else repr(latitude)}, {null if longitude is None else repr(longitude)}, "
        f"{null if image_sha256 is None else text(image_sha256)}]"
    )


def content_digest(said: str) -> bytes:
    """Return the 8-byte digest of `content_said`; it tells a repeat from a correction, and a proof stands on it."""
    hashed = _SAID.copy()
    hashed.update(said.encode())
    return hashed.digest()


def said_by(row: ReadRow, image_sha256: str | None) -> str:
    """Return what was said of a row that is stored; its digest is the row's own, or the image is another one."""
    return content_said(
        None if row.clock == "received" else row.at, row.raw, row.plate, row.state, row.state_confidence, row.confidence,
        row.candidates, row.vehicle, row.direction, row.latitude, row.longitude, image_sha256,
    )  # fmt: skip
