"""`platekeeper-field export` and `receipt`: reads on removable media, and the department's word that it has them."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from platekeeper.core.transfer import TransferError
from platekeeper.field.bundle import export, take_receipt
from platekeeper.field.clock import machine_clock
from platekeeper.field.home import NotEnrolled, UnitHome
from platekeeper.field.spool import Spool


def register(commands: Any) -> None:
    """Add the commands to the command line."""
    out = commands.add_parser("export", help="write the reads that wait into signed, encrypted bundles on a medium")
    out.add_argument("folder", type=Path, help="the folder on the medium")
    out.set_defaults(run=_export)
    back = commands.add_parser("receipt", help="take receipts back: their reads may then be erased")
    back.add_argument("places", type=Path, nargs="+", metavar="PLACE", help="receipts, or folders of them")
    back.set_defaults(run=_receipt)
    for command in (out, back):
        command.add_argument("--home", type=Path, required=True, help="the unit's folder")


def _export(chosen: argparse.Namespace) -> int:
    home = UnitHome(chosen.home)
    try:
        enrollment = home.enrollment
        written = export(_spool(home), chosen.folder, enrollment=enrollment, key=home.signing_key())
    except NotEnrolled as missing:
        return _say(str(missing))
    except OSError as error:
        return _say(f"{chosen.folder}: {error.strerror or error}. Nothing is lost: the reads are on the unit still.")
    for each in written:
        print(f"{each.place}: {each.reads} reads. They stay on the unit until its receipt comes back.")
    if not written:
        print("No reads wait.")
    return 0


def _receipt(chosen: argparse.Namespace) -> int:
    home = UnitHome(chosen.home)
    places = [
        each
        for place in chosen.places
        for each in (sorted(place.glob("*.receipt")) if place.is_dir() else [place])
    ]  # fmt: skip
    worst = 0 if places else _say("There is no receipt.")
    for place in places:
        try:
            reads = take_receipt(_spool(home), place.read_bytes(), enrollment=home.enrollment)
            print(f"{place}: the department has {reads} reads; they go from this unit when their time is over.")
        except NotEnrolled as missing:
            return _say(str(missing))
        except (OSError, TransferError) as error:
            worst = _say(f"{place}: refused. {error} The reads stay on this unit.")
    return worst


def _spool(home: UnitHome) -> Spool:
    return Spool(home.spool, clock=machine_clock())


def _say(message: str) -> int:
    print(message, file=sys.stderr)
    return 1
