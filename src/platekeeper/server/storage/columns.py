"""The columns of a read, on every engine: its number, the row, and where its image lies."""

from __future__ import annotations

from platekeeper.server.storage.images import ImageRef
from platekeeper.server.storage.rows import ReadRow

ROW_COLUMNS = ReadRow._fields
IMAGE_COLUMNS = ("image_offset", "image_length", "image_sha256", "image_type")
ALL_COLUMNS = ", ".join(("number", *ROW_COLUMNS, *IMAGE_COLUMNS))

Found = tuple[int, ReadRow, ImageRef | None]
"""Number, row, image."""


def row_from(values: tuple[object, ...]) -> tuple[ReadRow, ImageRef | None]:
    """Build a row and its image's place from `ROW_COLUMNS` followed by `IMAGE_COLUMNS`."""
    count = len(ROW_COLUMNS)
    image = values[count : count + len(IMAGE_COLUMNS)]
    return ReadRow._make(values[:count]), None if image[0] is None else ImageRef(*image)  # type: ignore[arg-type]


def image_values(image: ImageRef | None) -> tuple[object, ...]:
    """Return the values of `IMAGE_COLUMNS`."""
    return _NO_IMAGE if image is None else (image.offset, image.length, image.sha256, image.media_type)


_NO_IMAGE: tuple[None, ...] = (None,) * len(IMAGE_COLUMNS)
