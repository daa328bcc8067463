"""Sealing killed at any step, and the disk full in it: every read stays there once, and the next run finishes."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from platekeeper.core.formats.reads import FINAL
from platekeeper.server.storage.days import day_folder
from platekeeper.server.storage.sqlite import sealing
from platekeeper.server.storage.sqlite.layout import claims, hour_files
from platekeeper.server.storage.sqlite.store import SqliteReads
from platekeeper.server.storage.terms import SearchTerms
from tests.storage.appender import batch_of
from tests.storage.making import DAY, JPEG, MIDNIGHT, NOON, Said, filled, incoming, put

pytestmark = pytest.mark.crash

HOUR = 3_600_000_000
ALL = SearchTerms(since=0, until=2**63 - 1)
STEPS = (
    "write_durably",
    "open_for_reading",
    "open_for_writing",
    "_copy",
    "sync_folder",
    "_make_sealed",
    "_remove",
    "keep_dictionary",
)


class Killer:
    """Stops the world at the n-th step of a sealing, before it or after it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, at_step: int, after: bool) -> None:
        self.reached = False
        self._count, self._at, self._after = 0, at_step, after
        for name in STEPS:
            monkeypatch.setattr(sealing, name, self._guard(getattr(sealing, name)))
        for name in ("unlink", "rename"):
            monkeypatch.setattr(Path, name, self._guard(getattr(Path, name)))

    def _guard(self, step: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(*given: Any, **named: Any) -> Any:
            self._count += 1
            mine = self._count == self._at
            self.reached = self.reached or mine
            if mine and not self._after:
                raise KeyboardInterrupt
            result = step(*given, **named)
            if mine:
                raise KeyboardInterrupt
            return result

        return guarded


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("sealed_before", [False, True])
def test_killed_at_every_step_sealing_is_finished_by_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sealed_before: bool, after: bool
) -> None:
    step, reached = 0, True
    while reached:
        step += 1
        folder = tmp_path / str(step)
        store = filled(folder, {"raw": "A", "image": JPEG}, {"raw": "B", "at": NOON + HOUR})
        if sealed_before:
            store.seal(before=date.max, settled=set)
            filled(folder, {"raw": "LATE"}, {"raw": "LATER", "at": NOON + 2 * HOUR})
        known = store.recent(9)
        with monkeypatch.context() as patched:
            killer = Killer(patched, at_step=step, after=after)
            try:
                store.seal(before=date.max, settled=set)
            except KeyboardInterrupt:
                assert killer.reached
            reached = killer.reached
        assert store.recent(9) == known
        assert store.count(DAY) == {1: len(known)}
        with store.writer() as writer:
            assert put(writer, {"raw": "A", "image": JPEG}, {"raw": "B", "at": NOON + HOUR}) == []
        store.seal(before=date.max, settled=set)
        assert store.recent(9) == known
        assert (hour_files(folder / str(DAY)), claims(folder / str(DAY))) == ([], [])
        assert [path.name for path in (folder / str(DAY)).iterdir() if path.name.startswith(".")] == []
    assert step > 20


def _start(module: str, folder: Path, *arguments: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", f"tests.storage.{module}", str(folder), *map(str, arguments)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        env={"PYTHONPATH": ":".join(filter(None, sys.path))},
    )


def _whole(process: subprocess.Popen[str], first: str) -> list[str]:
    printed = first + process.communicate()[0]
    return [line.split()[1] for line in printed.splitlines(keepends=True) if line.endswith("\n")]


def test_writer_and_sealer_killed_with_9_lose_and_double_nothing(tmp_path: Path) -> None:
    store = SqliteReads(tmp_path)
    acknowledged = 0
    for cycle in range(6):
        writer, sealer = _start("appender", tmp_path, acknowledged, 0, 0), _start("sealer", tmp_path, 0)
        assert writer.stdout is not None
        assert sealer.stdout is not None
        first, sealed = writer.stdout.readline(), sealer.stdout.readline()
        assert sealed.startswith("sealed")
        time.sleep(0.1 + 0.047 * cycle)
        for process in (sealer, writer) if cycle % 2 else (writer, sealer):
            process.kill()
        sealer.communicate()
        acknowledged = int(_whole(writer, first)[-1]) + 1
        said = {arrival.row.id for number in range(acknowledged) for arrival in batch_of(number)}
        found = store.search(ALL, limit=1_000_000).reads
        stored = [read.row.id for read in found]
        assert len(stored) == len(set(stored)) == sum(sum(store.count(day).values()) for day in store.days())
        assert said <= set(stored)
        assert all(read.image is None or store.image(read) for read in found)
        with store.writer() as again:  # the batch that was on its way, and one that is stored: repeats complete them
            for number in (acknowledged, acknowledged - 1):
                arrivals = batch_of(number)
                again.append(batch=arrivals[0].row.batch, incoming=arrivals, received=number)
        assert said | {arrival.row.id for arrival in batch_of(acknowledged)} == {
            read.row.id for read in store.search(ALL, limit=1_000_000).reads
        }
        acknowledged += 1
    store.seal(before=date.max, settled=set)
    assert all(not hour_files(day_folder(tmp_path, day)) for day in store.days())
    assert sum(sum(store.count(day).values()) for day in store.days()) == 10 * acknowledged


