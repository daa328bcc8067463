"""The end of a day of reads, or of steps of one (VI.k): out of sight with one small commit, counted, then dropped whole.

The mark on the day's parts waits for the batch that is being written, and for nobody else; the next batch finds the mark
and begins the day anew. Killed after that, the next call goes on; the tables stand until what they
held is counted and noted. The note stays until what it says is on record (`settle_disposal`): until then every call tells the
same, and what was begun anew waits.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import date
from pathlib import Path

from psycopg import errors
from psycopg.types.json import Jsonb

from platekeeper.server.storage.days import MICROSECONDS_A_DAY, DayMissing, day_folder, day_of, start_of
from platekeeper.server.storage.files import sync_folder
from platekeeper.server.storage.postgres.connections import Connection, Place, Reader
from platekeeper.server.storage.postgres.parts import Part, parts_between, patiently, place_of
from platekeeper.server.storage.postgres.sealing import keeping_days
from platekeeper.server.storage.reads import DisposedDay

_ASIDE = ".disposing-"


def hide(place: Place, folder: Path, day: date) -> None:
    """Take a day out of sight, on disk on return; `dispose` removes it. Without such a day nothing happens."""
    with _alone(place) as connection:
        if _noted(connection, day) is None:
            _hide(connection, folder, day)


def dispose(place: Place, folder: Path, day: date) -> DisposedDay:
    """Dispose of a day, on disk on return. A day that is not stored gives empty counts; repeating does no harm."""
    with _alone(place) as connection:
        _finish(connection, folder)
        if _noted(connection, day) is None:
            _hide(connection, folder, day)
            _finish(connection, folder)
        return _noted(connection, day) or _nothing(day)


def dispose_until(place: Place, folder: Path, moment: int) -> DisposedDay:
    """Dispose of the steps that ended by a moment (microseconds) on the day of that moment; as `dispose` otherwise."""
    day = day_of(moment)
    with _alone(place) as connection:
        _finish(connection, folder)
        if _noted(connection, day) is None:
            with _out_of_sight(connection, _over(moment)) as steps:
                for since, step in steps:
                    _put_aside(place_of(folder, since, step), folder, day)
            _finish(connection, folder)
        return _noted(connection, day) or _nothing(day)


def count_until(reader: Reader, moment: int) -> dict[int, int]:
    """Return the reads per LPR number that `dispose_until` would take."""
    with suppress(DayMissing):
        names = reader.rows(f"SELECT name FROM part WHERE NOT disposing AND {_over(moment)}")
        return _counts(reader, [name for (name,) in names])
    return {}


def settle_disposal(place: Place, day: date) -> None:
    """Let go of what was noted of a day, or of steps of it."""
    with _alone(place) as connection:
        if _noted(connection, day) is not None:
            connection.execute("DELETE FROM disposal WHERE day = %s", (day,))


def finish_disposals(place: Place, folder: Path) -> list[DisposedDay]:
    """Remove what interrupted disposals left, say what it was, and let go of what was noted."""
    with _alone(place) as connection:
        _finish(connection, folder)
        done = _notes(connection)
        if done:
            connection.execute("DELETE FROM disposal")
        return done


@contextmanager
def _alone(place: Place) -> Iterator[Connection]:
    with closing(place.connect()) as connection, keeping_days(connection, place):
        yield connection


def _hide(connection: Connection, folder: Path, day: date) -> None:
    begins = start_of(day)
    with _out_of_sight(connection, f"since >= {begins} AND until <= {begins + MICROSECONDS_A_DAY}"):
        _put_aside(day_folder(folder, day), folder, day)


def _over(moment: int) -> str:
    begins = start_of(day_of(moment))
    return f"step > 0 AND since >= {begins} AND until <= {moment}"


@contextmanager
def _out_of_sight(connection: Connection, which: str) -> Iterator[list[tuple[int, int]]]:
    """Take parts out of sight when the block ends, in which their images go; give where they begin, and their steps.

    Whoever is writing is waited for, and waits.
    """
    with connection.transaction():
        (there,) = connection.execute("SELECT to_regclass('part') IS NOT NULL").fetchone() or (False,)
        if not there:
            yield []
            return
        connection.execute("LOCK TABLE part IN SHARE ROW EXCLUSIVE MODE")
        yield connection.execute(
            f"UPDATE part SET disposing = true WHERE {which} AND NOT disposing RETURNING since, step"
        ).fetchall()


def _put_aside(images: Path, folder: Path, day: date) -> None:
    with suppress(FileNotFoundError):
        images.rename(folder / f"{_ASIDE}{day.isoformat()}-{secrets.token_hex(4)}")
        sync_folder(folder)


def _nothing(day: date) -> DisposedDay:
    return DisposedDay(day, {}, hashlib.sha256().hexdigest(), 0)


def _finish(connection: Connection, folder: Path) -> None:
    """Count and note what is out of sight, and remove it."""
    by_day: dict[date, list[Part]] = {}
    for part in parts_between(Reader(connection, None), disposing=True):
        by_day.setdefault(part.day, []).append(part)
    for day, parts in by_day.items():
        tables = [table for part in parts for table in (part.name, *([] if part.listed is None else [part.plates]))]
        if _noted(connection, day) is None:
            _note(connection, folder, day, [part.name for part in parts], tables)
        _drop(connection, tables)
    for aside in sorted(folder.glob(f"{_ASIDE}*")):
        shutil.rmtree(aside)
        sync_folder(folder)


def _noted(connection: Connection, day: date) -> DisposedDay | None:
    return next((each for each in _notes(connection) if each.day == day), None)


def _notes(connection: Connection) -> list[DisposedDay]:
    with suppress(DayMissing):
        rows = Reader(connection, None).rows("SELECT day, counts, digest, bytes FROM disposal ORDER BY day")
        return [
            DisposedDay(day, {int(lpr): int(count) for lpr, count in counts.items()}, digest, size)
            for day, counts, digest, size in rows
        ]
    return []  # nobody has written anything yet


def _note(connection: Connection, folder: Path, day: date, parts: Sequence[str], tables: Sequence[str]) -> None:
    """Count what the parts hold and note it, so that a crash cannot lose it."""
    size = _bytes_in(folder, day)
    for table in tables:
        (of_table,) = connection.execute("SELECT pg_total_relation_size(%s::regclass)", (table,)).fetchone() or (0,)
        size += of_table
    try:
        counts, digest = _contents(connection, parts)
    except (errors.DataCorrupted, errors.IndexCorrupted):  # then it goes uncounted
        counts, digest = {}, ""
    connection.execute(
        "INSERT INTO disposal VALUES (%s, %s, %s, %s)",
        (day, Jsonb({str(k): v for k, v in counts.items()}), digest, size),
    )


def _contents(connection: Connection, parts: Sequence[str]) -> tuple[dict[int, int], str]:
    counts = _counts(Reader(connection, None), parts)
    hashed = hashlib.sha256()
    every = " UNION ALL ".join(f"SELECT id, digest FROM {part}" for part in parts)
    names = Reader(connection, None).streamed(f"SELECT id, digest FROM ({every}) AS name ORDER BY id, digest", 50_000)
    for identity, digest in names:
        hashed.update(identity + digest)
    return dict(sorted(counts.items())), hashed.hexdigest()


def _counts(reader: Reader, parts: Sequence[str]) -> dict[int, int]:
    counts: Counter[int] = Counter()
    for part in parts:
        counts.update(dict(reader.rows(f"SELECT lpr, count(*) FROM {part} GROUP BY lpr")))
    return dict(counts)


def _drop(connection: Connection, tables: Sequence[str]) -> None:
    def drop() -> None:
        connection.execute(f"DROP TABLE IF EXISTS {', '.join(tables)}")
        connection.execute("DELETE FROM part WHERE disposing AND name = ANY(%s)", (list(tables),))

    patiently(connection, drop)


def _bytes_in(folder: Path, day: date) -> int:
    places = (place for aside in folder.glob(f"{_ASIDE}{day.isoformat()}-*") for place in os.walk(aside))
    return 512 * sum(os.lstat(Path(place) / name).st_blocks for place, _, names in places for name in names)
