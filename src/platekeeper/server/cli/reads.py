"""`platekeeper reads import`: bring stored reads in from CSV, JSON lines or the tables of an Elsag database.

`platekeeper reads take-over`: bring reads that lie in files of the home into PostgreSQL.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import sys
import time
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from platekeeper.core.formats.archives import COLUMNS, parse_csv, parse_elsag, parse_elsag_images, parse_json_lines
from platekeeper.core.formats.cameras.payload import Item
from platekeeper.core.formats.reads import ParsedRead, ReadFormatError
from platekeeper.server.cli import receiving
from platekeeper.server.cli.patience import Patiently
from platekeeper.server.cli.progress import Progress
from platekeeper.server.equipment.lookups import lpr_of_key, lprs
from platekeeper.server.gateways.archive import ImageFolder, pieces_of
from platekeeper.server.gateways.sender import NotDelivered, Sender
from platekeeper.server.procedures.authority import RefusedAction
from platekeeper.server.procedures.import_reads import ImportRefused, ReadsImport, Receive, Totals
from platekeeper.server.procedures.receive_reads import Receipt, Submission, close_intakes, intake
from platekeeper.server.procedures.take_over_reads import NotTakenOver, take_over_reads
from platekeeper.server.storage.errors import StoreFull
from platekeeper.server.storage.postgres.schema import StoreUnready
from platekeeper.server.storage.reads import WriterBusy

KEY = "PLATEKEEPER_LPR_KEY"
FORMATS = ("csv", "elsag", "jsonlines")
BUSY = (
    "The server is running, and it alone may write reads. Stop it, or send through it: "
    f"--server http://127.0.0.1:8000, with the LPR's key in --key-file or {KEY}."
)


class _Wrong(Exception):
    """What was asked cannot be; the message says what to do."""


def register(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser("reads", help="work with stored reads")
    actions = parser.add_subparsers(title="actions", required=True, metavar="ACTION")
    load = actions.add_parser("import", help="bring in reads from a file; it can be repeated")
    load.add_argument("file", type=Path)
    load.add_argument("--lpr", required=True, metavar="NAME", help="the LPR that made the reads")
    load.add_argument("--format", choices=FORMATS, required=True)
    load.add_argument(
        "--map", action="append", default=[], metavar="OURS=THEIRS",
        help=f"csv: the column that holds {', '.join(COLUMNS)}; may be given several times",
    )  # fmt: skip
    load.add_argument("--images", type=Path, metavar="FILE", help="elsag: the export of the table images")
    load.add_argument("--image-folder", type=Path, metavar="DIR", help="elsag: the folder of the image files")
    load.add_argument("--server", metavar="URL", help="send through the running server")
    load.add_argument("--key-file", type=Path, metavar="FILE", help=f"with --server: the LPR's key (or {KEY})")
    load.set_defaults(run=run)
    receiving.register(actions)
    taking = actions.add_parser("take-over", help="bring the reads in this home's files into PostgreSQL")
    taking.set_defaults(run=take_over)


def run(chosen: argparse.Namespace) -> int:
    """Import one file; print what became of its rows, or what stopped it."""
    work: ReadsImport | None = None
    try:
        items, folder = _items(chosen)
        work = _import(chosen)
        totals = work.run(items, progress=_Progress())
    except (_Wrong, ImportRefused, OSError, ReadFormatError) as error:
        return _say(f"{chosen.file}: {error}", work)
    except RefusedAction as refused:
        return _say(f"Refused under {refused.refusal.clause}: {refused.refusal.reason}", work)
    except StoreFull:
        return _say("The disk is full. Make room and run it again.", work)
    except WriterBusy:
        return _say(BUSY, None)
    except NotDelivered as refused:
        return _say(f"The server at {chosen.server} does not take it: {refused}", work)
    except KeyboardInterrupt:
        return _say("Interrupted.", work)
    finally:
        if not chosen.server:
            close_intakes()
    print(_told(totals))
    if folder is not None and folder.missing:
        print(f"{folder.missing} images are named in the table but not in {folder.folder}.", file=sys.stderr)
    return 0


def take_over(_chosen: argparse.Namespace) -> int:
    """Take over every day that lies in files."""
    try:
        counts = take_over_reads(at=timezone.now(), tell=Progress())
    except (NotTakenOver, StoreUnready) as error:
        print(error, file=sys.stderr)
        return 1
    except WriterBusy:
        print("The server is running. Stop it first.", file=sys.stderr)
        return 1
    print(f"{sum(counts.values()):,} reads of {len(counts)} days taken over." if counts else "No reads lie in files.")
    return 0


def _items(chosen: argparse.Namespace) -> tuple[Iterator[Item], ImageFolder | None]:
    if chosen.map and chosen.format != "csv":
        raise _Wrong("--map is for CSV; the other formats name their fields.")
    if (chosen.images is None) != (chosen.image_folder is None) or (chosen.images and chosen.format != "elsag"):
        raise _Wrong("--images and --image-folder go together, with --format elsag.")
    if not chosen.file.is_file():
        raise _Wrong("there is no such file.")
    pieces = pieces_of(chosen.file)
    if chosen.format == "jsonlines":
        return parse_json_lines(pieces), None
    if chosen.format == "csv":
        return parse_csv(pieces, _mapping(chosen.map)), None
    if chosen.images is None:
        return parse_elsag(pieces), None
    try:
        named, bad = parse_elsag_images(pieces_of(chosen.images))
    except ReadFormatError as error:
        raise _Wrong(f"{chosen.images}: {error}") from error
    if bad:
        print(f"{chosen.images}: {len(bad)} rows left out; {bad[0].reason}.", file=sys.stderr)
    if not chosen.image_folder.is_dir():
        raise _Wrong(f"{chosen.image_folder} is not a folder.")
    folder = ImageFolder(chosen.image_folder, named)
    return parse_elsag(pieces, folder), folder


def _mapping(given: list[str]) -> Mapping[str, str]:
    pairs = [each.partition("=") for each in given]
    for ours, equals, theirs in pairs:
        if not equals or not theirs.strip() or ours.strip() not in COLUMNS:
            raise _Wrong(f"--map {ours}{equals}{theirs}: write OURS=THEIRS, where OURS is one of {', '.join(COLUMNS)}.")
    return {ours.strip(): theirs.strip() for ours, _, theirs in pairs}


def _import(chosen: argparse.Namespace) -> ReadsImport:
    if not settings.HOME.folder.exists():
        raise _Wrong("there is no department here yet. Make one with: platekeeper init")
    lpr = lprs().filter(name=chosen.lpr).first()
    if lpr is None:
        known = ", ".join(each.name for each in lprs()[:20]) or "none yet"
        raise _Wrong(f"there is no LPR {chosen.lpr!r} in the inventory. There are: {known}.")
    receive: Receive
    if chosen.server:
        key = _key(chosen)
        if lpr_of_key(key) != lpr:
            raise _Wrong(f"the key is not that of {lpr.name}, or it is out of service.")
        try:
            receive = partial(_send, Sender(chosen.server, timeout=120), key, Patiently())
        except ValueError as error:
            raise _Wrong(str(error)) from error
    else:
        receive = intake().receive
    return ReadsImport(
        lpr=lpr, file_name=chosen.file.name, format=chosen.format, receive=receive, clock=timezone.now
    )  # fmt: skip


def _key(chosen: argparse.Namespace) -> str:
    key = chosen.key_file.read_text().strip() if chosen.key_file else os.environ.get(KEY, "")
    if not key:
        raise _Wrong(f"--server needs the LPR's key, in --key-file or {KEY}.")
    return str(key)


def _send(sender: Sender, key: str, patiently: Patiently, submission: Submission) -> Receipt:
    """Send a batch in our own JSON; a row that was not understood goes along and becomes a dead letter there."""
    reads = [_said(read, image) for read, image in submission.reads]
    rows = [
        {"not_understood": each.reason, "row": each.payload.decode("utf-8", "replace")} for each in submission.unparsed
    ]
    content = json.dumps([*reads, *rows]).encode()
    answer = patiently(lambda: sender.post("/api/reads", content, key=key))
    return Receipt(**{**answer, "ids": tuple(answer["ids"])})


def _said(read: ParsedRead, image: bytes | None) -> dict[str, Any]:
    return {
        "plate": read.raw_plate,
        "captured_at": read.captured_at.isoformat(),
        "event_id": read.event_id,
        "confidence": read.confidence,
        "state": read.state,
        "state_confidence": read.state_confidence,
        "candidates": [{"plate": text, "confidence": confidence} for text, confidence in read.candidates],
        "direction": read.direction,
        "vehicle": dict(read.vehicle),
        "latitude": read.latitude,
        "longitude": read.longitude,
        "image": base64.b64encode(image).decode() if image else None,
    }


class _Progress:
    """Says once a second how far it is."""

    def __init__(self) -> None:
        self._next = time.monotonic() + 1

    def __call__(self, totals: Totals) -> None:
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + 1
            print(_told(totals), file=sys.stderr, flush=True)


def _told(totals: Totals) -> str:
    return (
        f"{totals.stored} stored, {totals.repeated} known already, {totals.dead_letters} not understood (kept as dead "
        f"letters), {totals.past_ceiling} older than the policy keeps reads, {totals.barred} inside a barred place."
    )


def _say(message: str, work: ReadsImport | None) -> int:
    print(message, file=sys.stderr)
    done = work.totals if work else Totals()
    if done != Totals():
        print(f"Until then: {_told(done)} Run it again: what is stored is recognized.", file=sys.stderr)
    else:
        print("Nothing was stored.", file=sys.stderr)
    return 1
