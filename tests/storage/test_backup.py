"""Backup and restore while the department works; a disposed day does not live on in them (VI.k, VI.m)."""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from platekeeper.server.storage.backups import (
    BackupDamaged,
    BackupReport,
    Piece,
    PieceGone,
    ReadsToCopy,
    RecoveryKey,
    backup,
    forget_day,
    restore,
    rooms_of,
    stamp_of,
    verify,
)
from platekeeper.server.storage.backups.databases import database_piece
from platekeeper.server.storage.backups.pieces import trees
from platekeeper.server.storage.sqlite.store import SqliteReads
from tests.storage.making import DAY, JPEG, MIDNIGHT, NOON, PNG, filled_files, put

OTHER_DAY = "2026-03-02"
KEY = RecoveryKey(b"the key of tests, 32 bytes long.")
LOCK = KEY.lock


@dataclass
class Place:
    """A small home, and where its backup goes."""

    home: Path
    target: Path

    @property
    def folder(self) -> Path:
        return self.target / LOCK.fingerprint

    def backup(self, stamp: str = "one", *, key: RecoveryKey = KEY, reads: ReadsToCopy | None = None) -> BackupReport:
        return backup(
            reads=reads or SqliteReads(self.home / "lpr-data"),
            records=[database_piece(self.home / "records.sqlite3", "records.sqlite3")],
            others=trees([self.home / "hot-lists", self.home / "secrets.json"]),
            target=self.target,
            lock=key.lock,
            scratch=self.home / "scratch",
            stamp=stamp,
        )

    def key_lines(self) -> set[str]:
        return set((self.folder / "KEYRING").read_text().splitlines())

    def files(self) -> set[str]:
        return {file.relative_to(self.target).as_posix() for file in self.target.rglob("*") if file.is_file()}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    home = tmp_path / "home"
    home.mkdir()
    with closing(sqlite3.connect(home / "records.sqlite3")) as records:
        records.executescript("PRAGMA journal_mode=WAL; CREATE TABLE hit (plate); INSERT INTO hit VALUES ('ABC123');")
    filled_files(home / "lpr-data", {"raw": "NEW", "image": JPEG}, {"raw": "OLD", "at": MIDNIGHT - 1, "image": PNG})
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
    assert verify(place.target, LOCK) == []
    again = tmp_path / "again"
    restore(place.target, again, KEY)
    store = SqliteReads(again / "lpr-data")
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
    with SqliteReads(place.home / "lpr-data").writer() as writer:
        put(writer, {"raw": "NEWER"})
        report = place.backup("three")
    assert report.copied == 1
    assert verify(place.target, LOCK) == []
    assert stamp_of(place.target, LOCK) == "three"
    assert len(place.files()) == 7 + len(["catalogue"] * 4) + len(["keyring", "catalogue", "lock"])


def test_a_backup_taken_amid_writing_is_consistent(place: Place, tmp_path: Path) -> None:
    stop = threading.Event()
    stored: list[str] = []

    def append() -> None:
        with SqliteReads(place.home / "lpr-data").writer() as writer:
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
    assert verify(place.target, LOCK) == []
    restore(place.target, tmp_path / "again", KEY)
    store = SqliteReads(tmp_path / "again" / "lpr-data")
    reads = store.recent(100_000)
    assert set(known) <= {read.row.raw for read in reads}
    assert all(store.image(read) in {JPEG, PNG} for read in reads)


def test_a_run_cut_short_leaves_the_backup_before_it_whole(place: Place, tmp_path: Path) -> None:
    place.backup()
    with SqliteReads(place.home / "lpr-data").writer() as writer:
        put(writer, {"raw": "NEWER", "image": PNG})
    (place.home / "records.sqlite3").write_bytes(b"")
    (place.home / "records.sqlite3").unlink()
    with pytest.raises(PieceGone):
        place.backup("two")
    assert verify(place.target, LOCK) == []
    restore(place.target, tmp_path / "again", KEY)
    assert [read.row.raw for read in SqliteReads(tmp_path / "again" / "lpr-data").recent(9)] == ["NEW", "OLD"]
    with closing(sqlite3.connect(place.home / "records.sqlite3")) as records:
        records.execute("CREATE TABLE hit (plate)")
    place.backup("three")
    assert len(place.files()) == 7 + 4 + 3  # nothing of the second run is left
    assert not (place.home / "scratch").exists()


