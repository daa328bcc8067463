"""One UTC day of reads: a folder with SQLite files and image packs.

    <YYYY-MM-DD>/reads.sqlite3            the day's one file, once the day is over: written by sealing alone
    <YYYY-MM-DD>/<HH>-<generation>.sqlite3   an hour of the day, written by the one writer until it is claimed
    <YYYY-MM-DD>/<HH>-<generation>.sealing   the claim: that hour file is never written again
    <YYYY-MM-DD>/plates.dictionary        the distinct plates of the day's one file, made from it, to search by
    <YYYY-MM-DD>/images/<HH>-<lpr>.pack   images end to end
    hours.opened                          a byte for each time that an hour file was opened for writing

A day is made aside and renamed into place, and goes the same way, so nobody meets half a day. The generation of an hour
file is a number that never comes back: such a file is not renamed, reused or made again under its name.
"""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from platekeeper.server.storage.days import DayMissing, images_folder
from platekeeper.server.storage.files import sync_folder

DAYS_LOCK = (
    "days.lock"  # held while a transaction runs, while an hour is claimed, and while a day is made or taken away
)
DISPOSAL_LOCK = "disposal.lock"  # held while days, or hours that are sealed, are taken away
_SEALED = "reads.sqlite3"
_OPENED = "hours.opened"
_DAY_NAME = re.compile(r"\d{4}-\d{2}-\d{2}")
_HOUR_NAME = re.compile(r"(\d{2})-([0-9a-f]{16})\.(sqlite3|sealing)")


@dataclass(frozen=True, slots=True, order=True)
class HourFile:
    """An hour's file within a day's folder, by its hour (0 to 23, UTC) and generation."""

    hour: int
    generation: int

    @property
    def name(self) -> str:
        """Return what identifies the file within its day, and begins its names."""
        return f"{self.hour:02}-{self.generation:016x}"

    def file(self, folder: Path) -> Path:
        """Return the SQLite file."""
        return folder / f"{self.name}.sqlite3"

    def claim(self, folder: Path) -> Path:
        """Return the mark of sealing: where it stands, nobody writes the file any more."""
        return folder / f"{self.name}.sealing"


def days_in(store: Path) -> list[date]:
    """Return the days that are stored, oldest first."""
    if not store.is_dir():
        return []
    return [date.fromisoformat(name) for name in sorted(filter(_DAY_NAME.fullmatch, os.listdir(store)))]  # noqa: PTH208


def reads_file(folder: Path) -> Path:
    """Return the sealed file within a day's folder."""
    return folder / _SEALED


def sealed_path(store: Path, day: date) -> str:
    """Return the place of a day's sealed file as text: a path takes ten times as long to make, and a search makes many."""
    return f"{store}{os.sep}{day.isoformat()}{os.sep}{_SEALED}"


def note_opened(store: Path) -> None:
    """Let readers know that an hour file was opened for writing: to be called before any read goes into it."""
    handle = os.open(store / _OPENED, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o640)
    try:
        os.write(handle, b".")
    finally:
        os.close(handle)


def times_opened(store: str) -> int:
    """Return how often an hour file of the store was opened for writing; while that stays, no sealed day gains a read.

    It is of use within a process's life alone: nothing syncs it.
    """
    try:
        return os.stat(f"{store}{os.sep}{_OPENED}").st_size  # noqa: PTH116 - asked at each search
    except FileNotFoundError:
        return 0


def hour_files(folder: Path) -> list[HourFile]:
    """Return the hour files of a day, by hour and age. Raises `DayMissing`."""
    return _named(folder, "sqlite3")


def claims(folder: Path) -> list[HourFile]:
    """Return the hour files that are claimed for sealing, those included that are gone already. Raises `DayMissing`."""
    return _named(folder, "sealing")


def ensure_day(folder: Path) -> None:
    """Make a day's folder unless it is there, whole and on disk on return. Only the holder of `DAYS_LOCK` may."""
    if folder.exists():
        return
    fresh = folder.with_name(f".new-{folder.name}")
    if fresh.exists():  # a crash while this day was being made
        shutil.rmtree(fresh)
    images_folder(fresh).mkdir(parents=True, mode=0o750)
    sync_folder(fresh)
    fresh.rename(folder)
    sync_folder(folder.parent)


def _named(folder: Path, suffix: str) -> list[HourFile]:
    try:
        names = [_HOUR_NAME.fullmatch(entry.name) for entry in os.scandir(folder)]
    except (FileNotFoundError, NotADirectoryError) as error:
        raise DayMissing(folder.name) from error
    return sorted(HourFile(int(name[1]), int(name[2], 16)) for name in names if name and name[3] == suffix)
