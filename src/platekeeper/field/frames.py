"""A picture on its way to the engine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from platekeeper.field.engines import Picture


@dataclass(frozen=True, slots=True)
class Frame:
    """What a camera saw at a moment (aware). `jpeg` is the picture as it came, where it came as one.

    Frames of a `stream` follow each other closely, so one vehicle is in many of them; otherwise each stands alone.
    """

    picture: Picture
    at: datetime
    name: str = ""
    jpeg: bytes = b""
    stream: bool = False


def decoded(data: bytes) -> Picture | None:
    """Return the picture that a file holds, None if it holds none that can be read."""
    import cv2  # large, and not there where a unit's cameras read by themselves

    try:
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if data else None
    except cv2.error:  # larger than a picture may be
        return None
    return None if picture is None else np.asarray(picture, np.uint8)


def encoded(picture: Picture, *, quality: int = 90) -> bytes:
    """Return the picture as JPEG."""
    import cv2

    done, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise ValueError("The picture cannot be written as JPEG.")
    return data.tobytes()
