"""Searching: the same answer as looking at every read, page by page, while days come and go."""

from __future__ import annotations

import json
from datetime import date
from enum import StrEnum
from fnmatch import fnmatchcase
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from platekeeper.core.lookalikes import glob
from platekeeper.core.search.areas import Circle
from platekeeper.core.search.hours import WeeklyHours
from platekeeper.server.storage.days import DayMissing, day_folder, start_of
from platekeeper.server.storage.images import ImageDamaged, ImageMissing, pack_name
from platekeeper.server.storage.reads import ReadStore
from platekeeper.server.storage.rows import StoredRead
from platekeeper.server.storage.sqlite import fetching
from platekeeper.server.storage.sqlite.reading import reading
from platekeeper.server.storage.sqlite.store import SqliteReads
from platekeeper.server.storage.terms import Cursor, SearchTerms
from tests.storage.making import DAY, JPEG, MIDNIGHT, NOON, PNG, Said, filled, filled_files, incoming, put, store_in

A_DAY = 86_400_000_000
ALL = SearchTerms(since=0, until=2**63 - 1)
_times = st.sampled_from([MIDNIGHT - A_DAY, MIDNIGHT - 1, MIDNIGHT, MIDNIGHT + 1, NOON, MIDNIGHT + A_DAY])
_plates = st.text("AB08", min_size=1, max_size=3)
_patterns = st.lists(st.text("AB08?*", min_size=1, max_size=4), max_size=3).map(tuple)
_colors = st.sampled_from(["red", "Blue", ""])
a_read = st.fixed_dictionaries(
    {
        "raw": _plates,
        "at": _times,
        "lpr": st.integers(1, 3),
        "unreadable": st.booleans(),
        "event": st.sampled_from(["", "1", "2"]),
        "state": st.sampled_from(["NY", "NJ", None]),
        "direction": st.sampled_from(["north", ""]),
        "vehicle": _colors.map(lambda color: {"color": color, "make": "Ford"} if color else {}),
        "latitude": st.sampled_from([None, 43.0, 44.0]),
    }
)
_some = {
    "plates": _patterns,
    "look_alikes": st.booleans(),
    "lprs": st.lists(st.integers(1, 3), max_size=2, unique=True).map(tuple),
}
_more = {
    "states": st.sampled_from([("NY",), ("ny", "NJ")]),
    "directions": st.just(("North",)),
    "colors": st.sampled_from([("RED",), ("red", "blue")]),
    "makes": st.sampled_from([("ford",), ("Honda",)]),
    "area": st.just(Circle(43.0, -76.0, 1000)),
    "hours": st.sampled_from(
        [
            WeeklyHours("America/New_York", frozenset(range(7)), 18 * 60, 20 * 60),
            WeeklyHours("America/New_York", frozenset({0, 1}), 12 * 60, 2 * 60),
        ]
    ),
    "other_than": st.just(frozenset({incoming("A").row.id, incoming("AB", lpr=2).row.id})),
    "ids": st.just(frozenset({incoming("A").row.id, incoming("B", lpr=2, event="1").row.id})),
}
some_terms = st.fixed_dictionaries(_some, optional=_more)


def _pages(store: ReadStore, terms: SearchTerms, *, limit: int) -> list[StoredRead]:
    found: list[StoredRead] = []
    before = None
    for _ in count():
        page = store.search(terms, before=before, limit=limit)
        assert len(page.reads) <= limit
        found += page.reads
        if page.next is None:
            return found
        assert len(page.reads) == limit
        before = Cursor.parse(str(page.next))
    raise AssertionError


class Sealed(StrEnum):
    """How far sealing was when somebody searched."""

    NOT = "not"
    ALL = "all"
    WITHOUT_DICTIONARY = "without a dictionary"
    LATE_READS = "late reads after it"
    LATE_SEALED = "late reads sealed too"
    STALE = "late reads sealed, and the dictionary not yet"


