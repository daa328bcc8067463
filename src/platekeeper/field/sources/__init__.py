"""Where pictures come from: a folder, a picture, a video file, a webcam, a stream, or a camera that pushes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from platekeeper.field.frames import Frame
from platekeeper.field.sources import folder, push
from platekeeper.field.sources.posts import address

VIDEOS = frozenset({".mp4", ".avi", ".mkv", ".mov", ".m4v", ".ts", ".mjpeg", ".mjpg"})


class NoSource(ValueError):
    """There is no such source; the message says what there may be."""


def frames_from(
    source: str, *, clock: Callable[[], datetime], lost: Callable[[str], None] = lambda _: None
) -> Iterator[Frame]:
    """Return the frames of what somebody named: a path, `webcam:0`, `rtsp://...`, or `push:8088` for cameras that push.

    Raises `NoSource`.
    """
    kind, _, rest = source.partition(":")
    if (kind == "webcam" and rest.isdigit()) or kind in {"rtsp", "rtsps", "http", "https"}:
        from platekeeper.field.sources import video

        return video.live(int(rest) if kind == "webcam" else source, clock=clock, lost=lost)
    if kind == "push":
        return push.frames(address(rest), clock=clock)
    path = Path(source)
    if path.suffix.lower() in VIDEOS and path.is_file():
        from platekeeper.field.sources import video

        return video.recorded(path)
    if path.is_dir() or (path.suffix.lower() in folder.SUFFIXES and path.is_file()):
        return folder.frames(path)
    raise NoSource(
        f"{source}: neither a folder, picture or video that is there, nor webcam:0, rtsp://camera/path, or push:8088."
    )
