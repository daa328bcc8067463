"""`platekeeper-field enroll`, `send`, `alarms` and `status`: whose unit this is, and what it does beside reading."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from platekeeper.core.moments import microseconds
from platekeeper.core.transfer import fingerprint
from platekeeper.field.clock import machine_clock
from platekeeper.field.duty import on_duty, troubles_on_duty
from platekeeper.field.home import Enrollment, NotEnrolled, UnitHome
from platekeeper.field.link import Link, NotTaken
from platekeeper.field.page import PORT
from platekeeper.field.spool import Spool
from platekeeper.field.trouble import troubles
from platekeeper.field.unit import Unit

KEY = "PLATEKEEPER_LPR_KEY"


def register(commands: Any) -> None:
    """Add the commands to the command line."""
    enroll = commands.add_parser("enroll", help="tell the unit whose it is")
    enroll.add_argument("server", help="the department's server, such as https://lpr.example.org")
    enroll.add_argument("--key-file", type=Path, help=f"the LPR's key, or {KEY}")
    enroll.add_argument("--authorities", default="", metavar="FILE", help="certificates of a department with its own")
    enroll.add_argument(
        "--fingerprint", default="", help="of the department's key, as `platekeeper field-key` prints it"
    )
    enroll.add_argument(
        "--new-key", action="store_true", help="give the unit another key of its own: the department ended it"
    )
    enroll.set_defaults(run=_enroll)
    send = commands.add_parser("send", help="send what waits and pull the hot list, once")
    send.add_argument("--again", action="store_true", help="also what the server refused for good before")
    send.set_defaults(run=_send)
    alarms = commands.add_parser("alarms", help="serve the alarm page and call home, without reading plates")
    alarms.add_argument("--port", type=int, default=PORT)
    alarms.set_defaults(run=_alarms)
    status = commands.add_parser("status", help="what waits, and what is wrong")
    status.set_defaults(run=_status)
    for command in (enroll, send, alarms, status):
        command.add_argument("--home", type=Path, required=True, help="the unit's folder")


def _enroll(chosen: argparse.Namespace) -> int:
    home = UnitHome(chosen.home)
    key = chosen.key_file.read_text().strip() if chosen.key_file else os.environ.get(KEY, "")
    try:
        answer = Link(chosen.server, key, authorities=chosen.authorities).post("/api/unit", b"")
        said = answer.json()
        seen = fingerprint(bytes.fromhex(said["signs"]))
        if chosen.fingerprint and chosen.fingerprint.replace(" ", "").lower() != seen:
            return _say("The department's key has another fingerprint. This may be somebody else's server.")
        enrollment = Enrollment(
            server=chosen.server, key=key, department=said["department"], unit=said["unit"], name=said["name"],
            signs=said["signs"], opens=said["opens"], authorities=chosen.authorities,
        )  # fmt: skip
    except (NotTaken, ValueError, KeyError, OSError) as error:
        return _say(f"{chosen.server}: {error}")
    home.enroll(enrollment)
    if chosen.new_key:
        home.renew_key()
    if answer.at is not None:
        Spool(home.spool, clock=machine_clock()).hear(microseconds(answer.at))
    print(f"This unit is {enrollment.name} of {enrollment.department}. The department's key: {seen}")
    print("Enroll the unit's own key on the page for keys of signed entries, for this LPR:")
    print(home.signing_key().public_key().public_bytes_raw().hex())
    return 0


def _send(chosen: argparse.Namespace) -> int:
    try:
        unit = Unit(UnitHome(chosen.home), clock=machine_clock())
        if chosen.again:
            unit.spool().take_up_again()
        send_once(unit)
    except (NotEnrolled, NotTaken, ValueError) as error:
        return _say(str(error))
    return 0


def send_once(unit: Unit) -> None:
    """Call home and erase what may go; say what waits, whatever came of it. Raises `NotTaken`."""
    spool = unit.spool()
    try:
        unit.call_home(spool, unit.link())
    finally:
        unit.erase(spool)
        print(_counted(spool))


def _alarms(chosen: argparse.Namespace) -> int:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        with on_duty(UnitHome(chosen.home), port=chosen.port) as (_, place):
            print(f"The alarm page is at {place}", flush=True)
            stop.wait()
    except (NotEnrolled, OSError, ValueError) as error:
        return _say(str(error))
    return 0


def _status(chosen: argparse.Namespace) -> int:
    try:
        unit = Unit(UnitHome(chosen.home), clock=machine_clock())
    except NotEnrolled as missing:
        return _say(str(missing))
    spool = unit.spool()
    print(_counted(spool))
    found = troubles_on_duty(unit.home)
    if found is None:
        print("No unit on duty answers here: camera, GPS and the way to the server are not known.")
        found = troubles(spool, unit.lists, None, folder=chosen.home)
    for trouble in found:
        print(f"{'!' if trouble.grave else '-'} {trouble.said}")
    return 0


def _counted(spool: Spool) -> str:
    counts = spool.counts()
    waiting = counts.pop("", 0)
    return f"{waiting} reads wait. The department has {sum(counts.values())} that are on the unit still."


def _say(message: str) -> int:
    print(message, file=sys.stderr)
    return 1
