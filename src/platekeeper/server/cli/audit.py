"""`platekeeper audit packet`: the audit packet of a year, in a folder or as a ZIP file."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from django.utils import timezone

from platekeeper.server.procedures.audit_packet import export_audit_packet
from platekeeper.server.procedures.authority import RefusedAction
from platekeeper.server.procedures.sign_ledger import first_fingerprint
from platekeeper.server.register.period import PeriodError
from platekeeper.server.storage.file_by_file import FileByFile, unnamed, zipped
from platekeeper.server.storage.files import write_pieces_durably


def register(commands: Any) -> None:
    """Add the commands to the command line."""
    parser = commands.add_parser("audit", help="what auditors are handed of a year")
    acts = parser.add_subparsers(dest="act", required=True)
    packet = acts.add_parser("packet", help="policy, register, users, survey, complaints, disposals, backups and proof")
    packet.add_argument("--year", type=int, required=True)
    packet.add_argument("out", type=Path, help="a folder that is not there yet, or a file that ends in .zip")
    packet.set_defaults(run=_packet)


def _packet(chosen: argparse.Namespace) -> int:
    out: Path = chosen.out
    if out.exists():
        print(f"{out} is there already. Name a folder or a file that is not.", file=sys.stderr)
        return 2
    try:
        files = export_audit_packet(None, year=chosen.year, at=timezone.now())
    except PeriodError as error:
        print(error, file=sys.stderr)
        return 2
    except RefusedAction as refused:
        print(refused, file=sys.stderr)
        return 1
    with files:
        _write(files, out, folder=f"audit-{chosen.year}")
    print(f"{out} is written. Give the fingerprint by another way: {first_fingerprint()}")
    return 0


def _write(files: FileByFile, out: Path, *, folder: str) -> None:
    if out.suffix == ".zip":
        with zipped(files, unnamed(out.resolve().parent), folder=folder) as packed:
            write_pieces_durably(out, iter(lambda: packed.read(1 << 20), b""))
        return
    for path in files:
        (out / path).parent.mkdir(parents=True, exist_ok=True)
        write_pieces_durably(out / path, files.pieces(path))