@dataclass
class Meanwhile:
    """A store of reads in which something happens once a run has copied a day's first piece."""

    reads: SqliteReads
    then: Callable[[date], None]

    def days(self) -> list[date]:
        return self.reads.days()

    def pieces(self, day: date) -> Iterator[Piece]:
        for number, piece in enumerate(self.reads.pieces(day)):
            if number == 1:
                self.then(day)
            yield piece


def _cut_off(day: date) -> None:
    if day == DAY:
        raise SystemExit("the machine goes down")


def test_a_run_goes_on_from_one_that_was_cut_off(place: Place, tmp_path: Path) -> None:
    for _ in range(2):  # again and again: nothing is copied twice, and what was half done does not pile up
        with pytest.raises(SystemExit):
            place.backup("one", reads=Meanwhile(SqliteReads(place.home / "lpr-data"), _cut_off))
        assert verify(place.target, LOCK) == ["There is no finished backup here."]
        whole = {file for file in place.files() if f"/{OTHER_DAY}/" in file}
        assert len(whole) == 2 + len(["catalogue"])
        assert len(place.files() - whole) == len(["reads of the day"]) + len(["keyring", "unfinished", "lock"])
    report = place.backup("two")
    assert (report.files, report.copied) == (7, 5)
    assert verify(place.target, LOCK) == []
    assert whole <= place.files()
    assert len(place.files()) == 7 + len(["catalogue"] * 4) + len(["keyring", "catalogue", "lock"])
    assert len((place.folder / "KEYRING").read_text().splitlines()) == 1 + 4
    restore(place.target, tmp_path / "again", KEY)
    assert [read.row.raw for read in SqliteReads(tmp_path / "again" / "lpr-data").recent(9)] == ["NEW", "OLD"]


def test_what_a_run_that_was_cut_off_noted_is_not_trusted_when_it_is_damaged(place: Place) -> None:
    with pytest.raises(SystemExit):
        place.backup("one", reads=Meanwhile(SqliteReads(place.home / "lpr-data"), _cut_off))
    (place.folder / "UNFINISHED").write_text("nothing that we wrote")
    assert place.backup("two").copied == 7
    assert verify(place.target, LOCK) == []
    assert len(place.files()) == 7 + 4 + 3


@pytest.mark.parametrize("begun_anew", [False, True])
@pytest.mark.parametrize("disposed_of", [str(DAY), OTHER_DAY])
@pytest.mark.parametrize("first", [False, True])
def test_a_disposal_does_not_wait_for_a_run_and_the_run_does_not_bring_the_day_back(
    place: Place, disposed_of: str, begun_anew: bool, first: bool
) -> None:
    """Whether the run has copied the day, is copying it or comes to it, and though reads of that day come in afterwards."""
    store, gone = SqliteReads(place.home / "lpr-data"), date.fromisoformat(disposed_of)
    if not first:
        place.backup("before")
    old_keys = {line for line in place.key_lines() if disposed_of in line} if not first else set()
    put_again = {"raw": "AGAIN", "at": NOON if gone == DAY else MIDNIGHT - 1}

    def dispose(_: date) -> None:
        if done:
            return
        store.hide(gone)
        thread = threading.Thread(target=forget_day, args=(place.target, gone), daemon=True)
        thread.start()
        thread.join(20)
        done.append(thread)
        keys.update(place.key_lines())
        store.dispose(gone)
        if begun_anew:
            with store.writer() as writer:
                put(writer, put_again)

    done: list[threading.Thread] = []
    keys: set[str] = set()
    for file in (place.home / "lpr-data").rglob("reads*"):
        os.utime(file)  # so that a run that is not the first copies something of each day
    place.backup("meanwhile", reads=Meanwhile(store, dispose))
    assert not done[0].is_alive()
    assert not any(disposed_of in line for line in keys)
    assert not old_keys & place.key_lines()
    assert verify(place.target, LOCK) == []
    place.backup("after")
    assert verify(place.target, LOCK) == []
    assert (disposed_of in rooms_of(place.target, LOCK)) == begun_anew
    assert [file for file in place.folder.iterdir() if file.name.startswith(".")] == []


