"""The dictionary of a day: right, or passed over; made again when it is lost; gone with the day."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest

from platekeeper.core.search.words import texts_of
from platekeeper.server.storage.days import day_folder
from platekeeper.server.storage.sqlite import lending, search
from platekeeper.server.storage.sqlite.dictionaries import DayDictionary, let_go, whole_dictionary
from platekeeper.server.storage.sqlite.layout import times_opened
from platekeeper.server.storage.sqlite.store import SqliteReads
from platekeeper.server.storage.terms import SearchTerms
from tests.storage.making import DAY, NOON, filled_files

SEEN = SearchTerms(since=0, until=2**62, plates=("*C12*",))


@pytest.fixture
def store(tmp_path: Path) -> SqliteReads:
    """A sealed day."""
    store = filled_files(tmp_path / "lpr-data", {"raw": "ABC1230"}, {"raw": "XYZ7", "at": NOON + 1})
    store.seal(before=date.max, settled=set)
    return store


@pytest.fixture
def folder(store: SqliteReads) -> Path:
    """Its folder."""
    return day_folder(store._folder, DAY)


def _whole(folder: Path) -> DayDictionary | None:
    return whole_dictionary(str(folder), opened=times_opened(str(folder.parent)))


def _found(store: SqliteReads) -> list[str]:
    return [read.row.raw for read in store.search(SEEN, limit=9).reads]


def test_a_day_without_the_plate_is_not_opened(store: SqliteReads, folder: Path) -> None:
    (folder / "reads.sqlite3").chmod(0)
    dictionary = _whole(folder)
    assert dictionary is not None
    assert dictionary is _whole(folder)
    assert texts_of(dictionary.plates.words) == ["ABC1230", "XYZ7"]
    assert dictionary.hints == (2, 2, 1)
    assert store.search(SearchTerms(since=0, until=2**62, plates=("NONE", "*QQ*")), limit=9).reads == []
    assert not any(Path(file).parent == folder for file in lending._kept)


def test_late_reads_are_found(store: SqliteReads, folder: Path) -> None:
    assert _whole(folder)
    filled_files(store._folder, {"raw": "LC12", "at": NOON + 2})
    assert _whole(folder) is None
    assert _found(store) == ["LC12", "ABC1230"]
    store.seal(before=date.max, settled=set)
    dictionary = _whole(folder)
    assert dictionary is not None
    assert len(dictionary.plates) == 3
    assert _found(store) == ["LC12", "ABC1230"]


def test_late_reads_sealed_while_a_search_runs_make_it_look_again(
    store: SqliteReads, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _found(store) == ["ABC1230"]
    looked = whole_dictionary

    def looked_and_overtaken(place: str, *, opened: int) -> DayDictionary | None:
        dictionary = looked(place, opened=opened)
        monkeypatch.setattr(search, "whole_dictionary", looked)
        filled_files(store._folder, {"raw": "LC12", "at": NOON + 2})
        store.seal(before=date.max, settled=set)
        return dictionary

    monkeypatch.setattr(search, "whole_dictionary", looked_and_overtaken)
    assert _found(store) == ["LC12", "ABC1230"]


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-4])


def _of_another_version(file: Path) -> None:
    file.write_bytes(b"\x09" + file.read_bytes()[1:])


@pytest.mark.parametrize("harm", [Path.unlink, _cut, _of_another_version, lambda file: file.write_bytes(b"")])
def test_without_a_right_one_reads_are_found_all_the_same(
    store: SqliteReads, folder: Path, harm: Callable[[Path], object]
) -> None:
    harm(folder / "plates.dictionary")
    assert _whole(folder) is None
    assert _found(store) == ["ABC1230"]
    assert store.seal(before=date.max, settled=set) == {}
    assert _whole(folder)


def test_a_day_of_odd_plates_has_none(tmp_path: Path) -> None:
    store = filled_files(tmp_path, {"raw": "ÄC12"}, {"raw": "UNREADABLE", "unreadable": True})
    store.seal(before=date.max, settled=set)
    assert not (day_folder(tmp_path, DAY) / "plates.dictionary").exists()
    assert _found(store) == ["ÄC12"]


def test_it_is_blank_when_its_day_is_disposed_of(store: SqliteReads, folder: Path) -> None:
    dictionary = _whole(folder)
    assert dictionary is not None
    assert dictionary.plates.words.any()
    store.dispose(DAY)
    assert not dictionary.plates.words.any()
    assert _found(store) == []
    assert _whole(folder) is None
    let_go(store._folder, but=frozenset())


def test_it_is_not_backed_up(store: SqliteReads, tmp_path: Path) -> None:
    assert [Path(piece.path).name for piece in store.pieces(DAY)] == ["reads.sqlite3"]


def test_a_file_is_lent_on_and_not_held_for_long(
    store: SqliteReads, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lending, "_SECONDS", 1e9)
    assert _found(store) == ["ABC1230"]
    (kept,) = [kept for file, kept in lending._kept.items() if Path(file).parent == folder]
    assert _found(store) == ["ABC1230"]
    assert lending._kept[str(folder / "reads.sqlite3")].connection is kept.connection
    monkeypatch.setattr(lending, "_SECONDS", -1.0)
    with ThreadPoolExecutor() as threads:
        assert threads.submit(_found, store).result() == ["ABC1230"]
        threads.submit(lending._close_old).result()
    assert not lending._kept


def test_what_was_disposed_of_is_not_lent(store: SqliteReads, folder: Path) -> None:
    assert _found(store) == ["ABC1230"]
    store.dispose(DAY)
    filled_files(store._folder, {"raw": "NC12"}).seal(before=date.max, settled=set)
    assert _found(store) == ["NC12"]
