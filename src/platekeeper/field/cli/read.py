"""`platekeeper-field read SOURCE`: read plates, print them, and keep the pictures if a folder is given."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any

from platekeeper.field.cli.choosing import add_engine, chosen_engine
from platekeeper.field.cli.main import Trouble
from platekeeper.field.engines import CUT
from platekeeper.field.frames import Frame
from platekeeper.field.places import Locate, locator
from platekeeper.field.reading import Reader
from platekeeper.field.sighting import Sighting
from platekeeper.field.sources import frames_from

SOURCES = "a folder, picture or video, webcam:0, rtsp://camera/path, or push:8088"


def register(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser("read", help="read plates and print them, without a department")
    parser.add_argument("source", metavar="SOURCE", help=SOURCES)
    add_reading(parser)
    parser.add_argument(
        "--keep", type=Path, metavar="FOLDER", help="keep picture, crop and what was read of each vehicle there"
    )
    parser.set_defaults(run=_run)


def add_reading(parser: argparse.ArgumentParser) -> None:
    """Add what says how to read."""
    parser.add_argument("--camera", default="camera", help="the name of the camera in each read")
    parser.add_argument("--cut", type=float, default=CUT, help=f"drop what is less sure ({CUT})")
    parser.add_argument("--place", default="", help="latitude,longitude, file:PATH, gpsd, or gpsd:HOST:PORT")
    add_engine(parser)


def place_of(chosen: argparse.Namespace) -> Locate:
    """Return what says where the unit is. Raises `Trouble`."""
    try:
        return locator(chosen.place, clock=monotonic)
    except ValueError as error:
        raise Trouble(str(error)) from error


def read(
    chosen: argparse.Namespace,
    hand_on: Callable[[Sighting], None],
    *,
    locate: Locate,
    at_each_frame: Callable[[], None] = lambda: None,
) -> None:
    """Read what was chosen and hand each vehicle on. Raises `Trouble`."""
    try:
        frames = frames_from(
            chosen.source, clock=lambda: datetime.now(UTC), lost=lambda told: print(told, file=sys.stderr)
        )
        reader = Reader(chosen_engine(chosen), chosen.camera, locate, hand_on, chosen.cut)
        reader.run(_watched(frames, at_each_frame))
    except (ValueError, OSError) as error:
        raise Trouble(str(error)) from error


def _watched(frames: Iterator[Frame], at_each_frame: Callable[[], None]) -> Iterator[Frame]:
    for frame in frames:
        at_each_frame()
        yield frame


def _run(chosen: argparse.Namespace) -> int:
    if chosen.keep:
        chosen.keep.mkdir(parents=True, exist_ok=True)
    read(chosen, lambda sighting: _show(sighting, chosen.keep), locate=place_of(chosen))
    return 0


def _show(sighting: Sighting, keep: Path | None) -> None:
    line = json.dumps(
        {
            "uid": sighting.uid,
            "camera": sighting.camera,
            "at": sighting.at.isoformat(),
            "plate": sighting.plate,
            "confidence": sighting.confidence,
            "candidates": sighting.candidates,
            "state": sighting.state,
            "latitude": sighting.latitude,
            "longitude": sighting.longitude,
        }
    )
    print(line, flush=True)
    if keep:
        (keep / f"{sighting.uid}.jpg").write_bytes(sighting.picture)
        (keep / f"{sighting.uid}-plate.jpg").write_bytes(sighting.crop)
        (keep / f"{sighting.uid}.json").write_text(line + "\n")
