"""`platekeeper dispose`: dispose of reads past the policy's ceiling, now."""

from __future__ import annotations

import argparse
from typing import Any

from django.utils import timezone

from platekeeper.server.procedures.dispose_lpr_data import dispose_lpr_data


def register(commands: Any) -> None:
    """Add the command to the command line."""
    commands.add_parser("dispose", help="dispose of reads past the policy's ceiling").set_defaults(run=run)


def run(_chosen: argparse.Namespace) -> int:
    """Dispose, and say of what."""
    done = dispose_lpr_data(at=timezone.now())
    for disposal in done:
        print(f"{disposal.day}: {sum(disposal.counts.values())} reads, {disposal.bytes_freed} bytes")
    print(f"{len(done)} days disposed of.")
    return 0
