"""The files of a routine transfer: a UTC day each, kept here until their receipt, and the manifest that names them (VI.i)."""

from __future__ import annotations

import base64
import hashlib
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from django.conf import settings

from platekeeper.core.formats.outgoing import Form, write
from platekeeper.core.formats.transfer_files import manifest
from platekeeper.core.moments import microseconds
from platekeeper.core.rules.sharing import Share, Terms
from platekeeper.server.hits.lookups import hits_between
from platekeeper.server.ledger import signing
from platekeeper.server.ledger.lookups import key as ledger_key
from platekeeper.server.personnel.lookups import department
from platekeeper.server.procedures.rows_that_leave import Cut, fit_for
from platekeeper.server.procedures.search_lpr_data import every_read
from platekeeper.server.procedures.stores import read_store
from platekeeper.server.sharing.lookups import subject_of
from platekeeper.server.sharing.models import Routine, Transfer
from platekeeper.server.storage.rows import StoredRead
from platekeeper.server.storage.terms import SearchTerms

_DAY = timedelta(days=1)


def make_file(file: Path, routine: Routine, day: date, terms: Terms) -> tuple[int, int]:
    """Write a day's file; return how many rows are in it and how many the terms kept back."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    since, cut = beginning_of(day), Cut(fit_for(terms, Form(routine.form)))
    is_reads = routine.what == Share.READS
    rows = cut.reads(_reads_of(day), store=read_store()) if is_reads else cut.hits(hits_between(since, since + _DAY))
    with file.open("wb") as out:
        records = write(rows, Form(routine.form), out)
    return records, cut.withheld


def signed_manifest(transfer: Transfer, *, at: datetime) -> bytes:
    """Return the manifest, signed by the ledger's key. Raises `signing.KeyMissing`."""
    known = ledger_key()
    if known is None:
        raise signing.KeyMissing("The ledger has no key yet: it is made when the ledger is signed first.")
    public, routine, ours = bytes(known.public_key), transfer.routine, department()
    files = [
        [f"{routine.what}-{each.day}.{routine.form}", each.sha256, each.size, each.records, each.withheld]
        for each in transfer.files.order_by("day")
    ]
    content = {
        "from": ours.name if ours else "", "to": routine.mou.agency.name, "ground": subject_of(routine.mou),
        "document": routine.mou.sha256, "terms": routine.mou.terms, "what": routine.what, "purpose": routine.purpose,
        "days": [transfer.since.isoformat(), transfer.until.isoformat()], "key": base64.b64encode(public).decode(),
        "files": files,
    }  # fmt: skip
    sign = signing.load(public, settings.HOME.ledger_keys).sign
    return manifest(content, uid=transfer.uid, at=at, public=public, sign=sign)


def kept(transfer: Transfer) -> Path:
    """Return the folder in which a transfer's files are kept."""
    folder: Path = settings.HOME.outgoing / transfer.uid
    return folder


def drop_files(transfer: Transfer) -> None:
    """Remove the copies that were kept for another try."""
    shutil.rmtree(kept(transfer), ignore_errors=True)


def digest_of(file: Path) -> str:
    """Return the SHA-256 of a file, empty while there is none."""
    if not file.exists():
        return ""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def beginning_of(day: date) -> datetime:
    """Return the moment at which a UTC day begins."""
    return datetime.combine(day, time(), UTC)


def _reads_of(day: date) -> Iterator[StoredRead]:
    return every_read(SearchTerms(microseconds(beginning_of(day)), microseconds(beginning_of(day + _DAY))))
