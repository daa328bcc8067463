"""`platekeeper demo`: make the fictional department if it is not there, then serve it with live traffic."""

from __future__ import annotations

import argparse
import ipaddress
import json
import sys
from typing import Any

from django.conf import settings
from django.utils import timezone

from platekeeper.server.cli.demo import department
from platekeeper.server.cli.demo.agreements import agree
from platekeeper.server.cli.demo.town import CHIEF, PASSWORD, ROLES
from platekeeper.server.cli.demo.waiting import leave_waiting
from platekeeper.server.cli.serve import add_address, address_is_free, jobs, keep_running, prepare, server
from platekeeper.server.personnel.models import Person
from platekeeper.server.storage.files import write_durably


def register(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser("demo", help="a fictional department with live traffic, on this machine only")
    add_address(parser)
    parser.add_argument("--quiet-cameras", action="store_true", help="no live traffic")
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Make, serve and drive the demo until interrupted."""
    if not ipaddress.ip_address(chosen.host).is_loopback:
        print("The demo's passwords are public, so it is served on this machine only.", file=sys.stderr)
        return 2
    if not address_is_free(chosen):
        return 1
    prepare()
    at = timezone.now()
    keys_file = settings.HOME.folder / "demo-lpr-keys.json"
    if not Person.objects.exists():
        print("Founding the fictional department of Harbor Falls ...", flush=True)
        keys = department.found(at=at)
        write_durably(keys_file, json.dumps(keys).encode(), mode=0o600)
        write_durably(settings.HOME.folder / "demo-recovery-shares.txt", department.recovery_shares(at=at), mode=0o600)
        print("A day of traffic ...", flush=True)
        department.backfill(at=at)
        agree(at=at)
        leave_waiting(at=at)
    department.sign_in(at=at)
    department.deliver_todays_lists(at=at)
    address = f"http://{chosen.host}:{chosen.port}"
    _print_logins(address)
    commands = [server(chosen.host, chosen.port), *jobs()]
    if not chosen.quiet_cameras:
        commands.append([sys.executable, "-m", "platekeeper.server.cli.demo.live", address, str(keys_file)])
    return keep_running(*commands)


def _print_logins(address: str) -> None:
    lines = [f"  {CHIEF[0]:<14} Chief: adopts the policy, grants access"]
    lines += [f"  {role.username:<14} {role.position}: {role.does}" for role in ROLES]
    print(
        f"\nDEMO, a fictional department. Open {address}/ and sign in as one of these;"
        f"\nthe password is {PASSWORD} for all of them:\n\n" + "\n".join(lines) + "\n\nCtrl-C stops it.\n",
        flush=True,
    )
