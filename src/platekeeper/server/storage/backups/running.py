"""A run brings the backup in a folder up to date; what was disposed of is forgotten."""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from platekeeper.server.storage.backups import catalogue, chunks, keyring, unencrypted
from platekeeper.server.storage.backups.catalogue import Catalogue, Line
from platekeeper.server.storage.backups.keyring import KEYRING, ROOM, KeyLine
from platekeeper.server.storage.backups.pieces import Piece, PieceGone, ReadsToCopy
from platekeeper.server.storage.backups.recovery import Lock
from platekeeper.server.storage.backups.scratch import emptied
from platekeeper.server.storage.files import sync_folder
from platekeeper.server.storage.locks import held

RECORDS, REST = "records", "rest"
LOCK_FILE = "backup.lock"
_OF_A_KEY = re.compile(r"[0-9a-f]{16}")


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

    `scratch` is a folder of the home's own for what must be copied before it is encrypted; it is emptied. `stamp` is the
    time of the run, for people. Days that are no longer stored are dropped. Raises OSError, or whatever the pieces
    raise, and leaves the backup as it was; `BackupDamaged` for a folder that holds somebody else's.
    """
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    with held(target / LOCK_FILE), emptied(scratch):
        run = _Run(target / lock.fingerprint, lock, scratch)
        for day in reads.days():
            run.room(day.isoformat(), reads.pieces(day))
        run.room(RECORDS, records, must_be_there=True)
        run.room(REST, others)
        report = run.finish({day.isoformat() for day in reads.days()}, stamp=stamp)
        for folder in copies_in(target):
            if folder.name != lock.fingerprint:  # of a recovery key that was replaced
                keyring.replace(folder, ())
                shutil.rmtree(folder)
        return report


def forget_day(target: Path, day: date) -> None:
    """Throw a disposed day's keys away (VI.k), then its files; nobody reads it again, not from an old copy of them either.

    Waits for a running backup to end. Raises FileNotFoundError where the folder is not there.
    """
    if not target.is_dir():
        raise FileNotFoundError(f"The backup folder {target} is not there; the day may still be in it.")
    room = day.isoformat()
    with held(target / LOCK_FILE):
        for folder in copies_in(target):
            keyring.drop(folder, lambda line: line.room == room)
            if (folder / room).exists():
                shutil.rmtree(folder / room)
                sync_folder(folder)
        unencrypted.forget_day(target, day)


def days_in(target: Path) -> set[date]:
    """Return the days that a backup folder holds anything of, without asking for a key."""
    names = {room.name for folder in copies_in(target) for room in folder.iterdir()}
    return {date.fromisoformat(name) for name in names if ROOM.fullmatch(name) and name not in {RECORDS, REST}}


def copies_in(target: Path) -> list[Path]:
    """Return the backups in a folder: one for each recovery key that is, or was until the next whole run, in use."""
    if not target.is_dir():
        return []
    return sorted(each for each in target.iterdir() if _OF_A_KEY.fullmatch(each.name) and (each / KEYRING).exists())


class _Run:
    """One run: the rooms as they come about."""

    def __init__(self, folder: Path, lock: Lock, scratch: Path) -> None:
        self._folder, self._lock, self._scratch = folder, lock, scratch
        folder.mkdir(exist_ok=True, mode=0o700)
        self._keys = keyring.lines_in(folder)
        has_key = {line.room for line in self._keys.values()}
        forgotten = catalogue.rooms_named(folder) - has_key
        before = catalogue.read(folder, lock, but=forgotten)
        self._before = (
            {room: {line.name: line for line in lines} for room, lines in before.rooms.items()} if before else {}
        )
        self._rooms: dict[str, dict[str, Line]] = {}
        self._copied = 0

    def room(self, room: str, pieces: Iterable[Piece], *, must_be_there: bool = False) -> None:
        """Fill a room: what has not changed stays as it lies there, the rest is encrypted with a key made now."""
        before, lines, key = self._before.get(room, {}), self._rooms.setdefault(room, {}), None
        (self._folder / room).mkdir(exist_ok=True, mode=0o700)
        for piece in pieces:
            name = self._lock.marked("path", piece.path)[:32]
            seen = piece.seen and self._lock.marked("seen", piece.path, piece.seen)[:32]
            old = before.get(name)
            if old and seen and old.seen == seen and self._is_there(room, old):
                lines[name] = old
                continue
            key = key or keyring.fresh(room, self._lock)
            try:
                lines[name] = replace(self._copy(room, piece, *key), name=name, seen=seen)
            except PieceGone:
                if must_be_there:
                    raise
                continue
            self._copied += 1
            self._keys[key[1].id] = key[1]
        sync_folder(self._folder / room)

    def finish(self, days: set[str], *, stamp: str) -> BackupReport:
        """Swap the keyring and the catalogue for what is there now, and remove what neither names any more."""
        rooms = {room: lines.values() for room, lines in self._rooms.items() if room in {RECORDS, REST, *days}}
        sync_folder(self._folder)
        keyring.replace(
            self._folder, (line for line in self._keys.values() if line.room in self._before.keys() | rooms)
        )
        named = catalogue.write(self._folder, Catalogue(stamp, rooms), self._lock)
        used = {line.key for lines in rooms.values() for line in lines}
        keyring.drop(self._folder, lambda line: line.id not in used)
        for room in [each for each in self._folder.iterdir() if ROOM.fullmatch(each.name)]:
            _sweep(room, {named.get(room.name, ""), *(line.stored for line in rooms.get(room.name, ()))})
        lines = [line for each in rooms.values() for line in each]
        return BackupReport(stamp, len(lines), sum(line.size for line in lines), self._copied)

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


def _sweep(room: Path, wanted: set[str]) -> None:
    for file in room.iterdir():
        if file.name not in wanted:
            file.unlink()
    if not any(room.iterdir()):
        room.rmdir()
