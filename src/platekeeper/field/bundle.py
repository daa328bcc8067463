"""Reads go out on removable media where there is no network: encrypted to the department, signed by the unit (V.b).

A bundle changes nothing in the spool but that it was written: its reads wait on, and go up by whichever way comes first.
What comes twice is recognized. Only a receipt of the department's lets go of them.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from platekeeper.core.formats.reads_bundle import RECEIPT, Signing, written
from platekeeper.core.moments import moment_of
from platekeeper.core.transfer import LONGEST_LINE, TransferError, check, opened
from platekeeper.field.files import keep_entries
from platekeeper.field.home import Enrollment
from platekeeper.field.spool import Outcome, Spool
from platekeeper.field.times import EARLIEST, SECOND
from platekeeper.field.upload import MOST_BYTES, batch_of

MOST_OF_A_BUNDLE = 1 << 30
"""Bytes of pictures: a stick may be FAT, which holds no file beyond 4 GB, and a smaller one is sooner repeated."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS bundles (
    uid TEXT PRIMARY KEY, sha256 TEXT NOT NULL, -- empty until the file is whole
    written INTEGER NOT NULL, receipted INTEGER
);
CREATE TABLE IF NOT EXISTS bundled (
    bundle TEXT NOT NULL REFERENCES bundles, number INTEGER NOT NULL, UNIQUE (bundle, number)
);
"""


@dataclass(frozen=True, slots=True)
class Written:
    """A bundle on the medium, flushed to it."""

    place: Path
    reads: int


def export(spool: Spool, folder: Path, *, enrollment: Enrollment, key: Ed25519PrivateKey) -> list[Written]:
    """Write every read that waits into bundles, alarms first. Raises OSError when the medium is full, or gone."""
    spool.make(_SCHEMA)
    waiting = spool.waiting_numbers()
    done = []
    while waiting:
        uid, numbers = secrets.token_hex(16), spool.no_more_than(waiting, MOST_OF_A_BUNDLE)
        place = folder / f"{_slug(enrollment.name)}-{_sensible(spool.now):%Y%m%d-%H%M}-{uid[:8]}.reads"
        by = Signing(key.public_key().public_bytes_raw(), key.sign, bytes.fromhex(enrollment.opens))
        pieces = written(_batches(spool, numbers), unit=enrollment.unit, uid=uid, made_at=_sensible(spool.now), by=by)
        with spool.changing() as rows:  # before the file is there: its receipt must be known, whatever is cut off
            rows.execute("INSERT INTO bundles (uid, sha256, written) VALUES (?, '', ?)", (uid, spool.now))
            rows.executemany("INSERT INTO bundled VALUES (?, ?)", [(uid, number) for number in numbers])
        sha256 = str(opened(_write(place, pieces)).content["sha256"])
        with spool.changing() as rows:
            rows.execute("UPDATE bundles SET sha256 = ? WHERE uid = ?", (sha256, uid))
        done.append(Written(place, len(numbers)))
        waiting = waiting[len(numbers) :]
    return done


def take_receipt(spool: Spool, content: bytes, *, enrollment: Enrollment) -> int:
    """Take the department's word that it has a bundle; return how many reads that lets go of. Raises `TransferError`."""
    spool.make(_SCHEMA)
    line = content[: LONGEST_LINE + 2].strip()
    receipt = opened(line)
    check(receipt, bytes.fromhex(enrollment.signs))
    said = receipt.content
    if receipt.kind != RECEIPT or said.get("unit") != enrollment.unit:
        raise TransferError("This is no receipt of this unit's.")
    found = spool.rows("SELECT sha256 FROM bundles WHERE uid = ?", str(said.get("bundle")))
    if not found:
        raise TransferError("This unit wrote no such bundle.")
    if found[0][0] not in {"", said.get("sha256")}:
        raise TransferError("The receipt is of something else than this unit wrote.")
    uid = str(said["bundle"])
    numbers = [number for (number,) in spool.rows("SELECT number FROM bundled WHERE bundle = ?", uid)]
    spool.confirm(numbers, Outcome.RECEIPTED)
    with spool.changing() as rows:
        rows.execute("UPDATE bundles SET receipted = ? WHERE uid = ? AND receipted IS NULL", (spool.now, uid))
    return len(numbers)


def _batches(spool: Spool, numbers: list[int]) -> Iterator[tuple[int, bytes]]:
    while numbers:
        some = spool.no_more_than(numbers, MOST_BYTES)
        reads = spool.said(some)  # what went up and was erased meanwhile is not among them
        yield len(reads), batch_of(reads)
        numbers = numbers[len(some) :]


def _write(place: Path, pieces: Iterator[bytes]) -> bytes:
    """Write a file whole or not at all, on the medium on return; return its last piece."""
    partial, last = place.with_suffix(".partial"), b""
    try:
        with partial.open("xb") as file:
            for last in pieces:
                file.write(last)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(place)
        keep_entries(place.parent)
    finally:
        partial.unlink(missing_ok=True)
    return last


def _sensible(now: int) -> datetime:
    """Return the time as a bundle can say it, though the unit's clock be at the other end of the world's."""
    return moment_of(min(max(now, EARLIEST), EARLIEST + 100 * 365 * 86_400 * SECOND))


def _slug(name: str) -> str:
    return (
        "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in name).strip("-")[:40] or "unit"
    )
