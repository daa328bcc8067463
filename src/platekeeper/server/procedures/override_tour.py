"""What stands in the way of a tour is overridden by a supervisor, with a reason and for that day (IV.a, V.a, VII.b)."""

from __future__ import annotations

from platekeeper.core.clauses import Clause
from platekeeper.core.rules.access import has_any_duty
from platekeeper.core.rules.decision import Decision, Refused
from platekeeper.core.rules.tours import CHECKERS, SUPERVISORS, may_ask_override, may_begin, may_decide_override
from platekeeper.server.equipment.models import LPR
from platekeeper.server.hotlist.lookups import newest_delivery
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.procedures.authority import Footing, RefusedAction
from platekeeper.server.procedures.run_tour import facts_of
from platekeeper.server.userlog import changes
from platekeeper.server.userlog.models import TourOverride


def may_supervise_tours(by: Footing) -> Decision:
    """Decide who sees the page of today: supervisors, who alone override, and who checks the logs."""
    return has_any_duty(by.authority, by.policy, SUPERVISORS, *CHECKERS)


def ask_override(by: Footing, *, lpr: LPR, purpose: str, why: str, attested: bool | None = None) -> TourOverride:
    """Ask a supervisor to override what stands in the way of a tour with an LPR."""
    [(_, facts)] = facts_of(by, [lpr], purpose=purpose, delivery=newest_delivery(), attested=attested)
    refusal = may_begin(by.authority, by.policy, by.today, facts)
    by.demand(may_ask_override(refusal, by.authority, why=why), attempted=Action.OVERRIDE_ASKED, subject=_lpr(lpr))
    assert isinstance(refusal, Refused)  # or nothing could have been asked
    twice = Refused(refusal.clause, "You have asked already. A supervisor sees it on the page of today.")
    with by.act(Action.OVERRIDE_ASKED, subject=_lpr(lpr), twice=twice):
        asked = changes.ask_override(
            by.person, clause=refusal.clause.number, refusal=refusal.reason[:240], why=why.strip()[:240], at=by.at,
            policy=by.policy.stamp,
        )  # fmt: skip
        _log(by, Action.OVERRIDE_ASKED, asked, {"refusal": asked.refusal, "lpr": lpr.pk}, words=asked.why)
    return asked


def decide_override(by: Footing, asked: TourOverride, *, grant: bool, reason: str) -> None:
    """Override, or refuse to; it holds for the member, the clause and the department's day of the decision."""
    _demand(by, asked, reason)
    with by.act(Action.OVERRIDE_DECIDED, subject=_subject(asked)):
        if not changes.decide_override(asked, granted=grant, reason=reason.strip()[:240], at=by.at, by=by.person):
            raise RefusedAction(Refused(Clause.by_number(asked.clause), "Somebody has decided already."))
        _log(by, Action.OVERRIDE_DECIDED, asked, {"granted": grant}, words=asked.reason)


def withdraw_override(by: Footing, asked: TourOverride, *, reason: str) -> None:
    """Let no more tours begin on an override that was granted; one that has begun goes on."""
    _demand(by, asked, reason)
    with by.act(Action.OVERRIDE_DECIDED, subject=_subject(asked)):
        if not changes.withdraw_override(asked, at=by.at, by=by.person):
            raise RefusedAction(Refused(Clause.by_number(asked.clause), "This override does not stand."))
        _log(by, Action.OVERRIDE_DECIDED, asked, {"withdrawn": True}, words=reason.strip()[:240])


def _demand(by: Footing, asked: TourOverride, reason: str) -> None:
    clause, is_own = Clause.by_number(asked.clause), asked.member_id == by.person.pk
    decision = may_decide_override(by.authority, by.policy, clause=clause, is_own=is_own, reason=reason)
    by.demand(decision, attempted=Action.OVERRIDE_DECIDED, subject=_subject(asked))


def _subject(asked: TourOverride) -> str:
    return f"override:{asked.pk}"


def _lpr(lpr: LPR) -> str:
    return f"lpr:{lpr.pk}"


def _log(by: Footing, action: Action, asked: TourOverride, details: dict[str, object], *, words: str) -> None:
    append(
        at=by.at, by=by.actor, action=action, clause=Clause.by_number(asked.clause), subject=_subject(asked),
        details=details, sealed={"words": words}, policy=by.policy.stamp,
    )  # fmt: skip
