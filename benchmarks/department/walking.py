"""Asks each page of the walk of a department, by who may open it. Arguments: how many reads it holds, how often to ask.

Before the first time it gives the department what so many reads leave in its records: LPRs, their days, batches, hits,
searches, and copies in a case, with their leaves in the ledger. Prints a line of JSON: milliseconds by page, in the order
of asking, all of them and those of the processor.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import benchmarks.department  # noqa: F401, I001 - Django, in the department that the environment names
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from benchmarks.street import DAYS, lprs_of
from platekeeper.core.actor import SYSTEM, Actor
from platekeeper.core.ledger import canonical
from platekeeper.server.casefiles.models import Preserved, PreservedImage
from platekeeper.server.config.depth import with_room
from platekeeper.server.config.heap import settle
from platekeeper.server.equipment import changes as equipment
from platekeeper.server.equipment.models import LPR, DayCount
from platekeeper.server.hits.models import Hit, HitStep
from platekeeper.server.jobs.work import checkpoint_records
from platekeeper.server.ledger.actions import Action, Outcome
from platekeeper.server.ledger.changes import append
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.personnel.models import Agency, Person
from platekeeper.server.procedures.authority import footing
from platekeeper.server.procedures.sign_ledger import checkpoint
from platekeeper.server.querylog import changes as querylog
from platekeeper.server.querylog.models import QueryLogEntry
from platekeeper.server.reads.models import Contact, ReadBatch
from platekeeper.server.web.ready import load_pages
from tests.cast import ROLES, Cast
from tests.touring import patrol_car
from tests.web.access.cases import opened
from tests.web.making import make_hit, signed_in, stepped_up
from tests.web.table import Row
from tests.web.test_screens import PAGES

BATCH, A_HIT, A_QUERY = 100, 7_500, 5_000
"""Reads of a batch; reads for one hit, as in the county of docs/scale.md, and for one search."""
OPEN = 20
"""Alarms that are open, however many reads there are."""
PICTURE = bytes(20_000)
STAMP = (1, "0" * 64)
_PARENT, _OF_ENDED_CHILDREN = 1, slice(13, 15)
"""What stands where in Linux's line about a process, after its name."""


def main() -> None:
    """Fill the records unless they are filled, ask, and print."""
    reads, times = map(int, sys.argv[1:])
    cast = the_cast()
    if not DayCount.objects.exists():
        with transaction.atomic():
            fill(cast, reads)
        checkpoint(at=timezone.now())
        checkpoint_records()  # as the server does each minute
    load_pages()
    settle()  # as the server does
    print(json.dumps({row.name: took(cast, row, times) for row in PAGES}))


def the_cast() -> Cast:
    """Return the cast of a department that was founded with it."""
    people = {role: Person.objects.get(username=role) for role in ROLES}
    return Cast(department=Agency.objects.get(is_department=True), lpr=LPR.objects.earliest("pk"), lpr_key="", **people)


def took(cast: Cast, row: Row, times: int) -> list[tuple[float, float]]:
    """Return the milliseconds that a page took each time, through the whole handler, and those of them it computed.

    What it is about is made before, and taken back after: no page meets what another needs. So no commit is waited for.
    """
    found, role = [], sorted(row.allowed)[0]
    with taken_back():
        client, address = stepped_up(signed_in(cast.people()[role])), row.address(cast)
        client.defaults["SERVER_NAME"] = "localhost"
        get = with_room(client.get)  # as the server has it
        for _ in range(times):
            served, begun, computed = of_the_database(), time.perf_counter(), time.process_time()
            status = get(address).status_code
            took, worked = time.perf_counter() - begun, time.process_time() - computed
            # what a vacuum took that ended meanwhile is counted as well, which is no page's
            found.append((took * 1e3, min(took, worked + of_the_database() - served) * 1e3))
            if status != row.expected:
                raise RuntimeError(f"{address} answered {status}")
    return found


