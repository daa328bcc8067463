"""A search that takes too long stops by itself, wherever it is, and what it had open can be used on."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import date
from itertools import chain, count, repeat
from pathlib import Path
from threading import Timer

import pytest

from platekeeper.core.investigations.sightings import Sightings, Window
from platekeeper.server.storage import deadline
from platekeeper.server.storage.deadline import Deadline, stop, stoppable
from platekeeper.server.storage.errors import SearchStopped, SearchTooWide
from platekeeper.server.storage.sqlite.scanning import scan
from platekeeper.server.storage.sqlite.store import SqliteReads
from platekeeper.server.storage.terms import LARGEST, SearchTerms
from tests.storage.making import MIDNIGHT, filled_files

ALL, FORDS = SearchTerms(0, LARGEST, plates=("A*",)), SearchTerms(0, LARGEST, makes=("ford",))
ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
Asked = Callable[[Path, float | None], int]


def _scanned(folder: Path, seconds: float | None) -> int:
    return len(Sightings.joined(scan(folder, [Window(0, LARGEST)], seconds=seconds)).ats)


ASKED: list[Asked] = [
    lambda folder, seconds: len(SqliteReads(folder).search(ALL, limit=50, seconds=seconds).reads),
    lambda folder, seconds: len(SqliteReads(folder).search(FORDS, limit=50, seconds=seconds).reads),
    _scanned,
]


@pytest.fixture(params=[False, True], ids=["open", "sealed"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    reads = [
        {"raw": f"A{number}", "at": MIDNIGHT + number, "event": str(number), "vehicle": {"make": "Ford"}}
        for number in range(-15, 15)
    ]
    store = filled_files(tmp_path, *reads)
    if request.param:
        store.seal(before=date.max, settled=set)
    return tmp_path


def test_what_would_never_end_is_stopped_and_the_connection_goes_on() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        with pytest.raises(SearchTooWide, match="Ask for less"), Deadline(0.0).over([connection]):
            connection.execute(ENDLESS).fetchone()
        assert connection.execute(ENDLESS.replace("FROM n)", "FROM n LIMIT 99999)")).fetchone() == (99999,)


def test_other_errors_stay_what_they_are() -> None:
    missing = pytest.raises(sqlite3.OperationalError, match="no such table")
    with closing(sqlite3.connect(":memory:")) as connection, missing, Deadline(9.0).over([connection]):
        connection.execute("SELECT * FROM missing")


@pytest.mark.parametrize("asked", ASKED, ids=["plate", "make", "scan"])
def test_no_time_finds_nothing_and_enough_finds_all(folder: Path, asked: Asked) -> None:
    with pytest.raises(SearchTooWide):
        asked(folder, 0.0)
    assert asked(folder, 60.0) == asked(folder, None) == 30


@pytest.mark.parametrize("asked", ASKED, ids=["plate", "make", "scan"])
def test_wherever_time_runs_out_the_next_search_finds_all(
    folder: Path, asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deadline, "_STEPS", 50)
    stopped = 0
    for looks in count(1):
        clock: Iterator[float] = chain(repeat(0.0, looks), repeat(100.0))
        monkeypatch.setattr(deadline, "monotonic", clock.__next__)
        found = None
        with suppress(SearchTooWide):
            found = asked(folder, 20.0)
        # the clock says still that time is over: nobody may look at it any more
        monkeypatch.setattr(deadline, "monotonic", lambda: 100.0)
        assert asked(folder, None) == 30
        if found is not None:
            break
        stopped += 1
    assert found == 30
    assert stopped > 5


@pytest.mark.parametrize("asked", ASKED)
def test_who_waits_for_a_search_stops_it_and_nobody_elses(folder: Path, asked: Asked) -> None:
    with stoppable(1):
        stop(2)
        assert asked(folder, 20.0) > 0
        stop(1)
        with pytest.raises(SearchStopped):
            asked(folder, 20.0)
    with stoppable(1):
        assert asked(folder, 20.0) > 0


def test_a_question_to_a_file_is_interrupted_once_it_is_stopped() -> None:
    Timer(0.1, stop, [1]).start()
    with (
        closing(sqlite3.connect(":memory:")) as file,
        stoppable(1),
        pytest.raises(SearchStopped),
        Deadline(20.0).over([file]),
    ):
        file.execute(ENDLESS)
