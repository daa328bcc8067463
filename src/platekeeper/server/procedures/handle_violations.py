"""Violations of the policy are opened, assessed, answered by a measure, and closed with an outcome (VI.e)."""

from __future__ import annotations

from django.db import transaction

from platekeeper.core.amendments import clauses_with
from platekeeper.core.clauses import Clause
from platekeeper.core.rules import violations as rules
from platekeeper.core.rules.decision import Allowed, Refused
from platekeeper.core.rules.violations import Step, ViolationFacts
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.oversight import changes, violations
from platekeeper.server.oversight.models import AuditItem, Complaint, Violation
from platekeeper.server.personnel.models import Person
from platekeeper.server.procedures.authority import Footing, demanded
from platekeeper.server.storage.holding import hold


def open_violation(
    by: Footing,
    *,
    clause: str,
    what: str,
    about: Person | None,
    item: AuditItem | None = None,
    complaint: Complaint | None = None,
) -> Violation:
    """Open a violation: from a finding of a review, from a complaint, or by hand."""
    known = {each.number for each in clauses_with(by.policy.amendments)}
    by.demand(
        rules.may_see_violations(by.authority, by.policy),
        Allowed() if clause in known else Refused(Clause.VI_e, "Name the clause as the policy does, such as VI.f."),
        Allowed() if what.strip() else Refused(Clause.VI_e, "Say what happened."),
        attempted=Action.VIOLATION_OPENED,
    )
    with transaction.atomic():
        opened = changes.open_violation(
            clause=clause,
            what=what.strip(),
            about=about,
            item=item,
            complaint=complaint,
            due_on=rules.due_on(by.today),
            at=by.at,
            by=by.person,
            policy=by.policy.stamp,
        )
        told = {"clause": clause, "query": item.entry_id if item else 0, "complaint": complaint.pk if complaint else 0}
        _log(
            by,
            opened,
            Action.VIOLATION_OPENED,
            told,
            sealed={"what": opened.what, "about": about.name if about else ""},
        )
    return opened


def view_violation(by: Footing, violation: Violation) -> ViolationFacts:
    """Log that somebody reads a violation, before it is shown; return how far it is as they meet it."""
    facts = violations.facts_of(violation, person=by.person)
    by.demand(
        rules.may_see(by.authority, by.policy, facts), attempted=Action.VIOLATION_VIEWED, subject=subject_of(violation)
    )
    with transaction.atomic():
        _log(by, violation, Action.VIOLATION_VIEWED, {}, sealed={})
    return facts


def take_step(by: Footing, violation: Violation, step: Step, *, words: str, outcome: str = "") -> None:
    """Assess a violation, record a measure, or close it."""
    subject = subject_of(violation)
    facts = violations.facts_of(violation, person=by.person)
    given = {"words": words, "outcome": outcome}
    by.demand(
        rules.may_take(step, by.authority, by.policy, facts, **given), attempted=Action.VIOLATION_STEP, subject=subject
    )
    with by.act(Action.VIOLATION_STEP, subject=subject):
        hold(violation)
        now = violations.facts_of(violation, person=by.person)  # somebody may have gone on with it since
        demanded(rules.may_take(step, by.authority, by.policy, now, **given))
        ending = outcome if step is Step.CLOSED else ""
        changes.add_violation_step(
            violation, kind=step, words=words.strip(), outcome=ending, at=by.at, by=by.person, policy=by.policy.stamp
        )
        _log(
            by,
            violation,
            Action.VIOLATION_STEP,
            {"step": step.value, "outcome": ending},
            sealed={"words": words.strip()},
        )


def subject_of(violation: Violation) -> str:
    """Return what the ledger calls a violation."""
    return f"violation:{violation.pk}"


def _log(
    by: Footing, violation: Violation, action: Action, details: dict[str, object], *, sealed: dict[str, str]
) -> None:
    append(
        at=by.at,
        by=by.actor,
        action=action,
        clause=Clause.VI_e,
        subject=subject_of(violation),
        details=details,
        sealed=sealed,
        policy=by.policy.stamp,
    )
