"""The end of a day: whole, for good, whoever is writing or reading meanwhile (VI.k)."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

from platekeeper.server.storage.days import day_folder
from platekeeper.server.storage.reads import DisposedDay
from platekeeper.server.storage.sqlite.hours import Hour
from platekeeper.server.storage.sqlite.layout import hour_files
from platekeeper.server.storage.sqlite.store import SqliteReads
from platekeeper.server.storage.sqlite.writer import SqliteWriter
from platekeeper.server.storage.steps import steps_in
from tests.storage.making import DAY, JPEG, MIDNIGHT, NOON, filled, filled_files, put, store_in

EMPTY = hashlib.sha256().hexdigest()


@pytest.mark.records
def test_a_day_is_gone_and_accounted_for(tmp_path: Path) -> None:
    store = filled(
        tmp_path,
        {"raw": "A", "image": JPEG},
        {"raw": "B"},
        {"raw": "C", "lpr": 2},
        {"raw": "D", "at": MIDNIGHT - 1},
    )
    reads = [read.row for read in store.recent(10) if read.day == DAY]
    hashed = hashlib.sha256(b"".join(sorted(row.id + row.digest for row in reads))).hexdigest()
    done = store.dispose(DAY)
    assert (done.day, done.counts, done.digest) == (DAY, {1: 2, 2: 1}, hashed)
    assert done.bytes_freed > 0
    assert [read.row.raw for read in store.recent(10)] == ["D"]
    assert store.dispose(DAY) == done  # until it is on record, the same is told
    store.settle_disposal(DAY)
    assert not [path for path in tmp_path.iterdir() if str(DAY) in path.name]
    assert store.dispose(DAY) == DisposedDay(DAY, {}, EMPTY, 0)


@pytest.mark.records
def test_a_day_is_out_of_sight_at_once_and_accounted_for_when_it_is_removed(tmp_path: Path) -> None:
    store = filled(tmp_path, {"raw": "A", "image": JPEG}, {"raw": "B", "at": MIDNIGHT - 1})
    (read,) = [each for each in store.recent(10) if each.day == DAY]
    for _ in range(2):
        store.hide(DAY)
        assert DAY not in store.days()
        assert [each.row.raw for each in store.recent(10)] == ["B"]
        assert store.image_of(read.row) is None
    assert store.dispose(DAY).counts == {1: 1}
    store.settle_disposal(DAY)
    assert not [path for path in tmp_path.iterdir() if str(DAY) in path.name]


@pytest.mark.records
def test_what_was_begun_anew_before_a_disposal_was_on_record_goes_with_the_next(tmp_path: Path) -> None:
    store = filled(tmp_path, {"raw": "A"}, {"raw": "B"})
    done = store.dispose(DAY)
    with store.writer() as writer:
        put(writer, {"raw": "LATE", "lpr": 2})
    store.hide(DAY)
    assert store.dispose(DAY) == done
    assert [each.row.raw for each in store.recent(10)] == ["LATE"]
    store.settle_disposal(DAY)
    store.hide(DAY)
    assert store.dispose(DAY).counts == {2: 1}
    assert [each.counts for each in store.finish_disposals()] == [{2: 1}]
    assert store.finish_disposals() == []
    assert store.dispose(DAY).counts == {}


def test_what_a_full_disk_could_not_note_at_first_is_noted_once_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, real = filled_files(tmp_path, {"raw": "A"}), Path.replace

    def no_room(partial: Path, place: Path) -> Path:
        if place.name == "disposal.json" and hour_files(place.parent):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(partial, place)

    monkeypatch.setattr(Path, "replace", no_room)
    assert store.dispose(DAY).counts == store.dispose(DAY).counts == {1: 1}


def test_a_damaged_day_is_disposed_of_all_the_same(tmp_path: Path) -> None:
    store = filled_files(tmp_path, {"raw": "A"})
    (hour,) = hour_files(tmp_path / str(DAY))
    hour.file(tmp_path / str(DAY)).write_bytes(b"not a database" * 1000)
    assert store.dispose(DAY).digest == ""
    assert store.days() == []


@pytest.mark.parametrize("survives", ["everything", "no images", "the summary alone", "nothing"])
def test_an_interrupted_disposal_is_finished(tmp_path: Path, survives: str) -> None:
    store = filled_files(tmp_path, {"raw": "A", "image": JPEG}, {"raw": "B"})
    aside = tmp_path / f".disposing-{DAY}"
    (tmp_path / str(DAY)).rename(aside)
    if survives == "no images":
        shutil.rmtree(aside / "images")
    elif survives == "the summary alone":
        store.dispose(DAY)
        assert [path.name for path in aside.iterdir()] == ["disposal.json"]
    elif survives == "nothing":
        shutil.rmtree(aside)
        assert store.finish_disposals() == []
        return
    assert store.days() == []
    (done,) = store.finish_disposals()
    assert (done.day, done.counts) == (DAY, {1: 2})
    assert not aside.exists()
    assert store.finish_disposals() == []


def test_repeating_a_disposal_after_a_crash_tells_what_it_was(tmp_path: Path) -> None:
    store = filled_files(tmp_path, {"raw": "A"})
    (tmp_path / str(DAY)).rename(tmp_path / f".disposing-{DAY}")
    assert store.dispose(DAY).counts == {1: 1}


@pytest.mark.records
def test_the_writer_lets_go_of_a_disposed_day_and_can_begin_it_anew(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    with store.writer() as writer:
        put(writer, {"raw": "OLD", "image": JPEG})
        store.dispose(DAY)
        store.settle_disposal(DAY)
        put(writer, {"raw": "ELSEWHERE", "at": MIDNIGHT - 1})
        assert not isinstance(writer, SqliteWriter) or Hour(str(DAY), 12) not in writer._hours
        assert len(put(writer, {"raw": "OLD", "image": JPEG})) == 1
        assert [read.row.raw for read in store.recent(5)] == ["OLD", "ELSEWHERE"]
        store.dispose(DAY)
    assert [read.row.raw for read in store.recent(5)] == ["ELSEWHERE"]


@pytest.mark.records
def test_disposal_against_a_busy_writer_loses_and_revives_nothing(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    stop = threading.Event()
    stored: dict[str, int] = {}
    errors: list[BaseException] = []

    def append() -> None:
        try:
            with store.writer() as writer:
                for number in range(100_000):
                    if stop.is_set():
                        return
                    put(
                        writer,
                        {"raw": f"N{number}", "at": NOON + number},
                        {"raw": f"O{number}", "at": MIDNIGHT - 1 - number},
                    )
                    stored[f"N{number}"] = stored[f"O{number}"] = number
        except BaseException as error:  # shown by the test
            errors.append(error)

    def search() -> None:
        try:
            while not stop.is_set():
                for read in store.recent(20):
                    store.get(read.day, read.rowid)
        except BaseException as error:  # shown by the test
            errors.append(error)

    threads = [threading.Thread(target=append), threading.Thread(target=search)]
    for thread in threads:
        thread.start()
    disposed = 0
    for _ in range(15):
        before = len(stored)
        while len(stored) < before + 6 and not errors:
            time.sleep(0.001)
        disposed += sum(store.dispose(DAY).counts.values())
        store.settle_disposal(DAY)
    stop.set()
    for thread in threads:
        thread.join(20)
    assert not errors
    kept = store.recent(1_000_000)
    assert disposed + sum(read.day == DAY for read in kept) == len(stored) // 2
    assert sum(read.day != DAY for read in kept) == len(stored) // 2


def test_what_a_crash_left_of_steps_is_removed_and_told(tmp_path: Path) -> None:
    store = SqliteReads(tmp_path)
    with store.writer() as writer:
        put(writer, {"raw": "A"}, {"raw": "B", "at": NOON + 60_000_000}, step=timedelta(minutes=1))
    first, _ = steps_in(day_folder(tmp_path, DAY))
    aside = tmp_path / f".disposing-{DAY}.steps"
    aside.mkdir()
    shutil.move(first.folder, aside)
    assert [each.counts for each in store.finish_disposals()] == [{1: 1}]
    assert [read.row.raw for read in store.recent(5)] == ["B"]
