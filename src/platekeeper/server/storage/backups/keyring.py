"""The keyring of one backup: a line for each data key, and the only place where any of them lies.

It is replaced whole, and what it replaces is written over: taking a line out of it is the disposal of what the key opened.
(A disk that writes elsewhere than where it is told, as flash does, may keep the old block until it reuses it; what that
block holds is sealed to the recovery key all the same.)

    platekeeper keyring 1
    <id> <room> <sealed key> <mark>        hexadecimal but for the room; the mark is over the three before it
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Iterable
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from platekeeper.server.storage.backups.errors import BackupDamaged
from platekeeper.server.storage.backups.recovery import Lock, RecoveryKey
from platekeeper.server.storage.files import sync_folder, write_durably

KEYRING = "KEYRING"
ROOM = re.compile(r"\d{4}-\d{2}-\d{2}|records|rest")
_REPLACED = ".KEYRING.replaced"
_FIRST = "platekeeper keyring 1"
_LINE = re.compile(r"([0-9a-f]{32}) (\S+) ([0-9a-f]{160}) ([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class KeyLine:
    """A sealed data key: its id, the room that it is for, and what shows that the server wrote the line."""

    id: str
    room: str
    sealed: str
    mark: str

    def is_of(self, lock: Lock) -> bool:
        """Say whether the server wrote this line as it stands."""
        return lock.is_marked(self.mark, "key", self.id, self.room, self.sealed)

    def open(self, key: RecoveryKey) -> bytes:
        """Return the data key. Raises `WrongShares`."""
        return key.open(bytes.fromhex(self.sealed), about=f"{self.id} {self.room}")


def fresh(room: str, lock: Lock) -> tuple[bytes, KeyLine]:
    """Make a data key for a room; return it, to be used and forgotten, and the line that keeps it."""
    key, name = secrets.token_bytes(32), secrets.token_hex(16)
    sealed = lock.seal(key, about=f"{name} {room}").hex()
    return key, KeyLine(name, room, sealed, lock.marked("key", name, room, sealed))


def lines_in(folder: Path) -> dict[str, KeyLine]:
    """Return a keyring's lines by id; none where there is no keyring yet. Raises `BackupDamaged`."""
    try:
        first, *lines = (folder / KEYRING).read_text("ascii").removesuffix("\n").split("\n")
    except FileNotFoundError:
        return {}
    except UnicodeDecodeError as error:
        raise BackupDamaged([f"{KEYRING} cannot be read"]) from error
    told = [_LINE.fullmatch(line) for line in lines]
    if first != _FIRST or not all(line and ROOM.fullmatch(line[2]) for line in told):
        raise BackupDamaged([f"{KEYRING} has a line that cannot be understood"])
    return {line[1]: KeyLine(line[1], line[2], line[3], line[4]) for line in told if line}


def replace(folder: Path, lines: Iterable[KeyLine]) -> None:
    """Put these lines in place of all others, on disk on return; the file before is written over."""
    _finish_replacing(folder)
    ordered = sorted(lines, key=lambda line: (line.room, line.id))
    text = "\n".join([_FIRST, *(f"{line.id} {line.room} {line.sealed} {line.mark}" for line in ordered), ""])
    before = (folder / KEYRING).open("r+b") if (folder / KEYRING).exists() else None
    with before or nullcontext():
        if before:
            with suppress(OSError):  # not every file system knows links; this one names what a crash would leave
                os.link(folder / KEYRING, folder / _REPLACED)
        write_durably(folder / KEYRING, text.encode("ascii"), mode=0o600, alone=True)
        if before:
            _write_over(before)
    (folder / _REPLACED).unlink(missing_ok=True)
    sync_folder(folder)


def drop(folder: Path, unwanted: Callable[[KeyLine], bool]) -> None:
    """Take the unwanted lines out; the keyring stays as it is where there are none. Raises `BackupDamaged`."""
    lines = lines_in(folder).values()
    kept = [line for line in lines if not unwanted(line)]
    if len(kept) < len(lines):
        replace(folder, kept)
    else:
        _finish_replacing(folder)


def _finish_replacing(folder: Path) -> None:
    """Write over the keyring that a crash left under its second name; it may be the one still in force: spare it."""
    old = folder / _REPLACED
    if old.exists():
        if not (folder / KEYRING).exists() or not old.samefile(folder / KEYRING):
            with old.open("r+b") as file:
                _write_over(file)
        old.unlink()
        sync_folder(folder)


def _write_over(file: BinaryIO) -> None:
    size = os.fstat(file.fileno()).st_size
    file.seek(0)
    file.write(secrets.token_bytes(size))
    file.flush()
    os.fsync(file.fileno())
