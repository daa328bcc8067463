"""A video file, a webcam, or the stream of a camera on the network (RTSP)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import cv2
import numpy as np

from platekeeper.field.frames import Frame

_PATIENCE = 5.0
"""Seconds between two tries at a camera that does not answer."""


class CameraLost(Exception):
    """A camera gives no pictures; the message names it."""


def recorded(path: Path, *, begun: datetime) -> Iterator[Frame]:
    """Yield every frame of a file; `begun` is when its first was taken. Raises `CameraLost` if it is no video."""
    capture = cv2.VideoCapture(str(path))
    if not capture.isOpened():
        raise CameraLost(f"{path} is no video that can be read.")
    rate = capture.get(cv2.CAP_PROP_FPS) or 25.0
    number = 0
    while True:
        more, picture = capture.read()
        if not more:
            return
        yield Frame(np.asarray(picture, np.uint8), begun + timedelta(seconds=number / rate), path.name, stream=True)
        number += 1


def live(
    address: str | int,
    *,
    clock: Callable[[], datetime],
    lost: Callable[[str], None] = lambda _: None,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Frame]:
    """Yield what a camera sees now, for as long as somebody asks: frames that came while one was read are passed over.

    A camera that goes away is told to `lost` and tried again.
    """
    while True:
        capture = cv2.VideoCapture(address)
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        while capture.isOpened():
            more, picture = capture.read()
            if not more:
                break
            yield Frame(np.asarray(picture, np.uint8), clock(), str(address), stream=True)
        capture.release()
        lost(f"The camera {address} gives no pictures. Look at its cable and power; it is tried again.")
        sleep(_PATIENCE)
