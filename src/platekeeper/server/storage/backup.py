"""Copies of everything a department owns (VI.m), taken while it runs, each file with its SHA-256.

One backup folder is brought up to date by each run. What has not changed is kept; what has is written under a new name
beside the old (`<path>.<first 16 of its SHA-256>`), then the manifest is swapped, then the old goes. So whenever a
run is cut short, the backup before it is still whole.

Order matters: reads, then records, then the rest. A read in the backup is then always one that the records beside it
account for, or that start-up completes; and every hot list file that the records name is there.

Not yet encrypted: keep the folder where only the position named under VI.m gets at it. Encryption comes with a later
issue.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from datetime import date
from functools import partial
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from platekeeper.server.storage.days import DayMissing, images_folder
from platekeeper.server.storage.files import sync_folder, write_durably
from platekeeper.server.storage.locks import held
from platekeeper.server.storage.sqlite.layout import days_in, hour_files, reads_file

MANIFEST = "MANIFEST.json"
DUMP = "records.dump"
LPR_DATA = "lpr-data"  # as in a home
_LOCK = "backup.lock"
_VERSION = 1
_STORED_NAME = re.compile(r".+\.(?:[0-9a-f]{16}|partial)(?:-journal|-wal|-shm)?")
_SETTLED_NS = 2_000_000_000  # a file changed within this time of being looked at may change again unseen
_BLOCK = 1 << 20


class BackupDamaged(Exception):
    """The backup is not whole; `problems` names what is wrong."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("This backup is not whole: " + "; ".join(problems[:5]))
        self.problems = list(problems)


@dataclass(frozen=True, slots=True)
class BackupReport:
    """What a run left in the backup folder: files and bytes in all, and how many of the files were copied this time."""

    stamp: str
    files: int
    bytes: int
    copied: int


@dataclass(frozen=True, slots=True)
class _Line:
    """A file in the backup. `seen` is the original's state when it was copied; empty: copy it again next time."""

    stored: str
    sha256: str
    size: int
    seen: str


def backup(
    *,
    records: Path | None,
    dump: Callable[[Path], None] | None,
    lpr_data: Path,
    others: Sequence[Path],
    target: Path,
    stamp: str,
) -> BackupReport:
    """Bring the backup in `target` up to date; whole and on disk on return.

    `records` is the SQLite file; for PostgreSQL pass None and a `dump` that writes the records to the path it is
    given. `others` are files or folders, kept under their own names; never a SQLite file in use. `stamp` is the time
    of the run, for people. Days no longer in `lpr_data` are dropped from the backup. Raises OSError or sqlite3.Error,
    leaving the backup as it was.
    """
    if (records is None) == (dump is None):
        raise ValueError("Give either the records' SQLite file or a function that dumps them.")
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    with held(target / _LOCK):
        run = _Run(target, _lines(target))
        for day in days_in(lpr_data):
            run.day(lpr_data, day)
        if records is not None:
            run.database(records, records.name)
        elif dump is not None:
            run.produced(dump, DUMP)
        for other in others:
            run.tree(other, other.name)
        still = {day.isoformat() for day in days_in(lpr_data)}
        lines = {path: line for path, line in run.lines.items() if _day_named(path) in {None, *still}}
        _write_manifest(target, lines, stamp=stamp)
        _sweep(target, lines)
        return BackupReport(stamp, len(lines), sum(line.size for line in lines.values()), run.copied)


def verify(target: Path) -> list[str]:
    """Return what is wrong with the backup, a line each; an empty list when every file is there and unchanged."""
    try:
        lines = _lines(target)
        if not (target / MANIFEST).exists():
            return [f"{MANIFEST} is missing: there is no finished backup here."]
    except ValueError as error:
        return [str(error)]
    problems = []
    for path, line in sorted(lines.items()):
        try:
            if _sha256(target / line.stored) != line.sha256:
                problems.append(f"{path}: changed since it was backed up")
        except OSError as error:
            problems.append(f"{path}: {error.strerror or 'cannot be read'}")
    return problems