@settings(max_examples=40, deadline=None)
@given(
    reads=st.lists(a_read, max_size=25),
    late=st.lists(a_read, max_size=5),
    how=st.sampled_from(Sealed),
    given_terms=some_terms,
    since=_times,
    length=st.sampled_from([0, 1, A_DAY, 3 * A_DAY]),
    costs=st.sampled_from([(12.0, 2.0), (1e9, 2.0), (1e9, 1e18)]),
    limit=st.integers(1, 7),
)
def test_a_search_finds_what_looking_at_every_read_finds(
    *,
    reads: list[Said],
    late: list[Said],
    how: Sealed,
    given_terms: dict[str, Any],
    since: int,
    length: int,
    costs: tuple[float, float],
    limit: int,
) -> None:
    terms = SearchTerms(since=since, until=since + length, **given_terms)
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patched:
        patched.setattr(fetching, "_SEEK", costs[0])  # by plate, by time, by LPR
        patched.setattr(fetching, "_STEP", costs[1])
        store = filled_files(Path(folder), *reads)
        if how is not Sealed.NOT:
            store.seal(before=date.max, settled=set)
            _pages(store, terms, limit=limit)
        old = {path: path.read_bytes() for path in Path(folder).glob("*/plates.dictionary")}
        if how in {Sealed.LATE_READS, Sealed.LATE_SEALED, Sealed.STALE}:
            filled_files(Path(folder), *late)
        if how in {Sealed.LATE_SEALED, Sealed.STALE}:
            store.seal(before=date.max, settled=set)
        for path, content in old.items():
            if how is Sealed.STALE:
                path.write_bytes(content)
            elif how is Sealed.WITHOUT_DICTIONARY:
                path.unlink()
        found = _pages(store, terms, limit=limit)
        stored = [read for day in store.days() for read in _every(store, day)]
    assert found == [read for read in sorted(stored, key=_newest_first) if _matches(read, terms)]


@pytest.mark.records
@settings(max_examples=30, deadline=None)
@given(
    reads=st.lists(a_read, max_size=25),
    late=st.lists(a_read, max_size=5),
    how=st.sampled_from([Sealed.NOT, Sealed.ALL, Sealed.LATE_READS, Sealed.LATE_SEALED]),
    given_terms=some_terms,
    since=_times,
    length=st.sampled_from([0, 1, A_DAY, 3 * A_DAY]),
    limit=st.integers(1, 7),
)
def test_every_engine_finds_what_looking_at_every_read_finds(
    *,
    reads: list[Said],
    late: list[Said],
    how: Sealed,
    given_terms: dict[str, Any],
    since: int,
    length: int,
    limit: int,
) -> None:
    terms = SearchTerms(since=since, until=since + length, **given_terms)
    with TemporaryDirectory() as folder:
        store = filled(Path(folder), *reads)
        if how is not Sealed.NOT:
            store.seal(before=date.max, settled=set)
        if how in {Sealed.LATE_READS, Sealed.LATE_SEALED}:
            filled(Path(folder), *late)
        if how is Sealed.LATE_SEALED:
            store.seal(before=date.max, settled=set)
        found = _pages(store, terms, limit=limit)
        every = store.recent(1000)
        assert len(every) == sum(sum(store.count(day).values()) for day in store.days())
        assert [store.get(read.day, read.rowid) for read in every] == every
    assert found == [read for read in sorted(every, key=_newest_first) if _matches(read, terms)]


def _every(store: SqliteReads, day: date) -> list[StoredRead]:
    with reading(day_folder(store._folder, day)) as connections:
        numbers = [number for each in connections for (number,) in each.execute("SELECT number FROM read")]
    return [read for number in numbers if (read := store.get(day, number))]


def _newest_first(read: StoredRead) -> tuple[int, int]:
    return -read.row.at, -read.rowid


