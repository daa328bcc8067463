"""Rows, images and batches for the tests of the store."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TypeVar

import psycopg
from django.db import connection
from psycopg.conninfo import conninfo_to_dict
from pytest_django import Settings

from platekeeper.core.formats.reads import FINAL
from platekeeper.server.procedures.stores import reads_in_database
from platekeeper.server.storage.days import start_of
from platekeeper.server.storage.postgres.store import PostgresReads
from platekeeper.server.storage.reads import A_DAY, ReadStore, ReadWriter
from platekeeper.server.storage.rows import Incoming, ReadRow, content_digest, content_said, image_hash, keyed_read_id
from platekeeper.server.storage.sqlite.store import SqliteReads

KEY = b"a key of the tests, 32 bytes long"
DAY = date(2026, 3, 3)
NOON = start_of(DAY) + 12 * 3_600_000_000
MIDNIGHT = start_of(DAY)
JPEG = b"\xff\xd8\xff\xe0" + b"a plate" * 20
PNG = b"\x89PNG\r\n\x1a\n" + b"another plate" * 20
Said = dict[str, Any]  # keyword arguments of `incoming`
Store = TypeVar("Store", bound=ReadStore)
_numbers = itertools.count()


def batch_id(number: int | None = None) -> bytes:
    """Return a batch's name: a fresh one, or that of a number."""
    return hashlib.sha256(f"{next(_numbers) if number is None else f'n{number}'}".encode()).digest()[:16]


def incoming(
    raw: str = "ABC1230",
    *,
    at: int = NOON,
    lpr: int = 1,
    event: str = "",
    state: str | None = "NY",
    image: bytes | None = None,
    batch: bytes = bytes(16),
    received: int = NOON,
    unreadable: bool = False,
    stage: int = FINAL,
    direction: str = "",
    vehicle: Mapping[str, str] | None = None,
    latitude: float | None = None,
) -> Incoming:
    """Return a read; what is said of the plate is the raw text in capitals."""
    plate = None if unreadable else raw.upper()
    said = content_said(
        at=at,
        raw=raw,
        plate=plate,
        state=state,
        state_confidence=0.8,
        confidence=0.9,
        candidates="[]",
        vehicle=json.dumps(vehicle or {}),
        direction=direction,
        latitude=latitude,
        longitude=None if latitude is None else -76.0,
        image_sha256=image_hash(image),
    )
    row = ReadRow(
        id=keyed_read_id(KEY, lpr=lpr, event=event, at=at, raw=raw),
        digest=content_digest(said),
        lpr=lpr,
        at=at,
        received=received,
        clock="offset",
        zone="America/New_York",
        raw=raw,
        plate=plate,
        folded=None if plate is None else plate.replace("O", "0"),
        state=state,
        state_confidence=0.8,
        confidence=0.9,
        candidates="[]",
        vehicle=json.dumps(vehicle or {}),
        direction=direction,
        latitude=latitude,
        longitude=None if latitude is None else -76.0,
        event=event,
        retention="standard",
        stage=stage,
        salt=bytes(16),
        batch=batch,
    )
    return Incoming(row, image, image_hash(image))


def put(
    writer: ReadWriter, *reads: Said, batch: bytes | None = None, received: int = NOON, step: timedelta = A_DAY
) -> list[ReadRow]:
    """Append reads (keyword arguments of `incoming`) as one batch."""
    name = batch or batch_id()
    arrivals = [incoming(batch=name, received=received, **read) for read in reads]
    return writer.append(batch=name, incoming=arrivals, received=received, step=step)


def store_in(folder: Path) -> ReadStore:
    """Return the store that a folder stands for on the engine of this run; on PostgreSQL a schema of its own is its."""
    url = os.environ.get("PLATEKEEPER_DATABASE_URL")
    return store_at(url, folder) if url else SqliteReads(folder)


def store_at(url: str, folder: Path) -> PostgresReads:
    """Return the store of a folder in a database."""
    where = {str(name): str(value) for name, value in conninfo_to_dict(url).items()}
    return PostgresReads(where, folder, schema=schema_of(str(folder)))


def schema_of(name: str) -> str:
    """Return the schema of the reads of a folder, or of a test."""
    return f"lpr_{hashlib.sha256(name.encode()).hexdigest()[:12]}"


def filled(folder: Path, *reads: Said) -> ReadStore:
    """Return a store with these reads and nobody writing."""
    return _with(store_in(folder), reads)


def filled_files(folder: Path, *reads: Said) -> SqliteReads:
    """Do as `filled` in SQLite files, whatever the engine of this run."""
    return _with(SqliteReads(folder), reads)


def _with(store: Store, reads: Sequence[Said]) -> Store:
    with store.writer() as writer:
        put(writer, *reads)
    return store


def drop_connections() -> None:
    """Let PostgreSQL, if this run is on it, drop who is connected to stores of `store_in`, as when it restarts."""
    if url := os.environ.get("PLATEKEEPER_DATABASE_URL"):
        with psycopg.connect(url, autocommit=True) as administrator:
            administrator.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                "WHERE application_name = 'platekeeper reads' AND datname = current_database()"
            )


def damage_reads(settings: Settings) -> None:
    """Let every question to the store of reads in use fail."""
    if connection.vendor == "postgresql":
        with closing(reads_in_database()._place.connect()) as reads:
            reads.execute("ALTER TABLE part RENAME COLUMN since TO damaged")
    for file in settings.HOME.lpr_data.glob("*/*.sqlite3"):
        file.write_bytes(b"not a database" * 100)
