"""Case files are sealed and opened by order, and emptied: expunged by order, or disposed of when their time is over.

What was preserved goes for good; its kind and hash stay, and so do the leaves. The backup of the records holds it until
the next one is made, and whoever was handed a packet holds that: both stand on the page.
"""

from __future__ import annotations

from datetime import date
from functools import partial

from platekeeper.core.clauses import Clause
from platekeeper.core.rules import cases as rules
from platekeeper.core.rules.access import has_duty
from platekeeper.core.rules.cases import CaseFacts
from platekeeper.core.rules.decision import Allowed, Decision, Refused, first_refusal
from platekeeper.server.casefiles import changes
from platekeeper.server.casefiles.lookups import facts_of, subject_of
from platekeeper.server.casefiles.models import CaseFile
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append, forget
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.keep_cases import KEEPER, Rule, demand_now
from platekeeper.server.procedures.sign_ledger import sign_now
from platekeeper.server.retention import changes as retention
from platekeeper.server.retention.lookups import named_until
from platekeeper.server.sharing import changes as sharing
from platekeeper.server.userlog import changes as userlog

_REMEMBERED = ("name", "on_behalf_of", "to", "order")
"""What stays open of a case that was emptied: who acted, by which order, and who is to be told, having been sent packets."""


def seal_case(by: Footing, case: CaseFile, *, order: str) -> None:
    """Seal a case after its disposition, by an order: from then on only the Custodian opens it."""
    _demand(by, case, _may_seal(by, case), Action.CASE_SEALED, order=order)
    _seal(by, case, _may_seal(by, case), Action.CASE_SEALED, order=order, on=by.today)


def unseal_case(by: Footing, case: CaseFile, *, order: str) -> None:
    """Open a sealed case again, by an order."""
    _demand(by, case, rules.may_unseal, Action.CASE_UNSEALED, order=order)
    _seal(by, case, rules.may_unseal, Action.CASE_UNSEALED, order=order, on=None)


def expunge_case(by: Footing, case: CaseFile, *, order: str, number: str) -> None:
    """Empty a sealed case for good, by an order. `number` is the case's, written out by who does it."""
    _demand(by, case, rules.may_expunge, Action.CASE_ENDED, order=order, number=number)
    _empty(by, case, rules.may_expunge, CaseFile.Ending.EXPUNGED, order=order)


def dispose_of_case(by: Footing, case: CaseFile, *, number: str) -> None:
    """Empty a case whose time is over (VI.k.1-4). `number` is the case's, written out by who does it."""
    rule = may_dispose(by)
    _demand(by, case, rule, Action.CASE_ENDED, order="-", number=number)
    _empty(by, case, rule, CaseFile.Ending.DISPOSED, order="")


def may_dispose(by: Footing) -> Rule:
    """Return the rule that decides today whether a case's time is over."""
    return partial(_is_over, by=by, today=by.today)


def _may_seal(by: Footing, case: CaseFile) -> Rule:
    """Return the rule that decides whether a case is sealed today: not while more would be copied into it."""

    def rule(facts: CaseFacts) -> Decision:
        return first_refusal(
            rules.may_seal(facts), _DIRECTED if named_until(case, today=by.today) is not None else Allowed()
        )

    return rule


_DIRECTED = Refused(Clause.VI_k_4, "A directive has what it names copied into this case. End it first.")


def _is_over(case: CaseFacts, *, by: Footing, today: date) -> Decision:
    return rules.may_end(case, by.policy, today=today)


def _demand(by: Footing, case: CaseFile, rule: Rule, act: Action, *, order: str, number: str | None = None) -> None:
    by.demand(
        has_duty(by.authority, by.policy, KEEPER),
        rule(facts_of(case)),
        Allowed()
        if order.strip()
        else Refused(Clause.IV_h, "Name the order: which court, which number, of which day."),
        Allowed() if number in {None, case.number} else Refused(Clause.VI_k_1, "Write the case's number to go on."),
        attempted=act,
        subject=subject_of(case),
    )


def _seal(by: Footing, case: CaseFile, rule: Rule, act: Action, *, order: str, on: date | None) -> None:
    with by.act(act, subject=subject_of(case)):
        demand_now(case, rule)
        changes.seal(case, order=order.strip()[:160], on=on)
        _log(by, case, act, {}, order=order)


def _empty(by: Footing, case: CaseFile, rule: Rule, ending: CaseFile.Ending, *, order: str) -> None:
    with by.act(Action.CASE_ENDED, subject=subject_of(case)):
        demand_now(case, rule)
        hashes = list(case.preserved.values_list("sha256", flat=True))
        changes.empty(case, ending=ending, order=order.strip()[:160], at=by.at)
        retention.forget_named(case)
        sharing.forget_why(source=subject_of(case))
        userlog.forget_why_withdrawn(case)
        for subject in (subject_of(case), *(f"request:{request.pk}" for request in case.requests.all())):
            forget(subject, but=_REMEMBERED)
        _log(by, case, Action.CASE_ENDED, {"ending": ending.value, "copies": hashes}, order=order)
    sign_now(at=by.at)


def _log(by: Footing, case: CaseFile, act: Action, details: dict[str, object], *, order: str) -> None:
    append(
        at=by.at, by=by.actor, action=act, clause=Clause.VI_k_1, subject=subject_of(case), details=details,
        sealed={"order": order.strip()[:160]}, case=case.number, policy=by.policy.stamp,
    )  # fmt: skip
