"""The writer: repeats, revisions, batches waiting to be settled, one writer only."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg import DataError, OperationalError

from platekeeper.server.storage.days import MICROSECONDS_A_DAY, images_folder
from platekeeper.server.storage.locks import held
from platekeeper.server.storage.reads import ReadStore, ReadWriter, WriterBusy
from platekeeper.server.storage.sqlite.layout import DAYS_LOCK
from platekeeper.server.storage.terms import SearchTerms
from tests.e2e.steps import Steps
from tests.storage.making import (
    DAY,
    JPEG,
    MIDNIGHT,
    NOON,
    Said,
    batch_id,
    drop_connections,
    filled_files,
    incoming,
    put,
    store_in,
)

pytestmark = pytest.mark.records
ALL = SearchTerms(since=0, until=2**63 - 1)


@pytest.fixture
def store(tmp_path: Path) -> ReadStore:
    return store_in(tmp_path)


@pytest.fixture
def writer(store: ReadStore) -> Iterator[ReadWriter]:
    with store.writer() as writer:
        yield writer


def test_a_stored_read_comes_back_as_it_was(store: ReadStore, writer: ReadWriter) -> None:
    arrival = incoming(batch=batch_id(1), event="e1", image=JPEG)
    assert writer.append(batch=batch_id(1), incoming=[arrival], received=NOON) == [arrival.row]
    (read,) = store.recent(10)
    assert (read.row, read.day, read.revision, read.corrected) == (arrival.row, DAY, 1, False)
    assert store.get(DAY, read.rowid) == read
    assert store.image(read) == JPEG
    assert store.count(DAY) == {1: 1}
    assert store.days() == [DAY]


_reads = st.fixed_dictionaries(
    {
        "raw": st.sampled_from(["AAA", "BOB", "CC0"]),
        "at": st.sampled_from([MIDNIGHT - 1, MIDNIGHT, NOON]),
        "lpr": st.integers(1, 2),
        "event": st.sampled_from(["", "e1", "e2"]),
        "image": st.sampled_from([None, JPEG]),
    }
)


@settings(max_examples=40, deadline=None)
@given(
    batches=st.lists(st.lists(_reads, max_size=6), max_size=6),
    again=st.randoms(use_true_random=False),
    reopen=st.booleans(),
)
def test_any_repetition_and_order_stores_each_read_once(batches: list[list[Said]], again: object, reopen: bool) -> None:
    with TemporaryDirectory() as folder:
        store = store_in(Path(folder))
        with ExitStack() as last:  # an example may be given up where it shuffles
            writer = last.enter_context(store.writer())
            new = [row for batch in batches for row in put(writer, *batch)]
            if reopen:
                writer.close()
                writer = last.enter_context(store.writer())
            repeats = [read for batch in batches for read in batch] * 2
            again.shuffle(repeats)  # type: ignore[attr-defined]
            assert put(writer, *repeats) == []
        said = {(read.row.id, read.row.digest) for batch in batches for read in (incoming(**each) for each in batch)}
        found = store.search(ALL, limit=1000).reads
        assert sorted((read.row.id, read.row.digest) for read in found) == sorted(said)
        assert sorted((row.id, row.digest) for row in new) == sorted(said)
        assert all(store.image(read) == JPEG for read in found if read.image)


def test_a_correction_is_the_next_revision_and_the_latest_counts(store: ReadStore, writer: ReadWriter) -> None:
    put(writer, {"raw": "ABC12B", "event": "e1"})
    put(writer, {"raw": "ABC128", "event": "e1"})
    put(writer, {"raw": "ABC12B", "event": "e1"})  # the first one repeated is no revision
    found = {read.row.raw: (read.revision, read.corrected) for read in store.recent(10)}
    assert found == {"ABC12B": (1, True), "ABC128": (2, False)}


@pytest.mark.parametrize(("first", "second"), [(MIDNIGHT - 2, MIDNIGHT + 2), (MIDNIGHT + 2, MIDNIGHT - 2)])
def test_a_correction_across_midnight_is_a_revision_too(
    store: ReadStore, writer: ReadWriter, first: int, second: int
) -> None:
    put(writer, {"raw": "OLD", "event": "e1", "at": first}, received=NOON)
    put(writer, {"raw": "NEW", "event": "e1", "at": second}, received=NOON + 1)
    found = {read.row.raw: (read.revision, read.corrected) for read in store.recent(10)}
    assert found == {"OLD": (1, True), "NEW": (2, False)}


def test_a_batch_is_pending_until_settled(store: ReadStore, writer: ReadWriter) -> None:
    one, two = batch_id(1), batch_id(2)
    put(writer, {"raw": "A", "at": MIDNIGHT - 1}, {"raw": "B"}, batch=one)
    put(writer, {"raw": "B"}, {"raw": "C"}, batch=two, received=NOON + 1)
    waiting = writer.unsettled()
    assert [(each.batch, [row.raw for row in each.rows]) for each in waiting] == [
        (one, ["A", "B"]),
        (two, ["C"]),
    ]
    assert store.pending() == {one: NOON, two: NOON + 1}
    writer.settle(one)
    assert [each.batch for each in writer.unsettled()] == [two]
    writer.close()
    with store.writer() as later:
        assert [each.batch for each in later.unsettled()] == [two]
        later.settle(two)
        put(later, {"raw": "D"}, batch=batch_id(3))
        assert [each.batch for each in later.unsettled()] == [batch_id(3)]
        later.settle(batch_id(3))
    with store.writer() as last:
        assert last.unsettled() == []
    assert store.pending() == {}


def test_who_lost_the_database_goes_on_once_it_is_back(store: ReadStore, writer: ReadWriter) -> None:
    put(writer, {"raw": "AAA"}, batch=batch_id(1))
    store.recent(1)
    drop_connections()
    for learn in (lambda: store.recent(1), writer.unsettled):
        with suppress(OperationalError):
            learn()
    assert [waiting.batch for waiting in writer.unsettled()] == [batch_id(1)]
    put(writer, {"raw": "BBB"}, batch=batch_id(2))
    assert {read.row.raw for read in store.recent(10)} == {"AAA", "BBB"}


def test_a_batch_whose_disk_fails_at_any_step_is_taken_when_it_comes_again(
    store: ReadStore, writer: ReadWriter
) -> None:
    counting = Steps(0)
    with counting.counted():
        put(writer, {"at": NOON, "image": JPEG})
    for number in range(1, counting.count + 1):
        batch, reads = batch_id(), [{"at": NOON + number * MICROSECONDS_A_DAY, "image": JPEG}]
        with Steps(number, failing=errno.EIO).counted(), suppress(Exception):
            put(writer, *reads, batch=batch)
        put(writer, *reads, batch=batch)
        assert store.count(DAY + timedelta(days=number)) == {1: 1}, number
    assert counting.count > 5


def test_a_batch_of_repeats_leaves_no_mark(writer: ReadWriter) -> None:
    put(writer, {}, batch=batch_id(1))
    writer.settle(batch_id(1))
    assert put(writer, {}, {}, batch=batch_id(2)) == []
    assert writer.unsettled() == []


def test_late_uploads_to_many_days_settle_as_well(store: ReadStore, writer: ReadWriter) -> None:
    days = [MIDNIGHT - number * 86_400_000_000 for number in range(20)]
    put(writer, *({"at": at} for at in days), batch=batch_id(1))
    writer.settle(batch_id(1))
    writer.close()
    assert store.days() == [DAY - timedelta(days=number) for number in reversed(range(20))]
    with store.writer() as later:
        assert later.unsettled() == []


def test_a_bad_row_undoes_its_whole_batch(store: ReadStore, writer: ReadWriter, tmp_path: Path) -> None:
    put(writer, {"raw": "GOOD"})
    with pytest.raises((OverflowError, DataError)):
        put(writer, {"raw": "FINE", "image": JPEG}, {"raw": "BAD", "lpr": 2**70})
    assert [read.row.raw for read in store.recent(10)] == ["GOOD"]
    assert not any(pack.stat().st_size for pack in images_folder(tmp_path / str(DAY)).glob("*"))
    assert len(put(writer, {"raw": "FINE", "image": JPEG})) == 1


def test_a_second_writer_is_refused_here_and_in_another_process(store: ReadStore, tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from tests.storage.making import store_in\n"
        "from platekeeper.server.storage.reads import WriterBusy\n"
        "try: store_in(Path(sys.argv[1])).writer().close()\n"
        "except WriterBusy: sys.exit(3)\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    with store.writer():
        with pytest.raises(WriterBusy):
            store.writer()
        assert subprocess.run(command, check=False, env=_environment()).returncode == 3
    assert subprocess.run(command, check=False, env=_environment()).returncode == 0


def test_a_day_that_was_half_made_is_made_again(tmp_path: Path) -> None:
    left = tmp_path / f".new-{DAY}" / "images"
    left.mkdir(parents=True)
    store = filled_files(tmp_path, {})
    assert len(store.recent(5)) == 1
    assert not left.exists()


def _environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": ":".join(filter(None, [os.getcwd(), *sys.path]))}  # noqa: PTH109


def test_who_asks_what_has_arrived_waits_for_the_append_that_is_under_way(tmp_path: Path) -> None:
    store = filled_files(tmp_path, {"raw": "A1"})
    with ThreadPoolExecutor() as pool:
        with held(tmp_path / DAYS_LOCK):
            asked = pool.submit(store.arrived_until)
            with pytest.raises(TimeoutError):
                asked.result(timeout=0.2)
        assert asked.result(timeout=20) > 0
