"""Our own JSON for `POST /api/reads`: one read, a list of reads, or `{"reads": [...]}` (docs/reads.md)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import msgspec

from platekeeper.core.formats.cameras.payload import Item, base64_picture, no_more
from platekeeper.core.formats.reads import FINAL, ParsedRead, ReadFormatError, UnparsedRead
from platekeeper.core.plates import parse_state


class _Candidate(msgspec.Struct):
    plate: str
    confidence: float | None = None


class _Read(msgspec.Struct):
    plate: str
    captured_at: datetime
    event_id: str | None = None
    confidence: float | None = None
    state: str | None = None
    state_confidence: float | None = None
    candidates: list[_Candidate] = []
    direction: str | None = None
    vehicle: dict[str, str] = {}
    latitude: float | None = None
    longitude: float | None = None
    stage: Annotated[int, msgspec.Meta(ge=0, le=FINAL)] = FINAL
    image: str | None = None


_many = msgspec.json.Decoder(list[_Read])
_one = msgspec.json.Decoder(_Read)
_raw_list = msgspec.json.Decoder(list[msgspec.Raw])
_raw_object = msgspec.json.Decoder(dict[str, msgspec.Raw])
_NOT_READ = (msgspec.DecodeError, UnicodeDecodeError, ReadFormatError, RecursionError)
"""What says that JSON is none, is none of ours, or lies too deep."""


def parse(body: bytes) -> Sequence[Item]:
    """Parse a request's body. An item that makes no sense becomes an `UnparsedRead`; the others live.

    Raises `TooManyReads`.
    """
    try:
        return [_item(read) for read in no_more(_many.decode(body))]  # the usual case, in one pass
    except _NOT_READ:
        pass
    try:
        return [_parse_one(bytes(raw)) for raw in no_more(_split(body))]
    except _NOT_READ as error:
        return [UnparsedRead(reason=f"not JSON as described: {error}", payload=body)]


def _split(body: bytes) -> Sequence[msgspec.Raw | bytes]:
    if body.lstrip()[:1] == b"[":
        return _raw_list.decode(body)
    fields = _raw_object.decode(body)
    return _raw_list.decode(fields["reads"]) if "reads" in fields else [body]


def _parse_one(raw: bytes) -> Item:
    try:
        return _item(_one.decode(raw))
    except _NOT_READ as error:
        return UnparsedRead(reason=str(error), payload=raw)


def _item(read: _Read) -> Item:
    candidates = tuple([(each.plate, each.confidence) for each in read.candidates]) if read.candidates else ()
    # By place: by name it would take twice as long.
    parsed = ParsedRead(
        read.plate, read.captured_at, read.event_id or None, read.confidence, parse_state(read.state),
        read.state_confidence, candidates, read.direction or "", read.vehicle, read.latitude, read.longitude,
        read.stage,
    )  # fmt: skip
    return parsed, base64_picture(read.image) if read.image else None
