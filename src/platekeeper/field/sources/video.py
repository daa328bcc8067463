"""A video file, a webcam, or the stream of a camera on the network (RTSP)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Condition, Event, Thread

import cv2
import numpy as np

from platekeeper.field.frames import Frame

_PATIENCE = 5.0
"""Seconds between two tries at a camera that does not answer."""


class NoVideo(ValueError):
    """A file is no video; the message names it."""


def recorded(path: Path, *, begun: datetime | None = None) -> Iterator[Frame]:
    """Yield every frame of a file; `begun` is when its first was taken, if not as long as it takes before the file was last
    written. Raises `NoVideo`."""
    capture = cv2.VideoCapture(str(path))
    if not capture.isOpened():
        raise NoVideo(f"{path} is no video that can be read.")
    rate = capture.get(cv2.CAP_PROP_FPS) or 25.0
    if begun is None:
        lasts = timedelta(seconds=max(0.0, capture.get(cv2.CAP_PROP_FRAME_COUNT)) / rate)
        begun = datetime.fromtimestamp(path.stat().st_mtime, UTC) - lasts
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
        with _newest(capture, str(address), clock) as newest:
            while frame := newest.take():
                yield frame
        capture.release()
        lost(f"The camera {address} gives no pictures. Look at its cable and power; it is tried again.")
        sleep(_PATIENCE)


class _Newest:
    """The newest frame of a camera. A network's stream queues what nobody takes, and would fall ever further behind."""

    def __init__(self) -> None:
        self._there, self._over, self.let_go = Condition(), False, Event()
        self._frame: Frame | None = None

    def watch(self, capture: cv2.VideoCapture, name: str, clock: Callable[[], datetime]) -> None:
        """Take every frame as it comes, until the camera goes away or nobody asks any more."""
        while capture.isOpened() and not self.let_go.is_set():
            more, picture = capture.read()
            if not more:
                break
            self._put(Frame(np.asarray(picture, np.uint8), clock(), name, stream=True))
        self._put(None, over=True)

    def take(self) -> Frame | None:
        """Return the newest frame that was not taken yet, waiting for one; None once the camera went away."""
        with self._there:
            self._there.wait_for(lambda: self._over or self._frame is not None)
            frame, self._frame = self._frame, None
            return frame

    def _put(self, frame: Frame | None, *, over: bool = False) -> None:
        with self._there:
            self._frame, self._over = frame or self._frame, over
            self._there.notify()


@contextmanager
def _newest(capture: cv2.VideoCapture, name: str, clock: Callable[[], datetime]) -> Iterator[_Newest]:
    newest = _Newest()
    watching = Thread(target=newest.watch, args=(capture, name, clock), daemon=True)
    watching.start()
    try:
        yield newest
    finally:
        newest.let_go.set()
        watching.join()
