"""The engines that keep reads, as the benchmarks run departments on them: each durable, with its own best bulk insert.

PostgreSQL runs on this machine with fsync and synchronous_commit on, as SQLite does with synchronous=FULL. The bulk insert
takes rows into an empty hour file, or into an empty partition by binary COPY: the same table, indexes and checks, `BULK`
rows a transaction, from the values that Python has of them; images into packs that are synced first.
"""

from __future__ import annotations

import os
import re
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NamedTuple, Protocol

import psycopg
from psycopg.conninfo import conninfo_to_dict

sys.path.insert(0, str(Path(__file__).parents[2]))

from platekeeper.server.storage.columns import ALL_COLUMNS
from platekeeper.server.storage.databases import records_database
from platekeeper.server.storage.days import MICROSECONDS_A_DAY, day_folder, day_of, images_folder, start_of
from platekeeper.server.storage.files import sync_folder
from platekeeper.server.storage.home import Home
from platekeeper.server.storage.images import PackWriter
from platekeeper.server.storage.postgres.connections import Place, Reader
from platekeeper.server.storage.postgres.copying import copy_rows
from platekeeper.server.storage.postgres.parts import make_part, parts_of
from platekeeper.server.storage.postgres.schema import ensure
from platekeeper.server.storage.postgres.store import PostgresReads
from platekeeper.server.storage.reads import Leaving, ReadStore
from platekeeper.server.storage.roles.grants import READS
from platekeeper.server.storage.sqlite import engine as files
from platekeeper.server.storage.sqlite.layout import reads_file
from platekeeper.server.storage.sqlite.store import SqliteReads
from tests.e2e.serving import environment_in
from tests.postgres import cluster

BULK = 10_000
ENGINES = ("SQLite", "PostgreSQL")
_OPTIONS = "-c synchronous_commit=on -c shared_buffers=512MB -c max_wal_size=2GB"
_SAYS = {1: "NORMAL", 2: "FULL", 3: "EXTRA"}
_IMAGE_START = b"\xff\xd8\xff\xe0"


class Bulk(NamedTuple):
    """What a bulk insert came to: reads a second, and bytes a read, images left out."""

    speed: float
    bytes: float


class Engine(Protocol):
    """An engine with a department's folder, in which `home` is its home."""

    @property
    def name(self) -> str:
        """The engine's name."""

    @property
    def folder(self) -> Path:
        """The department's folder."""

    @property
    def url(self) -> str:
        """The database, empty where it is files."""

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment of the department's processes."""

    def store(self) -> ReadStore:
        """Return the department's reads."""

    def durability(self) -> str:
        """Say what the engine is asked for before it takes something to be written, as it says itself."""

    def bulk(self, rows: Sequence[Leaving], *, image: int) -> Bulk:
        """Insert rows into an empty place, with images of so many bytes; the best of three."""

    def shift(self, day: date, to: date) -> None:
        """Have the reads of a day on another day, too, indexes and all, unless there are any."""

    def held(self, day: date) -> int:
        """Return the bytes on disk of a day, out of sight or not."""


@contextmanager
def running(name: str, folder: Path, *, keep: bool = False) -> Iterator[Engine]:
    """Let an engine run for a block with a department in a folder; what PostgreSQL holds is kept there if wanted."""
    folder.mkdir(parents=True, exist_ok=True)
    if name == "SQLite":
        yield department(name, folder)
        return
    with cluster(keep=folder / "cluster" if keep else None, durable=True, options=_OPTIONS) as url:
        yield department(name, folder, url)


def department(name: str, folder: Path, url: str = "") -> Engine:
    """Return the department in a folder, on SQLite or in the database that runs there already."""
    return _Sqlite(folder) if name == "SQLite" else _Postgres(folder, url)


