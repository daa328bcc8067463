"""Files of stored reads, and the folder of their pictures, as an import reads them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from platekeeper.core.formats.cameras.payload import LARGEST_IMAGE

PIECE = 1024 * 1024
ENDINGS = ("", ".jpg", ".jpeg", ".png", ".JPG", ".JPEG", ".PNG")


def pieces_of(path: Path) -> Iterator[bytes]:
    """Yield a file in pieces. Raises OSError."""
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


@dataclass(slots=True)
class ImageFolder:
    """Gives the picture of a read by the read's id: a file in the folder, named by the path or the id of the image."""

    folder: Path
    chosen: Mapping[str, str]
    missing: int = 0

    def __call__(self, read: str) -> bytes | None:
        """Return the picture; what is named but not in the folder is counted as missing."""
        if read not in self.chosen:
            return None
        named = self.chosen[read].replace("\\", "/").lstrip("/")
        try:
            top = self.folder.resolve()
            places = [(top / f"{named}{ending}").resolve() for ending in ENDINGS]
            # A table could name any file of this machine; only those of the folder are pictures of its reads.
            found = next((place for place in places if place.is_relative_to(top) and place.is_file()), None)
            if found is not None:
                with found.open("rb") as file:
                    return file.read(LARGEST_IMAGE + 1)
        except (OSError, ValueError):
            pass
        self.missing += 1
        return None
