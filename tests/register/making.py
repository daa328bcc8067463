"""Records from which the register judges, each as one row."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from django.db import transaction

from platekeeper.core.actor import SYSTEM, Actor
from platekeeper.core.categories import Category, HitAction, Source
from platekeeper.core.matching import HowMatched, StateAgreement
from platekeeper.core.rules.defects import DefectKind
from platekeeper.core.rules.field_entries import Ground
from platekeeper.core.rules.tours import CLAUSES, Phase, Question
from platekeeper.server.deployments.models import Deployment, DeploymentStep, Use
from platekeeper.server.equipment.changes import care, defects
from platekeeper.server.equipment.models import LPR, Defect, Papers
from platekeeper.server.hits import changes as hits
from platekeeper.server.hits.models import Hit, HitStep
from platekeeper.server.hotlist.changes import ensure_portal_list
from platekeeper.server.hotlist.models import AlertBulletin, HotListDelivery, HotListEntry
from platekeeper.server.ledger.actions import Action, Outcome
from platekeeper.server.ledger.changes import append
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.personnel.models import Person
from platekeeper.server.querylog.models import Approval, QueryLogEntry, SearchRequest, SearchStep
from platekeeper.server.reads.changes import note_contacts, record_batch
from platekeeper.server.reads.models import Contact
from platekeeper.server.userlog.models import DailyUserLog, LogRevision, Tour, TourCheck, TourOverride
from tests.cast import Cast

STAMP = {"policy_number": 1, "policy_digest": "0" * 64}

POLICY = (1, "0" * 64)
_numbers = count(1)


def leaf(at: datetime, action: Action, *, by: Person | None = None, subject: str = "", **more: Any) -> LedgerEntry:
    """Append to the ledger."""
    actor = Actor(person=by.pk, name=by.name) if by else SYSTEM
    with transaction.atomic():
        return append(at=at, by=actor, action=action, subject=subject, **more)


def query(
    by: Person, at: datetime, *, seen: Person | None = None, leafless: bool = False, **fields: Any
) -> QueryLogEntry:
    """Enter a query that ran, with its ledger entry unless it is to be missing; `seen` asked, as the ledger has it."""
    given = {
        "agency": by.agency.name, "terms": {"plate": "ABC1234"}, "purpose": "stolen", "offense": "theft",
        "case_number": "26-1", "justification": "seen there", "state": "completed", "ended_at": at, **STAMP,
    }  # fmt: skip
    entry = QueryLogEntry.objects.create(by=by, begun_at=at, **(given | fields))
    if not leafless:
        leaf(at, Action.QUERY_BEGUN, by=seen or by, subject=f"query:{entry.pk}", outcome=Outcome.BEGUN)
    return entry


def second_word(
    cast: Cast, at: datetime, *, kind: str = "before", granted: bool | None = True, decided_at: datetime | None = None
) -> Approval:
    """Let a query of older reads run, with a second person's word on it; an exigent one waits unless it is decided."""
    entry = query(cast.detective, at, earliest=at - timedelta(days=40))
    decided_at = decided_at or (at if kind == "before" else None)
    return Approval.objects.create(
        entry=entry, kind=kind, asked_at=at, decided_at=decided_at, decided_by=cast.sergeant,
        granted=granted if decided_at else None,
    )  # fmt: skip


def asked(cast: Cast, at: datetime, **fields: Any) -> SearchRequest:
    """Enter an outsider's request for a search, as the dispatcher does."""
    given = {
        "asked_at": at, "entered_by": cast.dispatcher, "name": "Otto Outsider", "agency": cast.outsider.agency,
        "agency_name": cast.outsider.agency.name, "plate": "ABC1234", "since": at - timedelta(days=1), "until": at,
        "purpose": "stolen", "offense": "theft", "case_number": "26-1", "justification": "seen there", **STAMP,
    }  # fmt: skip
    return SearchRequest.objects.create(**(given | fields))


def search_step(
    cast: Cast, at: datetime, kind: str, *, by: Person, on: SearchRequest | None = None, **fields: Any
) -> SearchStep:
    """Take a step on a request for a search."""
    return SearchStep.objects.create(
        request=on or asked(cast, at), kind=kind, at=at, by=by, words="x", **(STAMP | fields)
    )


