"""The recovery key of the backups is made, handed out in shares, and put together again to prove it (VI.m).

A new key is used only once its holders have shown that their shares give it: a key that was written down wrongly would
be the loss of every backup.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction

from platekeeper.core.actor import SYSTEM
from platekeeper.core.clauses import Clause
from platekeeper.core.rules.access import has_duty
from platekeeper.core.rules.backups import may_split
from platekeeper.core.rules.decision import Refused
from platekeeper.server.ledger.actions import Action, Outcome
from platekeeper.server.ledger.changes import append
from platekeeper.server.policy.lookups import in_force
from platekeeper.server.procedures.authority import Footing, RefusedAction
from platekeeper.server.procedures.stores import recovery_lock
from platekeeper.server.retention import changes, lookups
from platekeeper.server.retention.models import Drill
from platekeeper.server.retention.models import RecoveryKey as KeyMade
from platekeeper.server.storage.backups.recovery import Lock, RecoveryKey, WrongShares, keep_lock, kept_lock


def make_recovery_key(*, at: datetime, by: Footing | None = None, needed: int, holders: Sequence[str]) -> list[str]:
    """Make a key and return its shares, one a holder, which exist nowhere else. It waits until `prove` is called."""
    decision = may_split(needed=needed, holders=holders)
    if by is not None:
        keeps = has_duty(by.authority, by.policy, "VI.m.keeper")
        by.demand(keeps, decision, attempted=Action.RECOVERY_KEY_MADE)
    elif isinstance(decision, Refused):
        raise RefusedAction(decision)
    key = RecoveryKey.make()
    shares = key.split(needed=needed, holders=len(holders))
    policy, actor, name = in_force(at=at), by.actor if by else SYSTEM, key.lock.fingerprint
    with transaction.atomic():
        changes.add_recovery_key(
            fingerprint=name, at=at, by=actor.person, needed=needed, holders=holders, policy=policy.stamp
        )
        append(
            at=at,
            by=actor,
            action=Action.RECOVERY_KEY_MADE,
            clause=Clause.VI_m,
            subject=f"recovery key:{name}",
            details={"needed": needed, "shares": len(holders)},
            sealed={"holders": ", ".join(holders)},
            policy=policy.stamp,
        )
    keep_lock(settings.HOME.recovery_lock_waiting, key.lock)
    return shares


def prove(shares: Sequence[str], *, at: datetime, by: Footing | None = None) -> Drill:
    """Record whether the shares give the recovery key; one that waits is in use from then on. Nothing is restored."""
    if by is not None:
        by.demand(has_duty(by.authority, by.policy, "VI.m.keeper"), attempted=Action.RECOVERY_KEY_PROVED)
    lock, waits = _given_by(shares), kept_lock(settings.HOME.recovery_lock_waiting)
    passed = lock is not None and lock in (waits, recovery_lock())
    given = len(shares)
    said = f"{given} shares gave the recovery key" if passed else f"{given} shares did NOT give the recovery key"
    policy, actor = in_force(at=at), by.actor if by else SYSTEM
    with transaction.atomic():
        drill = changes.add_drill(
            Drill.Kind.SHARES, at=at, by=actor.person, passed=passed, said=said, policy=policy.stamp
        )
        append(
            at=at,
            by=actor,
            action=Action.RECOVERY_KEY_PROVED,
            outcome=Outcome.DONE if passed else Outcome.FAILED,
            clause=Clause.VI_m,
            subject=f"recovery key:{lock.fingerprint}" if passed and lock else "recovery key",
            details={"shares": len(shares)},
            policy=policy.stamp,
        )
    if lock is not None and lock == waits:
        keep_lock(settings.HOME.recovery_lock, lock)
        settings.HOME.recovery_lock_waiting.unlink(missing_ok=True)  # another may have proved it at the same moment
    return drill


def key_in_use() -> KeyMade | None:
    """Return the recovery key in use and who holds it; None before one was proved."""
    return _made(recovery_lock())


def key_waiting() -> KeyMade | None:
    """Return the recovery key that waits to be proved, if there is one."""
    return _made(kept_lock(settings.HOME.recovery_lock_waiting))


def _made(lock: Lock | None) -> KeyMade | None:
    return lookups.recovery_keys().filter(fingerprint=lock.fingerprint).first() if lock else None


def _given_by(shares: Sequence[str]) -> Lock | None:
    try:
        return RecoveryKey.joined(shares).lock
    except WrongShares:
        return None
