"""Run as `python -m tests.e2e.crashing found`, then `... ACT SEED FIRST LAST`: harm one act again and again.

Every time home and database are as they were founded, at the time `FOUNDED_AT` of the environment, with reads of a day long
past and of yesterday, a backup and a hot list. A forked child does the act, and at a step that the seed chooses it kills
itself or, in turn, its disk is full or fails once: then the same process does the act again. Others see what is left, do the
act again and look at everything. Prints a JSON object each time: `number` from FIRST up to LAST, the `harm`, the `step`, and
`wrong`, which is empty.
"""

from __future__ import annotations

import errno
import json
import os
import random
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import django
import psycopg

from platekeeper.server.storage.errors import StoreFull
from tests.e2e.copies import begin_anew, put_aside
from tests.e2e.steps import Steps, in_a_child

NOW = datetime.fromisoformat(os.environ["FOUNDED_AT"])
LONG_PAST = NOW - timedelta(days=170)
LATER = NOW + timedelta(days=20)
"""When what is long past now is past the ceiling of the cast's policy (180 days)."""
HARMS = ("kill", "ENOSPC", "kill", "EIO")
READS = 40
OLD, NEW = ("HVK0001W", "HVK0002W"), ("HVK0002W", "HVK0003W")
"""The plates of the two hot lists."""


def main(act: str, seed: int, first: int, last: int) -> None:
    """Count the act's steps, then harm it."""
    for name in ("back_up", "dispose_lpr_data", "load_hot_list", "receive_reads", "seal_reads"):
        import_module(f"platekeeper.server.procedures.{name}")  # once here, not in every child
    # What was founded just now may change again unseen, so the first time takes more steps than any other.
    steps = min(_crash(act, HARMS[0], 0)["steps"] for _ in range(2))
    for number in range(first, last):
        step = random.Random(f"{seed} {number}").randrange(steps) + 1
        print(json.dumps({"number": number, **_crash(act, HARMS[number % len(HARMS)], step)}), flush=True)


def _crash(act: str, harm: str, step: int) -> dict[str, Any]:
    place = begin_anew()
    died = in_a_child(lambda: _act(place, act, harm, step))
    assert died == (-9 if step and harm == "kill" else 0), (died, harm, step)
    (place / "wrong.json").write_text(json.dumps(["nobody could look"]))
    ended = in_a_child(lambda: _look(place, act))
    wrong = json.loads((place / "wrong.json").read_text()) + [ended] * (ended != 0)
    told = {"harm": harm, "step": step, "wrong": wrong}
    if not step:
        assert wrong == [], told
        told["steps"] = json.loads((place / "steps.json").read_text())
    return told


def _act(place: Path, act: str, harm: str, step: int) -> None:
    from django.db import close_old_connections

    failing = 0 if harm == "kill" else getattr(errno, harm)
    steps = Steps(step, failing=failing)
    with steps.counted():
        try:
            ACTS[act]()
        except Exception as error:
            if not (failing and _tells_of(error, failing)):
                raise
            close_old_connections()  # as every request and every job begins
            ACTS[act]()
    _close_intakes()
    (place / "steps.json").write_text(json.dumps(steps.count))


def _tells_of(error: BaseException | None, number: int) -> bool:
    """Say whether an error comes from the disk that failed, whatever it was turned into."""
    from django.db import Error

    return error is not None and (
        isinstance(error, StoreFull | Error | sqlite3.Error | psycopg.Error | subprocess.CalledProcessError)
        or (isinstance(error, OSError) and error.errno == number)
        or _tells_of(error.__cause__ or error.__context__, number)
    )


def found() -> None:
    """Found the department and keep a copy of it."""
    from django.conf import settings
    from django.db import transaction

    from tests.cast import assemble
    from tests.recovery import give_recovery_key
    from tests.tables import make_tables

    settings.HOME.found()
    make_tables()
    with transaction.atomic():
        assemble()
        give_recovery_key()
    _load(OLD, at=NOW - timedelta(hours=3))
    _receive(LONG_PAST)
    _receive(NOW - timedelta(days=1))
    _close_intakes()
    _seal()
    _back_up()
    put_aside()


def _receive(start: datetime, *, at: datetime = NOW) -> None:
    """Let the cast's LPR send reads from a time on, two of them of plates on the hot lists, each with an image."""
    from platekeeper.core.formats.reads import ParsedRead
    from platekeeper.server.equipment.models import LPR
    from platekeeper.server.procedures import receive_reads

    plates = [*OLD, *NEW[1:], *(f"R{number:06}" for number in range(READS - 3))]
    image = b"\xff\xd8\xff" + bytes(2_000)
    reads = [
        (ParsedRead(plate, start + timedelta(seconds=number), event_id=f"{start:%j %H%M} {number}"), image)
        for number, plate in enumerate(plates)
    ]
    submission = receive_reads.Submission(LPR.objects.get(), "platekeeper", reads, (), at)
    receive_reads.intake().take([submission])


def _close_intakes() -> None:
    from platekeeper.server.procedures.receive_reads import close_intakes

    close_intakes()


def _load(plates: tuple[str, ...], *, at: datetime = NOW) -> None:
    from platekeeper.server.procedures.load_hot_list import load_hot_list
    from tests.e2e.town import list_of

    load_hot_list(None, file_name="LPRinfo.txt", content=list_of(plates), at=at)


