"""The Query Log is reviewed (VI.e): entries are drawn each week, and for a survey; each is signed off or followed up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from platekeeper.core.actor import SYSTEM, Actor
from platekeeper.core.clauses import Clause
from platekeeper.core.policy import Policy
from platekeeper.core.rules.audits import ReviewFacts, Step, may_audit, may_look, may_take, sample_size
from platekeeper.core.rules.decision import Allowed, Refused
from platekeeper.core.rules.query_audit import HIGH, Reason, reasons_of, sample, score
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.ledger.lookups import newest
from platekeeper.server.oversight import audits, changes
from platekeeper.server.oversight.models import AuditItem, AuditRound
from platekeeper.server.oversight.query_facts import facts_for
from platekeeper.server.policy.lookups import in_force
from platekeeper.server.procedures.authority import Footing, demanded
from platekeeper.server.querylog.lookups import ran
from platekeeper.server.querylog.models import QueryLogEntry
from platekeeper.server.storage.holding import hold

YEAR = timedelta(days=365)
MOST = 500
"""A survey draws no more entries than somebody will read."""


@dataclass(frozen=True, slots=True)
class _Draw:
    """What a round is drawn from, by whom and when."""

    kind: AuditRound.Kind
    since: datetime | None
    until: datetime
    at: datetime
    actor: Actor
    policy: Policy


def draw_when_due(*, at: datetime) -> AuditRound | None:
    """Draw the weekly round once it is due: a random sample, and every entry that scores high; among these are earlier ones
    whose case number was corrected since by who made them."""
    found = audits.due(at=at)
    if found is None:
        return None
    since, waiting = found
    pool, until = list(waiting), at - audits.LAG
    corrected = list(audits.corrected(since=since, until=until)) if since else []
    draw = _Draw(AuditRound.Kind.WEEKLY, since, until, at, SYSTEM, in_force(at=at))
    return _draw(draw, pool, size=sample_size(len(pool)), besides=corrected)


def draw_survey(by: Footing, *, size: int) -> AuditRound:
    """Draw a random survey of the queries of a year, which the annual review of the policy can cite (IV.g)."""
    since = by.at - YEAR
    pool = list(ran().filter(begun_at__gt=since, begun_at__lte=by.at))
    by.demand(
        may_audit(by.authority, by.policy),
        Allowed() if 0 < size <= MOST else Refused(Clause.VI_e, f"Draw between 1 and {MOST} entries."),
        Allowed() if pool else Refused(Clause.VI_e, "Nobody has searched within the year."),
        attempted=Action.QUERY_AUDIT_DRAWN,
    )
    draw = _Draw(AuditRound.Kind.SURVEY, since, by.at, by.at, by.actor, by.policy)
    return _draw(draw, pool, size=size)


def view_item(by: Footing, item: AuditItem) -> ReviewFacts:
    """Log that a reviewer looks at an entry, before it is shown; return how far it is as they meet it."""
    facts = audits.facts_of(item, person=by.person)
    by.demand(may_look(by.authority, by.policy, facts), attempted=Action.QUERY_AUDIT_VIEWED, subject=_subject(item))
    with transaction.atomic():
        _log(by, Action.QUERY_AUDIT_VIEWED, item, {})
    return facts


def take_step(by: Footing, item: AuditItem, step: Step, *, words: str) -> None:
    """Sign an entry off, ask its member, answer, or say what became of a finding."""
    words = words.strip()
    facts = audits.facts_of(item, person=by.person)
    by.demand(
        may_take(step, by.authority, by.policy, facts, words=words),
        attempted=Action.QUERY_AUDIT_STEP,
        subject=_subject(item),
    )
    with by.act(Action.QUERY_AUDIT_STEP, subject=_subject(item)):
        hold(item)
        now = audits.facts_of(item, person=by.person)  # somebody may have gone on with it since it was looked at
        demanded(may_take(step, by.authority, by.policy, now, words=words))
        changes.take_audit_step(item, kind=step, words=words, at=by.at, by=by.person, policy=by.policy.stamp)
        _log(by, Action.QUERY_AUDIT_STEP, item, {"step": step.value}, sealed={"words": words})


def _draw(
    draw: _Draw, pool: Sequence[QueryLogEntry], *, size: int, besides: Sequence[QueryLogEntry] = ()
) -> AuditRound:
    """Draw a round: what scores high is in a weekly one, also of what is looked at besides.

    The seed is the hash of the newest leaf: nobody chose it, and anybody can draw the same again.
    """
    alike = [pool, *([entry] for entry in besides)]  # an old one is judged by its own time
    facts = [facts_for(some, zone=draw.policy.zone, at=draw.at) for some in alike]
    reasons = {number: reasons_of(each) for some in facts for number, each in some.items()}
    with transaction.atomic():
        leaf = next(iter(newest(limit=1)), None)
        seed = bytes(leaf.leaf_hash).hex() if leaf else ""
        drawn = sample([entry.pk for entry in pool], seed=seed, size=size)
        scored = reasons.items() if draw.kind == AuditRound.Kind.WEEKLY else ()
        high = [number for number, found in scored if score(found) >= HIGH]
        made = changes.draw(
            kind=draw.kind, since=draw.since, until=draw.until, drawn_at=draw.at, drawn_by_id=draw.actor.person or None,
            leaf=leaf.index if leaf else -1, seed=seed, entries=len(pool), sampled=len(drawn), policy=draw.policy.stamp,
            items=[_item(number, reasons[number], drawn=number in set(drawn)) for number in sorted({*drawn, *high})],
        )  # fmt: skip
        append(
            at=draw.at, by=draw.actor, action=Action.QUERY_AUDIT_DRAWN, clause=Clause.VI_e, subject=f"audit:{made.pk}",
            details={
                "kind": draw.kind.value, "since": draw.since.isoformat() if draw.since else "",
                "until": draw.until.isoformat(), "entries": len(pool), "leaf": made.leaf, "seed": seed,
                "drawn": drawn, "high": high,
            },
            policy=draw.policy.stamp,
        )  # fmt: skip
    return made


def _item(number: int, reasons: Sequence[Reason], *, drawn: bool) -> AuditItem:
    told = [[reason.why.value, reason.weight, reason.words] for reason in reasons]
    return AuditItem(entry_id=number, drawn=drawn, score=score(reasons), reasons=told)


def _subject(item: AuditItem) -> str:
    return f"query:{item.entry_id}"


def _log(
    by: Footing, action: Action, item: AuditItem, details: dict[str, Any], *, sealed: dict[str, str] | None = None
) -> None:
    append(
        at=by.at, by=by.actor, action=action, clause=Clause.VI_e, subject=_subject(item),
        details={"round": item.round_id, **details}, sealed=sealed, policy=by.policy.stamp,
    )  # fmt: skip
