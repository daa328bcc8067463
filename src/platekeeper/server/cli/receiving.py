"""`platekeeper reads receive`: take in bundles of reads that units handed in on removable media, and write receipts."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.utils import timezone

from platekeeper.core.transfer import TransferError
from platekeeper.server.cli.patience import Patiently
from platekeeper.server.equipment.home_tokens import home_token
from platekeeper.server.equipment.models import LPR
from platekeeper.server.gateways.sender import NotDelivered, Sender
from platekeeper.server.procedures.authority import RefusedAction
from platekeeper.server.procedures.receive_bundle import AlreadyReceived, Receive, receive_bundle, take_in
from platekeeper.server.procedures.receive_reads import close_intakes, intake
from platekeeper.server.storage.errors import StoreFull
from platekeeper.server.storage.files import write_durably
from platekeeper.server.storage.reads import WriterBusy

BUSY = "The server is running, and it alone may write reads. Send through it: --server http://127.0.0.1:8000"


def register(actions: Any) -> None:
    """Add the command to `platekeeper reads`."""
    parser = actions.add_parser("receive", help="take in bundles that units wrote on removable media; write receipts")
    parser.add_argument("places", type=Path, nargs="+", metavar="PLACE", help="bundles (.reads), or folders of them")
    parser.add_argument("--server", metavar="URL", help="send through the running server on this machine")
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Receive every bundle by itself; say what became of each."""
    bundles = [
        bundle for place in chosen.places for bundle in (sorted(place.glob("*.reads")) if place.is_dir() else [place])
    ]
    if not bundles:
        return _say("There is no bundle (.reads).")
    try:
        if not chosen.server:
            intake()  # before anything is begun: only one process may write reads
        receive = _through(chosen.server) if chosen.server else take_in(timezone.now())
        return max([_receive(bundle, receive) for bundle in bundles])
    except ValueError as error:
        return _say(str(error))
    except WriterBusy:
        return _say(BUSY)
    finally:
        if not chosen.server:
            close_intakes()


def _receive(place: Path, receive: Receive) -> int:
    try:
        with place.open("rb") as file:
            received = receive_bundle(file, receive=receive, at=timezone.now())
    except AlreadyReceived as twice:
        _hand_out(place, twice.receipt)
        return _say(f"{place}: refused. {twice} Nothing was stored again; its receipt is written once more.")
    except TransferError as error:
        return _say(f"{place}: refused. {error} Nothing of it was stored; the unit has its reads still.")
    except OSError as error:
        return _say(f"{place}: {error.strerror or error}. Receive it again: what is stored is recognized.")
    except RefusedAction as refused:
        return _say(f"{place}: refused under {refused.refusal.clause}: {refused.refusal.reason}")
    except StoreFull:
        return _say(f"{place}: the disk is full. Make room and receive it again.")
    except NotDelivered as error:
        return _say(f"{place}: the server did not take it: {error} Receive it again: what is stored is recognized.")
    _hand_out(place, bytes(received.receipt))
    counts = received.counts
    print(
        f"{place}: {received.reads} reads of {received.lpr.name}. {counts['stored']} stored, {counts['repeated']} known "
        f"already, {counts['dead_letters']} not understood (kept as dead letters), {counts['past_ceiling']} older than "
        "the policy keeps reads. Take the receipt back to the unit."
    )
    return 0


def _hand_out(place: Path, receipt: bytes) -> None:
    write_durably(place.with_suffix(".receipt"), receipt + b"\n")


def _through(server: str) -> Receive:
    sender, patiently = Sender(server, timeout=120), Patiently()

    def receive(lpr: LPR, batch: bytes) -> Mapping[str, object]:
        return patiently(lambda: sender.post("/api/reads", batch, key=home_token(lpr), kind="Home"))

    return receive


def _say(message: str) -> int:
    print(message, file=sys.stderr)
    return 1
