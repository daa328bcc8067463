"""A second person's word on queries: searches of older reads before they run, exigent ones within a day after (VIII.b)."""

from __future__ import annotations

from django.db import transaction

from platekeeper.core.clauses import Clause
from platekeeper.core.rules.decision import Allowed, Refused
from platekeeper.core.rules.inquiries import may_decide, may_see_approvals
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.querylog import changes
from platekeeper.server.querylog.models import Approval
from platekeeper.server.querylog.requests import wished

_DECIDED = Refused(Clause.VIII_b, "Somebody else decided this meanwhile.")
_CORRECTED = Refused(Clause.VIII_b, "Its case number was corrected meanwhile: look once more.")


def view_queue(by: Footing) -> None:
    """Allow and log a view of what waits: it says who looks for which plate, and why."""
    by.demand(may_see_approvals(by.authority, by.policy), attempted=Action.QUERY_QUEUE_VIEWED)
    with transaction.atomic():
        append(at=by.at, by=by.actor, action=Action.QUERY_QUEUE_VIEWED, clause=Clause.VIII_b, policy=by.policy.stamp)


def decide(by: Footing, approval_id: int, *, granted: bool, remark: str, number: str | None = None) -> Approval:
    """Approve a search of older reads or not, or review an exigent one: it was exigent, or it was not. `number` is the case
    number that was shown.

    Raises `Approval.DoesNotExist`.
    """
    approval = Approval.objects.select_related("entry").get(pk=approval_id)
    entry, before = approval.entry, approval.kind == Approval.Kind.BEFORE
    action, subject = Action.QUERY_DECIDED if before else Action.QUERY_REVIEWED, f"query:{approval.entry_id}"
    is_own = entry.by_id == by.person.pk or bool(wished(by.person, [entry.pk]))
    by.demand(
        may_decide(by.authority, by.policy, is_own=is_own, grants=granted, remark=remark),
        _DECIDED if approval.decided_at is not None else Allowed(),
        _CORRECTED if number not in {None, entry.case_now} else Allowed(),
        attempted=action,
        subject=subject,
    )
    with transaction.atomic():
        first = changes.decide(approval, granted=granted, remark=remark.strip(), at=by.at, by=by.person)
        if first:
            append(
                at=by.at,
                by=by.actor,
                action=action,
                clause=Clause.VIII_b,
                subject=subject,
                details={"granted": granted},
                sealed={"remark": approval.remark},
                case=entry.case_now,
                policy=by.policy.stamp,
            )
    if not first:
        by.demand(_DECIDED, attempted=action, subject=subject)
    return approval
