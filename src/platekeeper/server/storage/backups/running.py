"""A run brings the backup in a folder up to date; what was disposed of is forgotten."""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from platekeeper.server.storage.backups import catalogue, chunks, keyring, unencrypted
from platekeeper.server.storage.backups.catalogue import CATALOGUE, UNFINISHED, Catalogue, Line
from platekeeper.server.storage.backups.errors import BackupDamaged
from platekeeper.server.storage.backups.keyring import KEYRING, ROOM, KeyLine
from platekeeper.server.storage.backups.pieces import Piece, PieceGone, ReadsToCopy
from platekeeper.server.storage.backups.recovery import Lock
from platekeeper.server.storage.backups.scratch import emptied
from platekeeper.server.storage.files import sync_folder
from platekeeper.server.storage.locks import held

RECORDS, REST = "records", "rest"
LOCK_FILE = "backup.lock"
"""Held while keyring and catalogues change, and never while files are copied: a disposal waits for it."""
_OF_A_KEY = re.compile(r"[0-9a-f]{16}")
_FORGOTTEN = ".forgotten-"


@dataclass(frozen=True, slots=True)
class BackupReport:
    """What a run left in the backup folder: files and bytes in all, and how many of the files were copied this time."""

    stamp: str
    files: int
    bytes: int
    copied: int


def backup(
    *,
    reads: ReadsToCopy,
    records: Iterable[Piece],
    others: Iterable[Piece],
    target: Path,
    lock: Lock,
    scratch: Path,
    stamp: str,
) -> BackupReport:
    """Bring the backup in `target` up to date; whole and on disk on return.

    `scratch` is a folder of the home's own for what must be copied before it is encrypted; it is emptied, and since a run has
    it to itself, a home has one run at a time. `stamp` is the time of the run, for people. Days that are no longer stored are
    dropped. Raises OSError, or whatever the pieces raise, and leaves the backup as it was, and beside it what the next run
    goes on from; `BackupDamaged` for a folder that holds somebody else's.
    """
    make_ready(target)
    with emptied(scratch):
        with held(target / LOCK_FILE):
            run = _Run(target / lock.fingerprint, lock, scratch)
        for room, pieces in _rooms(reads, records, others):
            run.fill(room, pieces, must_be_there=room == RECORDS)
            with held(target / LOCK_FILE):
                run.keep(room, stamp=stamp)
        with held(target / LOCK_FILE):
            report = run.finish({day.isoformat() for day in reads.days()}, stamp=stamp)
            for folder in copies_in(target):
                if folder.name != lock.fingerprint:  # of a recovery key that was replaced
                    keyring.replace(folder, ())
                    shutil.rmtree(folder)
        return report


def forget_day(target: Path, day: date) -> None:
    """Throw a disposed day's keys away (VI.k), then its files; nobody reads it again, not from an old copy of them either.

    A run that is under way is not waited for: it finds the day gone. Raises FileNotFoundError where the folder is not there.
    """
    if not target.is_dir():
        raise FileNotFoundError(f"The backup folder {target} is not there; the day may still be in it.")
    room = day.isoformat()
    with held(target / LOCK_FILE):
        for folder in copies_in(target):
            keyring.drop(folder, lambda line: line.room == room)
            if (folder / room).exists():
                # Away at once: a run that is filling it can neither go on nor take it for its own later.
                (folder / room).rename(folder / f"{_FORGOTTEN}{secrets.token_hex(8)}")
                sync_folder(folder)
            _remove_forgotten(folder)
        unencrypted.forget_day(target, day)


def days_in(target: Path) -> set[date]:
    """Return the days that a backup folder holds anything of, without asking for a key."""
    names = {room.name for folder in copies_in(target) for room in _rooms_in(folder)}
    return {date.fromisoformat(name) for name in names - {RECORDS, REST}}


def make_ready(target: Path) -> None:
    """Make a folder one that takes backups, as its lock file says from then on. Raises OSError."""
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    (target / LOCK_FILE).touch(mode=0o600)


