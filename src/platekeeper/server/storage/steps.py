"""Steps: reads that are kept for less than a day lie in so many minutes of it, images in a folder of each within the day's.

<YYYY-MM-DD>/images/                    images of the day, `<HH>-<lpr>.pack` each
<YYYY-MM-DD>/<HHMM>-<minutes>/images/   those of the step that begins at HH:MM
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from platekeeper.server.storage.days import (
    MICROSECONDS_A_MINUTE,
    DayMissing,
    day_folder,
    day_of,
    images_folder,
    start_of,
)
from platekeeper.server.storage.images import ImageDamaged, ImageMissing, ImageRef, image_in
from platekeeper.server.storage.rows import ReadRow

_STEP_NAME = re.compile(r"(\d{2})(\d{2})-(\d{2})")


@dataclass(frozen=True, slots=True)
class Step:
    """The folder of a step, with the minutes of its day that it holds."""

    folder: Path
    hour: int
    minute: int
    lasts: int

    @property
    def until(self) -> int:
        """The minute of the day after its last."""
        return self.hour * 60 + self.minute + self.lasts


def minutes_of(step: timedelta) -> int:
    """Return how many minutes a step lasts, 0 for a whole day."""
    return 0 if step >= timedelta(days=1) else step // timedelta(minutes=1)


def step_folder(folder: Path, *, hour: int, minute: int, lasts: int) -> Path:
    """Return the folder, within a day's, of the step of so many minutes that begins at a time of day."""
    return folder / f"{hour:02}{minute:02}-{lasts:02}"


def steps_in(folder: Path) -> list[Step]:
    """Return the steps of a day, in their order. Raises `DayMissing`."""
    found = ((name, _STEP_NAME.fullmatch(name)) for name in sorted(names_in(folder)))
    return [
        Step(folder / name, int(hour), int(minute), int(lasts))
        for name, is_step in found
        if is_step
        for hour, minute, lasts in [is_step.groups()]
    ]


def stored_image(store: Path, row: ReadRow, ref: ImageRef) -> bytes:
    """Return a read's image from its day or a step of that, checked. Raises `ImageMissing` or `ImageDamaged`."""
    damaged: ImageDamaged | None = None
    try:
        folders = _image_folders(store, row.at)
    except DayMissing as gone:
        raise ImageMissing("The image is no longer stored.") from gone
    for folder in folders:
        try:
            return image_in(folder, lpr=row.lpr, at=row.at, ref=ref)
        except ImageDamaged as error:  # or that of another read, in another of the folders
            damaged = error
        except ImageMissing:
            continue
    raise damaged or ImageMissing("The image is no longer stored.")


def names_in(folder: Path) -> list[str]:
    """Return what lies in a day's folder. Raises `DayMissing`."""
    try:
        return os.listdir(folder)  # noqa: PTH208 - looked at with every append
    except (FileNotFoundError, NotADirectoryError) as error:
        raise DayMissing(folder.name) from error


def _image_folders(store: Path, at: int) -> list[Path]:
    """Return where the images of a moment can lie."""
    day = day_of(at)
    folder, minute = day_folder(store, day), (at - start_of(day)) // MICROSECONDS_A_MINUTE
    steps = [each for each in steps_in(folder) if each.until - each.lasts <= minute < each.until]
    return [images_folder(place) for place in (*(each.folder for each in steps), folder)]