@dataclass(frozen=True)
class _Sqlite:
    folder: Path
    url: str = ""
    name: str = "SQLite"

    @property
    def environment(self) -> dict[str, str]:
        return environment_in(self.folder)

    @property
    def _reads(self) -> Path:
        return self.folder / "home" / "lpr-data"

    def store(self) -> SqliteReads:
        return SqliteReads(self._reads)

    def durability(self) -> str:
        with tempfile.TemporaryDirectory() as made:
            file, said = Path(made) / "asked.sqlite3", []
            files.make_hour(file)
            records = sqlite3.connect(Path(made) / "records.sqlite3")
            records.executescript(records_database(Home(self.folder / "home"), "")["OPTIONS"]["init_command"])
            for name, opened in (("reads", files.open_for_writing(file)), ("records", records)):
                with closing(opened) as asked:
                    mode, sync = (
                        asked.execute(f"PRAGMA {each}").fetchone()[0] for each in ("journal_mode", "synchronous")
                    )
                    said.append(f"{name}: journal_mode={mode}, synchronous={_SAYS[sync]}")
        return "; ".join(said)

    def bulk(self, rows: Sequence[Leaving], *, image: int) -> Bulk:
        statement = f"INSERT INTO read ({ALL_COLUMNS}) VALUES ({', '.join('?' * len(rows[0].values()))})"
        values = [row.values() for row in rows]

        def once() -> Bulk:
            with tempfile.TemporaryDirectory(dir=self.folder) as made:
                file = Path(made) / "bulk.sqlite3"
                files.make_hour(file)
                with closing(files.open_for_writing(file)) as connection:

                    @contextmanager
                    def transaction() -> Iterator[None]:
                        connection.execute("BEGIN IMMEDIATE")
                        yield
                        connection.execute("COMMIT")

                    put = lambda some: connection.executemany(statement, some)  # noqa: E731
                    speed = _speed(values, put, transaction, Path(made), image)
                return Bulk(speed, file.stat().st_size / len(rows))

        return max(once() for _ in range(3))

    def shift(self, day: date, to: date) -> None:
        folder = day_folder(self._reads, to)
        if folder.exists():
            return
        fresh, lasts = self._reads / f".new-{to}", start_of(to) - start_of(day)
        images_folder(fresh).mkdir(parents=True, exist_ok=True)
        reads_file(fresh).unlink(missing_ok=True)
        with closing(sqlite3.connect(reads_file(fresh), isolation_level=None)) as file:
            file.execute("PRAGMA synchronous=OFF")
            file.executescript(f"{files.TABLE} {files.SEALED} PRAGMA user_version = {files.VERSION};")
            file.execute("ATTACH ? AS other", (str(reads_file(day_folder(self._reads, day))),))
            file.execute(f"INSERT INTO main.read ({ALL_COLUMNS}) SELECT {_shifted(lasts)} FROM other.read")
            file.execute("DETACH other")
            file.executescript(f"{files.INDEXES} PRAGMA journal_mode=WAL;")
        sync_folder(fresh)
        fresh.rename(folder)

    def held(self, day: date) -> int:
        return _on_disk(self._reads, day)


