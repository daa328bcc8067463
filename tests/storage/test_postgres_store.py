"""What a store in PostgreSQL alone can show: spread by plate it answers as one that is not (with stand-ins for Citus's
functions), it outlives a restart of the server, and it is backed up as files of SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from platekeeper.server.storage.postgres import connections
from platekeeper.server.storage.postgres.distributed import Tables, distribute
from platekeeper.server.storage.postgres.store import PostgresReads
from platekeeper.server.storage.terms import LARGEST, SearchTerms
from tests.postgres import cluster
from tests.storage.making import DAY, JPEG, MIDNIGHT, NOON, Said, batch_id, put, store_at
from tests.storage.spreading import SHARDS, STAND_IN
from tests.storage.test_search import a_read, some_terms

ALL = SearchTerms(since=0, until=LARGEST)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with cluster() as url:
        yield url


def spread_at(url: str, folder: Path) -> PostgresReads:
    """Return an empty store whose reads are spread."""
    store = store_at(url, folder)
    store.prepare()
    with closing(store._place.connect()) as connection:
        connection.execute(STAND_IN)
        distribute(connection, Tables(), shards=SHARDS)
    return store


def _told(store: PostgresReads, terms: SearchTerms) -> list[Any]:
    found = store.search(terms, limit=100).reads
    return [(read.row._replace(batch=b""), read.revision, read.corrected) for read in found]


@settings(max_examples=25)
@given(reads=st.lists(a_read, max_size=20), late=st.lists(a_read, max_size=4), terms=some_terms, sealed=st.booleans())
def test_it_finds_what_one_machine_would(
    url: str, reads: list[Said], late: list[Said], terms: dict[str, Any], sealed: bool
) -> None:
    with TemporaryDirectory() as one, TemporaryDirectory() as several:
        told = []
        for store in (store_at(url, Path(one)), spread_at(url, Path(several))):
            with store.writer() as writer:
                put(writer, *reads)
                if sealed:
                    store.seal(before=date.max, settled=set)
                put(writer, *late, *reads[:3])
            told.append((_told(store, SearchTerms(since=0, until=LARGEST, **terms)), _told(store, ALL)))
        assert told[0] == told[1]


def test_repeats_corrections_and_steps_are_known_and_days_go(url: str, tmp_path: Path) -> None:
    store = spread_at(url, tmp_path)
    with store.writer() as writer:
        assert len(put(writer, {"raw": "A", "event": "1"}, {"raw": "smudge", "unreadable": True})) == 2
        assert len(put(writer, {"raw": "A", "event": "1"}, {"raw": "B", "event": "1", "image": JPEG})) == 1
        assert put(writer, {"raw": "B", "event": "1", "image": JPEG}, step=timedelta(minutes=5)) == []
    found = {read.row.raw: (read.revision, read.corrected) for read in store.recent(9)}
    assert found == {"A": (1, True), "B": (2, False), "smudge": (1, False)}
    assert store.image(next(read for read in store.recent(9) if read.row.raw == "B")) == JPEG
    other = spread_at(url, tmp_path / "other")
    other.take_over(DAY, store.leaving(DAY))
    assert list(other.leaving(DAY)) == list(store.leaving(DAY))
    assert store.dispose(DAY).counts == {1: 3}
    assert (store.days(), store.recent(9)) == ([], [])
    with store.writer() as writer:
        put(writer, {"raw": "NEW", "at": MIDNIGHT}, {"raw": "NOON", "at": NOON})
    assert len(store.recent(9)) == 2


def test_a_server_that_restarted_is_asked_anew(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "_SURE_SECONDS", 0.0)
    store = store_at(url, tmp_path)
    with store.writer() as writer:
        put(writer, {"raw": "A"})
        assert len(store.recent(5)) == 1
        with closing(store._place.connect()) as other:
            other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
        assert len(store.recent(5)) == 1
        with pytest.raises(psycopg.OperationalError):  # it may be stored: whoever sends repeats it
            put(writer, {"raw": "B"})
        put(writer, {"raw": "B"})
    assert len(store.recent(5)) == 2


def test_a_backed_up_day_takes_along_the_batches_that_wait_in_it_alone(url: str, tmp_path: Path) -> None:
    store, day_after = store_at(url, tmp_path), MIDNIGHT + 86_400_000_000
    with store.writer() as writer:
        put(writer, {"raw": "SETTLED"}, batch=batch_id(1))
        writer.settle(batch_id(1))
        put(writer, {"raw": "WAITS"}, batch=batch_id(2))
        put(writer, {"raw": "ELSEWHERE", "at": day_after}, batch=batch_id(3))
        [rows] = [piece.produce(tmp_path / "copied") for piece in store.pieces(DAY)]
    with closing(sqlite3.connect(rows)) as file:
        assert file.execute("SELECT batch FROM pending").fetchall() == [(batch_id(2),)]
        assert file.execute("SELECT raw FROM read ORDER BY number").fetchall() == [("SETTLED",), ("WAITS",)]
