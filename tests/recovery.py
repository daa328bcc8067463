"""A recovery key for the tests: one that any of them may open backups with."""

from __future__ import annotations

from django.conf import settings

from platekeeper.server.storage.backups import RecoveryKey
from platekeeper.server.storage.backups.recovery import keep_lock

KEY = RecoveryKey(b"a key of the tests, 32 bytes long")


def give_recovery_key() -> RecoveryKey:
    """Give the home that is set a recovery key in use."""
    keep_lock(settings.HOME.recovery_lock, KEY.lock)
    return KEY
