"""The records' SQLite file: nothing deleted lingers in it or in its log, and every connection leaves checkpoints alone."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from django.db import OperationalError, connection
from pytest_django import Settings

from platekeeper.server.jobs import work
from platekeeper.server.personnel.models import Agency
from platekeeper.server.storage.checkpoint import checkpoint, cut_log
from platekeeper.server.storage.databases import records_database
from platekeeper.server.storage.errors import others_in_the_way, storage_trouble
from platekeeper.server.storage.home import Home
from platekeeper.server.storage.room import log_size


@pytest.fixture
def records(tmp_path: Path) -> Iterator[tuple[Path, sqlite3.Connection]]:
    """Return a file of records and a connection to it, begun as every one of ours is."""
    given = records_database(Home(tmp_path), "")
    with closing(sqlite3.connect(given["NAME"], isolation_level=None)) as opened:
        opened.executescript(given["OPTIONS"]["init_command"])
        opened.execute("CREATE TABLE letter (payload TEXT)")
        yield Path(given["NAME"]), opened


def _lingers(path: Path, plate: bytes) -> bool:
    return any(plate in file.read_bytes() for file in path.parent.glob(f"{path.name}*"))


def test_what_is_deleted_is_gone_from_the_file_and_its_log(records: tuple[Path, sqlite3.Connection]) -> None:
    path, opened = records
    rows = [(f"PLATE-{number:05}" * 20,) for number in range(2000)]
    opened.execute("BEGIN")
    opened.executemany("INSERT INTO letter VALUES (?)", rows)
    opened.execute("COMMIT")
    assert checkpoint(path)
    opened.execute("DELETE FROM letter WHERE payload LIKE 'PLATE-01900%'")
    assert checkpoint(path)
    assert _lingers(path, b"PLATE-01900")  # in the log alone
    assert cut_log(path)
    assert not _lingers(path, b"PLATE-01900")
    assert 0 < log_size(path) < 10_000


def test_a_reader_holds_a_checkpoint_up_and_nothing_is_lost(records: tuple[Path, sqlite3.Connection]) -> None:
    path, opened = records
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM letter").fetchone()
        opened.execute("INSERT INTO letter VALUES ('x')")
        assert not checkpoint(path)
        assert not cut_log(path)
        reader.execute("COMMIT")
    assert checkpoint(path)
    assert opened.execute("SELECT count(*) FROM letter").fetchone() == (1,)


@pytest.mark.django_db(transaction=True)
def test_after_a_disposal_the_log_is_cut_once_nobody_reads_it(settings: Settings) -> None:
    path, waits = Path(settings.DATABASES["default"]["NAME"]), settings.HOME.log_to_cut
    waits.touch()  # as a disposal does
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM personnel_agency").fetchone()
        Agency.objects.bulk_create(Agency(name=f"Agency {number}") for number in range(500))
        assert work.dispose() == "0 disposals"
        assert waits.exists()
        assert log_size(path) > 10_000
        reader.execute("COMMIT")
    assert work.dispose() == "0 disposals"
    assert not waits.exists()
    assert log_size(path) < 10_000


def test_nothing_is_lost_while_several_write_and_the_log_is_moved_and_cut(
    records: tuple[Path, sqlite3.Connection],
) -> None:
    path, opened = records
    start = records_database(Home(path.parent), "")["OPTIONS"]["init_command"]

    def write(who: int) -> None:
        with closing(sqlite3.connect(path, timeout=20, isolation_level=None)) as writer:
            writer.executescript(start)
            for number in range(60):
                writer.execute("BEGIN IMMEDIATE")
                writer.execute("INSERT INTO letter VALUES (?)", (f"{who}-{number}" * 50,))
                writer.execute("COMMIT")

    with ThreadPoolExecutor(3) as pool:
        writing = [pool.submit(write, who) for who in range(3)]
        while not all(each.done() for each in writing):
            checkpoint(path)
            cut_log(path)
        assert [each.result() for each in writing] == [None] * 3
    assert opened.execute("SELECT count(DISTINCT payload) FROM letter").fetchone() == (180,)
    assert opened.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("pragma", "value"),
    [("wal_autocheckpoint", 0), ("secure_delete", 1), ("synchronous", 2), ("foreign_keys", 1), ("journal_mode", "wal")],
)
def test_django_begins_every_connection_so(pragma: str, value: object) -> None:
    with connection.cursor() as cursor:
        assert cursor.execute(f"PRAGMA {pragma}").fetchone() == (value,)


def _of_sqlite(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("said by SQLite")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (_of_sqlite(sqlite3.SQLITE_FULL), "full"),
        (_of_sqlite(sqlite3.SQLITE_IOERR_FSYNC), "cannot be read or written"),
        (_of_sqlite(sqlite3.SQLITE_BUSY), ""),
        (psycopg.errors.DiskFull(), "full"),
        (psycopg.errors.IoError(), "cannot be read or written"),
        (psycopg.errors.DeadlockDetected(), ""),
        (OSError(errno.ENOSPC, "no space"), "full"),
        (OSError(errno.EIO, "input/output error"), "cannot be read or written"),
        (OSError(errno.ENOENT, "not there"), ""),
        (ValueError(), ""),
    ],
)
def test_what_the_disk_did_is_told_apart_from_other_errors(cause: Exception, words: str) -> None:
    wrapped = OperationalError()
    wrapped.__cause__ = cause
    for error in (cause, wrapped):
        assert (words in storage_trouble(error)) and bool(storage_trouble(error)) is bool(words)
        busy = getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY
        assert others_in_the_way(error) is (busy or isinstance(cause, psycopg.errors.DeadlockDetected))
    assert storage_trouble(None) == ""
