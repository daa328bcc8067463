"""Run as `python -m tests.moving.made`: which tables there are, whether any migration is left, and what is missing."""

from __future__ import annotations

import json
import os

import django


def main() -> None:
    """Print what was found."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    from platekeeper.server.ledger import guarding, lookups

    connection.check_constraints()
    with connection.cursor() as cursor:
        tables = sorted(connection.introspection.table_names(cursor))
        constraints = {table: sorted(connection.introspection.get_constraints(cursor, table)) for table in tables}
    executor = MigrationExecutor(connection)
    found = {
        "left": len(executor.migration_plan(executor.loader.graph.leaf_nodes())),
        "tables": constraints,
        "faults": [*lookups.check().faults, *(words for words in guarding.weaknesses() if "are off" in words)],
    }
    print(json.dumps(found))


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "platekeeper.server.config.settings"
    django.setup()
    main()
