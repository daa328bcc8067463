"""From frames to sightings: the loop that runs in the car or on the pole."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from platekeeper.core.plates import Plate, is_junk, parse_plate
from platekeeper.field.engines import CUT, Engine, Reading
from platekeeper.field.following import LOOK_EVERY, Follower
from platekeeper.field.frames import Frame, encoded
from platekeeper.field.places import Locate
from platekeeper.field.sighting import Sighting


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads frames with an engine and hands each vehicle on, once."""

    engine: Engine
    camera: str
    locate: Locate
    hand_on: Callable[[Sighting], None]
    cut: float = CUT

    def run(self, frames: Iterable[Frame]) -> None:
        """Read until the frames end."""
        follower = Follower(cut=self.cut)
        looked: datetime | None = None
        for frame in frames:
            if not frame.stream:
                self._hand_on_all(frame)
            elif looked is None or not looked <= frame.at < looked + LOOK_EVERY:  # a clock may be set back
                looked = frame.at
                readings = [
                    reading
                    for reading in self.engine.read(frame.picture, alone=False)
                    if reading.confidence >= self.cut / 4
                ]
                for vehicle in follower.see(readings, frame):
                    self._hand_on(vehicle.reading(), vehicle.frame)
        for vehicle in follower.end():
            self._hand_on(vehicle.reading(), vehicle.frame)

    def _hand_on_all(self, frame: Frame) -> None:
        for reading in self.engine.read(frame.picture):
            if reading.confidence >= self.cut:
                self._hand_on(reading, frame)

    def _hand_on(self, reading: Reading, frame: Frame) -> None:
        plate = parse_plate(reading.plate)
        if not isinstance(plate, Plate) or is_junk(plate):
            return
        place = self.locate()
        self.hand_on(
            Sighting(
                uid=secrets.token_hex(16),
                camera=self.camera,
                at=frame.at,
                plate=plate.text,
                confidence=round(reading.confidence, 4),
                candidates=tuple((text, round(share, 4)) for text, share in reading.candidates),
                picture=frame.jpeg or encoded(frame.picture),
                crop=encoded(reading.box.cut(frame.picture, margin=0.25)),
                state=reading.state,
                latitude=place[0] if place else None,
                longitude=place[1] if place else None,
            )
        )