def forget_day(target: Path, day: date) -> None:
    """Remove a disposed day from the backup: it must not live on there (VI.k). Waits for a running backup to end."""
    if not target.is_dir():
        raise FileNotFoundError(f"The backup folder {target} is not there; the day may still be in it.")
    with held(target / _LOCK):
        lines = _lines(target)
        kept = {path: line for path, line in lines.items() if _day_named(path) != day.isoformat()}
        if len(kept) < len(lines):
            _write_manifest(target, kept, stamp=_stamp(target))
        left = target / LPR_DATA / day.isoformat()
        if left.exists():
            shutil.rmtree(left)
            sync_folder(left.parent)


def restore(target: Path, home: Path) -> None:
    """Put a backup into an empty or new home. Raises FileExistsError, or `BackupDamaged` before anything is written."""
    if home.exists() and any(home.iterdir()):
        raise FileExistsError(f"{home} is not empty: restore into a new folder.")
    problems = verify(target)
    if problems:
        raise BackupDamaged(problems)
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    for path, line in sorted(_lines(target).items()):
        place = home / path
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if _copy(target / line.stored, place)[0] != line.sha256:
            raise BackupDamaged([f"{path}: changed while it was being restored"])
    for folder in [home, *(path for path in home.rglob("*") if path.is_dir())]:
        sync_folder(folder)


class _Run:
    """One run: the lines of the manifest as they come about."""

    def __init__(self, target: Path, before: Mapping[str, _Line]) -> None:
        self.lines: dict[str, _Line] = {}
        self.copied = 0
        self._target = target
        self._before = before

    def day(self, lpr_data: Path, day: date) -> None:
        """Copy a day: its rows first, then the images that they point at. A day disposed of meanwhile is left out.

        The hours go before the sealed file: one that is sealed and gone by the time it is copied is in that file.
        """
        folder, name = lpr_data / day.isoformat(), f"{LPR_DATA}/{day.isoformat()}"
        try:
            files = [hour.file(folder) for hour in hour_files(folder)]
            for file in [*files, reads_file(folder)]:
                try:
                    self.database(file, f"{name}/{file.name}")
                except (OSError, sqlite3.OperationalError):
                    if file.exists():
                        raise
            self.tree(images_folder(folder), f"{name}/images")
        except (OSError, DayMissing):
            if folder.exists():
                raise

    def database(self, source: Path, path: str) -> None:
        """Copy a SQLite file as it is at one moment, whoever writes to it meanwhile."""
        seen = _seen(source, source.with_name(f"{source.name}-wal"))
        if not self._keep(path, seen):
            self.produced(partial(_copy_database, source), path, seen=seen)

    def tree(self, source: Path, path: str) -> None:
        """Copy a file, or a folder with all below it."""
        for file in sorted(_files(source)):
            name = str(PurePosixPath(path) / file.relative_to(source).as_posix())
            try:
                seen = _seen(file)
                if not self._keep(name, seen):
                    self.produced(partial(_copy, file), name, seen=seen)
            except FileNotFoundError:  # removed while we looked: the folder's own business
                continue

    def produced(self, produce: Callable[[Path], object], path: str, *, seen: str = "") -> None:
        """Store what `produce` writes at the place it is given."""
        unfinished = self._target / f"{path}.partial"
        unfinished.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        unfinished.unlink(missing_ok=True)
        produce(unfinished)
        with unfinished.open("rb") as written:
            os.fsync(written.fileno())
        digest = _sha256(unfinished)
        stored = f"{path}.{digest[:16]}"
        size = unfinished.stat().st_size
        unfinished.replace(self._target / stored)
        sync_folder(unfinished.parent)
        self.lines[path] = _Line(stored, digest, size, seen)
        self.copied += 1

    def _keep(self, path: str, seen: str) -> bool:
        line = self._before.get(path)
        if line is None or not seen or line.seen != seen or not (self._target / line.stored).is_file():
            return False
        self.lines[path] = line
        return True


