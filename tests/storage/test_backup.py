"""Backup and restore while the department works; a disposed day does not live on in them (VI.k, VI.m)."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from platekeeper.server.storage.backup import (
    BackupDamaged,
    BackupReport,
    backup,
    forget_day,
    restore,
    verify,
)
from platekeeper.server.storage.sqlite.reads import ReadStore
from tests.storage.making import DAY, JPEG, MIDNIGHT, NOON, PNG, filled, put

OTHER_DAY = "2026-03-02"


@dataclass
class Place:
    """A small home, and where its backup goes."""

    home: Path
    target: Path

    def backup(self, stamp: str = "one") -> BackupReport:
        return backup(
            records=self.home / "records.sqlite3",
            dump=None,
            lpr_data=self.home / "lpr-data",
            others=[self.home / "hot-lists", self.home / "secrets.json"],
            target=self.target,
            stamp=stamp,
        )


@pytest.fixture
def place(tmp_path: Path) -> Place:
    home = tmp_path / "home"
    home.mkdir()
    with closing(sqlite3.connect(home / "records.sqlite3")) as records:
        records.executescript("PRAGMA journal_mode=WAL; CREATE TABLE hit (plate); INSERT INTO hit VALUES ('ABC123');")
    filled(home / "lpr-data", {"raw": "NEW", "image": JPEG}, {"raw": "OLD", "at": MIDNIGHT - 1, "image": PNG})
    (home / "hot-lists" / OTHER_DAY).mkdir(parents=True)
    (home / "hot-lists" / OTHER_DAY / "list").write_bytes(b"a hot list")
    (home / "secrets.json").write_text("{}")
    _settle(home)
    return Place(home, tmp_path / "backup")


def _settle(home: Path) -> None:
    """Make every file look as if it had been left alone for a while."""
    for file in home.rglob("*"):
        if file.is_file():
            os.utime(file, ns=(1_700_000_000_000_000_000, 1_700_000_000_000_000_000))


def test_a_backup_comes_back_as_it_was(place: Place, tmp_path: Path) -> None:
    report = place.backup()
    assert (report.files, report.copied) == (7, 7)
    assert verify(place.target) == []
    again = tmp_path / "again"
    restore(place.target, again)
    store = ReadStore(again / "lpr-data")
    assert [(read.row.raw, store.image(read)) for read in store.recent(9)] == [("NEW", JPEG), ("OLD", PNG)]
    assert (again / "hot-lists" / OTHER_DAY / "list").read_bytes() == b"a hot list"
    assert (again / "secrets.json").read_text() == "{}"
    with closing(sqlite3.connect(again / "records.sqlite3")) as records:
        assert records.execute("SELECT plate FROM hit").fetchall() == [("ABC123",)]
    with store.writer() as writer:
        assert put(writer, {"raw": "NEW", "image": JPEG}) == []


def test_what_has_not_changed_is_copied_once(place: Place) -> None:
    place.backup()
    assert place.backup("two").copied == 0
    with ReadStore(place.home / "lpr-data").writer() as writer:
        put(writer, {"raw": "NEWER"})
        report = place.backup("three")
    assert report.copied == 1
    assert verify(place.target) == []
    assert json.loads((place.target / "MANIFEST.json").read_bytes())["stamp"] == "three"
    assert len([file for file in place.target.rglob("12-*.sqlite3.*") if str(DAY) in str(file)]) == 1


def test_a_backup_taken_amid_writing_is_consistent(place: Place, tmp_path: Path) -> None:
    stop = threading.Event()
    stored: list[str] = []

    def append() -> None:
        with ReadStore(place.home / "lpr-data").writer() as writer:
            while not stop.is_set():
                stored.extend(
                    row.raw for row in put(writer, {"raw": f"R{len(stored)}", "at": NOON + len(stored), "image": JPEG})
                )

    thread = threading.Thread(target=append)
    thread.start()
    while len(stored) < 5:
        time.sleep(0.001)
    known = list(stored)
    place.backup()
    stop.set()
    thread.join(20)
    assert verify(place.target) == []
    restore(place.target, tmp_path / "again")
    store = ReadStore(tmp_path / "again" / "lpr-data")
    reads = store.recent(100_000)
    assert set(known) <= {read.row.raw for read in reads}
    assert all(store.image(read) in {JPEG, PNG} for read in reads)


def test_a_run_cut_short_leaves_the_backup_before_it_whole(place: Place, tmp_path: Path) -> None:
    place.backup()
    with ReadStore(place.home / "lpr-data").writer() as writer:
        put(writer, {"raw": "NEWER", "image": PNG})
    (place.home / "records.sqlite3").write_bytes(b"")
    (place.home / "records.sqlite3").unlink()
    with pytest.raises(sqlite3.OperationalError):
        place.backup("two")
    assert verify(place.target) == []
    restore(place.target, tmp_path / "again")
    assert [read.row.raw for read in ReadStore(tmp_path / "again" / "lpr-data").recent(9)] == ["NEW", "OLD"]
    with closing(sqlite3.connect(place.home / "records.sqlite3")) as records:
        records.execute("CREATE TABLE hit (plate)")
    place.backup("three")
    manifest = json.loads((place.target / "MANIFEST.json").read_bytes())
    left = {file.relative_to(place.target).as_posix() for file in place.target.rglob("*") if file.is_file()}
    assert left == {line["stored"] for line in manifest["files"].values()} | {"MANIFEST.json", "backup.lock"}


def test_a_disposed_day_is_forgotten_and_only_that_day(place: Place) -> None:
    place.backup()
    old = ReadStore(place.home / "lpr-data").days()[0]
    assert str(old) == OTHER_DAY
    forget_day(place.target, old)
    forget_day(place.target, old)
    assert verify(place.target) == []
    left = "\n".join(str(file) for file in place.target.rglob("*"))
    assert f"lpr-data/{OTHER_DAY}" not in left
    assert f"hot-lists/{OTHER_DAY}/list" in left
    assert f"lpr-data/{OTHER_DAY}" not in (place.target / "MANIFEST.json").read_text()
    with pytest.raises(FileNotFoundError, match="may still be in it"):
        forget_day(place.target / "unplugged", old)


def test_the_next_backup_drops_a_day_disposed_of_meanwhile(place: Place) -> None:
    place.backup()
    ReadStore(place.home / "lpr-data").dispose(DAY)
    place.backup("two")
    assert verify(place.target) == []
    assert not (place.target / "lpr-data" / str(DAY)).exists()


@pytest.mark.parametrize("harm", ["changed", "missing", "no manifest", "broken manifest", "file outside"])
def test_a_damaged_backup_is_noticed_and_not_restored(place: Place, tmp_path: Path, harm: str) -> None:
    place.backup()
    (file,) = (place.target / "hot-lists" / OTHER_DAY).iterdir()
    manifest = place.target / "MANIFEST.json"
    if harm == "changed":
        file.write_bytes(b"another hot list")
    elif harm == "missing":
        file.unlink()
    elif harm == "no manifest":
        manifest.unlink()
    elif harm == "broken manifest":
        manifest.write_text(manifest.read_text()[:-20])
    else:
        manifest.write_text(manifest.read_text().replace("secrets.json", "../../secrets.json"))
    assert len(verify(place.target)) == 1
    with pytest.raises(BackupDamaged):
        restore(place.target, tmp_path / "again")
    assert not (tmp_path / "again").exists()


def test_a_home_with_anything_in_it_is_not_overwritten(place: Place) -> None:
    place.backup()
    with pytest.raises(FileExistsError, match="new folder"):
        restore(place.target, place.home)


def test_records_elsewhere_are_dumped_by_the_callers_function(place: Place, tmp_path: Path) -> None:
    def run(dump: object, records: Path | None = None) -> BackupReport:
        return backup(
            records=records,
            dump=dump,  # type: ignore[arg-type]
            lpr_data=place.home / "lpr-data",
            others=[],
            target=place.target,
            stamp="one",
        )

    run(lambda path: path.write_bytes(b"a dump"))
    restore(place.target, tmp_path / "again")
    assert (tmp_path / "again" / "records.dump").read_bytes() == b"a dump"
    with pytest.raises(ValueError, match="either"):
        run(None)