def of_the_database() -> float:
    """Return the seconds of processor time that the server of the database has taken so far for those it serves; none where
    the database is files, whose work is this process's own."""
    if connection.vendor == "sqlite":
        return 0.0
    connection.ensure_connection()
    backend = Path("/proc") / str(connection.connection.info.backend_pid)
    postmaster = _stat(backend)[_PARENT]
    ended = sum(map(int, _stat(backend.parent / postmaster)[_OF_ENDED_CHILDREN])) / os.sysconf("SC_CLK_TCK")
    served = 0
    for process in backend.parent.glob("[0-9]*"):
        with suppress(OSError):  # it has ended meanwhile
            title = (process / "cmdline").read_bytes()
            if title.startswith(b"postgres: ") and b"127.0.0.1(" in title and _stat(process)[_PARENT] == postmaster:
                served += int((process / "schedstat").read_text().split()[0])
    return ended + served / 1e9


def _stat(process: Path) -> list[str]:
    return (process / "stat").read_text().rpartition(")")[2].split()


@contextmanager
def taken_back() -> Iterator[None]:
    """Take back what a block does to the records."""
    whole = transaction.atomic()
    whole._from_testcase = True  # type: ignore[attr-defined]  # the acts of the block may be durable within
    with whole:
        yield
        transaction.set_rollback(True)


