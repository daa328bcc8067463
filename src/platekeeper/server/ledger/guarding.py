"""Whether the database guards the ledger as it should: looked at when the server starts, on its pages and by `check`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Tags, Warning, register
from django.db import connection

from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.storage.roles.excess import excess

_TRIGGERS = frozenset({"ledger_no_update", "ledger_no_delete"})


def weaknesses() -> list[str]:
    """Return in words what makes the ledger less safe than it can be here; nothing before its table is made."""
    with connection.cursor() as cursor:
        if LedgerEntry._meta.db_table not in connection.introspection.table_names(cursor):
            return []
        if connection.vendor == "postgresql":
            return excess(cursor)
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        missing = _TRIGGERS - {name for (name,) in cursor.fetchall()}
    return ["The ledger's triggers are off: a leaf could be changed."] if missing else []


@register(Tags.database)
def guarded(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Tell `platekeeper manage check --database default` of every weakness."""
    hint = "Make the two roles: platekeeper postgres roles."
    return [Warning(words, hint=hint, id="ledger.W001") for words in weaknesses()] if databases else []
