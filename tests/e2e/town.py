"""Run as `python -m tests.e2e.town found LINES`, `... partial PATTERN`, `... enroll KEY`, `... count`, in a home of its own.

What the end-to-end tests ask for, each time in a process that knows nothing of the one before.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable

import django


def found(lines: int) -> dict[str, object]:
    """Found the cast's department with a hot list of `lines` lines in force; return the LPR's key."""
    from django.conf import settings
    from django.db import transaction
    from django.utils import timezone

    from platekeeper.server.procedures.authority import footing
    from platekeeper.server.procedures.load_hot_list import load_hot_list
    from tests.cast import assemble
    from tests.recovery import give_recovery_key
    from tests.tables import make_tables

    settings.HOME.found()
    make_tables()
    with transaction.atomic():
        cast, at = assemble(), timezone.now()
        give_recovery_key()
    content = list_of(wanted(number) for number in range(lines))
    load_hot_list(footing(cast.custodian, at=at), file_name="LPRinfo.txt", content=content, at=at)
    return {"key": cast.lpr_key}


def partial(pattern: str) -> dict[str, object]:
    """Put a partial plate on the department's own list."""
    from datetime import timedelta

    from django.utils import timezone

    from platekeeper.core.categories import Category, HitAction
    from platekeeper.server.personnel.models import Person
    from platekeeper.server.procedures.authority import footing
    from platekeeper.server.procedures.enter_alert import decide_entry, request_entry

    at = timezone.now()
    officer, custodian = (Person.objects.get(username=name) for name in ("officer", "custodian"))
    entry = request_entry(
        footing(officer, at=at), plate=pattern, jurisdiction="", category=Category.CRIME_SUSPECT, reason="left the scene",
        authority="desk officer", case_number="26-1", hit_action=HitAction.STOP, effective_at=at - timedelta(days=1),
        expires_at=at + timedelta(days=1),
    ).entry  # fmt: skip
    decide_entry(footing(custodian, at=at), entry.pk, approve=True)
    return {"entry": entry.pk}


def enroll(public: str) -> dict[str, object]:
    """Enroll the public key of the LPR's unit."""
    from django.utils import timezone

    from platekeeper.server.equipment.models import LPR
    from platekeeper.server.personnel.models import Person
    from platekeeper.server.procedures.authority import footing
    from platekeeper.server.procedures.signed_entries import enroll_key

    administrator = Person.objects.get(username="administrator")
    return {"key": enroll_key(footing(administrator, at=timezone.now()), public=public, lpr=LPR.objects.get()).pk}


def list_of(plates: Iterable[str]) -> bytes:
    """Return a file in the New York layout."""
    rows = "".join(f"{plate:<10}NYPC V{'FORD':<4}BLK\r\n" for plate in plates)
    return f"HEADER\r\n{rows}".encode()


def count() -> dict[str, object]:
    """Count what is stored, by reading the records and the read store as they lie on disk."""
    from platekeeper.server.hits.models import Hit
    from platekeeper.server.ledger.lookups import check
    from platekeeper.server.procedures.stores import read_store
    from platekeeper.server.reads.models import ReadBatch

    store = read_store()
    return {
        "reads": sum(sum(store.count(day).values()) for day in store.days()),
        "batched": sum(ReadBatch.objects.values_list("count", flat=True)),
        "hits": sorted(Hit.objects.values_list("plate", flat=True)),
        "faults": check().faults,
    }


def wanted(number: int) -> str:
    """Return the plate of the hot list's line `number`; no look-alike of it is ever driven past."""
    return f"HVK{number:04d}W"


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "platekeeper.server.config.settings"
    django.setup()
    asked, *given = sys.argv[1:]
    answers: dict[str, Callable[[], dict[str, object]]] = {
        "found": lambda: found(int(*given)), "partial": lambda: partial(*given), "enroll": lambda: enroll(*given),
        "count": count,
    }  # fmt: skip
    print(json.dumps(answers[asked]()))