def hit(
    cast: Cast,
    at: datetime,
    *,
    key: str = "portal:1",
    kind: LPR.Kind | None = None,
    stale: bool = False,
    read: dict[str, Any] | None = None,
) -> Hit:
    """Raise a hit; with a kind, the cast's LPR becomes one of that kind."""
    if kind:
        LPR.objects.filter(pk=cast.lpr.pk).update(kind=kind)
    ensure_portal_list(at=at - timedelta(days=60))
    number = next(_numbers)
    return hits.raise_hit(
        read_id=f"{number:032x}", entry_key=key, lpr_id=cast.lpr.pk, plate="ABC1234", read_state="NY", read=read or {},
        entry={},
        category=Category.STOLEN_VEHICLE, how=HowMatched.PLATE, state_agreement=StateAgreement.AGREES,
        action=HitAction.STOP, urgent=False, list_stale=stale, seen_at=at, raised_at=at, repeat_of=None, image=None,
        policy=POLICY,
    )  # fmt: skip


def step(
    cast: Cast, at: datetime, kind: str, *, by: Person | None = None, on: Hit | None = None, lpr: LPR.Kind | None = None
) -> Hit:
    """Take a step on a hit, by the officer unless somebody else is named."""
    found = on or hit(cast, at, kind=lpr)
    hits.add_step(found, kind=HitStep.Kind(kind), at=at, by=by or cast.officer, policy=POLICY)
    return found


def departure(cast: Cast, at: datetime, *, clause: str = "VII.e.1", on: Hit | None = None) -> int:
    """Record a stop without a step, as a departure."""
    stopped = step(cast, at, "stopped", on=on)
    return hits.record_departure(stopped, clause=clause, reason="at once", at=at, member=cast.officer, policy=POLICY).pk


def entry(cast: Cast, at: datetime, **fields: Any) -> HotListEntry:
    """Put an entry on the list: asked for by the officer, decided by the custodian."""
    given = {
        "plate": "ABC1234", "is_partial": False, "jurisdiction": "NY", "category": Category.CRIME_SUSPECT,
        "reason": "left the scene", "authority": "bulletin 7", "hit_action": HitAction.STOP, "requested_at": at,
        "requested_by": cast.officer, "effective_at": at, "expires_at": at + timedelta(days=30),
        "state": HotListEntry.State.ACTIVE, "decided_at": at, "decided_by": cast.custodian, **STAMP,
    }  # fmt: skip
    return HotListEntry.objects.create(**(given | fields))


def field_entry(cast: Cast, at: datetime, ground: Ground, **fields: Any) -> HotListEntry:
    """Put an entry on the list as the officer does in the field, looked up by them."""
    query(cast.officer, at, purpose="alert")
    given = {
        "ground": ground,
        "category": Category.AMBER,
        "decided_by": cast.officer,
        "expires_at": at + timedelta(days=1),
    }
    return entry(cast, at, **{**given, **fields})


def bulletin(at: datetime, **fields: Any) -> AlertBulletin:
    """Receive a bulletin that must be entered and ends two hours later."""
    given = {
        "sha256": f"{next(_numbers):064x}", "content": b"<alert/>", "file_name": "amber.xml", "received_at": at,
        "state": "waiting", "must_enter": True, "expires_at": at + timedelta(hours=2), **STAMP,
    }  # fmt: skip
    return AlertBulletin.objects.create(**(given | fields))


def delivery(cast: Cast, at: datetime) -> HotListDelivery:
    """Deliver the portal's list."""
    return HotListDelivery.objects.create(
        hot_list=ensure_portal_list(at=at), source=Source.PORTAL, format="new_york", file_name="LPRinfo.txt",
        digest="0" * 64, delivered_at=at, delivered_by=cast.custodian.pk, lines=1, counts={}, skipped=[], added=1,
        removed=0, changes={}, **STAMP,
    )  # fmt: skip


def tour(cast: Cast, at: datetime, *, aimed: bool = True, **fields: Any) -> Tour:
    """Begin a tour of the officer's with today's list."""
    given = {
        "member": cast.officer,
        "lpr": cast.lpr,
        "purpose": "patrol",
        "hot_list": delivery(cast, at),
        "begun_at": at,
    } | fields
    log = DailyUserLog.objects.create(member=fields.get("member", cast.officer), opened_at=at, **STAMP)
    begun = Tour.objects.create(log=log, **given, **STAMP)
    if aimed:
        answer(begun, at, Question.AIM, "yes", phase=Phase.BEGIN)
    return begun