def test_a_day_begun_anew_in_a_run_that_is_cut_off_leaves_the_backup_before_it_whole(place: Place) -> None:
    store, gone = SqliteReads(place.home / "lpr-data"), date.fromisoformat(OTHER_DAY)
    place.backup("before")
    store.hide(gone)
    forget_day(place.target, gone)
    store.dispose(gone)
    with store.writer() as writer:
        put(writer, {"raw": "AGAIN", "at": MIDNIGHT - 1})
    for file in (place.home / "lpr-data").rglob("reads*"):
        os.utime(file)
    for _ in range(2):
        with pytest.raises(SystemExit):
            place.backup("cut off", reads=Meanwhile(store, _cut_off))
        assert verify(place.target, LOCK) == []
        assert OTHER_DAY not in rooms_of(place.target, LOCK) and str(DAY) in rooms_of(place.target, LOCK)
    place.backup("after")
    assert verify(place.target, LOCK) == []
    assert OTHER_DAY in rooms_of(place.target, LOCK)


def test_a_day_that_holds_nothing_but_steps_is_in_no_backup_and_harms_none(place: Place, tmp_path: Path) -> None:
    store = SqliteReads(place.home / "lpr-data")
    with store.writer() as writer:
        put(writer, {"raw": "STEP", "at": NOON + 24 * 3600 * 1_000_000}, step=timedelta(minutes=1))
    assert len(store.days()) == 3
    for _ in range(2):
        place.backup()
        assert verify(place.target, LOCK) == []
    restore(place.target, tmp_path / "again", KEY)
    assert [read.row.raw for read in SqliteReads(tmp_path / "again" / "lpr-data").recent(9)] == ["NEW", "OLD"]


def test_what_is_taken_out_while_the_files_are_looked_at_is_not_missed(place: Place) -> None:
    place.backup()

    def forgotten(day: date) -> bool:
        forget_day(place.target, day)
        return True

    assert verify(place.target, LOCK, days=forgotten) == []


def test_a_disposed_day_is_forgotten_and_only_that_day(place: Place, tmp_path: Path) -> None:
    place.backup()
    old = SqliteReads(place.home / "lpr-data").days()[0]
    assert str(old) == OTHER_DAY
    shutil.copytree(place.target, tmp_path / "stolen")
    forget_day(place.target, old)
    forget_day(place.target, old)
    assert verify(place.target, LOCK) == []
    assert not (place.folder / OTHER_DAY).exists()
    assert rooms_of(place.target, LOCK) == [str(DAY), "records", "rest"]
    with pytest.raises(FileNotFoundError, match="may still be in it"):
        forget_day(place.target / "unplugged", old)

    shutil.copytree(tmp_path / "stolen" / LOCK.fingerprint / OTHER_DAY, place.folder / OTHER_DAY)  # files, and no key
    assert verify(place.target, LOCK) == [f"{OTHER_DAY}: its key is gone, its files are not; the next run removes them"]
    forget_day(place.target, old)
    restore(place.target, tmp_path / "again", KEY)
    assert SqliteReads(tmp_path / "again" / "lpr-data").days() == [DAY]
    assert (tmp_path / "again" / "hot-lists" / OTHER_DAY / "list").exists()
    SqliteReads(place.home / "lpr-data").dispose(old)
    assert place.backup("two").copied == 0
    assert verify(place.target, LOCK) == []


def test_the_next_backup_drops_a_day_disposed_of_meanwhile(place: Place) -> None:
    place.backup()
    SqliteReads(place.home / "lpr-data").dispose(DAY)
    place.backup("two")
    assert verify(place.target, LOCK) == []
    assert not (place.folder / str(DAY)).exists()
    assert str(DAY) not in (place.folder / "KEYRING").read_text()


