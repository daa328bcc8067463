"""Command gives directives to keep what is named, looks at them and ends them (VI.k.4)."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from platekeeper.core.clauses import Clause
from platekeeper.core.rules.access import has_any_duty, has_duty
from platekeeper.core.rules.cases import may_work
from platekeeper.core.rules.decision import Decision
from platekeeper.core.rules.directives import DIRECTOR, HAS_ENDED, Named, may_direct
from platekeeper.core.search.drawn import drawn
from platekeeper.server.casefiles import changes as casefiles
from platekeeper.server.casefiles.lookups import facts_of, subject_of
from platekeeper.server.casefiles.models import CaseFile
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.procedures.authority import Footing, RefusedAction
from platekeeper.server.procedures.copies import plain
from platekeeper.server.procedures.follow_directives import follow_directives
from platekeeper.server.procedures.keep_cases import demand_now
from platekeeper.server.retention import changes
from platekeeper.server.retention.models import Directive

_PAGES_AT_ONCE = 10
SEES = (DIRECTOR, "IV.e.custodian", "VI.j.manager", "VI.e.auditors")


def may_see_directives(by: Footing) -> Decision:
    """Decide who looks at directives: command, and those who keep and check the data."""
    return has_any_duty(by.authority, by.policy, *SEES)


def view_directives(by: Footing) -> None:
    """Log that somebody looks at the directives: they name plates."""
    by.demand(may_see_directives(by), attempted=Action.DIRECTIVES_VIEWED)
    with transaction.atomic():
        append(at=by.at, by=by.actor, action=Action.DIRECTIVES_VIEWED, clause=Clause.VI_b, policy=by.policy.stamp)


def give_directive(
    by: Footing,
    *,
    case: CaseFile,
    plates: tuple[str, ...] = (),
    lprs: tuple[int, ...] = (),
    area: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    kept_until: date,
    why: str,
) -> Directive:
    """Direct that what is named be kept in a case at least until a day; what is stored is copied before this returns.

    Where that is very much, the job goes on with it, and no disposal takes place before it is done.

    Raises ValueError for an area that is none, and `RefusedAction`.
    """
    named = Named(plates, lprs, drawn(area) if area else None, since, until)
    by.demand(
        has_duty(by.authority, by.policy, DIRECTOR),
        may_work(facts_of(case)),
        may_direct(named, why=why, kept_until=kept_until, today=by.today),
        attempted=Action.DIRECTIVE_GIVEN,
        subject=subject_of(case),
    )
    with by.act(Action.DIRECTIVE_GIVEN, subject=subject_of(case)):
        demand_now(case, may_work)
        directive = changes.give_directive(
            case=case, at=by.at, by=by.person, plates=list(plates), lprs=list(lprs), area=area, since=since,
            until=until, kept_until=kept_until, why=why.strip()[:240], policy=by.policy.stamp,
        )  # fmt: skip
        if case.directed_until is None or case.directed_until < kept_until:
            casefiles.change_case(case, {"directed_until": kept_until, "directed_why": why.strip()[:240]})
        details = {
            "directive": directive.pk,
            "lprs": list(lprs),
            "since": since,
            "until": until,
            "kept_until": kept_until,
        }
        sealed = {"plates": " ".join(plates), "area": area, "why": why.strip()[:240]}
        _log(by, Action.DIRECTIVE_GIVEN, directive, plain(details), sealed)
    follow_directives(at=by.at, pages=_PAGES_AT_ONCE)
    directive.refresh_from_db()
    return directive


def end_directive(by: Footing, directive: Directive) -> None:
    """End a directive: nothing more is copied; what was stays with its case."""
    subject = subject_of(directive.case)
    by.demand(has_duty(by.authority, by.policy, DIRECTOR), attempted=Action.DIRECTIVE_ENDED, subject=subject)
    with by.act(Action.DIRECTIVE_ENDED, subject=subject):
        if not changes.end_directive(directive, at=by.at, by=by.person):
            raise RefusedAction(HAS_ENDED)
        _log(by, Action.DIRECTIVE_ENDED, directive, {"directive": directive.pk}, {})


def _log(by: Footing, act: Action, directive: Directive, details: dict[str, object], sealed: dict[str, str]) -> None:
    append(
        at=by.at, by=by.actor, action=act, clause=Clause.VI_k_4, subject=subject_of(directive.case), details=details,
        sealed=sealed, case=directive.case.number, policy=by.policy.stamp,
    )  # fmt: skip
