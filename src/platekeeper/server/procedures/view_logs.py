"""The logs and the clause register are looked at (VI.e): each view is itself logged, before it is shown."""

from __future__ import annotations

from datetime import datetime, timedelta
from time import monotonic

from django.db import transaction

from platekeeper.core.clauses import Clause
from platekeeper.core.rules.access import has_any_duty
from platekeeper.core.rules.decision import Decision
from platekeeper.server.ledger import lookups as ledger
from platekeeper.server.ledger.actions import Action, Outcome
from platekeeper.server.ledger.changes import append
from platekeeper.server.procedures.authority import Footing

FAULTS_NAMED = 20
"""So many faults that a check finds are named where it is logged."""
LOG_DUTIES = ("IV.e.custodian", "VI.e.auditors")
REGISTER_DUTIES = ("VI.e.auditors", "signature.authority", "IV.e.custodian", "VII.e.supervisors")


def may_view_query_log(by: Footing) -> Decision:
    """Let the Custodian and the auditors see the Query Log, and take it out."""
    return has_any_duty(by.authority, by.policy, *LOG_DUTIES)


def view_query_log(by: Footing, *, filters: dict[str, str]) -> None:
    """Allow and log a view of the Query Log."""
    _view(by, may_view_query_log(by), Action.QUERY_LOG_VIEWED, filters)


def may_view_ledger(by: Footing) -> Decision:
    """Let the auditors and the authority that signs the policy see the ledger."""
    return has_any_duty(by.authority, by.policy, "VI.e.auditors", "signature.authority")


def view_ledger(by: Footing, *, filters: dict[str, str]) -> None:
    """Allow and log a view of the ledger."""
    _view(by, may_view_ledger(by), Action.LEDGER_VIEWED, filters)


def may_view_register(by: Footing) -> Decision:
    """Let who audits, signs, keeps the data or supervises see how the department keeps its policy."""
    return has_any_duty(by.authority, by.policy, *REGISTER_DUTIES)


def view_register(by: Footing, *, filters: dict[str, str]) -> None:
    """Allow and log a view of the clause register."""
    _view(by, may_view_register(by), Action.REGISTER_VIEWED, filters)


def check_ledger(by: Footing) -> ledger.Checked:
    """Check every leaf of the ledger, which takes minutes for a million; logged before, and what came of it at its end."""
    by.demand(may_view_ledger(by), attempted=Action.LEDGER_CHECKED)
    _log_check(by, Outcome.BEGUN, {}, at=by.at)
    begun = monotonic()
    checked = ledger.check()
    told = {
        "leaves": checked.leaves, "root": checked.root.hex(), "faults": len(checked.faults),
        "first": checked.faults[:FAULTS_NAMED],
    }  # fmt: skip
    _log_check(by, Outcome.DONE, told, at=by.at + timedelta(seconds=monotonic() - begun))
    return checked


def _log_check(by: Footing, outcome: Outcome, told: dict[str, object], *, at: datetime) -> None:
    with transaction.atomic():
        append(
            at=at, by=by.actor, action=Action.LEDGER_CHECKED, outcome=outcome, clause=Clause.VI_e, details=told,
            policy=by.policy.stamp,
        )  # fmt: skip


def _view(by: Footing, decision: Decision, action: Action, filters: dict[str, str]) -> None:
    by.demand(decision, attempted=action)
    with transaction.atomic():
        append(
            at=by.at,
            by=by.actor,
            action=action,
            clause=Clause.VI_e,
            sealed={name: value for name, value in filters.items() if value},
            policy=by.policy.stamp,
        )