def test_nothing_in_a_backup_tells_what_it_holds(place: Place) -> None:
    place.backup()
    everything = b"".join(file.read_bytes() for file in place.target.rglob("*") if file.is_file())
    for told in (b"SQLite format", b"ABC123", b"hot list", b"pack", b"hot-lists", JPEG, PNG):
        assert told not in everything


def test_another_recovery_key_begins_another_backup_and_ends_the_first(place: Place, tmp_path: Path) -> None:
    place.backup()
    other = RecoveryKey.make()
    assert place.backup("two", key=other).copied == 7
    assert verify(place.target, other.lock) == []
    assert not place.folder.exists()
    with pytest.raises(BackupDamaged, match="these shares open"):
        restore(place.target, tmp_path / "again", KEY)
    restore(place.target, tmp_path / "again", other)


HARM = {
    "changed": lambda file: file.write_bytes(file.read_bytes()[:-1] + bytes([file.read_bytes()[-1] ^ 1])),
    "cut off": lambda file: file.write_bytes(file.read_bytes()[:-10]),
    "longer": lambda file: file.write_bytes(file.read_bytes() + b"x"),
    "missing": lambda file: file.unlink(),
}


@pytest.mark.parametrize("harm", HARM)
@pytest.mark.parametrize("part", ["CATALOGUE", "KEYRING", "records/*", "records/catalogue-*", f"{DAY}/[0-9a-f]*"])
def test_a_damaged_backup_is_noticed_and_not_restored(place: Place, tmp_path: Path, part: str, harm: str) -> None:
    place.backup()
    HARM[harm](min(place.folder.glob(part)))
    assert verify(place.target, LOCK) != []
    with pytest.raises(BackupDamaged):
        restore(place.target, tmp_path / "again", KEY)
    assert not (tmp_path / "again").exists()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(which=some.floats(0, 1, exclude_max=True), where=some.floats(0, 1, exclude_max=True), bit=some.integers(0, 7))
def test_any_bit_that_flips_is_found(place: Place, which: float, where: float, bit: int) -> None:
    if not place.folder.exists():
        place.backup()
    files = sorted(file for file in place.folder.rglob("*") if file.is_file())
    file = files[int(which * len(files))]
    before = file.read_bytes()
    flipped = bytearray(before)
    flipped[int(where * len(before))] ^= 1 << bit
    file.write_bytes(flipped)
    assert verify(place.target, LOCK) != []
    file.write_bytes(before)
    assert verify(place.target, LOCK) == []


def test_what_a_stranger_puts_in_is_found(place: Place, tmp_path: Path) -> None:
    """A stranger knows the public key at most, and so can seal, but not mark."""
    place.backup()
    stranger = RecoveryKey(b"knows the public key, not the mark")
    backup(
        reads=SqliteReads(tmp_path / "none"),
        records=[Piece("records.sqlite3", "", lambda place: _written(place, b"forged"))],
        others=[],
        target=tmp_path / "forged",
        lock=type(LOCK)(LOCK.public, stranger.lock.mark),
        scratch=tmp_path / "scratch",
        stamp="one",
    )
    with pytest.raises(BackupDamaged, match="server wrote"):
        restore(tmp_path / "forged", tmp_path / "again", KEY)
    (line,) = next((tmp_path / "forged").glob("*/KEYRING")).read_text().splitlines()[1:]
    with (place.folder / "KEYRING").open("a") as keyring:
        keyring.write(f"{line}\n")
    assert verify(place.target, LOCK) == ["records: its key is not what this department's server wrote"]


def _written(place: Path, content: bytes) -> Path:
    place.write_bytes(content)
    return place


def test_a_home_with_anything_in_it_is_not_overwritten(place: Place) -> None:
    place.backup()
    with pytest.raises(FileExistsError, match="new folder"):
        restore(place.target, place.home, KEY)


def test_a_room_can_be_restored_alone(place: Place, tmp_path: Path) -> None:
    place.backup()
    restore(place.target, tmp_path / "again", KEY, rooms={"records"})
    assert [file.name for file in (tmp_path / "again").iterdir()] == ["records.sqlite3"]
