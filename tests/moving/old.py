"""Run as `python -m tests.moving.old found` or `... look`: records of the first version, in use, to be brought up."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import django

FIRST = (("ledger", "0002_append_only"), *((app, "0001_initial") for app in ("personnel", "policy", "hotlist")))
"""Those whose rows later migrations work on; the others come after them."""


def found() -> dict[str, Any]:
    """Make every app's first tables and put something into those that later migrations work on."""
    from django.db import connection, transaction
    from django.db.migrations.executor import MigrationExecutor
    from django.utils import timezone

    from platekeeper.core.ledger import leaf_hash
    from platekeeper.server.storage.home import home

    home().found()
    executor = MigrationExecutor(connection)
    state = executor.migrate(list(FIRST))
    of = state.apps.get_model
    now, stamp = timezone.now(), {"policy_number": 1, "policy_digest": "0" * 64}
    with transaction.atomic():
        agency = of("personnel", "Agency").objects.create(name="Mill Creek", is_department=True)
        position = of("personnel", "Position").objects.create(title="Deputy")
        for number in range(40):
            person = of("personnel", "Person").objects.create(
                username=f"deputy{number}", name=f"Deputy {number}", kind="member", agency=agency, added_at=now,
                is_active=bool(number % 4),
            )  # fmt: skip
            of("personnel", "Holding").objects.create(person=person, position=position, since=now.date())
            of("personnel", "Training").objects.create(
                person=person, subject=f"course {number % 3}", on=now.date(), given_by="x", recorded_at=now,
                recorded_by=person, **stamp,
            )  # fmt: skip
        of("policy", "PolicyVersion").objects.create(
            number=1, values={"III.name": "Mill Creek"}, drafted_at=now, adopted_at=now, digest="0" * 64
        )
        of("hotlist", "HotListDelivery").objects.create(
            source="portal", format="new_york", file_name="x", digest="0" * 64, delivered_at=now, delivered_by=0, lines=1,
            counts={}, skipped=[], added=1, removed=0, changes={}, **stamp,
        )  # fmt: skip
        for index in range(40):
            body = json.dumps({"sealed": {}, "index": index}).encode()
            of("ledger", "LedgerEntry").objects.create(
                index=index, at=now, action="reads_received", outcome="done", person=0, body=body, leaf_hash=leaf_hash(body)
            )  # fmt: skip
    return {}


def look() -> dict[str, Any]:
    """Return what is there once the records are of this version, and whether anything is missing."""
    from django.apps import apps
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    from platekeeper.server.ledger import guarding, lookups
    from platekeeper.server.personnel.models import Disabling, Training

    executor = MigrationExecutor(connection)
    connection.check_constraints()
    return {
        "left": len(executor.migration_plan(executor.loader.graph.leaf_nodes())),
        "rows": {
            each._meta.db_table: each._base_manager.count() for each in apps.get_models(include_auto_created=True)
        },
        "courses": sorted(Training.objects.values_list("course__title", flat=True)),
        "disabled": Disabling.objects.count(),
        "faults": [*lookups.faults(), *(words for words in guarding.weaknesses() if "are off" in words)],
    }


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "platekeeper.server.config.settings"
    django.setup()
    print(json.dumps(found() if sys.argv[1] == "found" else look()))
