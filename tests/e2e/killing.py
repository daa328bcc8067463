"""Run as `python -m tests.e2e.killing SEED MOST`, in a home of its own: kill procedures of cases at their steps, one a time.

`steps` says what a step is. Every time the home is as it was when a case was opened; a forked child does the procedure and
kills itself with -9, another one opens what is left. Prints what was found, one JSON object a step; at most MOST steps of
each (0: all), chosen by SEED.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import random
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

from tests.e2e.copies import begin_anew, put_aside
from tests.e2e.steps import Steps, in_a_child

PROCEDURES = ("preserve_hit", "preserve_query", "export_packet")


def main(seed: int, most: int) -> None:
    """Found the home, count each procedure's steps, then kill it at each of them."""
    _found()
    for procedure in PROCEDURES:
        count = _killed_at(0, procedure)["steps"]
        steps = list(range(1, count + 1))
        if 0 < most < count:
            steps = sorted({1, count, *random.Random(seed).sample(steps, most)})
        for step in steps:
            print(json.dumps(_killed_at(step, procedure)), flush=True)


def _found() -> None:
    from django.conf import settings
    from django.utils import timezone

    from platekeeper.server.procedures import keep_cases, preserve
    from platekeeper.server.procedures.authority import footing
    from platekeeper.server.querylog.models import QueryLogEntry
    from tests.cast import assemble
    from tests.tables import make_tables
    from tests.web.making import STAMP, make_hit

    settings.HOME.found()
    make_tables()
    cast, now = assemble(), timezone.now()
    by = footing(cast.custodian, at=now)
    case = keep_cases.open_case(by, number="26-114", title="Hit and run", offense_class="felony", is_felony=True)
    preserve.preserve_hit(by, make_hit(cast), case=case)  # so that there is something to export
    make_hit(cast, steps=("image_verified", "confirmed"))
    QueryLogEntry.objects.create(
        by=cast.detective, agency="x", begun_at=now, terms={"plate": "ABC*"}, state="completed", case_number="26-114",
        policy_number=STAMP[0], policy_digest=STAMP[1],
    )  # fmt: skip
    put_aside()


def _killed_at(step: int, procedure: str) -> dict[str, Any]:
    """Return what is left of a procedure that was killed at a step; at step 0 it is not, and its steps are counted."""
    place = begin_anew()
    died = in_a_child(lambda: _procedure(procedure, step, place))
    told = place / "returned.json"
    left = {
        "procedure": procedure,
        "step": step,
        "died": died,
        "returned": json.loads(told.read_text()) if told.exists() else None,
    }
    assert in_a_child(lambda: _look(place)) == 0
    left |= json.loads((place / "left.json").read_text())
    left["steps"] = json.loads((place / "steps.json").read_text()) if step == 0 else None
    return left


def _procedure(name: str, step: int, place: Path) -> None:
    from django.utils import timezone

    from platekeeper.server.casefiles.models import CaseFile
    from platekeeper.server.hits.models import Hit
    from platekeeper.server.personnel.models import Person
    from platekeeper.server.procedures import preserve
    from platekeeper.server.procedures.authority import footing
    from platekeeper.server.procedures.export_packet import export_packet
    from platekeeper.server.querylog.models import QueryLogEntry
    from tests.bags import content_of

    by = footing(Person.objects.get(username="custodian"), at=timezone.now())
    case, hit, query = CaseFile.objects.get(), Hit.objects.latest("pk"), QueryLogEntry.objects.get()
    procedures: dict[str, Callable[[], Any]] = {
        "preserve_hit": lambda: preserve.preserve_hit(by, hit, case=case),
        "preserve_query": lambda: preserve.preserve_query(by, query, case=case),
        "export_packet": lambda: content_of(export_packet(by, case, to="District Attorney", why="discovery")),
    }
    steps = Steps(step)
    with steps.counted():
        done = procedures[name]()
    digest = hashlib.sha256(done).hexdigest() if isinstance(done, bytes) else done.sha256
    (place / "returned.json").write_text(json.dumps(digest))
    (place / "steps.json").write_text(json.dumps(steps.count))


def _look(place: Path) -> None:
    """Write down what a process that knows nothing of the one before finds, then do the same work again."""
    from django.utils import timezone

    from platekeeper.server.casefiles.models import CaseFile
    from platekeeper.server.ledger.lookups import check, key
    from platekeeper.server.ledger.models import LedgerEntry
    from platekeeper.server.personnel.models import Person
    from platekeeper.server.procedures.authority import footing
    from platekeeper.server.procedures.export_packet import export_packet
    from platekeeper.server.procedures.sign_ledger import export, first_fingerprint
    from platekeeper.verify import check_export, check_packet, fingerprint
    from tests.bags import content_of

    case = CaseFile.objects.get()
    leaves = [(entry.action, entry.outcome, entry.content()["details"]) for entry in LedgerEntry.objects.all()]
    copies = [
        (kept.key, kept.sha256, hashlib.sha256(bytes(kept.content)).hexdigest(), _digest_of_image(kept))
        for kept in case.preserved.all()
    ]
    left = {
        "copies": copies,
        "named": [
            (details["key"], details["sha256"], details["sha256"], details.get("image_sha256", ""))
            for action, _outcome, details in leaves
            if action == "preserved"
        ],
        "exports": [outcome for action, outcome, _details in leaves if action == "packet_exported"],
        "faults": check().faults,
    }
    by = footing(Person.objects.get(username="custodian"), at=timezone.now())
    archive = zipfile.ZipFile(io.BytesIO(content_of(export_packet(by, case, to="District Attorney", why="discovery"))))
    files = {name.split("/", 1)[1]: archive.read(name) for name in archive.namelist()}
    signing = key()
    packet = check_packet(files, trusted=fingerprint(bytes(signing.public_key)) if signing else "")
    verdict = check_export(export(None, openings=True, at=timezone.now()), trusted=first_fingerprint())
    assert verdict.leaves == LedgerEntry.objects.count()
    (place / "left.json").write_text(json.dumps({**left, "exported_then": packet.copies}))


def _digest_of_image(kept: Any) -> str:
    picture = getattr(kept, "image", None)
    return hashlib.sha256(bytes(picture.content)).hexdigest() if picture is not None else ""


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "platekeeper.server.config.settings"
    django.setup()
    main(*map(int, sys.argv[1:]))
