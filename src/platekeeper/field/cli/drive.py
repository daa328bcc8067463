"""`platekeeper-field drive SOURCE`: a unit on duty. It reads plates, raises alarms, keeps every read and sends it home."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from platekeeper.core.formats.cameras import CAMERA_FORMATS
from platekeeper.field import listening
from platekeeper.field.cli.belonging import send_once
from platekeeper.field.cli.main import Trouble
from platekeeper.field.cli.read import SOURCES, add_reading, place_of, read
from platekeeper.field.disk import SpoolFull
from platekeeper.field.duty import on_duty
from platekeeper.field.home import NotEnrolled, UnitHome
from platekeeper.field.link import NotTaken
from platekeeper.field.page import PORT
from platekeeper.field.places import Locate
from platekeeper.field.sighting import Sighting
from platekeeper.field.sources.posts import address
from platekeeper.field.trouble import QUIET_ROAD, Part
from platekeeper.field.unit import Unit


def register(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser("drive", help="go on duty: read plates, raise alarms, keep and send every read")
    cameras = f"; or FORMAT:PORT for a camera that reads by itself ({', '.join(CAMERA_FORMATS)})"
    parser.add_argument("source", metavar="SOURCE", help=SOURCES + cameras)
    parser.add_argument("--home", type=Path, required=True, help="the unit's folder")
    parser.add_argument("--port", type=int, default=PORT, help=f"of the alarm page ({PORT})")
    add_reading(parser)
    parser.set_defaults(run=_run)


def _run(chosen: argparse.Namespace) -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    home, locate = UnitHome(chosen.home), place_of(chosen)
    try:
        with on_duty(home, port=chosen.port) as (unit, page):
            print(f"The alarm page is at {page}", flush=True)
            _see(unit, chosen, locate)
        send_once(unit)  # only a recording comes to an end by itself
    except KeyboardInterrupt:
        pass
    except (NotEnrolled, NotTaken, OSError, ValueError) as error:
        raise Trouble(str(error)) from error
    return 0


def _see(unit: Unit, chosen: argparse.Namespace, locate: Locate) -> None:
    """Hand every vehicle of the source to the unit."""
    spoken, _, where = chosen.source.partition(":")
    if spoken in CAMERA_FORMATS:
        unit.pulse.camera_may_be_silent = QUIET_ROAD
        listener = listening.Listener(spoken, chosen.camera, locate, _keeping(unit), _complain, unit.knows)
        listener.run(address(where), meanwhile=lambda: _beat_of_place(unit, locate))
        return

    def at_each_frame() -> None:
        unit.pulse.beat(Part.CAMERA)
        _beat_of_place(unit, locate)

    read(chosen, _losing(unit), locate=locate, at_each_frame=at_each_frame)


def _beat_of_place(unit: Unit, locate: Locate) -> None:
    if locate():
        unit.pulse.beat(Part.GPS)


def _keeping(unit: Unit) -> Callable[[Sighting], None]:
    def keep(sighting: Sighting) -> None:
        try:
            unit.hear(sighting)
        except SpoolFull as full:
            raise listening.NotKept("The unit's disk is full.") from full

    return keep


def _losing(unit: Unit) -> Callable[[Sighting], None]:
    """Return what keeps a sighting, or loses it where the disk is full: the page says so, and the next one may fit."""

    def keep(sighting: Sighting) -> None:
        try:
            unit.see(sighting)
        except SpoolFull:
            _complain(f"The disk is full: the read of {sighting.at:%H:%M:%S} is lost.")

    return keep


def _complain(told: str) -> None:
    print(told, file=sys.stderr)
