"""Where two persons must agree, a disposal is drawn up, put forward and approved before anything goes (VI.k)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

from django.db import transaction

from platekeeper.core.actor import SYSTEM
from platekeeper.core.clauses import Clause
from platekeeper.core.policy import Policy
from platekeeper.core.rules.access import has_any_duty, has_duty
from platekeeper.core.rules.decision import Allowed, Decision, Refused
from platekeeper.core.rules.retention import (
    APPROVERS,
    MANAGER,
    hits_raised_before,
    may_approve,
    may_propose,
    oldest_stored,
)
from platekeeper.server.ledger.actions import Action, Outcome
from platekeeper.server.ledger.changes import append
from platekeeper.server.procedures.authority import Footing, RefusedAction, demanded
from platekeeper.server.procedures.end_hits import hits_over
from platekeeper.server.procedures.stores import read_store
from platekeeper.server.reads.lookups import letters_before
from platekeeper.server.retention import changes, lookups
from platekeeper.server.retention.models import Proposal
from platekeeper.server.storage.holding import hold

SEES = (MANAGER, APPROVERS, "IV.e.custodian", "VI.e.auditors")
_DECIDED = Refused(Clause.VI_k, "This disposal has been decided already.")


def may_see_disposals(by: Footing) -> Decision:
    """Decide who looks at disposals: who manages the data, who approves, and those who keep and check."""
    return has_any_duty(by.authority, by.policy, *SEES)


def draw_up(policy: Policy, *, at: datetime) -> Proposal | None:
    """Draw up what is past its time, unless it was put forward already; return the proposal that stands, None for none."""
    standing = lookups.standing_proposal()
    if standing is not None and standing.proposed_by_id is not None:
        return standing
    until, hits_until = oldest_stored(policy, at=at), hits_raised_before(policy, at=at)
    store = read_store()
    days = [] if until is None else [day for day in store.days() if day < until.astimezone(UTC).date()]
    hits = len(hits_over(policy, at=at))
    letters = 0 if until is None else letters_before(until).count()
    if not (days or hits or letters):
        return standing
    named = [day.isoformat() for day in days]
    if standing is not None and (sorted(standing.reads), standing.hits, standing.letters) == (named, hits, letters):
        return standing  # counting a day again takes long, and nothing more of it comes in
    reads = {day.isoformat(): {str(lpr): count for lpr, count in store.count(day).items()} for day in days}
    with transaction.atomic():
        if standing is not None:
            hold(standing)
            if standing.proposed_by_id is not None or standing.refused_by_id is not None:
                return standing  # somebody decided while it was counted
        drawn = changes.draw_up(
            standing,
            at=at,
            until=until,
            hits_until=hits_until,
            reads=reads,
            hits=hits,
            letters=letters,
            policy=policy.stamp,
        )
        counts = Counter({day: sum(each.values()) for day, each in reads.items()})
        append(
            at=at, by=SYSTEM, action=Action.DISPOSAL_DRAWN_UP, outcome=Outcome.BEGUN, clause=Clause.VI_k,
            subject=_subject(drawn), details={"reads": dict(counts), "hits": hits, "dead_letters": letters},
            policy=policy.stamp,
        )  # fmt: skip
    return drawn


def propose(by: Footing, proposal: Proposal) -> None:
    """Put a disposal forward as it is drawn up; from then on it stays as it is."""
    by.demand(
        has_duty(by.authority, by.policy, MANAGER), attempted=Action.DISPOSAL_PROPOSED, subject=_subject(proposal)
    )
    with by.act(Action.DISPOSAL_PROPOSED, subject=_subject(proposal)):
        _demand_now(proposal, lambda: may_propose(proposal.proposed_by_id))
        changes.decide(proposal, proposed_at=by.at, proposed_by=by.person)
        _log(by, Action.DISPOSAL_PROPOSED, proposal)


def approve(by: Footing, proposal: Proposal) -> None:
    """Approve a disposal that somebody else put forward; the next run of the disposal takes it."""
    by.demand(
        has_duty(by.authority, by.policy, APPROVERS), attempted=Action.DISPOSAL_APPROVED, subject=_subject(proposal)
    )
    with by.act(Action.DISPOSAL_APPROVED, subject=_subject(proposal)):
        _demand_now(proposal, lambda: may_approve(proposal.proposed_by_id, by=by.person.pk))
        changes.decide(proposal, approved_at=by.at, approved_by=by.person)
        _log(by, Action.DISPOSAL_APPROVED, proposal)


def refuse(by: Footing, proposal: Proposal, *, why: str) -> None:
    """Refuse a disposal, or take back what one put forward; what is past its time is then drawn up anew."""
    unsaid = Refused(Clause.VI_k, "Say why it is not disposed of.")
    by.demand(
        has_any_duty(by.authority, by.policy, MANAGER, APPROVERS),
        Allowed() if why.strip() else unsaid,
        attempted=Action.DISPOSAL_REFUSED,
        subject=_subject(proposal),
    )
    with by.act(Action.DISPOSAL_REFUSED, subject=_subject(proposal)):
        _demand_now(proposal, Allowed)
        changes.decide(proposal, refused_at=by.at, refused_by=by.person, why=why.strip()[:240])
        _log(by, Action.DISPOSAL_REFUSED, proposal, sealed={"why": why.strip()[:240]})


def _demand_now(proposal: Proposal, rule: Callable[[], Decision]) -> None:
    hold(proposal)
    if proposal.approved_by_id is not None or proposal.refused_by_id is not None:
        raise RefusedAction(_DECIDED)
    demanded(rule())


def _subject(proposal: Proposal) -> str:
    return f"proposal:{proposal.pk}"


def _log(by: Footing, act: Action, proposal: Proposal, *, sealed: dict[str, str] | None = None) -> None:
    days = sorted(proposal.reads)
    append(
        at=by.at, by=by.actor, action=act, clause=Clause.VI_k, subject=_subject(proposal),
        details={"days": days, "hits": proposal.hits}, sealed=sealed, policy=by.policy.stamp,
    )  # fmt: skip
