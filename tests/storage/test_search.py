"""Searching: the same answer as looking at every read, page by page, while days come and go."""

from __future__ import annotations

from datetime import date
from fnmatch import fnmatchcase
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from platekeeper.server.storage.days import DayMissing, day_folder, start_of
from platekeeper.server.storage.images import ImageDamaged, ImageMissing, pack_name
from platekeeper.server.storage.reading import reading
from platekeeper.server.storage.reads import Cursor, ReadStore, SearchTerms
from platekeeper.server.storage.rows import StoredRead
from tests.storage.making import DAY, JPEG, MIDNIGHT, NOON, PNG, Said, filled, put

A_DAY = 86_400_000_000
ALL = SearchTerms(since=0, until=2**63 - 1)
_times = st.sampled_from([MIDNIGHT - A_DAY, MIDNIGHT - 1, MIDNIGHT, MIDNIGHT + 1, NOON, MIDNIGHT + A_DAY])
_plates = st.text("AB0", min_size=1, max_size=3)
_reads = st.fixed_dictionaries(
    {
        "raw": _plates,
        "at": _times,
        "lpr": st.integers(1, 3),
        "unreadable": st.booleans(),
        "event": st.just(""),
    }
)
_plate_terms = st.one_of(
    st.just({}),
    st.builds(lambda plates: {"plates": tuple(plates)}, st.lists(st.text("AB0?*", min_size=1, max_size=4), max_size=3)),
)


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


@settings(max_examples=60, deadline=None)
@given(
    reads=st.lists(_reads, max_size=25),
    plate=_plate_terms,
    since=_times,
    length=st.sampled_from([0, 1, A_DAY, 3 * A_DAY]),
    lprs=st.lists(st.integers(1, 3), max_size=2).map(tuple),
    limit=st.integers(1, 7),
)
def test_a_search_finds_what_looking_at_every_read_finds(
    *,
    reads: list[Said],
    plate: dict[str, Any],
    since: int,
    length: int,
    lprs: tuple[int, ...],
    limit: int,
) -> None:
    terms = SearchTerms(since=since, until=since + length, lprs=lprs, **plate)
    with TemporaryDirectory() as folder:
        store = ReadStore(Path(folder))
        with store.writer() as writer:
            for read in reads:
                put(writer, read)
            found = _pages(store, terms, limit=limit)
            stored = [read for day in store.days() for read in _every(store, day)]
    assert found == [read for read in sorted(stored, key=_newest_first) if _matches(read, terms)]


def _every(store: ReadStore, day: date) -> list[StoredRead]:
    with reading(day_folder(store._folder, day)) as connections:
        numbers = [number for each in connections for (number,) in each.execute("SELECT number FROM read")]
    return [read for number in numbers if (read := store.get(day, number))]


def _newest_first(read: StoredRead) -> tuple[int, int]:
    return -read.row.at, -read.rowid


def _matches(read: StoredRead, terms: SearchTerms) -> bool:
    row = read.row
    if not terms.since <= row.at < terms.until or (terms.lprs and row.lpr not in terms.lprs):
        return False
    return not terms.plates or (row.folded is not None and any(fnmatchcase(row.folded, each) for each in terms.plates))


def test_paging_is_steady_while_reads_come_in(tmp_path: Path) -> None:
    store = ReadStore(tmp_path)
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


def test_a_page_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="one read"):
        ReadStore(tmp_path).search(ALL, limit=0)


def test_an_empty_store_answers(tmp_path: Path) -> None:
    store = ReadStore(tmp_path / "not there")
    assert store.days() == [] == store.recent(5)
    assert store.count(DAY) == {}
    assert store.get(DAY, 1) is None
    assert store.get(DAY, 2**70) is None


def test_a_day_listed_and_gone_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = filled(tmp_path, {"raw": "OLD", "at": MIDNIGHT - 1}, {"raw": "NEW"})
    listed = store.days()
    store.dispose(listed[0])
    monkeypatch.setattr(ReadStore, "days", lambda _: listed)
    assert [read.row.raw for read in store.recent(5)] == ["NEW"]
    with pytest.raises(DayMissing), reading(day_folder(tmp_path, listed[0])):
        pass


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
    (packs / "12-1.pack").write_bytes((packs / "12-1.pack").read_bytes()[:-1] + b"!")
    with pytest.raises(ImageDamaged):
        store.image(reads["B"])
    store.dispose(DAY)
    with pytest.raises(ImageMissing):
        store.image(reads["C"])
