"""Reads spread by plate on a real coordinator with workers: collected only where `PLATEKEEPER_CITUS_URL` names one.

    PLATEKEEPER_CITUS_URL=postgresql://... make test

Everything happens in a schema of the tests' own, which is dropped before and after.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from psycopg import sql

from platekeeper.server.storage.postgres import distributed
from tests.storage import spreading
from tests.storage.making import DAY, NOON, incoming
from tests.storage.spreading import SHARDS, Connection

NEXT = DAY + timedelta(days=1)
HOUR = 3_600_000_000


@pytest.fixture
def spread() -> Iterator[Connection]:
    with psycopg.connect(os.environ["PLATEKEEPER_CITUS_URL"], autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS platekeeper_tests CASCADE; CREATE SCHEMA platekeeper_tests")
        connection.execute("SET search_path = platekeeper_tests, public")
        spreading.make_tables(connection)
        spreading.spread_out(connection)
        for day in (DAY, NEXT):
            spreading.make_day(connection, day)
        yield connection
        connection.execute("DROP SCHEMA platekeeper_tests CASCADE")


def tasks(connection: Connection, condition: str) -> int:
    """Return how many shards Citus puts a question to."""
    question = sql.SQL("EXPLAIN (FORMAT JSON) SELECT number FROM read WHERE {}").format(sql.SQL(condition))
    (told,) = connection.execute(question).fetchone() or ("",)
    plan: Any = json.loads(told) if isinstance(told, str) else told
    return int(json.loads(_found(plan, "Task Count")))


def _found(node: Any, name: str) -> str:
    if isinstance(node, dict):
        if name in node:
            return str(node[name])
        node = list(node.values())
    if isinstance(node, list):
        return next((said for said in (_found(each, name) for each in node) if said), "")
    return ""


def test_days_are_cut_into_shards(spread: Connection) -> None:
    counted = dict(
        spread.execute(
            "SELECT logicalrelid::regclass::text, count(*) FROM pg_dist_shard "
            "WHERE logicalrelid::regclass::text LIKE 'read%' GROUP BY 1"
        ).fetchall()
    )
    assert counted == {"read": SHARDS, f"read_{DAY:%Y%m%d}": SHARDS, f"read_{NEXT:%Y%m%d}": SHARDS}


def test_a_plate_asks_one_shard_and_an_lpr_all(spread: Connection) -> None:
    assert tasks(spread, "spread = 'ABC1230'") == 1
    assert tasks(spread, f"spread = 'ABC1230' AND at >= {NOON} AND at < {NOON + HOUR}") == 1
    assert tasks(spread, f"lpr = 1 AND at >= {NOON} AND at < {NOON + HOUR}") == SHARDS


def test_a_repeat_is_one_and_a_correction_of_the_plate_is_kept(spread: Connection) -> None:
    first = incoming("ABC1230", event="7").row
    corrected = incoming("XYZ9876", event="7").row
    unreadable = incoming("smudge", event="8", unreadable=True).row
    assert spreading.insert(spread, [first, corrected, unreadable, first, corrected, unreadable]) == [0, 1, 2]
    found = spread.execute("SELECT number FROM read WHERE lpr = 1 AND id = %s ORDER BY number", (first.id,)).fetchall()
    assert found == [(0,), (1,)]


def test_rows_are_copied_in_and_a_day_is_dropped_whole(spread: Connection) -> None:
    columns = "number, id, digest, lpr, at, plate, folded, event, stage, spread"
    with spread.cursor().copy(f"COPY read ({columns}) FROM STDIN") as copy:
        for number in range(200):
            day = number % 2 * 24 * HOUR
            row = incoming(f"ABC{number:04d}", at=NOON + day, event=str(number)).row
            key = distributed.spread_of(row.folded, row.lpr)
            copy.write_row(
                (number, row.id, row.digest, row.lpr, row.at, row.plate, row.folded, row.event, row.stage, key)
            )
    assert spread.execute("SELECT count(*) FROM read").fetchone() == (200,)
    spreading.drop_day(spread, DAY)
    assert spread.execute("SELECT count(*) FROM read").fetchone() == (100,)


def test_a_day_may_be_made_where_rows_were_touched(spread: Connection) -> None:
    with spread.transaction():
        spread.execute(distributed.DDL_IN_TURN)
        spreading.insert(spread, [incoming("ABC1230").row])
        spreading.make_day(spread, NEXT + timedelta(days=1))
