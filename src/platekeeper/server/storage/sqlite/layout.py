"""One UTC day of reads: a folder with SQLite files and image packs.

    <YYYY-MM-DD>/reads.sqlite3            the day's one file, once the day is over: written by sealing alone
    <YYYY-MM-DD>/<HH>-<generation>.sqlite3   an hour of the day, written by the one writer until it is claimed
    <YYYY-MM-DD>/<HH>-<generation>.sealing   the claim: that hour file is never written again
    <YYYY-MM-DD>/plates.dictionary        the distinct plates of the day's one file, made from it, to search by
    <YYYY-MM-DD>/images/<HH>-<lpr>.pack   images end to end
    <YYYY-MM-DD>/<HHMM>-<minutes>/        reads that are kept for less than a day, and their images: one step of them
    hours.opened                          a byte for each time that one of these files was opened for writing

Where the policy ends reads within a day, they lie in steps: so many minutes from HH:MM on, in a folder that is like a
small day's, with files named `<HHMM>-<generation>`. A step goes whole, is never sealed and is in no backup.

A day is made aside and renamed into place, and goes the same way, so nobody meets half a day. The generation of an hour
file is a number that never comes back: such a file is not renamed, reused or made again under its name.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from platekeeper.server.storage.days import images_folder
from platekeeper.server.storage.files import sync_folder
from platekeeper.server.storage.steps import Step, names_in, step_folder, steps_in

DAYS_LOCK = (
    "days.lock"  # held while a transaction runs, while an hour is claimed, and while a day is made or taken away
)
DISPOSAL_LOCK = "disposal.lock"  # held while days, or hours that are sealed, are taken away
_SEALED = "reads.sqlite3"
_OPENED = "hours.opened"
_DAY_NAME = re.compile(r"\d{4}-\d{2}-\d{2}")
_HOUR_NAME = re.compile(r"(\d{2})-([0-9a-f]{16})\.(sqlite3|sealing)")
_STEP_FILE = re.compile(r"\d{4}-([0-9a-f]{16})\.sqlite3")


@dataclass(frozen=True, slots=True, order=True)
class HourFile:
    """An hour's file within a day's folder, by its hour (0 to 23, UTC) and generation.

    That of a step begins at a minute of the hour and `lasts` so many; 0 is an hour that is sealed with its day.
    """

    hour: int
    generation: int
    minute: int = 0
    lasts: int = 0

    @property
    def name(self) -> str:
        """Return what identifies the file within its day, and begins its names."""
        return f"{self.hour:02}{f'{self.minute:02}' if self.lasts else ''}-{self.generation:016x}"

    @property
    def minutes(self) -> range:
        """The minutes of its day that it holds reads of."""
        begins = self.hour * 60 + self.minute
        return range(begins, begins + (self.lasts or 60))

    def shares_with(self, other: HourFile) -> bool:
        """Say whether both hold reads of some minute."""
        return self.minutes[0] <= other.minutes[-1] and other.minutes[0] <= self.minutes[-1]

    def place(self, folder: Path) -> Path:
        """Return the folder that it lies in, and its images beside it: the day's, or its step's within that."""
        if not self.lasts:
            return folder
        return step_folder(folder, hour=self.hour, minute=self.minute, lasts=self.lasts)

    def file(self, folder: Path) -> Path:
        """Return the SQLite file."""
        return self.place(folder) / f"{self.name}.sqlite3"

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
    """Return the hour files of a day that are sealed with it, by hour and age. Raises `DayMissing`."""
    return _named(folder, "sqlite3")


def files_of_step(step: Step) -> Iterator[HourFile]:
    """Give the files of a step; none if it is gone."""
    with suppress(FileNotFoundError, NotADirectoryError):
        for entry in os.scandir(step.folder):
            if found := _STEP_FILE.fullmatch(entry.name):
                yield HourFile(step.hour, int(found[1], 16), step.minute, step.lasts)


def files_in(folder: Path) -> list[HourFile]:
    """Return every file of a day but the sealed one, those of its steps included. Raises `DayMissing`."""
    return sorted([*hour_files(folder), *(file for each in steps_in(folder) for file in files_of_step(each))])


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
    names = [_HOUR_NAME.fullmatch(name) for name in names_in(folder)]
    return sorted(HourFile(int(name[1]), int(name[2], 16)) for name in names if name and name[3] == suffix)
