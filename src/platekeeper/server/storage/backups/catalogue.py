"""What lies in a backup: a catalogue of rooms, and in each room one of its files.

The first line of `CATALOGUE` is the server's mark over all that follows; the catalogue of a room stands in it by digest.
Names of files and what was seen of the originals are keyed, so that the catalogue tells a stranger nothing of them.

`UNFINISHED` is a catalogue like it, of the rooms that a run has filled so far. It is no backup, since its days are newer than
the records beside them: the run after one that was cut off goes on from it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from platekeeper.server.storage.backups.errors import BackupDamaged
from platekeeper.server.storage.backups.keyring import ROOM
from platekeeper.server.storage.backups.recovery import Lock
from platekeeper.server.storage.files import write_durably

CATALOGUE, UNFINISHED = "CATALOGUE", "UNFINISHED"
_VERSION = 1
_HEX = re.compile(r"(?:[0-9a-f]{32}){1,2}")


@dataclass(frozen=True, slots=True)
class Line:
    """An encrypted file: keyed name of its path, the name it is stored under, its data key, its size and SHA-256 as it
    lies there, and what was seen of the original (keyed); `seen` empty: copy it again next time.
    """

    name: str
    stored: str
    key: str
    size: int
    sha256: str
    seen: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The time of the run (for people), and each room's lines."""

    stamp: str
    rooms: Mapping[str, Collection[Line]]


def read(folder: Path, lock: Lock | None, *, but: Collection[str] = (), name: str = CATALOGUE) -> Catalogue | None:
    """Return what a catalogue tells; None where there is none, as before the first run ended. Raises `BackupDamaged`.

    Without a lock it is not known whether the server wrote it. Rooms named in `but` are left out.
    """
    try:
        mark, _, text = (folder / name).read_bytes().partition(b"\n")
    except FileNotFoundError:
        return None
    if lock and not lock.is_marked(mark.decode("latin-1"), name.lower(), text):
        raise BackupDamaged([f"{name} is not what this department's server wrote"])
    try:
        told = json.loads(text)
        if told["version"] != _VERSION:
            raise BackupDamaged([f"{name} is of a version that this program does not know"])
        digests = {room: str(digest) for room, digest in told["rooms"].items() if ROOM.fullmatch(room)}
        rooms = {room: _room(folder, room, digest) for room, digest in digests.items() if room not in but}
        return Catalogue(str(told["stamp"]), rooms)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BackupDamaged([f"{name} cannot be understood"]) from error


def rooms_named(folder: Path, *, name: str = CATALOGUE) -> dict[str, str]:
    """Return the rooms that a catalogue names, whether they are there or not, and how the file of each one's own is called.

    Raises `BackupDamaged`.
    """
    try:
        told = json.loads((folder / name).read_bytes().partition(b"\n")[2])
        return {room: _name(str(digest)) for room, digest in told["rooms"].items() if ROOM.fullmatch(room)}
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BackupDamaged([f"{name} cannot be understood"]) from error


def write(folder: Path, catalogue: Catalogue, lock: Lock, *, name: str = CATALOGUE) -> None:
    """Put a catalogue in place of the one before, on disk on return."""
    digests = {}
    for room, lines in catalogue.rooms.items():
        text = json.dumps([asdict(line) for line in sorted(lines, key=lambda line: line.name)]).encode()
        digests[room] = hashlib.sha256(text).hexdigest()
        place = folder / room / _name(digests[room])
        if not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_durably(place, text, mode=0o600, alone=True)
    told = {"version": _VERSION, "stamp": catalogue.stamp, "rooms": dict(sorted(digests.items()))}
    text = json.dumps(told).encode()
    mark = lock.marked(name.lower(), text).encode()
    write_durably(folder / name, mark + b"\n" + text, mode=0o600, alone=True)


def _room(folder: Path, room: str, digest: str) -> list[Line]:
    try:
        text = (folder / room / _name(digest)).read_bytes()
    except OSError as error:
        raise BackupDamaged([f"{room}: its catalogue is missing"]) from error
    if hashlib.sha256(text).hexdigest() != digest:
        raise BackupDamaged([f"{room}: its catalogue changed since it was backed up"])
    lines = [Line(**told) for told in json.loads(text)]
    if not all(_HEX.fullmatch(each) for line in lines for each in (line.stored, line.key, line.sha256)):
        raise BackupDamaged([f"{room}: its catalogue names a file outside the backup"])
    return lines


def _name(digest: str) -> str:
    return f"catalogue-{digest[:32]}"
