"""The end of a day of reads, or of steps of one (VI.k): unconditional, whole, and fast for whoever is writing meanwhile.

The folder is renamed aside under the lock, which no append can cross; counting and removing happen after that. A
crash in between leaves a folder named `.disposing-...`, which nobody reads and the next call removes. What the folder held
stays noted in it until that is on record (`settle_disposal`): until then every call tells the same, and what was begun anew
waits.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from heapq import merge
from pathlib import Path

from platekeeper.server.storage.days import (
    MICROSECONDS_A_MINUTE,
    DayMissing,
    day_folder,
    day_of,
    images_folder,
    start_of,
)
from platekeeper.server.storage.files import sync_folder, write_durably
from platekeeper.server.storage.locks import held
from platekeeper.server.storage.reads import DisposedDay
from platekeeper.server.storage.sqlite.dictionaries import blank
from platekeeper.server.storage.sqlite.layout import DAYS_LOCK, DISPOSAL_LOCK, files_of_step
from platekeeper.server.storage.sqlite.reading import alone, reading
from platekeeper.server.storage.steps import Step, steps_in

_ASIDE = ".disposing-"
_SUMMARY = "disposal.json"


def hide(store: Path, day: date) -> None:
    """Take a day out of sight, on disk on return; `dispose` removes it. Without such a day nothing happens."""
    store.mkdir(parents=True, exist_ok=True, mode=0o750)
    with held(store / DISPOSAL_LOCK):
        if not _aside(store, day).exists():
            _put_aside(store, day)


def dispose(store: Path, day: date) -> DisposedDay:
    """Dispose of a day, on disk on return. A day that is not stored gives empty counts; repeating does no harm."""
    store.mkdir(parents=True, exist_ok=True, mode=0o750)
    with held(store / DISPOSAL_LOCK):
        left = {each.day: each for each in _finish(store)}
        if day not in left and _put_aside(store, day):
            return _remove(_aside(store, day), day)
        return left.get(day, DisposedDay(day, {}, hashlib.sha256().hexdigest(), 0))


def dispose_until(store: Path, moment: int) -> DisposedDay:
    """Dispose of the steps that ended by a moment (microseconds) on the day of that moment; as `dispose` otherwise."""
    day = day_of(moment)
    store.mkdir(parents=True, exist_ok=True, mode=0o750)
    with held(store / DISPOSAL_LOCK):
        left = {each.day: each for each in _finish(store)}
        aside = store / f"{_ASIDE}{day.isoformat()}.steps"
        with held(store / DAYS_LOCK):
            over = _over(store, moment)
            if day in left or not over:
                return left.get(day, DisposedDay(day, {}, hashlib.sha256().hexdigest(), 0))
            aside.mkdir(mode=0o750)
            for each in over:
                each.folder.rename(aside / each.folder.name)
            sync_folder(over[0].folder.parent)
            sync_folder(store)
        return _remove(aside, day)


def count_until(store: Path, moment: int) -> dict[int, int]:
    """Return the reads per LPR number that `dispose_until` would take."""
    counts: Counter[int] = Counter()
    for file in (file for each in _over(store, moment) for file in files_of_step(each)):
        with alone(file.file(day_folder(store, day_of(moment)))) as connection:
            if connection is not None:
                counts.update(dict(connection.execute("SELECT lpr, count(*) FROM read GROUP BY lpr")))
    return dict(counts)


def _over(store: Path, moment: int) -> list[Step]:
    day = day_of(moment)
    try:
        steps = steps_in(day_folder(store, day))
    except DayMissing:
        return []
    return [each for each in steps if start_of(day) + each.until * MICROSECONDS_A_MINUTE <= moment]


def settle_disposal(store: Path, day: date) -> None:
    """Let go of what was noted of a day, or of steps of it."""
    with held(store / DISPOSAL_LOCK):
        for aside in _left(store):
            if _day_of(aside) == day:
                shutil.rmtree(aside)
                sync_folder(store)


def finish_disposals(store: Path) -> list[DisposedDay]:
    """Remove what interrupted disposals left, say what it was, and let go of what was noted."""
    if not store.is_dir():
        return []
    with held(store / DISPOSAL_LOCK):
        done = _finish(store)
        for aside in _left(store):
            shutil.rmtree(aside)
            sync_folder(store)
        return done


def _aside(store: Path, day: date) -> Path:
    return store / f"{_ASIDE}{day.isoformat()}"


def _put_aside(store: Path, day: date) -> bool:
    """Rename a day's folder aside, which no append can cross; say whether there was one."""
    with held(store / DAYS_LOCK):
        try:
            day_folder(store, day).rename(_aside(store, day))
        except FileNotFoundError:
            return False
        sync_folder(store)
        return True


def _finish(store: Path) -> list[DisposedDay]:
    return [_remove(aside, _day_of(aside)) for aside in _left(store)]


def _left(store: Path) -> list[Path]:
    return sorted(path for path in store.iterdir() if path.name.startswith(_ASIDE))


def _day_of(aside: Path) -> date:
    return date.fromisoformat(aside.name.removeprefix(_ASIDE)[:10])


def _remove(aside: Path, day: date) -> DisposedDay:
    summary = _remembered(aside, day)
    if summary is None:
        size = _bytes_in(aside)
        blank(aside)
        # The images go first: on a full disk they make the room that counting needs.
        for place in (aside, *(each.folder for each in steps_in(aside))):
            shutil.rmtree(images_folder(place), ignore_errors=True)
        counts, digest = _contents(aside)
        summary = DisposedDay(day, counts, digest, size)
        _note(aside, summary)
    for entry in aside.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry)
        elif entry.name != _SUMMARY:
            entry.unlink()
    if not (aside / _SUMMARY).exists():
        _note(aside, summary)  # by now there is room for it
    sync_folder(aside)
    return summary


def _note(aside: Path, summary: DisposedDay) -> None:
    """Note what a folder held, so that neither a crash nor records that cannot be written lose it; on a full disk not."""
    text = json.dumps({"counts": summary.counts, "digest": summary.digest, "bytes_freed": summary.bytes_freed})
    with suppress(OSError):
        write_durably(aside / _SUMMARY, text.encode())


def _remembered(aside: Path, day: date) -> DisposedDay | None:
    try:
        told = json.loads((aside / _SUMMARY).read_bytes())
    except (FileNotFoundError, ValueError):
        return None
    counts = {int(lpr): int(count) for lpr, count in told["counts"].items()}
    return DisposedDay(day, counts, str(told["digest"]), int(told["bytes_freed"]))


def _contents(aside: Path) -> tuple[dict[int, int], str]:
    try:
        with reading(aside) as connections:
            counts: Counter[int] = Counter()
            names: list[Iterator[tuple[bytes, bytes]]] = []
            for connection in connections:
                counts.update(dict(connection.execute("SELECT lpr, count(*) FROM read GROUP BY lpr")))
                names.append(connection.execute("SELECT id, digest FROM read ORDER BY id, digest"))
            hashed = hashlib.sha256()
            for identity, digest in merge(*names):
                hashed.update(identity + digest)
            return dict(sorted(counts.items())), hashed.hexdigest()
    except (sqlite3.Error, DayMissing, RuntimeError):
        return {}, ""


def _bytes_in(folder: Path) -> int:
    sizes = (os.lstat(Path(place) / name).st_blocks for place, _, names in os.walk(folder) for name in names)
    return 512 * sum(sizes)
