"""A table of reads to distribute, the reads that go into it, and what stands in for Citus on a plain PostgreSQL.

The stand-in notes what it is asked. Its shards are PostgreSQL's own: each day is cut by the hash of the same column, under
the same rule that every unique index holds it, so which shards a question is put to shows in its plan, as in Citus.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from platekeeper.server.storage.days import start_of
from platekeeper.server.storage.postgres.distributed import KEY, Tables, distribute, spread_of
from platekeeper.server.storage.rows import ReadRow

Connection = psycopg.Connection[Any]
TABLES = Tables(plates=(("plate", "folded"),), everywhere=("lpr",))
SHARDS = 4
UNIQUE = ("lpr", "at", "id", "digest")
MADE: LiteralString = """
    DROP TABLE IF EXISTS read, plate, lpr CASCADE;
    CREATE TABLE read (
        number bigint NOT NULL, id bytea NOT NULL, digest bytea NOT NULL, lpr integer NOT NULL, at bigint NOT NULL,
        plate text, folded text COLLATE "C", event text NOT NULL, stage smallint NOT NULL, PRIMARY KEY (at, number)
    ) PARTITION BY RANGE (at);
    CREATE UNIQUE INDEX read_once ON read (lpr, at, id, digest);
    CREATE INDEX read_by_plate ON read (folded, at);
    CREATE TABLE plate (day date NOT NULL, folded text COLLATE "C" NOT NULL, PRIMARY KEY (day, folded));
    CREATE TABLE lpr (id integer PRIMARY KEY);
"""
STAND_IN: LiteralString = """
    CREATE TABLE IF NOT EXISTS asked (told text);
    TRUNCATE asked;
    CREATE OR REPLACE FUNCTION create_distributed_table(reads regclass, by text, colocate_with text) RETURNS void LANGUAGE sql
        AS $$ INSERT INTO asked VALUES (format('%s by %s, %s shards, with %s', reads, by,
                                               current_setting('citus.shard_count'), colocate_with)) $$;
    CREATE OR REPLACE FUNCTION create_reference_table(small regclass) RETURNS void LANGUAGE sql
        AS $$ INSERT INTO asked VALUES (format('%s everywhere', small)) $$;
"""


def make_tables(connection: Connection) -> None:
    """Make the tables anew, empty and without any day."""
    connection.execute(MADE)


def spread_out(connection: Connection) -> None:
    """Distribute them."""
    distribute(connection, TABLES, shards=SHARDS)


def make_day(connection: Connection, day: date, *, shards: int = 0) -> None:
    """Make a day; with shards of PostgreSQL's own where there is no Citus to make them."""
    name = sql.Identifier(f"read_{day:%Y%m%d}")
    span = sql.SQL("FOR VALUES FROM ({}) TO ({})").format(start_of(day), start_of(day + timedelta(days=1)))
    cut = sql.SQL("PARTITION BY HASH ({})").format(sql.Identifier(KEY)) if shards else sql.SQL("")
    connection.execute(sql.SQL("CREATE TABLE {} PARTITION OF read {} {}").format(name, span, cut))
    for number in range(shards):
        shard = sql.Identifier(f"read_{day:%Y%m%d}_{number}")
        values = sql.SQL("FOR VALUES WITH (MODULUS {}, REMAINDER {})").format(shards, number)
        connection.execute(sql.SQL("CREATE TABLE {} PARTITION OF {} {}").format(shard, name, values))


def drop_day(connection: Connection, day: date) -> None:
    """Dispose of a day."""
    connection.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(f"read_{day:%Y%m%d}")))


def insert(connection: Connection, rows: Sequence[ReadRow]) -> list[int]:
    """Insert rows, numbered by their place; return the numbers of those that were new.

    What was new is told by RETURNING: with Citus the number of rows that a statement reports counts repeats, too.
    """
    new = []
    for number, row in enumerate(rows):
        values = (number, row.id, row.digest, row.lpr, row.at, row.plate, row.folded, row.event, row.stage,
                  spread_of(row.folded, row.lpr))  # fmt: skip
        statement = (
            "INSERT INTO read VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING RETURNING number"
        )
        new += [each for (each,) in connection.execute(statement, values).fetchall()]
    return new


def shards_asked(
    connection: Connection, condition: sql.SQL | sql.Composed, values: Sequence[str] | None = None
) -> set[str]:
    """Return the names of the tables that a question is put to, by PostgreSQL's own plan."""
    explained = sql.SQL("EXPLAIN (FORMAT JSON) SELECT number FROM read WHERE {}").format(condition)
    (plan,) = connection.execute(explained, values).fetchone() or ("",)
    found: set[str] = set()

    def walk(node: dict[str, Any]) -> None:
        found.update({node["Relation Name"]} if "Relation Name" in node else ())
        for each in node.get("Plans", ()):
            walk(each)

    walk((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"])
    return found
