"""kill -9 and a full disk: what was acknowledged is there once, what was refused is not half there."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from platekeeper.server.storage.errors import StoreFull
from platekeeper.server.storage.sqlite.store import SqliteReads
from platekeeper.server.storage.sqlite.writer import SqliteWriter
from platekeeper.server.storage.terms import SearchTerms
from tests.storage.appender import batch_of
from tests.storage.making import DAY, JPEG, put

ALL = SearchTerms(since=0, until=2**63 - 1)


def _start(folder: Path, *, first: int, largest: int = 0, padding: int = 0) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.storage.appender", str(folder), str(first), str(largest), str(padding)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        env={"PYTHONPATH": ":".join(filter(None, sys.path))},
    )


def _numbers(printed: str, word: str) -> list[int]:
    # The last line may have been cut by the kill: it counts only if it is whole.
    return [
        int(line.split()[1]) for line in printed.splitlines(keepends=True) if line.startswith(word) and line[-1] == "\n"
    ]


def test_killed_at_any_moment_no_acknowledged_read_is_lost_or_doubled(tmp_path: Path) -> None:
    store = SqliteReads(tmp_path)
    acknowledged: list[int] = []
    for cycle in range(5):
        process = _start(tmp_path, first=len(acknowledged))
        assert process.stdout is not None
        first = process.stdout.readline()
        time.sleep(0.05 + 0.037 * cycle)
        process.kill()
        acknowledged += _numbers(first + process.communicate()[0], "ack")
        assert acknowledged == list(range(len(acknowledged)))

        with store.writer() as writer:
            waiting = {each.batch: each.rows for each in writer.unsettled()}
        reads = store.search(ALL, limit=1_000_000).reads
        stored = {read.row.id: read for read in reads}
        assert len(stored) == len(reads)
        for number in acknowledged:
            for arrival in batch_of(number):
                read = stored[arrival.row.id]
                assert read.row == arrival.row
                assert arrival.image is None or store.image(read) == arrival.image
            if not number % 3:
                assert len(waiting[batch_of(number)[0].row.batch]) == 10
        # The one batch that was on its way: whatever of it is stored can be completed, by start-up or by a repeat.
        rest = [read.row for read in reads if read.row.received == len(acknowledged)]
        with store.writer() as writer:
            arrivals = batch_of(len(acknowledged))
            batch, received = arrivals[0].row.batch, len(acknowledged)
            assert len(waiting.get(batch, ())) == len(rest)
            new = writer.append(batch=batch, incoming=arrivals, received=received)
            assert len(new) + len(rest) == len(arrivals)
        acknowledged.append(len(acknowledged))


@pytest.mark.parametrize(
    ("largest", "padding"),
    [(60_000, 0), (150_000, 0), (400_000, 0), (400_000, 50_000)],  # the last: images first
)
def test_a_full_disk_is_refused_and_work_goes_on_when_there_is_room(tmp_path: Path, largest: int, padding: int) -> None:
    process = _start(tmp_path, first=0, largest=largest, padding=padding)
    printed = process.communicate(timeout=60)[0]
    assert process.returncode == 0, printed
    (full,) = _numbers(printed, "full")
    assert _numbers(printed, "ack") == list(range(full + 6))
    store = SqliteReads(tmp_path)
    reads = store.search(ALL, limit=1_000_000).reads
    said = [arrival for number in range(full + 6) for arrival in batch_of(number, padding=padding)]
    assert sorted(read.row.id for read in reads) == sorted(arrival.row.id for arrival in said)
    images = {arrival.row.id: arrival.image for arrival in said}
    assert all(read.image is None or store.image(read) == images[read.row.id] for read in reads)


def test_sqlites_own_word_for_a_full_disk_is_understood(tmp_path: Path) -> None:
    store = SqliteReads(tmp_path)
    with store.writer() as writer:
        put(writer, {"raw": "KEPT"})
        (pages,) = _connection(writer).execute("PRAGMA max_page_count = 1").fetchone()
        assert pages > 1  # as many as there are already
        many = [{"raw": f"REFUSED{number}" * 20, "image": JPEG} for number in range(200)]
        with pytest.raises(StoreFull):
            put(writer, *many)
        assert [read.row.raw for read in store.recent(9)] == ["KEPT"]
        assert (tmp_path / str(DAY) / "images" / "12-1.pack").stat().st_size == 0
        assert len(put(writer, *many)) == 200


def _connection(writer: SqliteWriter) -> sqlite3.Connection:
    (opened,) = writer._hours._open.values()
    return opened.connection
