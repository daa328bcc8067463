"""What is not as it should be on the unit, said plainly: list, place, camera, disk, clock, the way home."""

from __future__ import annotations

import shutil
import threading
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

from platekeeper.core.moments import moment_of
from platekeeper.field.clock import Clock
from platekeeper.field.disk import FULL
from platekeeper.field.hotlist import HotListKeeper
from platekeeper.field.spool import Kind, Spool
from platekeeper.field.times import LIVE, SECOND, TOLERANCE

SILENCE = 15 * SECOND
"""For so long a camera may give no frame, or GPS no place."""
QUIET_ROAD = 30 * 60 * SECOND
"""For so long a camera that reads by itself may send nothing: it sends vehicles, not frames."""
LITTLE_ROOM = 512 << 20
"""Bytes left on the disk: some thousand reads."""
DAY = 86_400 * SECOND
"""A camera whose clock is further off costs reads: what is said to be so old, or still to come, the server does not keep."""


class Part(StrEnum):
    """What a unit hears from all the time."""

    CAMERA = "camera"
    GPS = "gps"


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing to know. A grave one costs alarms or reads now."""

    said: str
    grave: bool = False


@dataclass
class Pulse:
    """When each part was heard from last, by the time since the machine's start: threads tell, the page asks."""

    clock: Clock
    disk_full: bool = False
    no_room_at_home: bool = False
    upload: str = ""
    key_refused: bool = False
    camera_may_be_silent: int = SILENCE
    camera_ahead: int = 0  # microseconds, of a camera that reads by itself, at its last read
    _heard: dict[Part, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def beat(self, part: Part) -> None:
        """Take down that a part was heard from: a frame came, a place was fixed."""
        with self._lock:
            self._heard[part] = self.clock.since()

    def is_lost(self, part: Part) -> bool:
        """Say whether nothing was heard for too long."""
        with self._lock:
            heard = self._heard.get(part)
        silence = self.camera_may_be_silent if part is Part.CAMERA else SILENCE
        return heard is None or self.clock.since() - heard > silence


def troubles(spool: Spool, lists: HotListKeeper, pulse: Pulse | None, *, folder: Path) -> list[Trouble]:
    """Return what is wrong now, the grave things first; without a pulse only what is known from disk."""
    found = [*_of_the_list(spool, lists), *_of_the_disk(pulse, folder), *_of_the_clock(spool)]
    found += [*(_of_the_parts(pulse) if pulse else ()), *(_of_the_way_home(pulse) if pulse else ())]
    found += _of_what_is_aside(spool)
    return sorted(found, key=lambda trouble: not trouble.grave)


def _of_the_list(spool: Spool, lists: HotListKeeper) -> list[Trouble]:
    current, now = lists.current, spool.now
    if current is None:
        return [Trouble(lists.trouble or "There is no hot list on this unit: it raises no alarms.", grave=True)]
    if current.expired(now=now):
        ended = f"{current.bundle.expires_at:%Y-%m-%d %H:%M} UTC"
        return [
            Trouble(f"The hot list ended at {ended}: this unit raises no alarms until it gets a new one.", grave=True)
        ]
    return [Trouble(f"Hot list not of today. {said} Do not stop a car on it alone.") for said in current.stale(now=now)]


def _of_the_parts(pulse: Pulse) -> list[Trouble]:
    said = {Part.CAMERA: "No picture from the camera: nothing is read.", Part.GPS: "No GPS: reads have no place."}
    found = [Trouble(said[part], grave=part is Part.CAMERA) for part in Part if pulse.is_lost(part)]
    off = abs(pulse.camera_ahead)
    if off <= LIVE:
        return found
    way = "ahead: its clock is wrong" if pulse.camera_ahead > 0 else "behind: its clock is wrong, or it sends late"
    return [
        *found,
        Trouble(f"The camera's times are {_length(off)} {way}. Set its clock by a time service.", off > DAY),
    ]


def _of_the_way_home(pulse: Pulse) -> list[Trouble]:
    if pulse.key_refused:
        return [Trouble("The server refuses this unit's key: nothing goes up. Ask for a new one.")]
    return [Trouble(f"No way to the server: reads wait on this unit. {pulse.upload}")] if pulse.upload else []


def _of_the_disk(pulse: Pulse | None, folder: Path) -> list[Trouble]:
    if pulse and pulse.disk_full:
        return [Trouble(f"{FULL} Until then new reads are lost.", grave=True)]
    if pulse and pulse.no_room_at_home:
        return [Trouble(FULL, grave=True)]
    if shutil.disk_usage(folder).free < LITTLE_ROOM:
        return [Trouble("The disk is nearly full. Send or export what waits.")]
    return []


def _of_what_is_aside(spool: Spool) -> list[Trouble]:
    words = {Kind.READ: ("read", "reads"), Kind.ENTRY: ("entry", "entries"), Kind.ACT: ("act", "acts")}
    return [
        Trouble(
            f"The server refuses {count} {words[kind][count != 1]} for good and said: {said} Nothing is lost: they are put "
            "aside on this unit and tried again each day. Tell IT. Once the server is set right: platekeeper-field "
            "send --again"
        )
        for kind, (count, said) in spool.aside().items()
    ]  # fmt: skip


def _of_the_clock(spool: Spool) -> list[Trouble]:
    error = spool.clock_error
    if error is None or abs(error) <= TOLERANCE:
        return []
    off = _length(abs(error))
    way = "ahead" if error > 0 else "behind"
    true = f"{moment_of(spool.now):%H:%M} UTC"
    return [Trouble(f"This unit's clock is {off} {way}. Times are set right by the server's, which says {true}.")]


def _length(microseconds: int) -> str:
    return str(timedelta(seconds=microseconds // SECOND))
