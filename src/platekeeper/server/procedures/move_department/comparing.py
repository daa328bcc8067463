"""Compare both sides, row by row, before the department is said to have moved."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import zip_longest
from typing import NamedTuple

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Model

from platekeeper.core.ledger import Frontier
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.procedures.move_department.copying import Tell
from platekeeper.server.procedures.move_department.tables import SOURCE, in_pieces, tables
from platekeeper.server.procedures.move_department.values import Row, rows
from platekeeper.server.storage.roles.excess import triggers_stand


class Differs(Exception):
    """Both sides do not hold the same."""

    def __init__(self, model: type[Model]) -> None:
        super().__init__(f"{model._meta.db_table} is not the same on both sides")
        self.table = model._meta.db_table


class Tree(NamedTuple):
    """The ledger as a whole."""

    size: int
    root: bytes


def compare_records(*, tell: Tell) -> dict[str, int]:
    """Return the count of every table, the same on both sides with every row. Raises `Differs`."""
    counts: dict[str, int] = {}
    for model in tables():
        table, counts[model._meta.db_table] = model._meta.db_table, 0
        for ours, theirs in zip_longest(_ordered(model, SOURCE), _ordered(model, DEFAULT_DB_ALIAS)):
            if ours != theirs:
                raise Differs(model)
            counts[table] += 1
        tell(f"{table}: {counts[table]:,} rows are the same")
    return counts


def ledgers_agree() -> Tree | None:
    """Return the ledger's size and root; None if they differ, or if the triggers that guard it are not in place."""
    left, here = tree_of(SOURCE), tree_of(DEFAULT_DB_ALIAS)
    with connection.cursor() as cursor:
        return here if left == here and triggers_stand(cursor) else None


def tree_of(alias: str) -> Tree:
    """Return the size and root of one side's ledger, from its leaves' hashes in their order."""
    frontier = Frontier()
    leaves = LedgerEntry.objects.using(alias).order_by("index").values_list("leaf_hash", flat=True)
    for leaf in leaves.iterator(chunk_size=5_000):
        frontier.append(bytes(leaf))
    return Tree(frontier.size, frontier.root())


def first_leaf(alias: str) -> str:
    """Return the hash of the first leaf, which no two departments share; empty without one."""
    found = LedgerEntry.objects.using(alias).filter(pk=0).values_list("leaf_hash", flat=True).first()
    return bytes(found).hex() if found else ""


def _ordered(model: type[Model], alias: str) -> Iterable[Row]:
    # Engines order texts in ways of their own.
    found = rows(model, alias)
    place = [field.primary_key for field in model._meta.concrete_fields].index(True)
    textual = not in_pieces(model) and model._meta.pk.get_internal_type() == "CharField"
    return sorted(found, key=lambda row: row[place]) if textual else found
