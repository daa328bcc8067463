"""A vendor's camera that reads by itself: its messages become sightings, and are answered once those are on disk.

The formats are the server's (docs/reads.md), so a camera is set up alike whether it sends to the server or to a unit.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from http.server import HTTPServer

from platekeeper.core.formats.cameras import CAMERA_FORMATS, CameraFormat
from platekeeper.core.formats.cameras.payload import Payload
from platekeeper.core.formats.cameras.unwrap import unwrap
from platekeeper.core.formats.reads import ParsedRead, TooManyReads, UnparsedRead, too_many_values
from platekeeper.core.plates import Plate, is_junk, parse_plate
from platekeeper.field.engines import MOST_CANDIDATES
from platekeeper.field.places import Locate
from platekeeper.field.sighting import Sighting
from platekeeper.field.sources.posts import Answer, Post, taking


class NotKept(Exception):
    """A sighting could not be kept now: the camera is asked to send it again."""


@dataclass(frozen=True, slots=True)
class Listener:
    """Hears one format. `hand_on` raises `NotKept`; `complain` hears of what a message says that makes no sense; `knows` says
    whether anything was handed on of an event."""

    spoken: str
    camera: str
    locate: Locate
    hand_on: Callable[[Sighting], None]
    complain: Callable[[str], None]
    knows: Callable[[str], bool]

    def run(self, where: tuple[str, int], *, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Take messages in this thread, one after the other, and do `meanwhile` about every half second."""

        class Server(HTTPServer):
            def service_actions(self) -> None:
                meanwhile()

        with Server(where, taking(self.take)) as server:
            server.serve_forever()

    def take(self, post: Post) -> Answer:
        """Hand on what a message reads, and return what the camera wants to hear."""
        if said := too_many_values(post.body):
            return 413, _said(error=said)
        spoken, place = CAMERA_FORMATS[self.spoken], self.locate()
        read, complaints, taken = [], [], 0
        try:
            items = spoken.parse(_payload(spoken, post))
        except TooManyReads as error:
            return 413, _said(error=str(error))
        for item in items:
            if isinstance(item, UnparsedRead):
                complaints.append(item.reason)
            else:
                read.append(self._sighting(*item, place=place, sender=post.sender))
        for complaint in complaints:
            self.complain(complaint)
        try:
            for sighting in read:
                # of a known event it says that there was no plate after all
                if not _is_blank(sighting) or self.knows(sighting.event):
                    self.hand_on(sighting)
                    taken += 1
        except NotKept as full:
            return 503, _said(error=str(full))
        if complaints and not taken:
            return 422, _said(error=complaints[0])
        return 200, _said(**(spoken.answer or {"taken": taken}))

    def _sighting(
        self, read: ParsedRead, image: bytes | None, *, place: tuple[float, float] | None, sender: str
    ) -> Sighting:
        plate = parse_plate(read.raw_plate)
        at = read.captured_at if read.captured_at.tzinfo else read.captured_at.astimezone()
        latitude, longitude = (
            (read.latitude, read.longitude)
            if read.latitude is not None and read.longitude is not None
            else place or (None, None)
        )
        return Sighting(
            uid=_uid(self.camera, read, at),
            camera=self.camera,
            at=at,
            plate=plate.text if isinstance(plate, Plate) else read.raw_plate,
            confidence=read.confidence,
            candidates=tuple(read.candidates[:MOST_CANDIDATES]),
            picture=image or b"",
            crop=b"",
            state=read.state or "",
            latitude=latitude,
            longitude=longitude,
            direction=read.direction,
            vehicle=read.vehicle,
            event=f"{sender} {read.event_id}" if read.event_id else "",  # each camera counts by itself
            stage=read.stage,
        )


def _is_blank(sighting: Sighting) -> bool:
    plate = parse_plate(sighting.plate)
    is_none = not sighting.plate.strip() or (isinstance(plate, Plate) and is_junk(plate))
    return is_none and not sighting.candidates


def _payload(spoken: CameraFormat, post: Post) -> Payload:
    path = post.path.partition("?")[0].strip("/").lower()
    below = next((below for below in spoken.below if path.endswith(below.lower().strip("/"))), "")
    return Payload(parts=unwrap(post.body, post.media_type), below=below, raw=post.body)


def _uid(camera: str, read: ParsedRead, at: datetime) -> str:
    """Return a number that is the same when a camera repeats itself, and another when it corrects itself.

    Of an event whatever is said otherwise is a correction: its text may be what it was before another one.
    """
    said = str(read) if read.event_id else f"\n{at.isoformat()}\n{read.raw_plate}"
    return hashlib.sha256(f"{camera}\n{said}".encode()).hexdigest()[:32]


def _said(**words: object) -> bytes:
    return json.dumps(words).encode()
