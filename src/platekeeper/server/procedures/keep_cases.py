"""Case files are opened, looked into and kept up to date (V.c, VI.h, VI.k.1-4)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from platekeeper.core.clauses import Clause
from platekeeper.core.rules.access import has_any_duty, has_duty, may_inquire, may_use_lpr
from platekeeper.core.rules.cases import CaseFacts, may_work
from platekeeper.core.rules.decision import Allowed, Decision, Refused, first_refusal
from platekeeper.server.casefiles import changes
from platekeeper.server.casefiles.lookups import facts_of, subject_of
from platekeeper.server.casefiles.models import CaseFile
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.procedures.authority import Footing, demanded
from platekeeper.server.procedures.copies import plain
from platekeeper.server.retention.lookups import named_until
from platekeeper.server.storage.holding import hold

Rule = Callable[[CaseFacts], Decision]
KEEPER = "IV.e.custodian"
DIRECTOR = "VI.k.4.director"
_READING = ("VI.e.auditors", KEEPER, "VII.e.supervisors", DIRECTOR)
_SEALED = ("title", "charges", "disposition", "directed_why")
"""What is told of a case in words: it may name people."""


def may_work_cases(by: Footing) -> Decision:
    """Decide who opens cases and preserves in them: members who use LPRs, and whoever may inquire."""
    if may_use_lpr(by.authority, by.policy, by.today):
        return Allowed()
    return may_inquire(by.authority, by.policy, by.today)


def may_see_cases(by: Footing) -> Decision:
    """Decide who reads case files: who works them, and those who keep, check or command."""
    if has_any_duty(by.authority, by.policy, *_READING):
        return Allowed()
    return may_work_cases(by)


def may_open(by: Footing, case: CaseFile) -> Decision:
    """Decide who looks into one case: a sealed one is closed to all but who keeps it."""
    if case.sealed_on is not None and case.ended_at is None:
        return Allowed() if has_duty(by.authority, by.policy, KEEPER) else may_work(facts_of(case))
    return Allowed()


def view_case(by: Footing, case: CaseFile) -> None:
    """Log that somebody looks into a case, before it is shown: what it preserves is LPR data (VI.b)."""
    by.demand(may_see_cases(by), may_open(by, case), attempted=Action.CASE_VIEWED, subject=subject_of(case))
    with transaction.atomic():
        log_case(by, Action.CASE_VIEWED, case, Clause.VI_b, {})


def open_case(by: Footing, *, number: str, title: str, offense_class: str, is_felony: bool) -> CaseFile:
    """Open a case. Raises ValidationError when there is one of that number."""
    by.demand(may_work_cases(by), attempted=Action.CASE_OPENED)
    try:
        with transaction.atomic():
            case = changes.open_case(
                number=number, title=title, offense_class=offense_class, is_felony=is_felony, at=by.at,
                today=by.today, by=by.person,
            )  # fmt: skip
            facts = {"offense_class": offense_class, "is_felony": is_felony}
            log_case(by, Action.CASE_OPENED, case, Clause.V_c, facts)
    except IntegrityError as taken:
        raise ValidationError("There is a case of this number already.") from taken
    return case


def change_case(by: Footing, case: CaseFile, **facts: Any) -> None:
    """Change what decides how long a case is kept: offense, arrest, charges, final disposition (VI.k.1-3)."""
    late = [day for name in ("arrested_on", "disposed_on") if (day := facts.get(name)) is not None and day > by.today]
    by.demand(
        may_work_cases(by),
        may_work(facts_of(case)),
        Refused(Clause.VI_k_1, "An arrest and a disposition are recorded once they were.") if late else Allowed(),
        attempted=Action.CASE_CHANGED,
        subject=subject_of(case),
    )
    _change(by, case, Clause.VI_k_1, {name: value for name, value in facts.items() if not name.startswith("directed")})


def direct_keeping(by: Footing, case: CaseFile, *, until: date | None, why: str) -> None:
    """Let command direct that a case be kept until a day, or take that back (VI.k.4)."""
    unsaid = Refused(Clause.VI_k_4, "Say why it is to be kept.")

    def rule(facts: CaseFacts) -> Decision:
        return first_refusal(may_work(facts), _no_earlier(until, named_until(case, today=by.today)))

    by.demand(
        has_duty(by.authority, by.policy, DIRECTOR),
        unsaid if until is not None and not why.strip() else Allowed(),
        rule(facts_of(case)),
        attempted=Action.CASE_CHANGED,
        subject=subject_of(case),
    )
    _change(by, case, Clause.VI_k_4, {"directed_until": until, "directed_why": why.strip()[:240]}, rule)


def _no_earlier(until: date | None, named: date | None) -> Decision:
    if named is None or (until is not None and until >= named):
        return Allowed()
    return Refused(Clause.VI_k_4, f"A directive keeps what it names in this case until {named}. End it first.")


def _change(by: Footing, case: CaseFile, clause: Clause, facts: dict[str, Any], rule: Rule = may_work) -> None:
    with by.act(Action.CASE_CHANGED, subject=subject_of(case)):
        demand_now(case, rule)
        changes.change_case(case, facts)
        told = {name: value for name, value in facts.items() if name not in _SEALED}
        sealed = {name: str(facts[name]) for name in _SEALED if name in facts}
        log_case(by, Action.CASE_CHANGED, case, clause, plain(told), sealed=sealed)


def demand_now(case: CaseFile, rule: Rule) -> None:
    """Judge a case once more inside the transaction: somebody may have sealed or emptied it since it was looked at."""
    hold(case)
    demanded(rule(facts_of(case)))


def log_case(
    by: Footing,
    action: Action,
    case: CaseFile,
    clause: Clause,
    details: dict[str, Any],
    *,
    sealed: dict[str, str] | None = None,
) -> None:
    """Append what was done to a case, as the last thing in its transaction."""
    append(
        at=by.at, by=by.actor, action=action, clause=clause, subject=subject_of(case), details=details,
        sealed={"title": case.title, **(sealed or {})}, case=case.number, policy=by.policy.stamp,
    )  # fmt: skip
