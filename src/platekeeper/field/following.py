"""One vehicle in many frames: followed from frame to frame, and read as one.

A plate is the same if it is where it was going, or says nearly the same near there. What its frames say is added up, so that
one blurred frame does not decide, and the vehicle is handed on once: when it is read surely, or when it has gone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import exp, log

from platekeeper.core.plates import fold
from platekeeper.field.engines import MOST_CANDIDATES, Box, Reading
from platekeeper.field.frames import Frame

LOOK_EVERY = timedelta(milliseconds=150)
"""Between looks at a stream: a car at 30 mph moves two meters, and is looked at some six times as it passes."""
_GONE = timedelta(milliseconds=700)
_REMEMBERED = timedelta(seconds=20)
"""A plate that was handed on is the same vehicle for so long, if it is lost and found."""
_SURE = 0.98
_UNSAID = 0.02
"""How probable a frame holds a text that it does not name."""
_SIDE = 6
"""Pixels."""
_LOOKS_FOR_SURE = 2


@dataclass(slots=True)
class Vehicle:
    """What is followed."""

    best: Reading
    frame: Frame
    box: Box
    at: datetime
    looks: int = 0
    speed: tuple[float, float] = (0.0, 0.0)
    handed_on: bool = False
    _said: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    _else: float = 0.0
    _written: dict[str, str] = field(default_factory=dict)

    def see(self, reading: Reading, frame: Frame) -> None:
        """Add what one frame shows."""
        seconds = (frame.at - self.at).total_seconds()
        if self.looks and seconds > 0:
            (x, y), (was_x, was_y) = _middle(reading.box), _middle(self.box)
            self.speed = (x - was_x) / seconds, (y - was_y) / seconds
        self.box, self.at, self.looks = reading.box, frame.at, self.looks + 1
        if reading.confidence >= self.best.confidence:
            self.best, self.frame = reading, frame
        for text, share in reading.candidates:
            self._said[fold(text)] += _weight(share)
            self._written.setdefault(fold(text), text)
        self._else += _weight(1 - sum(share for _, share in reading.candidates))

    def where(self, at: datetime) -> tuple[float, float]:
        """Return where its middle should be at a moment."""
        x, y = _middle(self.box)
        seconds = (at - self.at).total_seconds()
        return x + self.speed[0] * seconds, y + self.speed[1] * seconds

    def reading(self) -> Reading:
        """Return what all frames say: as so many independent ones as the root of their number, since they err together."""
        independent = self.looks**0.5
        odds = {text: exp(weight / independent) for text, weight in self._said.items()}
        whole = sum(odds.values()) + exp(self._else / independent)
        ranked = sorted(odds, key=lambda text: -odds[text])[:MOST_CANDIDATES]
        candidates = tuple((self._written[text], odds[text] / whole) for text in ranked)
        return Reading(self.best.box, *candidates[0], candidates, self.best.state)


class Follower:
    """Follows vehicles through the frames of one camera, which come in the order of time."""

    def __init__(self, *, cut: float) -> None:
        self._cut = cut
        self._vehicles: list[Vehicle] = []
        self._passed: dict[str, datetime] = {}

    def see(self, readings: list[Reading], frame: Frame) -> Iterator[Vehicle]:
        """Take what a frame shows; yield vehicles that are read, each once."""
        left = [vehicle for vehicle in self._vehicles if frame.at - vehicle.at > _GONE]
        self._vehicles = [vehicle for vehicle in self._vehicles if frame.at - vehicle.at <= _GONE]
        for vehicle in left:
            yield from self._hand_on(vehicle)
        unmatched = list(self._vehicles)
        for reading in (reading for reading in readings if not _cut_off(reading.box, frame)):
            if known := _nearest(unmatched, reading, frame.at):
                unmatched.remove(known)
            else:
                self._vehicles.append(known := Vehicle(reading, frame, reading.box, frame.at))
            known.see(reading, frame)
            if known.looks >= _LOOKS_FOR_SURE and known.reading().confidence >= _SURE:
                yield from self._hand_on(known)

    def end(self) -> Iterator[Vehicle]:
        """Yield who is still in the picture when the frames end."""
        for vehicle in self._vehicles:
            yield from self._hand_on(vehicle)
        self._vehicles = []

    def _hand_on(self, vehicle: Vehicle) -> Iterator[Vehicle]:
        reading = vehicle.reading()
        if vehicle.handed_on or reading.confidence < self._cut:
            return
        vehicle.handed_on = True
        self._passed = {text: at for text, at in self._passed.items() if vehicle.at - at <= _REMEMBERED}
        known = fold(reading.plate) in self._passed
        self._passed[fold(reading.plate)] = vehicle.at
        if not known:
            yield vehicle


def _weight(share: float) -> float:
    """Return what one frame says for a text, as a logarithm above what a frame says that does not name it."""
    return log(max(share, _UNSAID) / _UNSAID)


def _nearest(vehicles: list[Vehicle], reading: Reading, at: datetime) -> Vehicle | None:
    """Return the vehicle that a reading is of: the nearest whose plate is near enough, or near and says nearly the same."""
    x, y = _middle(reading.box)

    def away(vehicle: Vehicle) -> float:
        expected_x, expected_y = vehicle.where(at)
        return float(max(abs(x - expected_x), 2 * abs(y - expected_y)) / max(reading.box.width, 1))

    near = [vehicle for vehicle in vehicles if away(vehicle) < (4.0 if _alike(vehicle.best, reading) else 0.7)]
    return min(near, key=lambda vehicle: (not _alike(vehicle.best, reading), away(vehicle)), default=None)


def _alike(one: Reading, other: Reading) -> bool:
    """Say whether two readings may be one plate: they have a likely text in common, or one is a part of the other."""
    mine, theirs = ({fold(text) for text, _ in each.candidates[:4]} for each in (one, other))
    part, whole = sorted((fold(one.plate), fold(other.plate)), key=len)
    return bool(mine & theirs) or (len(part) >= 3 and part in whole)


def _cut_off(box: Box, frame: Frame) -> bool:
    """Say whether the picture's side may cut the plate: the next frames show more of it, or the last ones did."""
    return box.left <= _SIDE or box.right >= frame.picture.shape[1] - _SIDE


def _middle(box: Box) -> tuple[float, float]:
    return (box.left + box.right) / 2, (box.top + box.bottom) / 2
