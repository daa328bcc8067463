"""From what a payload said to the row that is stored: times in UTC, plate and state normalised, identity and digest."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from platekeeper.core.formats.reads import ParsedRead
from platekeeper.core.plates import fold, plate_text
from platekeeper.server.equipment.models import LPR
from platekeeper.server.storage.rows import ClockQuality, Incoming, ReadRow, content_digest, image_hash, keyed_read_id

RETENTION_CLASS = "standard"
_SALT = 16  # bytes
_OFFSET: Final[ClockQuality] = "offset"
_ZONE: Final[ClockQuality] = "zone"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def rows_of(
    reads: Sequence[tuple[ParsedRead, bytes | None]], *, lpr: LPR, received_at: datetime, id_key: bytes
) -> list[Incoming]:
    """Return what one LPR sent at once as rows, without a batch yet. Done by each request before it stands in line."""
    salts, received = os.urandom(_SALT * len(reads)), microseconds(received_at)
    return [
        _row(read, image, lpr=lpr, received=received, id_key=id_key, salt=salts[start : start + _SALT])
        for start, (read, image) in zip(range(0, len(salts), _SALT), reads, strict=True)
    ]


def microseconds(moment: datetime) -> int:
    """Return an aware time as microseconds since 1970 UTC, exactly."""
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def moment_of(row: ReadRow) -> datetime:
    """Return when a read was captured."""
    return datetime.fromtimestamp(row.at // 1_000_000, tz=UTC).replace(microsecond=row.at % 1_000_000)


def _row(read: ParsedRead, image: bytes | None, *, lpr: LPR, received: int, id_key: bytes, salt: bytes) -> Incoming:
    moment, clock, zone = read.captured_at, _OFFSET, ""
    if moment.tzinfo is None:
        moment, clock, zone = moment.replace(tzinfo=ZoneInfo(lpr.zone)), _ZONE, lpr.zone
    at, raw = microseconds(moment), read.raw_plate
    plate, sha256 = plate_text(raw), image_hash(image)
    candidates = json.dumps(read.candidates) if read.candidates else "[]"
    vehicle = json.dumps(dict(read.vehicle), sort_keys=True) if read.vehicle else "{}"
    latitude = lpr.latitude if read.latitude is None else read.latitude
    longitude = lpr.longitude if read.longitude is None else read.longitude
    digest = content_digest(
        at=at,
        raw=raw,
        plate=plate,
        state=read.state,
        state_confidence=read.state_confidence,
        confidence=read.confidence,
        candidates=candidates,
        vehicle=vehicle,
        direction=read.direction,
        latitude=latitude,
        longitude=longitude,
        image_sha256=sha256,
    )
    identity = keyed_read_id(id_key, lpr=lpr.pk, event=read.event_id, at=at, raw=raw)
    folded = None if plate is None else fold(plate)
    # By place, in the order of the row's fields: by name it would take twice as long.
    row = ReadRow(
        identity, digest, lpr.pk, at, received, clock, zone, raw, plate, folded, read.state, read.state_confidence,
        read.confidence, candidates, vehicle, read.direction, latitude, longitude, read.event_id or "",
        RETENTION_CLASS, salt,
    )  # fmt: skip
    return Incoming(row, image, sha256)
