"""Run as `python -m tests.upgrades.department found`, or `... look LEAVES`, in a home of its own: what a release keeps."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import django

WORD = "a long and quiet word"
PAGES = ("home", "ledger", "people", "register")


def found() -> dict[str, Any]:
    """Found the cast's department with something in most tables; return its ledger."""
    from django.conf import settings
    from django.core.management import call_command
    from django.db import transaction
    from django.utils import timezone

    from platekeeper.server.jobs.schedule import ensure_schedules
    from platekeeper.server.ledger import lookups
    from platekeeper.server.personnel.changes import set_password
    from platekeeper.server.procedures import keep_cases, preserve, sign_ledger
    from platekeeper.server.procedures.authority import footing
    from platekeeper.server.procedures.load_hot_list import load_hot_list
    from platekeeper.server.procedures.passwords import chosen
    from platekeeper.server.querylog.models import QueryLogEntry
    from tests.cast import assemble
    from tests.e2e.town import list_of, wanted
    from tests.web.making import STAMP, make_hit

    settings.HOME.found()
    call_command("migrate", verbosity=0)
    now = timezone.now()
    with transaction.atomic():
        cast = assemble()
        set_password(cast.chief, stored_password=chosen(WORD).stored, must_set_password=False)
        QueryLogEntry.objects.create(
            by=cast.detective, agency="x", begun_at=now, terms={"plate": "ABC*"}, state="completed",
            policy_number=STAMP[0], policy_digest=STAMP[1],
        )  # fmt: skip
    custodian = footing(cast.custodian, at=now)
    load_hot_list(custodian, file_name="LPRinfo.txt", content=list_of(map(wanted, range(20))), at=now)
    case = keep_cases.open_case(custodian, number="26-114", title="Hit and run", offense_class="felony", is_felony=True)
    preserve.preserve_hit(custodian, make_hit(cast, plate="HVK4410", steps=("image_verified",)), case=case)
    ensure_schedules()
    sign_ledger.checkpoint(at=now)
    return {"leaves": lookups.size(), "root": lookups.check().root.hex()}


def look(leaves: int) -> dict[str, Any]:
    """Bring the records up as the server does at its start, sign in, open pages; return what came of it."""
    from django.test import Client
    from django.urls import reverse

    from platekeeper.core.ledger import tree_root
    from platekeeper.server.cli.serve import prepare
    from platekeeper.server.ledger import guarding, lookups
    from platekeeper.server.ledger.models import LedgerEntry
    from platekeeper.server.personnel.models import Person
    from platekeeper.server.storage.versions import ahead, behind
    from tests.web.making import signed_in

    prepare()
    came_in = Client().post("/accounts/login/", {"login": "chief", "password": WORD})
    client = signed_in(Person.objects.get(username="chief"))
    hashes = [
        bytes(each) for each in LedgerEntry.objects.order_by("index").values_list("leaf_hash", flat=True)[:leaves]
    ]
    return {
        "version": [behind(), ahead()],
        "signed in": came_in.status_code,
        "pages": [client.get(reverse(page)).status_code for page in PAGES],
        "root": tree_root(hashes).hex(),
        "faults": [*lookups.check().faults, *(words for words in guarding.weaknesses() if "are off" in words)],
    }


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "platekeeper.server.config.settings"
    os.environ.setdefault("PLATEKEEPER_HOSTS", "testserver")
    django.setup()
    print(json.dumps(found() if sys.argv[1] == "found" else look(int(sys.argv[2]))))
