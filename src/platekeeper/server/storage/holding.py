"""A row of the records held, so that whoever acts on it does so alone."""

from __future__ import annotations

from django.db.models import Model


def hold(row: Model) -> None:
    """Let nobody else who asks for it change a row until the caller's transaction ends, and learn what it is now.

    Its key stays free: PostgreSQL looks for it at the commit of whoever wrote a row that points to this one, who has the
    ledger by then. For the same reason a row is held before the first leaf, and several in one order.
    """
    row.refresh_from_db(from_queryset=type(row)._default_manager.select_for_update(no_key=True))