def fill(cast: Cast, reads: int) -> None:
    """Give the records what so many reads of the last 90 days leave."""
    for number in range(2, lprs_of(reads) + 1):
        equipment.add_lpr(
            name=f"Post {number}", kind=LPR.Kind.FIXED, zone="America/New_York", at=timezone.now() - timedelta(days=100),
            place=f"Mile {number}", latitude=43 + number % 17 / 100, longitude=-76 - number % 19 / 100,
        )  # fmt: skip
    patrol_car()  # the tours of the walk are on it
    officer, detective = (footing(each, at=timezone.now()).actor for each in (cast.officer, cast.detective))
    for before in range(len(DAYS), 0, -1):
        day = datetime.combine(timezone.now().date() - timedelta(days=before), datetime.min.time(), UTC)
        _count(day, reads // len(DAYS))
        _receive(day, reads // len(DAYS) // BATCH)
        _raise(cast, list(_times(day, reads // len(DAYS) // A_HIT)), officer=officer)
        _search(cast, list(_times(day, reads // len(DAYS) // A_QUERY)), detective=detective)
    for number in range(OPEN):
        make_hit(cast, plate=f"OPEN{number}", entry_key=_entry())


def _times(day: datetime, count: int) -> Iterator[datetime]:
    return (day + timedelta(days=number / count) for number in range(count))


def _count(day: datetime, reads: int) -> None:
    lprs = list(LPR.objects.all())
    each, until = reads // len(lprs), day + timedelta(hours=23, minutes=59)
    DayCount.objects.bulk_create(
        DayCount(
            lpr=lpr, day=day.date(), watched=True, reads=each, readable=each, confidence=0.9, lag=1.0, expected=each,
            characters=[1] * 36,
        )
        for lpr in lprs
    )  # fmt: skip
    Contact.objects.bulk_create(
        Contact(lpr=lpr, kind=Contact.Kind.UPLOAD, since=day, until=until, lag=1.0) for lpr in lprs
    )


def _receive(day: datetime, batches: int) -> None:
    made = [(secrets.token_bytes(16), at) for at in _times(day, batches)]
    leaves = _leaves(SYSTEM, Action.READS_RECEIVED, [(at, f"batch:{batch.hex()}") for batch, at in made])
    ReadBatch.objects.bulk_create(
        (
            ReadBatch(batch=batch, received_at=at, count=BATCH, root=bytes(32), leaf=leaf)
            for (batch, at), leaf in zip(made, leaves, strict=True)
        ),
        batch_size=1_000,
    )


def _raise(cast: Cast, times: list[datetime], *, officer: Actor) -> None:
    """Raise hits of all LPRs and work each to its end."""
    lprs = list(LPR.objects.all())
    hits = [
        (
            make_hit(
                replace(cast, lpr=lprs[number % len(lprs)]),
                plate=f"HIT{secrets.token_hex(2).upper()}",
                at=at,
                entry_key=_entry(),
            ),
            at,
        )
        for number, at in enumerate(times)
    ]
    kinds = ("shown", "image_verified", "confirmation_asked", "confirmed", "stopped", "outcome")
    HitStep.objects.bulk_create(
        HitStep(
            hit=hit, kind=kind, at=at + timedelta(minutes=number), by=cast.officer, policy_number=1, policy_digest="0" * 64,
            outcome="correct" if kind == "outcome" else "",
        )
        for hit, at in hits
        for number, kind in enumerate(kinds)
    )  # fmt: skip
    ended = F("seen_at") + timedelta(minutes=len(kinds) - 1)
    Hit.objects.filter(pk__in=[hit.pk for hit, _at in hits]).update(closed_at=ended)
    _leaves(officer, Action.HIT_STEP, [(at, f"hit:{hit.pk}") for hit, at in hits for _ in kinds])
    _preserve(cast, hits, officer=officer)


def _preserve(cast: Cast, hits: list[tuple[Hit, datetime]], *, officer: Actor) -> None:
    """Preserve hits in the case that the walk opens, which so holds as many as there are."""
    case = opened(cast)
    content = canonical({"plate": "ABC1234", "padding": "x" * 2_000})
    kept = Preserved.objects.bulk_create(
        Preserved(
            case=case, kind=Preserved.Kind.HIT, key=f"hit:{hit.pk}", title=f"hit {hit.plate}", content=content,
            sha256=sha256(content).hexdigest(), seen_at=at, preserved_at=at, preserved_by=cast.officer, policy_number=1,
            policy_digest="0" * 64,
        )
        for hit, at in hits
    )  # fmt: skip
    PreservedImage.objects.bulk_create(
        PreservedImage(preserved=each, content=PICTURE, media_type="image/jpeg", sha256=sha256(PICTURE).hexdigest())
        for each in kept
    )
    _leaves(officer, Action.PRESERVED, [(at, f"case:{case.pk}") for _hit, at in hits])


def _entry() -> str:
    """Return the key of an entry of the portal's list that no page of the walk is about."""
    return f"portal:{secrets.token_hex(16)}"


def _search(cast: Cast, times: list[datetime], *, detective: Actor) -> None:
    """Log searches that found something."""
    entries = []
    for at in times:
        since, until = (each.isoformat() for each in (at - timedelta(days=7), at))
        terms = {"plate": "ABC1234", "lprs": [], "since": since, "until": until}
        entry = querylog.enter(
            by=cast.detective, at=at, terms=terms, purpose="stolen", offense="larceny", case_number="26-115",
            justification="gray van left the burglary on Canal", requestor="", requestor_agency="", policy=STAMP,
        )  # fmt: skip
        querylog.end(entry, state=QueryLogEntry.State.COMPLETED, at=at + timedelta(seconds=1), found=3)
        entries.append((at, f"query:{entry.pk}"))
    _leaves(detective, Action.QUERY_BEGUN, entries, outcome=Outcome.BEGUN)
    _leaves(detective, Action.QUERY_COMPLETED, entries)


def _leaves(by: Actor, action: Action, acts: list[tuple[datetime, str]], *, outcome: Outcome = Outcome.DONE) -> range:
    """Append a leaf an act, cheaply: copies of the first one, with a time and a subject of their own beside the body."""
    if not acts:
        return range(0)
    first = append(at=acts[0][0], by=by, action=action, subject=acts[0][1], outcome=outcome, policy=STAMP)
    LedgerEntry.objects.bulk_create(
        (
            LedgerEntry(
                index=first.index + number, at=at, action=action, outcome=first.outcome, person=by.person, subject=subject,
                body=first.body, leaf_hash=first.leaf_hash,
            )
            for number, (at, subject) in enumerate(acts[1:], 1)
        ),
        batch_size=1_000,
    )  # fmt: skip
    return range(first.index, first.index + len(acts))


if __name__ == "__main__":
    main()