@pytest.mark.parametrize("sealed_before", [False, True])
def test_a_full_disk_leaves_the_hours_where_they_are(tmp_path: Path, sealed_before: bool) -> None:
    if sealed_before:
        filled(tmp_path, {"raw": "OLD"}).seal(before=date.max, settled=set)
    reads: list[Said] = [{"raw": f"R{number}", "at": NOON + number} for number in range(3000)]
    store = filled(tmp_path, *reads)
    process = _start("sealer", tmp_path, 300_000)
    printed = process.communicate(timeout=60)[0].splitlines()
    assert (process.returncode, printed) == (0, ["full", "sealed 1"])
    found = [read.row.raw for read in store.search(ALL, limit=10_000).reads]
    assert sorted(found) == sorted([read["raw"] for read in reads] + ["OLD"] * sealed_before)


def test_the_name_of_an_empty_hour_file_never_comes_back(tmp_path: Path) -> None:
    store = filled(tmp_path, {"raw": "AAA", "at": NOON})
    store.seal(before=date.max, settled=set)
    with store.writer() as writer:
        assert put(writer, {"raw": "AAA", "at": NOON}) == []  # a repeat: the new hour file stays empty
    store.seal(before=date.max, settled=set)
    with store.writer() as writer:  # knows of no number but those of reads
        assert len(put(writer, {"raw": "BOB", "at": NOON + 1})) == 1
    assert sorted(read.row.raw for read in store.search(ALL, limit=10).reads) == ["AAA", "BOB"]
    store.seal(before=date.max, settled=set)
    assert sorted(read.row.raw for read in store.search(ALL, limit=10).reads) == ["AAA", "BOB"]


_events = st.sampled_from(["", "e1", "e2"])
_times = st.sampled_from([MIDNIGHT - 2, MIDNIGHT - 1, MIDNIGHT, MIDNIGHT + 1, MIDNIGHT + HOUR - 1, MIDNIGHT + HOUR])
_read = st.fixed_dictionaries(
    {
        "raw": st.sampled_from(["AAA", "BOB", "CC0"]),
        "at": _times,
        "lpr": st.integers(1, 2),
        "event": _events,
        "stage": st.sampled_from([0, FINAL]),
    }
)
_acts = st.lists(st.one_of(st.lists(_read, min_size=1, max_size=4), st.just("seal"), st.just("again")), max_size=10)


@settings(max_examples=60, deadline=None)
@given(acts=_acts)
def test_whatever_is_appended_and_sealed_the_store_holds_what_a_plain_list_would(acts: list[Any]) -> None:
    with TemporaryDirectory() as folder:
        store = SqliteReads(Path(folder))
        writer = store.writer()
        plain: list[Any] = []
        for act in acts:
            if act == "seal":
                store.seal(before=date.max, settled=set)
            elif act == "again":
                writer.close()
                writer = store.writer()
            else:
                rows = [incoming(**said).row for said in act]
                named = [(row.id, row.digest) for row in plain]
                new = []
                for row in rows:
                    if (row.id, row.digest) not in named:
                        named.append((row.id, row.digest))
                        new.append(row)
                assert [(row.id, row.digest) for row in put(writer, *act)] == [(row.id, row.digest) for row in new]
                plain += new
        writer.close()
        found = {
            (read.row.id, read.row.digest): (read.revision, read.corrected)
            for read in store.search(ALL, limit=1000).reads
        }
        assert len(found) == sum(sum(store.count(day).values()) for day in store.days())
        expected = {}
        for row in plain:
            near = [each for each in plain if each.id == row.id and abs(each.at - row.at) <= HOUR]
            order = [each.digest for each in sorted(near, key=lambda each: each.stage)]
            place = order.index(row.digest)
            expected[row.id, row.digest] = (place + 1, place + 1 < len(order))
        assert found == expected
        assert store.overtaken(plain) == {place for place, row in enumerate(plain) if expected[row.id, row.digest][1]}
