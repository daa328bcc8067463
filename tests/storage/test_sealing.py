"""Hours become the day's one file: every read there once, whoever writes or reads meanwhile, however late it comes."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest

from platekeeper.server.storage.backups import RecoveryKey, backup, restore
from platekeeper.server.storage.days import day_folder
from platekeeper.server.storage.sqlite.engine import ReadsUnknown
from platekeeper.server.storage.sqlite.hours import Hour
from platekeeper.server.storage.sqlite.layout import claims, hour_files, reads_file
from platekeeper.server.storage.sqlite.store import SqliteReads
from platekeeper.server.storage.sqlite.writer import SqliteWriter
from platekeeper.server.storage.terms import SearchTerms
from tests.storage.making import DAY, JPEG, MIDNIGHT, NOON, batch_id, filled_files, incoming, put
from tests.storage.old_day import make_old_day

HOUR = 3_600_000_000
LATER = DAY + timedelta(days=1)
ALL = SearchTerms(since=0, until=2**63 - 1)


@pytest.fixture
def store(tmp_path: Path) -> SqliteReads:
    return SqliteReads(tmp_path)


@pytest.fixture
def writer(store: SqliteReads) -> Iterator[SqliteWriter]:
    with store.writer() as writer:
        yield writer


def _seal(store: SqliteReads, *, before: date = LATER) -> dict[date, int]:
    return store.seal(before=before, settled=set)


def _names(store: SqliteReads, day: date = DAY) -> list[str]:
    return sorted(path.name for path in day_folder(store._folder, day).iterdir() if path.is_file())


def _raws(store: SqliteReads) -> list[str]:
    return sorted(read.row.raw for read in store.recent(1000))


def test_each_hour_has_its_file_and_the_day_is_one_file_when_sealed(store: SqliteReads, writer: SqliteWriter) -> None:
    put(writer, *({"raw": f"R{hour}", "at": MIDNIGHT + hour * HOUR + 5, "image": JPEG} for hour in (0, 7, 23)))
    before = store.recent(10)
    assert [file.hour for file in hour_files(day_folder(store._folder, DAY))] == [0, 7, 23]
    assert _seal(store, before=DAY) == {}
    assert _seal(store) == {DAY: 3}
    assert _seal(store) == {}
    kept = [name for name in _names(store) if not name.endswith(("-wal", "-shm"))]
    assert kept == ["plates.dictionary", "reads.sqlite3"]
    assert store.recent(10) == before
    assert [store.get(DAY, read.rowid) for read in before] == before
    assert all(store.image(read) == store.image_of(read.row) == JPEG for read in before)
    assert store.count(DAY) == {1: 3}


def test_the_writer_goes_on_in_a_file_of_the_next_generation(store: SqliteReads, writer: SqliteWriter) -> None:
    put(writer, {"raw": "ONE"})
    (first,) = hour_files(day_folder(store._folder, DAY))
    _seal(store)
    put(writer, {"raw": "TWO"})
    (second,) = hour_files(day_folder(store._folder, DAY))
    assert (first.hour, first.generation < second.generation) == (second.hour, True)
    assert Hour(str(DAY), 12) in writer._hours
    assert (_raws(store), _seal(store), _raws(store)) == (["ONE", "TWO"], {DAY: 1}, ["ONE", "TWO"])


def test_a_repeat_of_a_sealed_read_is_known_and_a_late_one_stored(store: SqliteReads, writer: SqliteWriter) -> None:
    put(writer, {"raw": "OLD", "image": JPEG}, {"raw": "OTHER"})
    _seal(store)
    assert put(writer, {"raw": "OLD", "image": JPEG}, {"raw": "OTHER"}) == []
    late = put(writer, {"raw": "OLD", "image": JPEG}, {"raw": "LATE", "image": JPEG}, {"raw": "LATE", "image": JPEG})
    assert [row.raw for row in late] == ["LATE"]
    pack = day_folder(store._folder, DAY) / "images" / "12-1.pack"
    assert pack.stat().st_size == 2 * len(JPEG)
    assert _seal(store) == {DAY: 1}
    assert put(writer, {"raw": "LATE", "image": JPEG}) == []
    assert _raws(store) == ["LATE", "OLD", "OTHER"]
    assert store.count(DAY) == {1: 3}


def test_an_hour_with_a_batch_that_is_not_settled_waits(store: SqliteReads, writer: SqliteWriter) -> None:
    put(writer, {"raw": "A"}, batch=batch_id(1))
    put(writer, {"raw": "B", "at": NOON + HOUR}, batch=batch_id(2))
    settled = {batch_id(2)}
    assert store.seal(before=LATER, settled=settled.intersection) == {DAY: 1}
    assert _raws(store) == ["A", "B"]
    assert [waiting.batch for waiting in writer.unsettled()] == [batch_id(1)]
    put(writer, {"raw": "C"}, batch=batch_id(3))  # into another file: the claimed one is written no more
    settled.add(batch_id(1))
    assert store.seal(before=LATER, settled=settled.intersection) == {DAY: 1}
    writer.close()
    with store.writer() as again:
        assert [waiting.batch for waiting in again.unsettled()] == [batch_id(3)]
    assert _raws(store) == ["A", "B", "C"]


def test_settling_a_batch_whose_file_is_sealed_does_no_harm(store: SqliteReads, writer: SqliteWriter) -> None:
    put(writer, {"raw": "A"}, batch=batch_id(1))
    _seal(store)
    writer.settle(batch_id(1))
    writer.close()
    with store.writer() as again:
        assert again.unsettled() == []
    assert _raws(store) == ["A"]


@pytest.mark.parametrize("edge", [MIDNIGHT, NOON])
@pytest.mark.parametrize("way", [-1, 1])
def test_a_correction_across_an_hour_or_midnight_is_a_revision(
    store: SqliteReads, writer: SqliteWriter, edge: int, way: int
) -> None:
    put(writer, {"raw": "OLD", "event": "e1", "at": edge - 2 * way})
    put(writer, {"raw": "NEW", "event": "e1", "at": edge + 2 * way})
    for _ in range(2):
        found = {read.row.raw: (read.revision, read.corrected) for read in store.recent(10)}
        assert found == {"OLD": (1, True), "NEW": (2, False)}
        _seal(store)
    put(writer, {"raw": "NEWEST", "event": "e1", "at": edge - 3 * way})
    found = {read.row.raw: (read.revision, read.corrected) for read in store.recent(10)}
    assert found == {"OLD": (1, True), "NEW": (2, True), "NEWEST": (3, False)}


def test_corrections_within_one_batch_stand_in_the_order_given(store: SqliteReads, writer: SqliteWriter) -> None:
    put(writer, *({"raw": f"R{n}", "event": "e1", "at": NOON + (-1) ** n} for n in range(4)))
    found = {read.row.raw: (read.revision, read.corrected) for read in store.recent(10)}
    assert found == {"R0": (1, True), "R1": (2, True), "R2": (3, True), "R3": (4, False)}


def test_a_correction_that_moves_a_read_by_more_than_an_hour_is_shown_by_itself(
    store: SqliteReads, writer: SqliteWriter
) -> None:
    put(writer, {"raw": "OLD", "event": "e1", "at": NOON})
    put(writer, {"raw": "NEW", "event": "e1", "at": NOON + 2 * HOUR})
    assert {(read.revision, read.corrected) for read in store.recent(10)} == {(1, False)}


def test_later_reads_have_higher_numbers_though_the_clock_be_set_back(store: SqliteReads) -> None:
    with store.writer() as writer:
        put(writer, {"raw": "A", "event": "e1"}, received=NOON)
    with store.writer() as writer:
        put(writer, {"raw": "B", "event": "e1"}, received=NOON - 9 * HOUR)
    found = {read.row.raw: (read.revision, read.rowid) for read in store.recent(10)}
    assert (found["A"][0], found["B"][0]) == (1, 2)
    assert found["A"][1] < found["B"][1]


def test_readers_see_every_read_once_while_hours_are_sealed(store: SqliteReads, writer: SqliteWriter) -> None:
    stop, wrong = threading.Event(), list[object]()
    known = {f"K{n}" for n in range(40)}
    put(writer, *({"raw": raw, "at": NOON + n * HOUR // 8} for n, raw in enumerate(sorted(known))))

    def read() -> None:
        try:
            while not stop.is_set():
                counted = sum(store.count(DAY).values())
                raws = [read.row.raw for read in store.search(ALL, limit=5000).reads]
                if len(raws) != len(set(raws)) or not known <= set(raws) or counted < len(known):
                    wrong.append((counted, sorted(raws)))
        except BaseException as error:  # shown by the test
            wrong.append(error)

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    stored = len(known)
    for number in range(25):
        put(writer, *({"raw": f"N{number}.{n}", "at": NOON + n * HOUR} for n in range(3)))
        stored += 3
        _seal(store)
        assert sum(store.count(DAY).values()) == stored
    stop.set()
    for thread in threads:
        thread.join(20)
    assert not wrong, wrong[0]


def test_a_day_is_sealed_while_it_is_written_and_nothing_is_lost(store: SqliteReads, writer: SqliteWriter) -> None:
    errors: list[BaseException] = []
    done = threading.Event()

    def seal() -> None:
        try:
            while not done.is_set():
                _seal(store)
        except BaseException as error:  # shown by the test
            errors.append(error)

    thread = threading.Thread(target=seal)
    thread.start()
    sent = [f"R{number}" for number in range(150)]
    for number, raw in enumerate(sent):
        assert len(put(writer, {"raw": raw, "at": NOON + number % 3 * HOUR})) == 1
        assert put(writer, {"raw": raw, "at": NOON + number % 3 * HOUR}) == []
    done.set()
    thread.join(20)
    assert not errors
    assert _raws(store) == sorted(sent)
    _seal(store)
    assert (_raws(store), claims(day_folder(store._folder, DAY))) == (sorted(sent), [])


def test_a_disposed_day_is_gone_whatever_was_sealed_of_it(store: SqliteReads, writer: SqliteWriter) -> None:
    put(writer, {"raw": "A"}, {"raw": "B", "lpr": 2})
    _seal(store)
    put(writer, {"raw": "LATE"})
    assert store.dispose(DAY).counts == {1: 2, 2: 1}
    assert (_seal(store), _raws(store)) == ({}, [])
    put(writer, {"raw": "A"})
    assert (_seal(store), _raws(store)) == ({DAY: 1}, ["A"])


def test_a_backup_amid_sealing_holds_every_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    store = filled_files(home / "lpr-data", {"raw": "A", "image": JPEG}, {"raw": "B", "at": NOON + HOUR})
    key = RecoveryKey.make()
    with monkeypatch.context() as killed:
        killed.setattr("platekeeper.server.storage.sqlite.sealing._remove", _killed)
        with pytest.raises(KeyboardInterrupt):
            _seal(store)
    assert len(hour_files(day_folder(store._folder, DAY))) == 2
    for _ in range(2):
        backup(
            reads=store, records=[], others=[], target=tmp_path / "backup", lock=key.lock, scratch=tmp_path / "scratch",
            stamp="now",
        )  # fmt: skip
        again = SqliteReads(tmp_path / f"again-{_}" / "lpr-data")
        restore(tmp_path / "backup", tmp_path / f"again-{_}", key)
        assert (_raws(again), again.count(DAY)) == (["A", "B"], {1: 2})
        with again.writer() as writer:
            assert put(writer, {"raw": "A", "image": JPEG}) == []
        _seal(again)
        assert (_raws(again), again.count(DAY)) == (["A", "B"], {1: 2})
        _seal(store)  # the second backup is of the sealed day
    assert sorted(piece.path.rpartition("/")[2] for piece in store.pieces(DAY)) == ["12-1.pack", "reads.sqlite3"]
    assert len(list((tmp_path / "backup").rglob(f"{DAY}/*"))) == len(["reads.sqlite3", "12-1.pack", "catalogue"])


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_day_of_an_earlier_version_is_read_as_a_sealed_one(store: SqliteReads) -> None:
    old = [incoming(raw, at=NOON, event=event, batch=batch_id(1)) for raw, event in (("A", "e1"), ("B", ""))]
    make_old_day(store._folder, DAY, old, pending=batch_id(1))
    assert _raws(store) == ["A", "B"]
    with store.writer() as writer:
        assert [(each.batch, [row.raw for row in each.rows]) for each in writer.unsettled()] == [
            (batch_id(1), ["A", "B"])
        ]
        assert put(writer, {"raw": "A", "event": "e1"}) == []
        put(writer, {"raw": "C", "event": "e1"})
    for _ in range(2):
        found = {read.row.raw: (read.revision, read.corrected) for read in store.recent(9)}
        assert found == {"A": (1, True), "B": (1, False), "C": (2, False)}
        _seal(store)
    assert (store.count(DAY), hour_files(day_folder(store._folder, DAY))) == ({1: 3}, [])
    assert store.dispose(DAY).counts == {1: 3}


def test_a_file_of_a_version_to_come_is_refused(store: SqliteReads) -> None:
    filled_files(store._folder, {"raw": "A"})
    _seal(store)
    with closing(sqlite3.connect(reads_file(day_folder(store._folder, DAY)))) as file:
        file.execute("PRAGMA user_version = 9")
    with pytest.raises(ReadsUnknown, match="version 9"):
        store.recent(5)
    with pytest.raises(ReadsUnknown, match="version 9"):
        store.count(DAY)
    with pytest.raises(ReadsUnknown, match="version 9"):
        store.writer()
