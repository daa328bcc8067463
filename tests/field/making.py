"""What the field unit's tests see and when: sightings by number, and a clock that is wrong by as much as one wants."""

from __future__ import annotations

import hashlib
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from platekeeper.core.moments import moment_of
from platekeeper.field.clock import machine_clock
from platekeeper.field.sighting import Sighting
from platekeeper.field.spool import OTHER, Spool

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00%s\xff\xd9"


@dataclass(frozen=True)
class SetClock:
    """This machine's time, set wrong by some microseconds, in a run that has a name and began at `began` of the machine's.

    `later` is how much later it is than it really is.
    """

    boot: str = "one"
    wrong_by: int = 0
    began: int = 0
    later: int = 0

    def wall(self) -> int:
        return machine_clock().wall() + self.wrong_by + self.later

    def since(self) -> int:
        return machine_clock().since() - self.began + self.later


def sighting(
    number: int, *, at: datetime, plate: str = "", candidates: tuple[str, ...] = (), state: str = ""
) -> Sighting:
    """Return the sighting of a number: the same number, plate, and pictures each time."""
    plate = plate or f"R{number:06d}"
    return Sighting(
        uid=hashlib.sha256(f"sighting {number}".encode()).hexdigest()[:32], camera="front", at=at, plate=plate,
        confidence=0.93, candidates=((plate, 0.93), *((text, 0.04) for text in candidates)), state=state,
        picture=JPEG % (f"picture {number} ".encode() * 40), crop=JPEG % b"crop",
    )  # fmt: skip


def spool_in(folder: Path, clock: SetClock | None = None) -> Spool:
    return Spool(folder / "spool.sqlite3", clock=clock or SetClock())


def now_of(clock: SetClock) -> datetime:
    """Return what the clock says, as a camera would."""
    return moment_of(clock.wall())


@contextmanager
def full_disk() -> Iterator[None]:
    """Let no file of this process take another byte: writing one fails as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def keep(spool: Spool, seen: Sighting, *, rank: int = OTHER) -> int:
    """Put a read on disk as `Alarms.take` does, without a hot list; return its number."""
    since = spool.since(seen)
    with spool.changing() as rows:
        return spool.insert(rows, seen, rank=rank, since=since)