def took_one(target: Path) -> bool:
    """Say whether a folder ever took a backup, or began to: its lock file stays. Where a disk is away, its mount point is an
    empty folder."""
    try:
        return (target / LOCK_FILE).exists()
    except OSError:
        return False


def copies_in(target: Path) -> list[Path]:
    """Return the backups in a folder: one for each recovery key that is, or was until the next whole run, in use."""
    if not target.is_dir():
        return []
    return sorted(each for each in target.iterdir() if _OF_A_KEY.fullmatch(each.name) and (each / KEYRING).exists())


class _Run:
    """One run: the rooms as they come about. It holds the lock throughout, but while it fills a room."""

    def __init__(self, folder: Path, lock: Lock, scratch: Path) -> None:
        """Learn what lies there, and remove what a run that was cut off left unnamed. Raises `BackupDamaged`."""
        self._folder, self._lock, self._scratch = folder, lock, scratch
        folder.mkdir(exist_ok=True, mode=0o700)
        if not (folder / KEYRING).exists():
            keyring.replace(folder, ())
        self._keys = keyring.lines_in(folder)
        self._whole = self._told(CATALOGUE)
        try:
            self._so_far = self._told(UNFINISHED)
        except BackupDamaged:  # it saves work, and nothing else
            (folder / UNFINISHED).unlink()
            self._so_far = {}
        self._rooms: dict[str, dict[str, Line]] = {}
        self._fresh: dict[str, KeyLine] = {}
        self._copied = 0
        self._remove_unnamed()

    def fill(self, room: str, pieces: Iterable[Piece], *, must_be_there: bool = False) -> None:
        """Fill a room: what has not changed stays as it lies there, the rest is encrypted with a key made now."""
        (self._folder / room).mkdir(exist_ok=True, mode=0o700)
        lines, key = self._rooms.setdefault(room, {}), None
        old = {
            (line.name, line.seen): line
            for told in (self._whole, self._so_far)
            for line in told.get(room, ())
            if line.seen and self._is_there(room, line)
        }
        for piece in pieces:
            name = self._lock.marked("path", piece.path)[:32]
            seen = piece.seen and self._lock.marked("seen", piece.path, piece.seen)[:32]
            if (name, seen) in old:
                lines[name] = old[name, seen]
                continue
            key = key or keyring.fresh(room, self._lock)
            try:
                lines[name] = replace(self._copy(room, piece, *key), name=name, seen=seen)
            except PieceGone:
                if must_be_there:
                    raise
                continue
            self._copied += 1
            self._fresh[key[1].id] = key[1]

    def keep(self, room: str, *, stamp: str) -> None:
        """Note what is in a room and what opens it, so that it is not lost with the run."""
        self._let_go_of_forgotten()
        lines = set(self._rooms.get(room, {}).values())
        if any(lines == set(told.get(room, ())) for told in (self._whole, self._so_far)):
            return
        self._forget_in_catalogue()
        self._so_far[room] = lines
        sync_folder(self._folder / room)
        sync_folder(self._folder)
        keyring.replace(self._folder, self._keys.values())
        catalogue.write(self._folder, Catalogue(stamp, self._so_far), self._lock, name=UNFINISHED)

    def finish(self, days: set[str], *, stamp: str) -> BackupReport:
        """Swap the catalogue for what is there now, and remove what it does not name any more."""
        self._let_go_of_forgotten()
        there = {RECORDS, REST, *days}
        rooms = {room: lines.values() for room, lines in self._rooms.items() if room in there and lines}
        catalogue.write(self._folder, Catalogue(stamp, rooms), self._lock)
        (self._folder / UNFINISHED).unlink(missing_ok=True)
        self._whole, self._so_far = {**rooms}, {}
        self._remove_unnamed()
        lines = [line for each in rooms.values() for line in each]
        return BackupReport(stamp, len(lines), sum(line.size for line in lines), self._copied)

    def _told(self, name: str) -> dict[str, Collection[Line]]:
        """Return what a catalogue tells of the rooms that are not forgotten: those have no key left."""
        forgotten = catalogue.rooms_named(self._folder, name=name).keys() - {line.room for line in self._keys.values()}
        told = catalogue.read(self._folder, self._lock, but=forgotten, name=name)
        return dict(told.rooms) if told else {}

    def _let_go_of_forgotten(self) -> None:
        """Learn which days were forgotten since the run began; their keys come back no more."""
        there = {room.name for room in _rooms_in(self._folder)}
        self._rooms = {room: lines for room, lines in self._rooms.items() if room in there}
        self._so_far = {room: lines for room, lines in self._so_far.items() if room in there}
        self._fresh = {line.id: line for line in self._fresh.values() if line.room in there}
        self._keys = {**keyring.lines_in(self._folder), **self._fresh}

    def _forget_in_catalogue(self) -> None:
        """Take forgotten rooms out of the catalogue before one of them has a key again: its files would be missed there."""
        keyed = {line.room for line in keyring.lines_in(self._folder).values()}
        forgotten = catalogue.rooms_named(self._folder).keys() - keyed
        if forgotten.isdisjoint(line.room for line in self._fresh.values()):
            return
        if (whole := catalogue.read(self._folder, self._lock, but=forgotten)) is not None:
            catalogue.write(self._folder, whole, self._lock)
            self._whole = dict(whole.rooms)

    def _remove_unnamed(self) -> None:
        """Remove the keys, files and rooms that neither catalogue names."""
        named = [
            (rooms, catalogue.rooms_named(self._folder, name=name))
            for rooms, name in ((self._whole, CATALOGUE), (self._so_far, UNFINISHED))
        ]
        used = {line.key for rooms, _ in named for lines in rooms.values() for line in lines}
        keyring.drop(self._folder, lambda line: line.id not in used)
        for room in _rooms_in(self._folder):
            lines = [line for rooms, _ in named for line in rooms.get(room.name, ())]
            own = {names[room.name] for rooms, names in named if room.name in rooms}
            _sweep(room, {*own, *(line.stored for line in lines)})
        _remove_forgotten(self._folder)

    def _copy(self, room: str, piece: Piece, key: bytes, line: KeyLine) -> Line:
        scratch, stored = self._scratch / secrets.token_hex(8), secrets.token_hex(16)
        try:
            with piece.produce(scratch).open("rb") as source:
                place = self._folder / room / stored
                sealed = chunks.seal(source, place, path=piece.path, key=key, key_id=line.id)
        except FileNotFoundError as gone:
            raise PieceGone(piece.path) from gone
        finally:
            scratch.unlink(missing_ok=True)
        return Line("", stored, line.id, sealed.size, sealed.sha256, "")

    def _is_there(self, room: str, line: Line) -> bool:
        try:
            return line.key in self._keys and (self._folder / room / line.stored).stat().st_size == line.size
        except OSError:
            return False


def _rooms(
    reads: ReadsToCopy, records: Iterable[Piece], others: Iterable[Piece]
) -> Iterator[tuple[str, Iterable[Piece]]]:
    """Return the rooms and their pieces in the order in which they are filled."""
    for day in reads.days():
        yield day.isoformat(), reads.pieces(day)
    yield RECORDS, records
    yield REST, others


def _rooms_in(folder: Path) -> list[Path]:
    return [each for each in folder.iterdir() if ROOM.fullmatch(each.name)]


def _remove_forgotten(folder: Path) -> None:
    for left in folder.glob(f"{_FORGOTTEN}*"):
        shutil.rmtree(left)
        sync_folder(folder)


def _sweep(room: Path, wanted: set[str]) -> None:
    for file in room.iterdir():
        if file.name not in wanted:
            file.unlink()
    if not any(room.iterdir()):
        room.rmdir()
