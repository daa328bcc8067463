"""Files that are on disk when we say so."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from pathlib import Path


def file_trouble(error: OSError) -> str:
    """Return in words what is wrong with the file that an error names, and what to do."""
    return (
        f"{error.filename}: {error.strerror}. Name another place, or let the user who runs this read and write there."
    )


def is_folder(place: Path) -> bool:
    """Say whether a folder can be seen there: of a lost mount, or one that is not ours, the system tells an error."""
    try:
        return place.is_dir()
    except OSError:
        return False


def sync_folder(folder: Path) -> None:
    """Flush a folder's own entries (new names, renames) to disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folders(folder: Path) -> None:
    """Make a folder and those above it, unless they are there, on disk on return."""
    if not folder.is_dir():
        make_folders(folder.parent)
        folder.mkdir(exist_ok=True, mode=0o750)
        sync_folder(folder.parent)


def write_durably(path: Path, content: bytes, *, mode: int = 0o640, alone: bool = False) -> None:
    """Write `content` under `path` whole or not at all, on disk on return.

    `alone`: nobody else can be writing it now, so what a crash left of it is removed.
    """
    write_pieces_durably(path, (content,), mode=mode, alone=alone)


def write_pieces_durably(path: Path, pieces: Iterable[bytes], *, mode: int = 0o640, alone: bool = False) -> None:
    """Do as `write_durably` with what comes in pieces, so that a large file is never in memory whole."""
    partial = path.with_name(f".{path.name if alone else secrets.token_hex(8)}.partial")
    if alone:
        partial.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)
