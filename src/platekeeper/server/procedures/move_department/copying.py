"""Copy the records, a table after the other; a piece of a table is one COPY and one transaction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.management.color import no_style
from django.db import DatabaseError, connection, transaction
from django.db.models import AutoField, Max, Model

from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.procedures.move_department import steps
from platekeeper.server.procedures.move_department.tables import SOURCE, in_pieces, numbers_given, tables
from platekeeper.server.procedures.move_department.values import for_target, rows

PIECE = 5_000
Tell = Callable[[str], None]


class RowRefused(Exception):
    """PostgreSQL does not take a row; the message says which table, and why."""


def copy_records(*, tell: Tell) -> None:
    """Copy every table that is not copied yet, then let numbers go on where they were."""
    if steps.said("emptied") is None:
        _empty()
    for model in tables():
        table = model._meta.db_table
        if steps.said(table) is not None:
            continue
        try:
            (_copy_in_pieces if in_pieces(model) else _copy_whole)(model, tell)
        except DatabaseError as error:
            raise RowRefused(f"{table}: {str(error).splitlines()[0]}") from error
    _go_on_numbering()


def _empty() -> None:
    """Remove what the migrations or a move cut off put into the database; leaves stay, as they cannot be taken away."""
    with transaction.atomic(), connection.cursor() as cursor:
        for model in reversed(tables()):
            if model is not LedgerEntry and model._base_manager.exists():
                cursor.execute(f"DELETE FROM {connection.ops.quote_name(model._meta.db_table)}")
        steps.mark("emptied")


def _copy_in_pieces(model: type[Model], tell: Tell) -> None:
    """Copy by the key, going on after the highest one that the target has."""
    table, of = model._meta.db_table, model._base_manager.using(SOURCE).count()
    last = model._base_manager.aggregate(last=Max("pk"))["last"]
    copied = model._base_manager.count()
    place = [field.primary_key for field in model._meta.concrete_fields].index(True)
    while True:
        with transaction.atomic():
            written, last = _write(model, place, after=last, limit=PIECE)
            copied += written
            if written < PIECE:
                steps.mark(table, str(copied))
        tell(f"{table}: {copied:,} of {of:,}")
        if written < PIECE:
            return


def _copy_whole(model: type[Model], tell: Tell) -> None:
    """Copy all of a table at once: foreign keys within it are looked at when the transaction ends."""
    with transaction.atomic():
        written, _ = _write(model, 0, after=None, limit=None)
        steps.mark(model._meta.db_table, str(written))
    tell(f"{model._meta.db_table}: {written:,}")


def _write(model: type[Model], place: int, *, after: Any, limit: int | None) -> tuple[int, Any]:
    """Copy rows after a key; return how many, and the last one's value at `place`."""
    fields, quote = model._meta.concrete_fields, connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)
    written, last = 0, after
    with connection.cursor() as cursor, cursor.copy(f"COPY {quote(model._meta.db_table)} ({columns}) FROM STDIN") as to:
        for row in rows(model, SOURCE, after=after, limit=limit):
            to.write_row(for_target(fields, row))
            written, last = written + 1, row[place]
    return written, last


def _go_on_numbering() -> None:
    """Set each table's sequence past every number it ever gave, those of rows that are gone included."""
    given = numbers_given()
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), tables()):
            cursor.execute(statement)
        for model in tables():
            key, highest = model._meta.pk, given.get(model._meta.db_table, 0)
            if isinstance(key, AutoField) and highest:
                table = connection.ops.quote_name(model._meta.db_table)
                cursor.execute("SELECT setval(pg_get_serial_sequence(%s, %s), %s)", [table, key.column, highest])
