"""Whether the records database is of this version of the code."""

from __future__ import annotations

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader


def behind() -> int:
    """Return how many changes of this version the records still lack."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def ahead() -> list[str]:
    """Return the changes in the records that this version does not know, as `app.name`: another version made them."""
    loader = MigrationLoader(connection)
    known = set(loader.disk_migrations).union(*(each.replaces for each in loader.disk_migrations.values()))
    return sorted(".".join(each) for each in set(loader.applied_migrations or ()) - known)