def _seal() -> None:
    from platekeeper.server.procedures.seal_reads import seal_reads

    seal_reads(at=NOW)


def _back_up() -> None:
    from platekeeper.server.procedures.back_up import back_up

    back_up(at=NOW)


def _dispose() -> None:
    from platekeeper.server.procedures.dispose_lpr_data import dispose_lpr_data

    dispose_lpr_data(at=LATER)


def _ingest() -> None:
    _receive(NOW - timedelta(hours=1))


def _ingest_and_back_up() -> None:
    _ingest()
    _back_up()


def _swap() -> None:
    _load(NEW)


ACTS: dict[str, Callable[[], None]] = {
    "ingest": _ingest,
    "disposal": _dispose,
    "backup": _ingest_and_back_up,
    "swap": _swap,
}


def _look(place: Path, act: str) -> None:
    """Write down what is wrong with what was left, and with what there is once the act was done again."""
    wrong = [*_faults(), *_hidden(act), *(each for each in _damaged_backup() if _CUT_OFF not in each)]
    ACTS[act]()
    wrong += [*_faults(), *_damaged_backup(), *_undone(act)]
    (place / "wrong.json").write_text(json.dumps(wrong))


def _faults() -> list[str]:
    """Return what is wrong in the ledger, and where reads and their batches do not agree."""
    from platekeeper.server.ledger.lookups import check
    from platekeeper.server.procedures.stores import read_store

    store = read_store()
    wrong = [f"ledger: {fault}" for fault in check().faults]
    for day in store.days():
        if (count := sum(store.count(day).values())) not in {READS, 0}:
            wrong.append(f"{day} has {count} reads")
    return wrong


_CUT_OFF = f"{LONG_PAST.date()}: its key is gone"
"""What is found in the backup where its disposal was cut off: nobody can read the day any more, and its files go next."""


def _damaged_backup() -> list[str]:
    from django.conf import settings

    from platekeeper.server.procedures.stores import recovery_lock
    from platekeeper.server.storage.backups import verify

    return [f"backup: {problem}" for problem in verify(settings.HOME.backups, recovery_lock())]


def _hidden(act: str) -> list[str]:
    """Return what cannot be seen although nothing took it away."""
    from platekeeper.server.hotlist.lookups import newest_delivery
    from platekeeper.server.procedures.stores import read_store

    wrong = []
    yesterday = (NOW - timedelta(days=1)).date()
    if not read_store().count(yesterday):
        wrong.append("yesterday's reads are gone")
    if act == "swap" and newest_delivery() is None:
        wrong.append("no hot list is in force")
    return wrong


def _undone(act: str) -> list[str]:
    """Return what the act, done again, has left undone."""
    return [f"{act}: {what}" for what, done in UNDONE[act]().items() if not done]


def _ingested() -> dict[str, bool]:
    from platekeeper.server.hits.models import Hit
    from platekeeper.server.procedures.stores import read_store
    from platekeeper.server.reads.models import ReadBatch

    store = read_store()
    stored = sum(sum(store.count(day).values()) for day in store.days())
    return {
        "each read once": stored == 3 * READS,
        "each read in a batch": sum(ReadBatch.objects.values_list("count", flat=True)) == stored,
        "a hit for each read of a plate on the list": Hit.objects.count() == 3 * len(OLD),
    }


def _disposed() -> dict[str, bool]:
    from django.conf import settings

    from platekeeper.server.hits.models import HitImage
    from platekeeper.server.procedures.stores import read_store, recovery_lock
    from platekeeper.server.retention.models import Disposal
    from platekeeper.server.storage.backups.restoring import days_of

    day, lock = LONG_PAST.date(), recovery_lock()
    assert lock
    done = Disposal.objects.filter(day=day)
    places = [path for path in settings.HOME.folder.rglob("*") if day.isoformat() in path.name]
    tables = [name for name in _tables_in_database() if f"{day:%Y%m%d}" in name]
    return {
        "the day is gone": day not in read_store().days(),
        "nothing of it is left in files": not places,
        "nothing of it is left in the database": not tables,
        "nothing of it is left in the backup": day not in days_of(settings.HOME.backups, lock),
        "one disposal, completed": [bool(each.completed_at) for each in done] == [True],
        "hits keep their images": HitImage.objects.count() == 2 * len(OLD),
    }


def _tables_in_database() -> list[str]:
    """Return the tables of the reads, where those lie in PostgreSQL."""
    from django.conf import settings
    from django.db import connection

    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [settings.LPR_SCHEMA])
        return [name for (name,) in cursor.fetchall()]


def _backed_up() -> dict[str, bool]:
    from platekeeper.server.retention.models import Backup

    return {**_ingested(), "the last backup is complete": Backup.objects.latest("pk").completed_at is not None}


def _swapped() -> dict[str, bool]:
    from platekeeper.server.hits.models import Hit

    _receive(NOW - timedelta(minutes=30))
    hits = Hit.objects.filter(seen_at__gte=NOW - timedelta(minutes=31))
    return {"the new list is in force": sorted(hits.values_list("plate", flat=True)) == sorted(NEW)}


UNDONE = {"ingest": _ingested, "disposal": _disposed, "backup": _backed_up, "swap": _swapped}


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "platekeeper.server.config.settings"
    django.setup()
    chosen, *numbers = sys.argv[1:]
    if chosen == "found":
        found()
    else:
        main(chosen, *map(int, numbers))
