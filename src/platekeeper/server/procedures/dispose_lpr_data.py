"""Reads past the policy's ceiling are disposed of, a day at a time, backups included (VI.k)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from django.db import transaction

from platekeeper.core.actor import SYSTEM
from platekeeper.core.clauses import Clause
from platekeeper.core.rules.access import has_duty
from platekeeper.core.rules.retention import last_day_disposed_of
from platekeeper.server.ledger.actions import Action, Outcome
from platekeeper.server.ledger.changes import append
from platekeeper.server.policy.lookups import in_force
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.back_up import forget_in_backups
from platekeeper.server.procedures.sign_ledger import sign_now
from platekeeper.server.procedures.stores import read_store
from platekeeper.server.reads.changes import dispose_of_dead_letters
from platekeeper.server.retention import changes, lookups
from platekeeper.server.retention.models import Disposal
from platekeeper.server.stakeouts.changes import forget_day as forget_day_of_stake_outs


def dispose_lpr_data(*, at: datetime, by: Footing | None = None) -> list[Disposal]:
    """Dispose of every day that is past the ceiling; return the disposals, oldest day first.

    Intent is committed before, the outcome after; what a crash cut off is finished at the next call. Hits keep their own
    copies, so this is unconditional.
    """
    if by is not None:
        by.demand(has_duty(by.authority, by.policy, "VI.j.manager"), attempted=Action.DISPOSAL_BEGUN)
    policy, store = in_force(at=at), read_store()
    last = last_day_disposed_of(policy, at=at)
    if last is None:
        return []
    store.finish_disposals()
    begun = {disposal.day: disposal for disposal in lookups.unfinished_disposals()}
    days = sorted({day for day in store.days() if day <= last} | begun.keys())
    done = []
    for day in days:
        disposal = begun.get(day) or _begin(day, at=at, by=by, policy=policy.stamp)
        removed = store.dispose(day)
        out_of_reach = forget_in_backups(day)
        with transaction.atomic():
            letters = dispose_of_dead_letters(received_before=datetime.combine(day + timedelta(days=1), time(), UTC))
            forget_day_of_stake_outs(day)
            changes.complete_disposal(
                disposal, at=at, counts=removed.counts, digest=removed.digest, bytes_freed=removed.bytes_freed
            )
            append(
                at=at,
                by=by.actor if by else SYSTEM,
                action=Action.DISPOSAL_COMPLETED,
                clause=Clause.VI_k,
                subject=f"day:{day.isoformat()}",
                details={
                    "reads": {str(lpr): count for lpr, count in removed.counts.items()},
                    "digest": removed.digest,
                    "dead_letters": letters,
                    "backups_out_of_reach": len(out_of_reach),
                },
                policy=policy.stamp,
            )
        done.append(disposal)
    if done:
        sign_now(at=at)
    return done


def _begin(day: date, *, at: datetime, by: Footing | None, policy: tuple[int, str]) -> Disposal:
    with transaction.atomic():
        disposal = changes.begin_disposal(day=day, at=at, policy=policy)
        append(
            at=at,
            by=by.actor if by else SYSTEM,
            action=Action.DISPOSAL_BEGUN,
            outcome=Outcome.BEGUN,
            clause=Clause.VI_k,
            subject=f"day:{day.isoformat()}",
            policy=policy,
        )
    return disposal
