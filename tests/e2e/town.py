"""Run as `python -m tests.e2e.town found LINES` or `... count`, in a home of its own: what the end-to-end tests ask for."""

from __future__ import annotations

import json
import os
import sys

import django


def found(lines: int) -> dict[str, object]:
    """Found the cast's department with a hot list of `lines` lines in force; return the LPR's key."""
    from django.conf import settings
    from django.core.management import call_command
    from django.utils import timezone

    from platekeeper.server.procedures.authority import footing
    from platekeeper.server.procedures.load_hot_list import load_hot_list
    from tests.cast import assemble

    settings.HOME.found()
    call_command("migrate", verbosity=0)
    cast, at = assemble(), timezone.now()
    rows = "".join(f"{wanted(number):<10}NYPC V{'FORD':<4}BLK\r\n" for number in range(lines))
    load_hot_list(footing(cast.custodian, at=at), file_name="LPRinfo.txt", content=f"HEADER\r\n{rows}".encode(), at=at)
    return {"key": cast.lpr_key}


def count() -> dict[str, object]:
    """Count what is stored, by reading the records and the read store as they lie on disk."""
    from platekeeper.server.hits.models import Hit
    from platekeeper.server.ledger.lookups import faults
    from platekeeper.server.procedures.stores import read_store
    from platekeeper.server.reads.models import ReadBatch

    store = read_store()
    return {
        "reads": sum(sum(store.count(day).values()) for day in store.days()),
        "batched": sum(ReadBatch.objects.values_list("count", flat=True)),
        "hits": sorted(Hit.objects.values_list("plate", flat=True)),
        "faults": faults(),
    }


def wanted(number: int) -> str:
    """Return the plate of the hot list's line `number`; no look-alike of it is ever driven past."""
    return f"HVK{number:04d}W"


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "platekeeper.server.config.settings"
    django.setup()
    print(json.dumps(found(int(sys.argv[2])) if sys.argv[1] == "found" else count()))
