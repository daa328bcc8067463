"""A recovery key for the tests: one that any of them may open backups with."""

from __future__ import annotations

from datetime import UTC, datetime

from django.conf import settings

from platekeeper.server.retention.models import RecoveryKey as KeyMade
from platekeeper.server.storage.backups import RecoveryKey
from platekeeper.server.storage.backups.recovery import keep_lock

KEY = RecoveryKey(b"the key of tests, 32 bytes long.")
SHARES = KEY.split(needed=2, holders=3)


def give_recovery_key() -> RecoveryKey:
    """Give the home that is set a recovery key in use."""
    keep_lock(settings.HOME.recovery_lock, KEY.lock)
    KeyMade.objects.create(
        fingerprint=KEY.lock.fingerprint, made_at=datetime(2026, 3, 1, tzinfo=UTC), by=0, needed=2,
        holders=["Carla Custodian", "Chester Chief", "the county clerk"], policy_number=1, policy_digest="0" * 64,
    )  # fmt: skip
    return KEY
