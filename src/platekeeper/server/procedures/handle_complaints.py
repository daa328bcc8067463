"""A person wrongly stopped is heard (VII.e): their complaint received, its hit found, findings made, answered, closed."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from platekeeper.core.clauses import Clause
from platekeeper.core.partial import PlatePattern
from platekeeper.core.rules.complaints import (
    HANDLING,
    ComplaintFacts,
    Finding,
    may_close,
    may_handle,
    may_handle_complaints,
    may_read_complaints,
    may_see_complaint,
)
from platekeeper.core.rules.decision import Allowed, Decision, Refused
from platekeeper.server.hits.models import Hit
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.oversight import changes, lookups
from platekeeper.server.oversight.models import Complaint, ComplaintStep
from platekeeper.server.personnel.lookups import holders
from platekeeper.server.personnel.models import Person
from platekeeper.server.procedures.authority import Footing, demanded
from platekeeper.server.storage.holding import hold

Kind = ComplaintStep.Kind


def may_see_complaints(by: Footing) -> Decision:
    """Decide who opens the list of complaints."""
    return may_read_complaints(by.authority, by.policy)


def may_take_complaints(by: Footing) -> Decision:
    """Decide who enters a complaint; somebody who made the stop may, and then never looks into it."""
    return may_handle_complaints(by.authority, by.policy)


def who_may_handle(by: Footing, complaint: Complaint) -> QuerySet[Person]:
    """Return to whom a complaint may be given: who handles complaints, and did not make the stop."""
    titles = set().union(*(by.policy.positions(duty) for duty in HANDLING))
    return holders(titles, at=by.at, today=by.today).exclude(pk__in=lookups.stopping(complaint))


def receive_complaint(by: Footing, *, received_on: date, name: str, contact: str, plate: str, **said: Any) -> Complaint:
    """Enter a complaint; `said` are the other fields of `Complaint`."""
    late = Refused(Clause.VII_e, "A complaint is entered once it has come.")
    by.demand(
        may_take_complaints(by), late if received_on > by.today else Allowed(), attempted=Action.COMPLAINT_RECEIVED
    )
    with transaction.atomic():
        complaint = changes.receive(
            received_on=received_on, name=name, contact=contact, plate=plate, at=by.at, by=by.person,
            policy=by.policy.stamp, **said,
        )  # fmt: skip
        log(
            by, complaint, Action.COMPLAINT_RECEIVED,
            {"received_on": received_on.isoformat(), "way": str(complaint.way)},
            sealed={"complainant": name, "contact": contact, "plate": plate, "what_happened": complaint.what_happened},
        )  # fmt: skip
    return complaint


def view_complaint(by: Footing, complaint: Complaint) -> ComplaintFacts:
    """Log that somebody looks into a complaint, before it is shown; return how far it is as they meet it."""
    facts = facts_for(by, complaint)
    by.demand(
        may_see_complaint(by.authority, by.policy, facts),
        attempted=Action.COMPLAINT_VIEWED,
        subject=subject_of(complaint),
    )
    with transaction.atomic():
        log(by, complaint, Action.COMPLAINT_VIEWED, {})
    return facts


def look_for_hits(by: Footing, complaint: Complaint, *, pattern: PlatePattern, at: datetime) -> list[Hit]:
    """Return the hits near a time that fit a plate; that they were looked for is logged first."""
    _demand_handling(by, complaint, Action.COMPLAINT_HITS_SOUGHT)
    with transaction.atomic():
        around = at.astimezone(UTC).isoformat(timespec="seconds")
        log(by, complaint, Action.COMPLAINT_HITS_SOUGHT, {"around": around}, sealed={"plate": pattern.text})
    return lookups.hits_near(pattern, at=at)


def find_hit(by: Footing, complaint: Complaint, hit: Hit) -> None:
    """Record which hit a complaint concerns; a later one takes its place."""
    _demand_handling(by, complaint, Action.COMPLAINT_HIT_FOUND)
    with _handling(by, complaint, Action.COMPLAINT_HIT_FOUND):
        changes.concern(complaint, hit)
        _step(by, complaint, Kind.HIT_FOUND, hit=hit)
        log(by, complaint, Action.COMPLAINT_HIT_FOUND, {"hit": hit.pk}, sealed={"plate": hit.plate})


def assign(by: Footing, complaint: Complaint, to: Person) -> None:
    """Give a complaint to somebody who may handle it."""
    unfit = Refused(Clause.VII_e, f"{to.name} may not handle this complaint.")
    fits = Allowed() if who_may_handle(by, complaint).contains(to) else unfit
    _demand_handling(by, complaint, Action.COMPLAINT_ASSIGNED, fits)
    with _handling(by, complaint, Action.COMPLAINT_ASSIGNED):
        _step(by, complaint, Kind.ASSIGNED, to=to)
        log(by, complaint, Action.COMPLAINT_ASSIGNED, {"to": to.pk}, sealed={"assignee": to.name})


def record_finding(by: Footing, complaint: Complaint, *, findings: Collection[Finding], text: str) -> None:
    """Record what a complaint comes to; a later finding stands in place of an earlier one, which stays on record."""
    unsaid = Refused(Clause.VII_e, "Choose what was found, and say on what it rests.")
    said = Allowed() if findings and text.strip() else unsaid
    hitless = Finding.WRONG_ENTRY in findings and complaint.hit is None
    no_hit = Refused(Clause.VII_e, "Find the hit first: without it there is no entry to find wrong.")
    _demand_handling(by, complaint, Action.COMPLAINT_FINDING, said, no_hit if hitless else Allowed())
    found = sorted(finding.value for finding in findings)
    with _handling(by, complaint, Action.COMPLAINT_FINDING):
        _step(by, complaint, Kind.FINDING, findings=found, text=text.strip())
        log(by, complaint, Action.COMPLAINT_FINDING, {"findings": found}, sealed={"text": text.strip()})


def answer(by: Footing, complaint: Complaint, *, text: str) -> None:
    """Record what the complainant was answered."""
    unsaid = Refused(Clause.VII_e, "Say what the complainant was answered, and how.")
    _demand_handling(by, complaint, Action.COMPLAINT_ANSWERED, Allowed() if text.strip() else unsaid)
    with _handling(by, complaint, Action.COMPLAINT_ANSWERED):
        _step(by, complaint, Kind.ANSWERED, text=text.strip())
        log(by, complaint, Action.COMPLAINT_ANSWERED, {}, sealed={"text": text.strip()})


def close(by: Footing, complaint: Complaint) -> None:
    """Close a complaint that has its finding, its answer and, where the entry was wrong, its correction."""

    def decide() -> Decision:
        return may_close(by.authority, by.policy, facts_for(by, complaint))

    by.demand(decide(), attempted=Action.COMPLAINT_CLOSED, subject=subject_of(complaint))
    twice = Refused(Clause.VII_e, "Somebody has closed this complaint already.")
    with by.act(Action.COMPLAINT_CLOSED, subject=subject_of(complaint), twice=twice):
        hold(complaint)
        demanded(decide())
        _step(by, complaint, Kind.CLOSED)
        log(by, complaint, Action.COMPLAINT_CLOSED, {})


def facts_for(by: Footing, complaint: Complaint) -> ComplaintFacts:
    """Return how far a complaint is as this person meets it."""
    return lookups.facts_of(complaint, person=by.person, at=by.at)


def subject_of(complaint: Complaint) -> str:
    """Return what the ledger calls a complaint."""
    return f"complaint:{complaint.pk}"


def log(
    by: Footing,
    complaint: Complaint,
    action: Action,
    details: dict[str, object],
    *,
    sealed: dict[str, str] | None = None,
) -> None:
    """Append an act on a complaint, as the last statement of its transaction."""
    append(
        at=by.at, by=by.actor, action=action, clause=Clause.VII_e, subject=subject_of(complaint), details=details,
        sealed=sealed, policy=by.policy.stamp,
    )  # fmt: skip


def _demand_handling(by: Footing, complaint: Complaint, attempted: Action, *more: Decision) -> None:
    decision = may_handle(by.authority, by.policy, facts_for(by, complaint))
    by.demand(decision, *more, attempted=attempted, subject=subject_of(complaint))


@contextmanager
def _handling(by: Footing, complaint: Complaint, attempted: Action) -> Iterator[None]:
    """Open the transaction of a step, judged once more: somebody may have closed the complaint, or given it to another."""
    with by.act(attempted, subject=subject_of(complaint)):
        hold(complaint)
        demanded(may_handle(by.authority, by.policy, facts_for(by, complaint)))
        yield


def _step(by: Footing, complaint: Complaint, kind: Kind, **facts: Any) -> ComplaintStep:
    return changes.add_step(complaint, kind=kind, at=by.at, by=by.person, policy=by.policy.stamp, **facts)
