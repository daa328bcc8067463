"""Run as `python -m tests.moving.town found LEAVES`, `... change` or `... look`, in a home of its own: what can move."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import django


def found(leaves: int) -> dict[str, Any]:
    """Found the cast's department with something in most tables, and what the two engines see differently."""
    from django.conf import settings
    from django.db import transaction
    from django.utils import timezone

    from platekeeper.core.actor import SYSTEM
    from platekeeper.server.jobs.schedule import ensure_schedules, run_soon
    from platekeeper.server.ledger.actions import Action
    from platekeeper.server.ledger.changes import append
    from platekeeper.server.procedures import keep_cases, preserve, sign_ledger
    from platekeeper.server.procedures.authority import footing
    from platekeeper.server.procedures.load_hot_list import load_hot_list
    from platekeeper.server.querylog.models import KnownCase, QueryLogEntry
    from platekeeper.server.reads.models import DeadLetter
    from tests.cast import assemble
    from tests.e2e.town import list_of, wanted
    from tests.tables import make_tables
    from tests.web.making import STAMP, make_hit

    settings.HOME.found()
    make_tables()
    now = timezone.now()
    with transaction.atomic():
        cast = assemble()
        for number in range(leaves):
            append(
                at=now, by=SYSTEM, action=Action.READS_RECEIVED, subject=f"batch:{number}", sealed={"plate": "ABC1234"}
            )
    custodian = footing(cast.custodian, at=now)
    load_hot_list(custodian, file_name="LPRinfo.txt", content=list_of(map(wanted, range(20))), at=now)
    case = keep_cases.open_case(custodian, number="26-114", title="Hit and run", offense_class="felony", is_felony=True)
    for plate in ("ABC1234", "HVK4410"):
        preserve.preserve_hit(custodian, make_hit(cast, plate=plate, steps=("image_verified", "confirmed")), case=case)
    with transaction.atomic():
        for terms in ({"plate": "ABC*", "odd": "nul \0 and \ud800", "list": [None, 1.5, {"z": 1, "a": 2}]}, {}):
            QueryLogEntry.objects.create(
                by=cast.detective, agency="x", begun_at=now, terms=terms, state="completed",
                policy_number=STAMP[0], policy_digest=STAMP[1],
            )  # fmt: skip
        QueryLogEntry.objects.order_by("pk")[1].delete()  # its number may not come back
        numbers = ("b-2", "B-1", "a-1", "Ä-3")  # which the engines put in different orders
        KnownCase.objects.bulk_create(KnownCase(folded=each, number=each, listed_at=now) for each in numbers)
        DeadLetter.objects.create(
            lpr=cast.lpr, format="x", payload=b"\0\xff", reason="broken", received_at=now, digest="0"
        )
    _store_reads(cast.lpr.pk, until=int(now.timestamp()) * 1_000_000)
    ensure_schedules()
    run_soon("dispose")
    sign_ledger.checkpoint(at=now)
    return look()


def _store_reads(lpr: int, *, until: int) -> None:
    """Store reads of a sealed day, with a late one, of a day that is open, and of a step, most of them with images."""
    from platekeeper.server.procedures.stores import read_store
    from platekeeper.server.storage.days import MICROSECONDS_A_DAY, day_of
    from platekeeper.server.storage.reads import A_DAY
    from tests.storage.making import JPEG, PNG, batch_id, put

    before = until - 2 * MICROSECONDS_A_DAY
    store = read_store()
    for step, reads in (
        (A_DAY, [{"raw": f"DAY{number}", "at": before + number, "image": JPEG} for number in range(20)]),
        (A_DAY, [{"raw": "LATE", "at": before}, {"raw": "DAY1", "at": before + 1, "state": "PA", "image": PNG}]),
        (A_DAY, [{"raw": "OPEN", "at": until}]),
        (timedelta(minutes=5), [{"raw": "STEP", "at": until, "image": PNG}, {"raw": "STEP", "at": until - 10**9}]),
    ):
        with store.writer() as writer:
            name = batch_id()
            put(writer, *({**read, "lpr": lpr} for read in reads), batch=name, step=step)
            writer.settle(name)
        store.seal(before=day_of(until), settled=set)


def change() -> dict[str, Any]:
    """Let the department go on working: a case is opened, and something changes that no leaf tells of."""
    from django.utils import timezone

    from platekeeper.server.equipment.models import LPR
    from platekeeper.server.personnel.models import Person
    from platekeeper.server.procedures import keep_cases
    from platekeeper.server.procedures.authority import footing

    by = footing(Person.objects.get(username="custodian"), at=timezone.now())
    keep_cases.open_case(by, number="26-115", title="Theft", offense_class="", is_felony=False)
    LPR.objects.update(place="Bridge Street at Dock")
    return look()


def look() -> dict[str, Any]:
    """Return what a department is: the rows of each table, its ledger, and its reads."""
    from django.apps import apps

    from platekeeper.server.ledger import lookups
    from platekeeper.server.ledger.models import LedgerEntry

    newest = LedgerEntry.objects.order_by("-index")[:1].get()
    return {
        "rows": {
            each._meta.db_table: each._base_manager.count() for each in apps.get_models(include_auto_created=True)
        },
        "root": lookups.check().root.hex(),
        "faults": lookups.check().faults,
        "last": [newest.index, newest.action, newest.content()["details"]],
        "reads": _reads(),
    }


def _reads() -> list[list[Any]]:
    from platekeeper.server.procedures.stores import read_store

    store = read_store()
    return [
        [each.number, each.row.raw, each.row.digest.hex(), each.step, len(store.image_of(each.row) or b"")]
        for day in store.days()
        for each in store.leaving(day)
    ]


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "platekeeper.server.config.settings"
    django.setup()
    asked, *given = sys.argv[1:]
    acts: dict[str, Callable[..., dict[str, Any]]] = {"found": found, "look": look, "change": change}
    print(json.dumps(acts[asked](*map(int, given))))