def _matches(read: StoredRead, terms: SearchTerms) -> bool:
    row = read.row
    vehicle = json.loads(row.vehicle)
    globs = [glob(each) if terms.look_alikes else each for each in terms.plates]
    spans = [(terms.since, terms.until)] if terms.hours is None else terms.hours.spans(MIDNIGHT - A_DAY, NOON + A_DAY)
    return (
        terms.since <= row.at < terms.until
        and any(since <= row.at < until for since, until in spans)
        and (not terms.lprs or row.lpr in terms.lprs)
        and (not globs or (row.folded is not None and any(fnmatchcase(row.folded, each) for each in globs)))
        and (not terms.states or str(row.state).upper() in [state.upper() for state in terms.states])
        and (not terms.directions or row.direction.lower() in [each.lower() for each in terms.directions])
        and (not terms.colors or vehicle.get("color", "").lower() in [each.lower() for each in terms.colors])
        and (not terms.makes or vehicle.get("make", "").lower() in [each.lower() for each in terms.makes])
        and (terms.area is None or row.latitude == 43.0)
        and (terms.ids is None or row.id in terms.ids)
        and row.id not in terms.other_than
    )


@pytest.mark.parametrize(
    ("terms", "costs", "index"),
    [
        ({"plates": ("R7",)}, (12.0, 2.0), "read_by_plate (folded=?)"),
        ({"plates": ("ABC1230", "R7", "*9*"), "lprs": (1, 2)}, (12.0, 2.0), "read_by_plate (folded=?)"),
        ({"plates": ("R*",), "states": ("NY",)}, (1e9, 2.0), "read_by_time (at>? AND at<?)"),
        ({"plates": ("R*",), "lprs": (1,)}, (1e9, 1e18), "read_once (lpr=? AND at>? AND at<?)"),
        ({"lprs": (1, 2)}, (12.0, 2.0), "read_once (lpr=? AND at>? AND at<?)"),
        ({"lprs": tuple(range(1, 300))}, (12.0, 2.0), "read_by_time (at>? AND at<?)"),
        ({}, (12.0, 2.0), "read_by_time (at>? AND at<?)"),
    ],
)
def test_reads_are_fetched_by_the_index_that_was_chosen(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    terms: dict[str, Any],
    costs: tuple[float, float],
    index: str,
) -> None:
    store = filled_files(tmp_path, *({"raw": f"R{number}", "at": NOON + number} for number in range(300)))
    store.seal(before=date.max, settled=set)
    monkeypatch.setattr(fetching, "_SEEK", costs[0])
    monkeypatch.setattr(fetching, "_STEP", costs[1])
    asked: list[str] = []
    with reading(day_folder(tmp_path, DAY)) as (connection,):
        connection.set_trace_callback(asked.append)
        file = fetching.SearchedFile(connection, SearchTerms(MIDNIGHT, MIDNIGHT + A_DAY, **terms), None)
        file.found((MIDNIGHT, MIDNIGHT + A_DAY), limit=26)
        connection.set_trace_callback(None)
        plans = [str(step[3]) for step in connection.execute(f"EXPLAIN QUERY PLAN {asked[-1]}")]
    assert any(f"USING INDEX {index}" in step for step in plans), plans


@pytest.mark.records
def test_paging_is_steady_while_reads_come_in(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    with store.writer() as writer:
        put(writer, *({"raw": f"OLD{number}", "at": NOON + number} for number in range(6)))
        first = store.search(ALL, limit=3)
        put(writer, *({"raw": f"NEW{number}", "at": NOON + 100 + number} for number in range(6)))
        second = store.search(ALL, before=first.next, limit=3)
    assert [read.row.raw for read in first.reads + second.reads] == [f"OLD{number}" for number in range(5, -1, -1)]


@pytest.mark.parametrize("text", ["", "x", "1", "1-", "-1", "1-2-3", "A-1", "1-2\n", "../x", "1" * 16 + "-1", "١-1"])
def test_a_malformed_cursor_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="page"):
        Cursor.parse(text)


