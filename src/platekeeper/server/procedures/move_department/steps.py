"""How far a move is: a table of its own in the target, which is there from the first step to the last, and no longer."""

from __future__ import annotations

from django.db import connection, transaction

TABLE = "platekeeper_move"


def under_way() -> bool:
    """Say whether a move into this database has begun and not ended."""
    return TABLE in connection.introspection.table_names()


def begin(department: str) -> None:
    """Mark the database as the target of a department's move."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {TABLE} (step text PRIMARY KEY, said text NOT NULL)")
        mark("department", department)


def mark(step: str, said: str = "") -> None:
    """Say that a step is done; in the transaction of the step, where it has one."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {TABLE} VALUES (%s, %s) ON CONFLICT (step) DO UPDATE SET said = excluded.said", [step, said]
        )


def said(step: str) -> str | None:
    """Return what was said of a step that is done, None of one that is not."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT said FROM {TABLE} WHERE step = %s", [step])
        found = cursor.fetchone()
    return str(found[0]) if found else None


def undo(step: str) -> None:
    """Let a step be done again by the next run."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {TABLE} WHERE step = %s", [step])


def begin_again() -> None:
    """Let every step be done again, though for the ledger it is only what came since: its leaves stay."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {TABLE} WHERE step NOT IN ('department', 'ledger', 'migrated')")


def end() -> None:
    """Take the table away, in the transaction that ends the move."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {TABLE}")
