"""The only writer of complaints, of the Query Log under review, of violations, and of what is published."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from platekeeper.core.rules import violations
from platekeeper.core.rules.audits import Step
from platekeeper.server.hits.models import Hit
from platekeeper.server.hotlist.models import Suppression
from platekeeper.server.oversight.models import (
    AuditItem,
    AuditRound,
    AuditStep,
    Complaint,
    ComplaintStep,
    Correction,
    Notice,
    Publication,
    Violation,
    ViolationStep,
)
from platekeeper.server.personnel.models import Person


def receive(*, received_on: date, at: datetime, by: Person, policy: tuple[int, str], **said: Any) -> Complaint:
    """Record a complaint and that it was received; `said` are the other fields of `Complaint`."""
    complaint = Complaint.objects.create(
        received_at=at, received_on=received_on, policy_number=policy[0], policy_digest=policy[1], **said
    )
    add_step(complaint, kind=ComplaintStep.Kind.RECEIVED, at=at, by=by, policy=policy)
    return complaint


def add_step(
    complaint: Complaint,
    *,
    kind: ComplaintStep.Kind,
    at: datetime,
    by: Person,
    policy: tuple[int, str],
    text: str = "",
    to: Person | None = None,
    hit: Hit | None = None,
    findings: Collection[str] = (),
) -> ComplaintStep:
    """Add a step; the database refuses a second one of a kind that happens once."""
    return ComplaintStep.objects.create(
        complaint=complaint, kind=kind, at=at, by=by, text=text, to=to, hit=hit, findings=sorted(findings),
        policy_number=policy[0], policy_digest=policy[1],
    )  # fmt: skip


def concern(complaint: Complaint, hit: Hit) -> None:
    """Note which hit a complaint concerns."""
    Complaint.objects.filter(pk=complaint.pk).update(hit=hit)
    complaint.hit = hit


def correct(
    step: ComplaintStep, *, hit: Hit, source: str, suppression: Suppression | None, tell: Collection[int]
) -> Correction:
    """Record a correction of a hit's entry, with a notice for every person, by account number, who is to be told."""
    correction = Correction.objects.create(
        step=step, entry_key=hit.entry_key, plate=str(hit.entry.get("plate", hit.plate)), source=source,
        suppression=suppression,
    )  # fmt: skip
    Notice.objects.bulk_create(Notice(correction=correction, person_id=person) for person in sorted(tell))
    return correction


def see(notice: Notice, *, at: datetime) -> bool:
    """Note that a person has seen their notice; return whether it is the first time."""
    return bool(Notice.objects.filter(pk=notice.pk, seen_at=None).update(seen_at=at))


def draw(*, items: Collection[AuditItem], policy: tuple[int, str], **facts: Any) -> AuditRound:
    """Record a round of review with the entries drawn into it; `facts` are the other fields of `AuditRound`."""
    drawn = AuditRound.objects.create(policy_number=policy[0], policy_digest=policy[1], **facts)
    for item in items:
        item.round = drawn
    AuditItem.objects.bulk_create(items)
    return drawn


def take_audit_step(
    item: AuditItem, *, kind: Step, words: str, at: datetime, by: Person, policy: tuple[int, str]
) -> AuditStep:
    """Add a step to an entry under review."""
    return AuditStep.objects.create(
        item=item, kind=kind.value, words=words, at=at, by=by, policy_number=policy[0], policy_digest=policy[1]
    )


def publish(*, at: datetime, by: Person, policy: tuple[int, str], **what: Any) -> Publication:
    """Record a report as it is published; `what` are the other fields of `Publication`."""
    return Publication.objects.create(
        published_at=at, published_by=by, policy_number=policy[0], policy_digest=policy[1], **what
    )


def withdraw(publication: Publication, *, at: datetime, by: Person, why: str) -> bool:
    """Record that a report is no longer shown; return whether it was until now."""
    shown = Publication.objects.filter(pk=publication.pk, withdrawn_at=None)
    return bool(shown.update(withdrawn_at=at, withdrawn_by=by, withdrawn_why=why))


def open_violation(*, at: datetime, by: Person, policy: tuple[int, str], **what: Any) -> Violation:
    """Record a violation and that it was opened; `what` are the other fields of `Violation`."""
    opened = Violation.objects.create(opened_at=at, policy_number=policy[0], policy_digest=policy[1], **what)
    add_violation_step(opened, kind=violations.Step.OPENED, at=at, by=by, policy=policy)
    return opened


def add_violation_step(
    violation: Violation,
    *,
    kind: violations.Step,
    at: datetime,
    by: Person,
    policy: tuple[int, str],
    words: str = "",
    outcome: str = "",
) -> ViolationStep:
    """Add a step to a violation."""
    return ViolationStep.objects.create(
        violation=violation, kind=kind.value, words=words, outcome=outcome, at=at, by=by, policy_number=policy[0],
        policy_digest=policy[1],
    )  # fmt: skip
