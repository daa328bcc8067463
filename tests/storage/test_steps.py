"""Reads that go within a day lie in steps of minutes: they go whole, are not sealed, and are in no backup (VI.k)."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from platekeeper.server.storage.days import day_folder
from platekeeper.server.storage.images import ImageMissing
from platekeeper.server.storage.reads import ReadStore
from platekeeper.server.storage.steps import steps_in
from tests.storage.making import DAY, JPEG, NOON, PNG, filled, put, store_in

pytestmark = pytest.mark.records
MINUTE = 60_000_000
ONE, FIVE = timedelta(minutes=1), timedelta(minutes=5)


def _plates(store: ReadStore) -> list[str]:
    return sorted(read.row.raw for read in store.recent(100))


def test_a_step_goes_whole_and_what_is_in_the_next_stays(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    with store.writer() as writer:
        put(writer, {"raw": "A", "image": JPEG}, {"raw": "B", "at": NOON + MINUTE - 1, "lpr": 2}, step=ONE)
        put(writer, {"raw": "C", "at": NOON + MINUTE, "image": PNG}, {"raw": "LATE", "at": NOON - 7 * MINUTE}, step=ONE)
        assert store.count_until(NOON + MINUTE - 1) == {1: 1}
        gone = store.dispose_until(NOON + MINUTE)
        assert (gone.day, gone.counts) == (DAY, {1: 2, 2: 1})
        assert gone.bytes_freed > 0
        put(writer, {"raw": "LATER STILL", "lpr": 3}, step=ONE)
        assert store.dispose_until(NOON + MINUTE) == gone  # until it is on record, the same is told
        store.settle_disposal(DAY)
        assert store.dispose_until(NOON + MINUTE).counts == {3: 1}
        store.settle_disposal(DAY)
        assert _plates(store) == ["C"]
        [left] = store.recent(5)
        assert store.image(left) == PNG
        put(writer, {"raw": "D", "at": NOON + MINUTE + 1}, step=ONE)
        assert _plates(store) == ["C", "D"]
        assert store.dispose_until(NOON + MINUTE).counts == {}
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".disposing")]


def test_a_repeat_is_known_whatever_the_policy_said_when_it_came_first(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    with store.writer() as writer:
        for step in (timedelta(days=1), FIVE, ONE, timedelta(days=1)):
            put(writer, {"raw": "A", "at": NOON + 3 * MINUTE, "image": JPEG}, step=step)
        assert _plates(store) == ["A"]
        put(writer, {"raw": "B", "at": NOON, "image": PNG}, step=FIVE)
        put(writer, {"raw": "C", "at": NOON, "image": PNG + b"other"}, step=ONE)
        by_plate = {read.row.raw: store.image(read) for read in store.recent(5)}
        assert by_plate == {"A": JPEG, "B": PNG, "C": PNG + b"other"}


def test_days_are_sealed_and_backed_up_without_their_steps(tmp_path: Path) -> None:
    home = tmp_path / "lpr-data"
    store = filled(home, {"raw": "DAY"})
    with store.writer() as writer:
        put(writer, {"raw": "STEP", "image": JPEG}, step=ONE)
    [copied] = [piece.produce(tmp_path / "copied") for piece in store.pieces(DAY)]
    with closing(sqlite3.connect(copied)) as piece:
        assert piece.execute("SELECT raw FROM read").fetchall() == [("DAY",)]
    with store.writer():
        assert store.seal(before=DAY + timedelta(days=1), settled=set) == {DAY: 1}
    assert _plates(store) == ["DAY", "STEP"]
    assert len(steps_in(day_folder(home, DAY))) == 1
    assert [(each.row.raw, each.step) for each in store.leaving(DAY)] == [("DAY", 0), ("STEP", 1)]
    assert store.dispose_until(NOON + MINUTE).counts == {1: 1}
    store.settle_disposal(DAY)
    assert _plates(store) == ["DAY"]
    assert store.dispose(DAY).counts == {1: 1}


def test_steps_go_with_their_day_too(tmp_path: Path) -> None:
    store = filled(tmp_path, {"raw": "DAY"})
    with store.writer() as writer:
        put(writer, {"raw": "STEP", "image": JPEG}, step=ONE)
        [step] = [read for read in store.recent(5) if read.row.raw == "STEP"]
        assert store.dispose(DAY).counts == {1: 2}
    with pytest.raises(ImageMissing):
        store.image(step)


def test_a_batch_in_steps_that_was_cut_off_is_completed_at_the_next_start(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    with store.writer() as writer:
        put(writer, {"raw": "A"}, step=ONE)
    with store.writer() as writer:
        [waiting] = writer.unsettled()
        assert [row.raw for row in waiting.rows] == ["A"]
        writer.settle(waiting.batch)
    with store.writer() as writer:
        assert writer.unsettled() == []
