"""A backup is checked without the recovery key, and read with it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Collection, Iterator
from datetime import date
from pathlib import Path, PurePosixPath

from platekeeper.server.storage.backups import catalogue, chunks, keyring
from platekeeper.server.storage.backups.catalogue import CATALOGUE, Catalogue, Line
from platekeeper.server.storage.backups.errors import BackupDamaged
from platekeeper.server.storage.backups.keyring import KeyLine
from platekeeper.server.storage.backups.recovery import Lock, RecoveryKey, WrongShares
from platekeeper.server.storage.backups.running import copies_in
from platekeeper.server.storage.files import sync_folder


def verify(target: Path, lock: Lock | None = None, *, days: Callable[[date], bool] = lambda _day: True) -> list[str]:
    """Return what is wrong with the backup, a line each; an empty list when every file is there and unchanged.

    With what the server keeps of its recovery key, it is also found whether the server wrote each part. Of other days
    than those asked for, the catalogues and the keys are looked at, and no file. What a run or a disposal takes out of the
    backup meanwhile is not missed.
    """
    folder = _folder(target, lock)
    if folder is None:
        return ["There is no finished backup here."]
    try:
        keys = keyring.lines_in(folder)
        told = _told(folder, keys, lock)
    except BackupDamaged as damaged:
        return damaged.problems
    foreign = [line for line in keys.values() if lock and not line.is_of(lock)]
    problems = [f"{line.room}: its key is not what this department's server wrote" for line in foreign]
    wrong = [
        (room, line)
        for room, lines in sorted(told.rooms.items())
        if not _is_day(room) or days(date.fromisoformat(room))
        for line in lines
        if _wrong(folder / room, line, keys)
    ]
    if wrong:
        try:
            keys = keyring.lines_in(folder)
            told = _told(folder, keys, lock)
        except BackupDamaged as damaged:
            return damaged.problems
    still = [(room, line) for room, line in wrong if line in told.rooms.get(room, ())]
    problems += [f"{room}: {problem}" for room, line in still if (problem := _wrong(folder / room, line, keys))]
    left = [room for room in catalogue.rooms_named(folder).keys() - told.rooms.keys() if (folder / room).exists()]
    return problems + [
        f"{room}: its key is gone, its files are not; the next run removes them" for room in sorted(left)
    ]


def rooms_of(target: Path, lock: Lock) -> list[str]:
    """Return the rooms that can be restored. Raises `BackupDamaged`."""
    folder = target / lock.fingerprint
    return sorted(_told(folder, keyring.lines_in(folder), lock).rooms)


def days_of(target: Path, lock: Lock) -> list[date]:
    """Return the days that can be restored, oldest first. Raises `BackupDamaged`."""
    return [date.fromisoformat(room) for room in rooms_of(target, lock) if _is_day(room)]


def stamp_of(target: Path, lock: Lock) -> str:
    """Return the time of the last whole run, as it was given. Raises `BackupDamaged`."""
    folder = target / lock.fingerprint
    return _told(folder, keyring.lines_in(folder), lock).stamp


def restore(target: Path, home: Path, key: RecoveryKey, *, rooms: Collection[str] | None = None) -> None:
    """Put a backup, or some of its rooms, into an empty or new home.

    Raises FileExistsError, or `BackupDamaged` before anything is written; one that changes while it is read leaves the
    home unfinished.
    """
    if home.exists() and any(home.iterdir()):
        raise FileExistsError(f"{home} is not empty: restore into a new folder.")
    folder = target / key.lock.fingerprint
    if not (folder / CATALOGUE).exists():
        raise BackupDamaged(["there is no finished backup here that these shares open"])
    if problems := verify(target, key.lock):
        raise BackupDamaged(problems)
    sealed = keyring.lines_in(folder)
    told = _told(folder, sealed, key.lock)
    data_keys = {line.id: _data_key(line, key) for line in sealed.values()}
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    for room, lines in told.rooms.items():
        if rooms is None or room in rooms:
            for line in lines:
                _write(folder / room / line.stored, data_keys[line.key], line, key.lock, home)
    for place in [home, *(path for path in home.rglob("*") if path.is_dir())]:
        sync_folder(place)


def _folder(target: Path, lock: Lock | None) -> Path | None:
    """Return where the backup lies: under the lock's own key, or the newest there is."""
    finished = [each for each in copies_in(target) if (each / CATALOGUE).exists()]
    mine = [each for each in finished if lock is None or each.name == lock.fingerprint]
    return max(mine, key=lambda each: (each / CATALOGUE).stat().st_mtime_ns, default=None)


def _told(folder: Path, keys: dict[str, KeyLine], lock: Lock | None) -> Catalogue:
    """Return the catalogue without the days that are forgotten: those have no key left."""
    has_key = {line.room for line in keys.values()}
    forgotten = {room for room in catalogue.rooms_named(folder).keys() - has_key if _is_day(room)}
    told = catalogue.read(folder, lock, but=forgotten)
    if told is None:
        raise BackupDamaged([f"{CATALOGUE} is missing: there is no finished backup here"])
    return told


def _is_day(room: str) -> bool:
    return room[0].isdigit()


def _wrong(room: Path, line: Line, keys: dict[str, KeyLine]) -> str:
    if line.key not in keys or keys[line.key].room != room.name:
        return "the key of a file is missing"
    try:
        with (room / line.stored).open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        return f"a file: {error.strerror or 'cannot be read'}"
    return "" if digest == line.sha256 else "a file changed since it was backed up"


def _data_key(line: KeyLine, key: RecoveryKey) -> bytes:
    try:
        return line.open(key)
    except WrongShares as error:
        raise BackupDamaged([f"{line.room}: its key cannot be opened"]) from error


def _write(stored: Path, data_key: bytes, line: Line, lock: Lock, home: Path) -> None:
    """Decrypt a file into its place, synced. A path that leads outside is refused."""
    with stored.open("rb") as file:
        plain: Iterator[bytes] = chunks.opened(file, key=data_key)
        path = next(plain).decode()
        within = PurePosixPath(path)
        if lock.marked("path", path)[:32] != line.name or within.is_absolute() or ".." in within.parts:
            raise BackupDamaged([f"{path}: a file lies under another's name"])
        place = home / within
        for folder in reversed([home / parent for parent in within.parents]):
            folder.mkdir(exist_ok=True, mode=0o700)
        with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as restored:
            restored.writelines(plain)
            restored.flush()
            os.fsync(restored.fileno())