def answer(tour: Tour, at: datetime, question: Question, said: str, *, phase: Phase = Phase.END, **more: Any) -> None:
    """Answer a question about a tour."""
    clause = CLAUSES[question].number
    TourCheck.objects.create(tour=tour, phase=phase, question=question, clause=clause, answer=said, at=at, **more)


def ended(cast: Cast, at: datetime, *, hours: float = 8, **fields: Any) -> Tour:
    """Begin a tour so many hours ago and end it by its member, the vehicle secured."""
    gone = tour(cast, at - timedelta(hours=hours), ended_at=at, ended_by=cast.officer, **fields)
    answer(gone, at, Question.PARKED, "yes", by=cast.officer)
    return gone


def forwarded(cast: Cast, at: datetime, *, leafless: bool = False, **fields: Any) -> LogRevision:
    """Forward the log of an ended tour, with its leaf unless it is to be missing."""
    content = b"{}"
    given = {
        "log": ended(cast, at - timedelta(minutes=1)).log, "number": 1, "content": content,
        "sha256": hashlib.sha256(content).hexdigest(), "forwarded_at": at, "forwarded_by": cast.officer, **STAMP,
    }  # fmt: skip
    revision = LogRevision.objects.create(**(given | fields))
    if not leafless:
        details = {"revision": 1, "sha256": hashlib.sha256(content).hexdigest()}
        leaf(at, Action.USER_LOG_FORWARDED, by=cast.officer, subject=f"log:{revision.log_id}", details=details)
    return revision


def overridden(cast: Cast, at: datetime, *, by: Person, clause: str = "V.a") -> Tour:
    """Begin a tour on an override."""
    override = TourOverride.objects.create(
        member=cast.officer, clause=clause, refusal="x", why="x", asked_at=at, granted=True, reason="x", decided_at=at,
        decided_by=by, **STAMP,
    )  # fmt: skip
    begun = tour(cast, at, hot_list=delivery(cast, at - timedelta(days=1)))
    question = Question.HOT_LIST if clause == "V.a" else Question.TRAINING
    answer(begun, at, question, "overridden", phase=Phase.BEGIN, override=override)
    delivery(cast, at)
    return begun


def deployed(
    cast: Cast, at: datetime, *, kind: str = "dwi", by: Person | None = None, used_at: datetime | None = None
) -> Use:
    """Authorize a detail of four hours, by the chief unless somebody else is named, and use an LPR on it."""
    detail = Deployment.objects.create(
        kind=kind, purpose="x", place="x", since=at, until=at + timedelta(hours=4), in_charge=cast.officer, asked_at=at,
        asked_by=cast.sergeant, **STAMP,
    )  # fmt: skip
    DeploymentStep.objects.create(deployment=detail, kind="authorized", at=at, by=by or cast.chief, **STAMP)
    begun = used_at or at
    return Use.objects.create(
        deployment=detail, lpr=cast.lpr, member=cast.officer, begun_at=begun, ended_at=begun + timedelta(hours=1),
        ended_by=cast.officer, **STAMP,
    )  # fmt: skip


def uploaded(cast: Cast, at: datetime) -> None:
    """Receive a batch of reads from the LPR."""
    record_batch(batch=next(_numbers).to_bytes(16), at=at, count=1, root=b"0" * 32, leaf=0)
    note_contacts({cast.lpr.pk: 1.0}, kind=Contact.Kind.UPLOAD, at=at)


def defect(cast: Cast, at: datetime, **fields: Any) -> Defect:
    """Report damage to the cast's LPR, by the officer."""
    given: dict[str, Any] = {"kind": DefectKind.DAMAGE, "words": "cracked", "by": cast.officer}
    return defects.open_defect(cast.lpr, at=at, policy=POLICY, **(given | fields))


def worth(cast: Cast, at: datetime, **fields: Any) -> Papers:
    """Say what the cast's LPR is worth."""
    given: dict[str, Any] = {"value": 18_000, "by": cast.administrator}
    return care.set_papers(cast.lpr, at=at, policy=POLICY, **(given | fields))
