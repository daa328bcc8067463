"""The draft is adopted by the Chief or Sheriff, to be in force from its day on."""

from __future__ import annotations

from dataclasses import astuple
from datetime import UTC, datetime, time

from platekeeper.core.clauses import Clause
from platekeeper.core.rules.adoption import Offered, may_adopt
from platekeeper.core.rules.retention import Going, may_let_go
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.personnel.changes.training import note_change
from platekeeper.server.personnel.lookups import holders
from platekeeper.server.policy import changes
from platekeeper.server.policy.lookups import as_policy, draft, version_in_force
from platekeeper.server.policy.models import PolicyVersion
from platekeeper.server.procedures.authority import Footing, RefusedAction
from platekeeper.server.procedures.dispose_lpr_data import going
from platekeeper.server.procedures.draft_policy import AUTHORITY, CHANGED, as_read, may_govern


def offered(version: PolicyVersion | None, by: Footing) -> Offered:
    """Return the draft as the rule of adoption judges it; a policy's first version names its own calendar."""
    policy = as_policy(version) if version else by.policy
    today = by.at.astimezone(policy.zone).date()
    return Offered(
        policy=policy,
        is_draft=version is not None,
        is_up_for_review=bool(version and version.put_up_at),
        unconfirmed=tuple(version.unconfirmed) if version else (),
        can_be_changed=holders(policy.positions(AUTHORITY), at=by.at, today=today).exists(),
        today=today,
    )


def goes_with(facts: Offered, by: Footing) -> Going:
    """Return what of the stored goes as soon as a draft that may be adopted is in force, and would be kept without it.

    Were it in force today, or on its day, of each kind whichever is more: by then the policy in force has let go what is
    stored today, and what comes until then nobody knows.
    """
    counted = [astuple(going(facts.policy, instead_of=by.policy, at=at)) for at in {by.at, _begins(facts, by)}]
    return Going(*map(max, zip(*counted, strict=True)))


def adopt(by: Footing, *, shown: str | None = None, written: int | None = None) -> PolicyVersion:
    """Adopt the draft. What it leaves unfilled goes on refusing what needs it; the version before it is kept.

    `shown` is the digest of the draft as the person before it read it: another one is not adopted. `written` is the number
    that is written out where much of what is stored goes with it.
    """
    version = draft()
    facts = offered(version, by)
    subject = f"policy:{facts.policy.number}"
    by.demand(
        may_govern(by), may_adopt(facts), as_read(version, shown), attempted=Action.POLICY_ADOPTED, subject=subject
    )
    by.demand(may_let_go(goes_with(facts, by), written=written), attempted=Action.POLICY_ADOPTED, subject=subject)
    with by.act(Action.POLICY_ADOPTED, subject=subject):
        held = changes.held_draft()
        if held is None or as_policy(held) != facts.policy or held.put_up_at is None:
            raise RefusedAction(CHANGED)
        before = version_in_force(at=by.at)
        adopted = changes.adopt(
            held, at=by.at, by=by.person.pk, by_name=by.person.name, effective_at=_begins(facts, by)
        )
        if before is not None:
            what = f"version {adopted.number} of the policy, from {facts.effective_on.isoformat()} on"
            note_change(cause="policy", what=what, subject=subject, at=by.at, by=by.person.pk)
        append(
            at=by.at,
            by=by.actor,
            action=Action.POLICY_ADOPTED,
            clause=Clause.signature,
            subject=subject,
            details={
                "number": adopted.number,
                "digest": adopted.digest,
                "effective_on": facts.effective_on.isoformat(),
                "review_on": adopted.values["header.review"],
            },
            policy=(adopted.number, adopted.digest),
        )
    return adopted


def _begins(facts: Offered, by: Footing) -> datetime:
    """Return the moment from which on a draft is in force: the midnight of its day, or now."""
    return max(by.at, datetime.combine(facts.effective_on, time(), facts.policy.zone).astimezone(UTC))