@dataclass(frozen=True)
class _Postgres:
    folder: Path
    url: str
    name: str = "PostgreSQL"

    @property
    def environment(self) -> dict[str, str]:
        return environment_in(self.folder) | {"PLATEKEEPER_DATABASE_URL": self.url}

    def store(self) -> PostgresReads:
        return PostgresReads(self._where, self.folder / "home" / "lpr-data", schema=READS)

    def durability(self) -> str:
        with psycopg.connect(self.url) as connection:
            asked = ("fsync", "synchronous_commit", "full_page_writes", "wal_sync_method")
            said = [f"{each}={connection.execute(f'SHOW {each}'.encode()).fetchone()[0]}" for each in asked]  # type: ignore[index]
        return f"reads and records: {', '.join(said)}"

    def bulk(self, rows: Sequence[Leaving], *, image: int) -> Bulk:
        values, day = [(*row.values(), row.step) for row in rows], start_of(_day_of(rows))

        def once() -> Bulk:
            with closing(self._place("bulk").connect()) as connection, tempfile.TemporaryDirectory() as made:
                connection.execute("DROP SCHEMA IF EXISTS bulk CASCADE")
                ensure(connection, "bulk")
                make_part(connection, day, 0)
                (part,) = parts_of(Reader(connection, None), _day_of(rows))
                connection.execute("CHECKPOINT")
                put = lambda some: copy_rows(connection, part, some)  # noqa: E731
                speed = _speed(values, put, connection.transaction, Path(made), image)
                (size,) = connection.execute(
                    "SELECT pg_total_relation_size(%s::regclass)", (part.name,)
                ).fetchone() or (0,)
                connection.execute("DROP SCHEMA bulk CASCADE")
                return Bulk(speed, size / len(rows))

        return max(once() for _ in range(3))

    def shift(self, day: date, to: date) -> None:
        with closing(self._place(READS).connect()) as connection:
            if parts_of(Reader(connection, None), to):
                return
            (first,) = parts_of(Reader(connection, None), day)
            begins, lasts = start_of(to), start_of(to) - start_of(day)
            with connection.transaction():
                connection.execute("SET LOCAL maintenance_work_mem = '512MB'")
                (number,) = connection.execute("SELECT nextval('part_number')").fetchone() or (0,)
                name = f"read_{to:%Y%m%d}_{number}"
                connection.execute(f"CREATE TABLE {name} (LIKE read INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
                connection.execute(
                    f"INSERT INTO {name} ({ALL_COLUMNS}, step) SELECT {_shifted(lasts)}, step FROM {first.name}"
                )
                indexes = connection.execute(
                    "SELECT indexdef FROM pg_indexes WHERE tablename = 'read' AND schemaname = %s", (READS,)
                )
                for (index,) in indexes.fetchall():
                    connection.execute(re.sub(r"INDEX \w+ ON ONLY \S+", f"INDEX ON {name}", index))
                bounds = f"FROM (0, {begins}) TO (0, {begins + MICROSECONDS_A_DAY})"
                connection.execute(f"ALTER TABLE read ATTACH PARTITION {name} FOR VALUES {bounds}")
                told = (name, begins, begins + MICROSECONDS_A_DAY, first.last + lasts)
                connection.execute("INSERT INTO part (name, step, since, until, last) VALUES (%s, 0, %s, %s, %s)", told)

    def held(self, day: date) -> int:
        with psycopg.connect(self.url) as connection:
            (tables,) = connection.execute(
                "SELECT coalesce(sum(pg_total_relation_size(oid)), 0)::bigint FROM pg_class WHERE relkind = 'r'"
                " AND (relname LIKE %s OR relname LIKE %s)",
                (f"read_{day:%Y%m%d}%", f"plate_{day:%Y%m%d}%"),
            ).fetchone() or (0,)
        return int(tables) + _on_disk(self.folder / "home" / "lpr-data", day)

    @property
    def _where(self) -> dict[str, str]:
        return {name: str(value) for name, value in conninfo_to_dict(self.url).items()}

    def _place(self, schema: str) -> Place:
        return Place(tuple(sorted(self._where.items())), schema)


def _speed(
    values: Sequence[tuple[object, ...]],
    put: Callable[[Sequence[tuple[object, ...]]], object],
    transaction: Callable[[], AbstractContextManager[object]],
    folder: Path,
    image: int,
) -> float:
    """Return how many rows a second go in, `BULK` in a transaction, each with an image or none."""
    picture = _IMAGE_START + bytes(max(image - len(_IMAGE_START), 0))
    begun = time.perf_counter()
    for start in range(0, len(values), BULK):
        some, packs = values[start : start + BULK], PackWriter(folder)
        with transaction():
            for _ in some if image else ():
                packs.add(picture, sha256="", lpr=1, at=0)
            put(some)
            packs.sync()
        packs.close()
    return len(values) / (time.perf_counter() - begun)


def _shifted(microseconds: int) -> str:
    """Return all columns, with times so much later."""
    later = {"number", "at", "received"}
    return ", ".join(f"{each} + {microseconds}" if each in later else each for each in ALL_COLUMNS.split(", "))


def _day_of(rows: Sequence[Leaving]) -> date:
    return day_of(rows[0].row.at)


def _on_disk(store: Path, day: date) -> int:
    """Return the bytes of a day's folder, and of those that wait aside to be removed."""
    places = [day_folder(store, day), *store.glob(f".disposing-{day}*")]
    found = 0
    for each in places:
        for place, _, names in os.walk(each):
            for name in names:
                with suppress(FileNotFoundError):
                    found += 512 * os.lstat(Path(place) / name).st_blocks
    return found
