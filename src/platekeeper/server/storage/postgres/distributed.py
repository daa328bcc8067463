"""The table of reads spread over several machines by plate, with the Citus extension (decision 19).

Citus sends a row to a shard by the hash of one column, which may be neither null nor generated, and which every unique
index must hold. The folded plate is null where a plate could not be read. So a distributed table has one column more,
`spread`: the folded plate, or the LPR's number behind a dash, which no plate has. It follows from what a read's digest
covers: the same read, sent again, goes to the same shard and is a repeat there; a correction may go to another one.

    spread = ...            one shard: so whole plates are asked for; not patterns, which must not fit what has no plate
    lpr = ..., at = ...     every shard, side by side; so do patterns, and the other revisions of a read

Days stay what they are: partitions of the table, which Citus makes, fills and drops on every shard.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, LiteralString

import psycopg
from psycopg import sql

KEY = "spread"
DDL_IN_TURN = "SET LOCAL citus.multi_shard_modify_mode = 'sequential'"
"""For a transaction that makes or drops a day and touches rows, too: Citus else refuses what comes second."""

_Connection = psycopg.Connection[Any]
_PARTITIONED = """
    SELECT EXISTS (SELECT FROM pg_inherits WHERE inhparent = oid) FROM pg_class WHERE oid = to_regclass(%s) AND relkind = 'p'
"""
_UNIQUE = """
    SELECT index.relname, constrained.conname, constrained.contype,
           array(SELECT attname FROM unnest(indkey) WITH ORDINALITY AS key(number, place)
                 JOIN pg_attribute ON attrelid = indrelid AND attnum = key.number ORDER BY place)
    FROM pg_index JOIN pg_class AS index ON index.oid = indexrelid
    LEFT JOIN pg_constraint AS constrained ON conindid = indexrelid
    WHERE indrelid = to_regclass(%s) AND indisunique ORDER BY index.relname
"""


class NotDistributable(Exception):
    """The tables are not such that they can be distributed; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Tables:
    """What is distributed: `reads` by plate; `plates` (table, column of the folded plate) beside them.

    `everywhere` are small tables that queries of reads join: each machine has them whole. All others stay where they are.
    """

    reads: str = "read"
    plates: tuple[tuple[str, str], ...] = ()
    everywhere: tuple[str, ...] = ()


def spread_of(folded: str | None, lpr: int) -> str:
    """Return what decides on a read's shard; the table holds its writer to it."""
    return folded if folded is not None else f"-{lpr}"


def is_distributed(connection: _Connection, table: str) -> bool:
    """Say whether a table was prepared by `distribute`: its writer gives the key, its searches ask for it."""
    found = connection.execute(
        "SELECT FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attname = %s AND NOT attisdropped", (table, KEY)
    )
    return found.fetchone() is not None


def distribute(connection: _Connection, tables: Tables, *, shards: int) -> None:
    """Distribute tables that are made and empty, without any day yet, in one transaction. Raises `NotDistributable`.

    `shards` is how many pieces each is cut into: some times the machines that there may be one day, as pieces are moved
    whole. To be called on the coordinator, by whoever owns the tables.
    """
    with connection.transaction():
        _demand_bare(connection, tables.reads)
        for statement in (*_prepared(tables.reads), *_rekeyed(connection, tables.reads)):
            connection.execute(statement)
        connection.execute(sql.SQL("SET LOCAL citus.shard_count = {}").format(shards))
        for statement in _spread(tables):
            connection.execute(statement)


def _demand_bare(connection: _Connection, table: str) -> None:
    """Days made before would be distributed one by one, and their columns lack what the table's own say."""
    found = connection.execute(_PARTITIONED, (table,)).fetchone()
    if found is None:
        raise NotDistributable(f"There is no table {table} that is partitioned by day: make the empty store first.")
    if found[0]:
        raise NotDistributable(f"{table} has days already. Distribute an empty store, then move the reads into it.")
    if is_distributed(connection, table):
        raise NotDistributable(f"{table} is distributed already.")


_PREPARED: tuple[LiteralString, ...] = (
    'ALTER TABLE {table} ADD COLUMN {key} text COLLATE "C" NOT NULL',
    "ALTER TABLE {table} ADD CONSTRAINT {check} CHECK ({key} = coalesce(folded, '-' || lpr))",
    "CREATE INDEX {by_key} ON {table} ({key}, at)",
)


def _prepared(table: str) -> list[sql.Composed]:
    names = {"table": table, "key": KEY, "check": f"{table}_{KEY}", "by_key": f"{table}_by_{KEY}"}
    quoted = {name: sql.Identifier(text) for name, text in names.items()}
    return [sql.SQL(text).format(**quoted) for text in _PREPARED]


def _rekeyed(connection: _Connection, table: str) -> list[sql.Composed]:
    """Return what gives every unique index the key as its last column; a repeat has the same key, so it stays one."""
    statements: list[sql.Composed] = []
    for index, constraint, kind, columns in connection.execute(_UNIQUE, (table,)).fetchall():
        keyed = sql.SQL(", ").join(sql.Identifier(name) for name in (*columns, KEY))
        names = {"table": sql.Identifier(table), "index": sql.Identifier(index), "columns": keyed}
        if constraint is None:
            statements += [
                sql.SQL("DROP INDEX {index}").format(**names),
                sql.SQL("CREATE UNIQUE INDEX {index} ON {table} ({columns})").format(**names),
            ]
        else:
            word = sql.SQL("PRIMARY KEY" if kind == "p" else "UNIQUE")
            statements += [
                sql.SQL("ALTER TABLE {table} DROP CONSTRAINT {index}").format(**names),
                sql.SQL("ALTER TABLE {table} ADD CONSTRAINT {index} {word} ({columns})").format(word=word, **names),
            ]
    return statements


def _spread(tables: Tables) -> list[sql.Composed]:
    beside = sql.SQL("SELECT create_distributed_table({}, {}, colocate_with => {})")
    return [
        beside.format(tables.reads, KEY, "none"),
        *(beside.format(table, column, tables.reads) for table, column in tables.plates),
        *(sql.SQL("SELECT create_reference_table({})").format(table) for table in tables.everywhere),
    ]
