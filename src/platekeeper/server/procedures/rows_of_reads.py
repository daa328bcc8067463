"""From what a payload said to the row that is stored: times in UTC, plate and state normalized, identity and digest."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from platekeeper.core import moments
from platekeeper.core.formats.reads import ParsedRead
from platekeeper.core.plates import fold, plate_text
from platekeeper.server.equipment.models import LPR
from platekeeper.server.storage.rows import (
    ClockQuality,
    Incoming,
    ReadRow,
    content_digest,
    content_said,
    image_hash,
    keyed_read_id,
)

RETENTION_CLASS = "standard"
_SALT = 16  # bytes
_OFFSET: Final[ClockQuality] = "offset"
_ZONE: Final[ClockQuality] = "zone"


def rows_of(
    reads: Sequence[tuple[ParsedRead, bytes | None]], *, lpr: LPR, received_at: datetime, id_key: bytes
) -> list[Incoming]:
    """Return what one LPR sent at once as rows, without a batch yet. Done by each request before it stands in line."""
    salts = os.urandom(_SALT * len(reads))
    maker = _RowMaker(lpr=lpr, received=moments.microseconds(received_at), id_key=id_key)
    return [
        maker.row(read, image, salts[start : start + _SALT])
        for start, (read, image) in zip(range(0, len(salts), _SALT), reads, strict=True)
    ]


def moment_of(row: ReadRow) -> datetime:
    """Return when a read was captured."""
    return moments.moment_of(row.at)


class _RowMaker:
    """Makes the rows of one request; what they have in common is looked up once."""

    def __init__(self, *, lpr: LPR, received: int, id_key: bytes) -> None:
        self._number, self._zone = int(lpr.pk), lpr.zone
        self._latitude, self._longitude = lpr.latitude, lpr.longitude
        self._received, self._key = received, id_key

    def row(self, read: ParsedRead, image: bytes | None, salt: bytes) -> Incoming:
        """Return one read as a row with its image."""
        moment, clock, zone = read.captured_at, _OFFSET, ""
        if moment.tzinfo is None:
            # Of an hour that comes twice the first, whenever it is received: a repeat must say the same (docs/reads.md).
            moment, clock, zone = moment.replace(tzinfo=ZoneInfo(self._zone)), _ZONE, self._zone
        at, raw, event = moments.microseconds(moment), read.raw_plate, read.event_id or ""
        plate, sha256 = plate_text(raw), image_hash(image)
        candidates = json.dumps(read.candidates) if read.candidates else "[]"
        vehicle = json.dumps(dict(read.vehicle), sort_keys=True) if read.vehicle else "{}"
        # By place, in the order of the row's fields: by name it would take twice as long.
        said = (
            read.state, read.state_confidence, read.confidence, candidates, vehicle, read.direction,
            self._latitude if read.latitude is None else read.latitude,
            self._longitude if read.longitude is None else read.longitude,
        )  # fmt: skip
        row = ReadRow(
            keyed_read_id(self._key, self._number, event, at, raw),
            content_digest(content_said(at, raw, plate, *said, sha256)),
            self._number, at, self._received, clock, zone, raw, plate, None if plate is None else fold(plate),
            *said, event, RETENTION_CLASS, read.stage, salt,
        )  # fmt: skip
        return Incoming(row, image, sha256)
