"""The images of one transaction, of whatever days: on disk before the rows are, or undone."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Self

from platekeeper.server.storage.days import images_folder
from platekeeper.server.storage.errors import is_full
from platekeeper.server.storage.files import make_folders
from platekeeper.server.storage.images import ImageRef, PackWriter
from platekeeper.server.storage.rows import Incoming


class Packs:
    """Packs in many folders: what is added is kept where the block ends well."""

    def __init__(self) -> None:
        self._open: dict[Path, PackWriter] = {}
        self._synced = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        with ExitStack() as last:
            for packs in self._open.values():
                last.callback(packs.close)
            # After a commit that failed otherwise than for want of room the rows may yet be found: keep their images.
            if error is not None and (not self._synced or is_full(error)):
                for packs in self._open.values():
                    packs.undo()

    def add(self, place: Path, arrival: Incoming) -> ImageRef | None:
        """Keep a read's image, if it has one, in the folder of its day or step; say where it lies."""
        if arrival.image is None or arrival.image_sha256 is None:
            return None
        if place not in self._open:
            folder = images_folder(place)
            make_folders(folder)
            self._open[place] = PackWriter(folder)
        row = arrival.row
        return self._open[place].add(arrival.image, sha256=arrival.image_sha256, lpr=row.lpr, at=row.at)

    def sync(self) -> None:
        """Put every image on disk, before the rows."""
        for packs in self._open.values():
            packs.sync()
        self._synced = True
