"""What time it is on a unit that may be wrong about it: its own clock, and how long it has been running."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    """The times of one run of the machine; everything in whole microseconds."""

    @property
    def boot(self) -> str:
        """What names this run of the machine; another one after a power cut."""

    def wall(self) -> int:
        """Return the time since 1970 UTC, as far as the machine knows it."""

    def since(self) -> int:
        """Return the time since the machine started, suspended or not: nobody sets it."""


@dataclass(frozen=True, slots=True)
class MachineClock:
    """This machine's own."""

    boot: str

    def wall(self) -> int:
        """Return the time since 1970 UTC."""
        return time.time_ns() // 1000

    def since(self) -> int:
        """Return the time since the start."""
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000


def machine_clock() -> MachineClock:
    """Return the clock of this run of the machine (Linux)."""
    return MachineClock(Path("/proc/sys/kernel/random/boot_id").read_text().strip())
