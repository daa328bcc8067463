"""A folder of pictures, or one picture."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from PIL import ExifTags, Image, UnidentifiedImageError

from platekeeper.field.frames import Frame, decoded

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp"})


def pictures_in(path: Path) -> list[Path]:
    """Return the pictures in a folder and those below it, by name; a picture itself is a folder of one."""
    if path.is_file():
        return [path]
    return sorted(each for each in path.rglob("*") if each.suffix.lower() in SUFFIXES and each.is_file())


def frames(path: Path, *, zone: tzinfo = UTC) -> Iterator[Frame]:
    """Yield a frame for each picture that can be read, taken when the camera says, or else when the file was written.

    Cameras write local time without a zone; `zone` is theirs.
    """
    for each in pictures_in(path):
        data = each.read_bytes()
        if (picture := decoded(data)) is not None:
            jpeg = data if each.suffix.lower() in {".jpg", ".jpeg"} else b""
            yield Frame(picture, _taken_at(each, zone), each.name, jpeg)


def _taken_at(path: Path, zone: tzinfo) -> datetime:
    try:
        with Image.open(path) as image:
            said = image.getexif().get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.DateTimeOriginal, "")
        return datetime.strptime(str(said), "%Y:%m:%d %H:%M:%S").replace(tzinfo=zone)
    except (ValueError, OSError, UnidentifiedImageError):
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