@pytest.mark.parametrize(
    "terms",
    [
        {"since": 2, "until": 1},
        {"since": -1, "until": 1},
        {"since": 0, "until": 2**63},
        {"since": 0, "until": 1, "plates": ("[A-Z]*",)},
        {"since": 0, "until": 1, "plates": ("",)},
        {"since": 0, "until": 1, "plates": ("?" * 11,)},
        {"since": 0, "until": 1, "plates": ("?" * 1_000_000,)},
        {"since": 0, "until": 1, "plates": ("' OR 1=1 --",)},
        {"since": 0, "until": 1, "plates": ("AB\x00C",)},
        {"since": 0, "until": 1, "plates": ("\u0410BC",)},
        {"since": 0, "until": 1, "plates": ("ABC1230",) * 201},
        {"since": 0, "until": 1, "plates": ("A*",) * 21},
    ],
)
def test_terms_that_mean_nothing_are_refused(terms: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"search|pattern|at once"):
        SearchTerms(**terms)  # type: ignore[arg-type]


@pytest.mark.records
def test_a_page_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="one read"):
        store_in(tmp_path).search(ALL, limit=0)


@pytest.mark.records
def test_an_empty_store_answers(tmp_path: Path) -> None:
    store = store_in(tmp_path / "not there")
    assert store.days() == [] == store.recent(5)
    assert store.count(DAY) == {}
    assert store.get(DAY, 1) is None
    assert store.get(DAY, 2**70) is None


def test_a_day_listed_and_gone_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = filled_files(tmp_path, {"raw": "OLD", "at": MIDNIGHT - 1}, {"raw": "NEW"})
    listed = store.days()
    store.dispose(listed[0])
    monkeypatch.setattr(SqliteReads, "days", lambda _: listed)
    assert [read.row.raw for read in store.recent(5)] == ["NEW"]
    with pytest.raises(DayMissing), reading(day_folder(tmp_path, listed[0])):
        pass


@pytest.mark.records
def test_what_was_stored_together_is_looked_for_until_all_of_it_is_found(tmp_path: Path) -> None:
    store = filled(tmp_path, {"raw": "A"}, {"raw": "B", "at": MIDNIGHT - 1}, {"raw": "C"})
    [row] = [read.row for read in store.recent(3) if read.row.raw == "A"]
    for so_many, found in ((2, "AC"), (3, "ABC"), (4, "ABC")):
        assert "".join(each.raw for each in store.stored_together(row, count=so_many)) == found
    store.dispose(DAY)
    assert store.stored_together(row, count=3) == []


@pytest.mark.records
def test_images_lie_by_lpr_and_hour_and_are_checked(tmp_path: Path) -> None:
    store = filled(
        tmp_path,
        {"raw": "A", "image": JPEG},
        {"raw": "B", "image": PNG},
        {"raw": "C", "image": PNG, "lpr": 2},
        {"raw": "D"},
    )
    reads = {read.row.raw: read for read in store.recent(10)}
    packs = tmp_path / str(DAY) / "images"
    assert sorted(pack.name for pack in packs.iterdir()) == ["12-1.pack", "12-2.pack"]
    assert pack_name(lpr=7, at=start_of(DAY) + A_DAY - 1) == "23-7.pack"
    assert (store.image(reads["A"]), store.image(reads["B"])) == (JPEG, PNG)
    image = reads["B"].image
    assert image is not None
    assert image.media_type == "image/png"
    with pytest.raises(ImageMissing):
        store.image(reads["D"])
    whole = (packs / "12-1.pack").read_bytes()
    (packs / "12-1.pack").write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(ImageDamaged):
        store.image(reads["B"])
    store.dispose(DAY)
    with pytest.raises(ImageMissing):
        store.image(reads["C"])
