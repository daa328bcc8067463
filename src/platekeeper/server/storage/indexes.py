"""Hot lists ready for matching: a folder of columns and rows each, made aside, renamed into place and never changed.

Processes map the columns into memory and so share them. A folder may be removed while it is mapped; it can be made again
from the file as delivered.
"""

from __future__ import annotations

import mmap
import os
import shutil
import time
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import numpy.typing as npt

from platekeeper.server.storage.files import sync_folder

Columns = Mapping[str, npt.NDArray[Any]]
_ROWS = "rows"
_MAKING = ".making-"
_HOUR = 3600.0


class IndexMissing(Exception):
    """There is no such index, or not all of it."""


def keep(folder: Path, name: str, *, columns: Columns, rows: bytes) -> None:
    """Put an index on disk whole; one that is there already stays."""
    if (folder / name).is_dir():
        return
    making = folder / f"{_MAKING}{uuid4().hex}"
    making.mkdir(parents=True, mode=0o700)
    for column, values in columns.items():
        with (making / f"{column}.npy").open("wb") as file:
            np.save(file, values)
            file.flush()
            os.fsync(file.fileno())
    with (making / _ROWS).open("wb") as file:
        file.write(rows)
        file.flush()
        os.fsync(file.fileno())
    sync_folder(making)
    try:
        making.rename(folder / name)
    except OSError:
        shutil.rmtree(making)  # somebody made the same one meanwhile
        return
    sync_folder(folder)


def mapped(folder: Path, name: str) -> dict[str, npt.NDArray[Any]]:
    """Return the columns of an index, mapped into memory. Raises `IndexMissing`."""
    try:
        found = {path.stem: np.load(path, mmap_mode="r") for path in (folder / name).glob("*.npy")}
    except (OSError, ValueError, EOFError) as error:
        raise IndexMissing(name) from error
    if not found or not (folder / name / _ROWS).exists():
        raise IndexMissing(name)
    return found


def mapped_rows(folder: Path, name: str) -> mmap.mmap:
    """Return the rows of an index, mapped into memory: they can be read on when the index is forgotten meanwhile.

    Raises `IndexMissing`.
    """
    try:
        with (folder / name / _ROWS).open("rb") as file:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as error:
        raise IndexMissing(name) from error


def forget_others(folder: Path, kept: Collection[str]) -> None:
    """Remove every index that is not `kept`, and what crashes left half made; what is being made now stays."""
    if folder.is_dir():
        for entry in list(folder.iterdir()):
            half_made = entry.name.startswith(_MAKING) and time.time() - entry.stat().st_mtime < _HOUR
            if entry.name not in kept and not half_made:
                shutil.rmtree(entry, ignore_errors=True)
