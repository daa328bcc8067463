"""How much room the department's data takes, and has."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from datetime import date
from pathlib import Path

from platekeeper.server.storage.days import day_folder


def room(folder: Path) -> tuple[int, int]:
    """Return the free and all bytes of the disk that holds a folder. Raises OSError."""
    usage = shutil.disk_usage(folder)
    return usage.free, usage.total


def bytes_a_day(store: Path, days: Iterable[date]) -> int:
    """Return how much room a day of reads and images takes, out of the days given; 0 without any."""
    sizes = [size for day in days if (size := _bytes_in(day_folder(store, day)))]
    return sum(sizes) // len(sizes) if sizes else 0


def log_size(database: Path) -> int:
    """Return the size of a SQLite file's write-ahead log, 0 where there is none."""
    try:
        return database.with_name(f"{database.name}-wal").stat().st_size
    except FileNotFoundError:
        return 0


def _bytes_in(folder: Path) -> int:
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):  # sealed or disposed of while we look
                total += 512 * (Path(place) / name).lstat().st_blocks
    return total
