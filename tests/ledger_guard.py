"""Lift the ledger's triggers, so that a test database can be emptied, and put them back."""

from __future__ import annotations

import importlib

from django.db import connection

_migration = importlib.import_module("platekeeper.server.ledger.migrations.0002_append_only")


def lift() -> None:
    """Remove the triggers."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ALTER TABLE ledger_ledgerentry DISABLE TRIGGER USER")
            return
        for trigger in ("update", "delete"):
            cursor.execute(f"DROP TRIGGER IF EXISTS ledger_no_{trigger}")


def stand() -> None:
    """Put the triggers (back) in place."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE ledger_ledgerentry ENABLE TRIGGER USER")
        return
    lift()
    with connection.schema_editor() as editor:
        _migration.guard(None, editor)
