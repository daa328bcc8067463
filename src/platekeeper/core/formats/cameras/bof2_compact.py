"""UK BOF2 compact capture: one capture a line, its fields parted by "|"; trailing fields may be missing.

Dates written with slashes are day first, unless the year comes first. A time without an offset is the LPR's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from platekeeper.core.formats.cameras.payload import Item, Payload, guarded
from platekeeper.core.formats.cameras.values import iso_time, place, share_of
from platekeeper.core.formats.reads import ParsedRead, ReadFormatError

FIELDS = (
    "signature", "username", "vrm", "feedID", "sourceID", "cameraID", "captureDate", "latitude", "longitude",
    "cameraPresetPosition", "cameraPan", "cameraTilt", "cameraZoom", "confidencePercentage", "motionTowardCamera",
)  # fmt: skip
NEEDED = FIELDS.index("captureDate") + 1
MOTION = {
    "": "", "true": "approaching", "1": "approaching", "y": "approaching", "yes": "approaching",
    "false": "receding", "0": "receding", "n": "receding", "no": "receding",
}  # fmt: skip


def parse(payload: Payload) -> list[Item]:
    """Parse one message; a line that makes no sense is unparsed by itself, the others live."""
    return guarded(lambda: _items(payload), payload.whole)


def _items(payload: Payload) -> Iterator[Item]:
    lines = [line for line in payload.told().removeprefix(b"\xef\xbb\xbf").splitlines() if line.strip()]
    if not lines:
        raise KeyError("message")
    for line in lines:
        yield from guarded(partial(_line, line), line if len(lines) > 1 else payload.whole)


def _line(line: bytes) -> Iterator[Item]:
    written = [text.strip() for text in line.decode().split("|")]
    if len(written) < NEEDED:
        raise ReadFormatError(f"{FIELDS[len(written)]}: missing")
    fields = dict(zip(FIELDS, written + [""] * len(FIELDS), strict=False))
    motion = fields["motionTowardCamera"].lower()
    if motion not in MOTION:
        raise ReadFormatError(f"motionTowardCamera: {motion!r} is neither yes nor no")
    latitude, longitude = place(fields["latitude"], fields["longitude"])
    known_by = ("feedID", "sourceID", "cameraID", "captureDate", "vrm")
    read = ParsedRead(
        raw_plate=fields["vrm"],
        captured_at=_captured_at(fields["captureDate"]),
        event_id="|".join(fields[name] for name in known_by),
        confidence=share_of(fields["confidencePercentage"].rstrip("%"), "confidencePercentage", whole=100),
        direction=MOTION[motion],
        latitude=latitude,
        longitude=longitude,
    )
    yield read, None


def _captured_at(written: str) -> datetime:
    if "/" in written[:4]:
        shape = "%d/%m/%Y %H:%M:%S.%f" if "." in written else "%d/%m/%Y %H:%M:%S"
    else:
        return iso_time(written, "captureDate")
    try:
        return datetime.strptime(written, shape)  # noqa: DTZ007 - without an offset it is the LPR's own time
    except ValueError as error:
        raise ReadFormatError(f"captureDate: {written!r} is no time") from error