def _copy_database(source: Path, place: Path) -> None:
    with closing(sqlite3.connect(f"file:{quote(str(source))}?mode=ro", uri=True, timeout=20)) as original:
        original.execute("PRAGMA query_only=ON")
        with closing(sqlite3.connect(place)) as copy:
            original.backup(copy)  # all pages in one step: in smaller steps a busy writer would make it start over


def _copy(source: Path, place: Path) -> tuple[str, int]:
    """Copy a file, synced; return SHA-256 (hex) and size of what was written."""
    digest, size = hashlib.sha256(), 0
    with source.open("rb") as original, place.open("xb") as copy:
        while block := original.read(_BLOCK):
            copy.write(block)
            digest.update(block)
            size += len(block)
        copy.flush()
        os.fsync(copy.fileno())
    return digest.hexdigest(), size


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _files(source: Path) -> Iterator[Path]:
    if source.is_file():
        yield source
    for place, _, names in os.walk(source):
        yield from (Path(place) / name for name in names if (Path(place) / name).is_file())


def _seen(*files: Path) -> str:
    """Return the files' sizes and times; empty when one has changed just now and so could do so again unseen."""
    states = []
    for file in files:
        with suppress(FileNotFoundError):
            state = file.stat()
            if not state.st_size:
                continue  # an empty log, left by whoever opened the file to read it
            if time.time_ns() - state.st_mtime_ns < _SETTLED_NS:
                return ""
            states.append(f"{file.name}:{state.st_ino}:{state.st_size}:{state.st_mtime_ns}")
    return " ".join(states)


def _day_named(path: str) -> str | None:
    """Return the day whose reads a path in the backup belongs to; None for everything else."""
    top, _, rest = path.partition("/")
    return rest.partition("/")[0] if top == LPR_DATA else None


def _manifest(target: Path) -> dict[str, object]:
    try:
        told = json.loads((target / MANIFEST).read_bytes())
    except FileNotFoundError:
        return {"version": _VERSION, "stamp": "", "files": {}}
    except ValueError as error:
        raise ValueError(f"{MANIFEST} cannot be read: {error}") from error
    if not isinstance(told, dict) or told.get("version") != _VERSION:
        raise ValueError(f"{MANIFEST} is of a version that this program does not know.")
    return told


def _stamp(target: Path) -> str:
    return str(_manifest(target).get("stamp", ""))


def _lines(target: Path) -> dict[str, _Line]:
    files = _manifest(target).get("files")
    lines: dict[str, _Line] = {}
    try:
        for path, told in files.items():  # type: ignore[attr-defined]
            line = _Line(
                str(told["stored"]),
                str(told["sha256"]),
                int(told["size"]),
                str(told["seen"]),
            )
            for name in (path, line.stored):
                if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
                    raise ValueError(f"{MANIFEST} names a file outside the backup: {name}")
            lines[path] = line
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"{MANIFEST} has a line that cannot be understood.") from error
    return lines


def _write_manifest(target: Path, lines: Mapping[str, _Line], *, stamp: str) -> None:
    files = {path: asdict(line) for path, line in sorted(lines.items())}
    told = {"version": _VERSION, "stamp": stamp, "files": files}
    write_durably(target / MANIFEST, json.dumps(told, indent=1).encode(), mode=0o600)


def _sweep(target: Path, lines: Mapping[str, _Line]) -> None:
    """Remove what no line names, but only files that a run of ours has written."""
    wanted = {line.stored for line in lines.values()}
    for file in list(_files(target)):
        name = file.relative_to(target).as_posix()
        if name not in wanted and _STORED_NAME.fullmatch(file.name):
            file.unlink()
    for folder in sorted((path for path in target.rglob("*") if path.is_dir()), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()
