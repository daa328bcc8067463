"""`platekeeper ledger`: hand out checkpoints, export the ledger, and check an export."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from django.utils import timezone

from platekeeper import verify
from platekeeper.server.procedures import sign_ledger
from platekeeper.server.storage.files import write_pieces_durably


def register(commands: Any) -> None:
    """Add the commands to the command line."""
    parser = commands.add_parser("ledger", help="checkpoints, exports and their check")
    acts = parser.add_subparsers(dest="act", required=True)
    signed = acts.add_parser("checkpoint", help="sign the ledger as it stands, and print the checkpoint for a witness")
    signed.add_argument("--out", type=Path, help="write it to a file instead")
    signed.set_defaults(run=_checkpoint)
    shown = acts.add_parser("fingerprint", help="print the fingerprint that outsiders hold against the ledger's key")
    shown.set_defaults(run=_fingerprint)
    export = acts.add_parser("export", help="write the whole ledger to a file that verifies without Platekeeper")
    export.add_argument("file", type=Path)
    export.add_argument("--withhold", action="store_true", help="leave out every sealed name, plate and reason")
    export.set_defaults(run=_export)
    public = acts.add_parser("public", help="write the public's log of a period: no plate, no name, and it verifies")
    public.add_argument("file", type=Path)
    public.add_argument(
        "--from", dest="since", type=date.fromisoformat, required=True, help="its first day, YYYY-MM-DD"
    )
    public.add_argument("--until", type=date.fromisoformat, required=True, help="the day after its last")
    public.set_defaults(run=_public)
    check = acts.add_parser("verify", help="check an export, as the stand-alone verify.py does")
    check.add_argument("export")
    check.add_argument("--fingerprint", required=True)
    check.add_argument("--held", action="append", default=[], help="a file with a checkpoint that a witness holds")
    check.set_defaults(run=_verify)


def _checkpoint(chosen: argparse.Namespace) -> int:
    note = sign_ledger.checkpoint(at=timezone.now()).note
    if chosen.out:
        write_pieces_durably(chosen.out, (note.encode(),))
    else:
        sys.stdout.write(note)
    return 0


def _fingerprint(chosen: argparse.Namespace) -> int:
    sign_ledger.checkpoint(at=timezone.now())
    print(sign_ledger.first_fingerprint())
    return 0


def _export(chosen: argparse.Namespace) -> int:
    return _written(chosen.file, sign_ledger.export(None, openings=not chosen.withhold, at=timezone.now()))


def _public(chosen: argparse.Namespace) -> int:
    if chosen.until <= chosen.since:
        print("--until is the day after the last: it must come after --from.", file=sys.stderr)
        return 2
    return _written(chosen.file, sign_ledger.publish(None, since=chosen.since, until=chosen.until, at=timezone.now()))


def _written(file: Path, lines: Iterator[str]) -> int:
    write_pieces_durably(file, (line.encode() for line in lines))
    print(f"{file} is written. Give the fingerprint by another way: {sign_ledger.first_fingerprint()}")
    return 0


def _verify(chosen: argparse.Namespace) -> int:
    held = [argument for path in chosen.held for argument in ("--held", path)]
    return verify.main([chosen.export, "--fingerprint", chosen.fingerprint, *held])
