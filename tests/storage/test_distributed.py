"""Reads spread by plate: all of it that can be told without Citus, on a plain PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg import sql

from platekeeper.core.plates import fold
from platekeeper.core.search.sought import Sought
from platekeeper.server.storage.postgres import distributed
from platekeeper.server.storage.postgres.distributed import KEY, NotDistributable, Tables, distribute
from tests.postgres import cluster
from tests.storage import spreading
from tests.storage.making import DAY, NOON, incoming
from tests.storage.spreading import SHARDS, UNIQUE, Connection

NEXT = DAY + timedelta(days=1)


@pytest.fixture(scope="module")
def postgres() -> Iterator[Connection]:
    with cluster() as url, psycopg.connect(url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def bare(postgres: Connection) -> Connection:
    spreading.make_tables(postgres)
    postgres.execute(spreading.STAND_IN)
    return postgres


@pytest.fixture
def spread(bare: Connection) -> Connection:
    spreading.spread_out(bare)
    for day in (DAY, NEXT):
        spreading.make_day(bare, day, shards=SHARDS)
    return bare


def test_each_table_is_spread_in_its_way(spread: Connection) -> None:
    asked = [told for (told,) in spread.execute("SELECT told FROM asked")]
    assert asked == ["read by spread, 4 shards, with none", "plate by folded, 4 shards, with read", "lpr everywhere"]
    assert distributed.is_distributed(spread, "read")
    assert not distributed.is_distributed(spread, "plate")


def test_every_unique_index_holds_the_key(spread: Connection) -> None:
    """Citus refuses any other; so does PostgreSQL's own hash partitioning, by which these days are cut."""
    found = dict(
        spread.execute(
            "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index "
            "WHERE indrelid = 'read'::regclass AND indisunique"
        ).fetchall()
    )
    assert found["read_once"].endswith("(lpr, at, id, digest, spread)")
    assert found["read_pkey"].endswith("(at, number, spread)")


@pytest.mark.parametrize(
    ("before", "says"),
    [
        ("DROP TABLE read", "make the empty store first"),
        ("CREATE TABLE read_1 PARTITION OF read FOR VALUES FROM (0) TO (1)", "move the reads into it"),
        ("ALTER TABLE read ADD COLUMN spread text", "distributed already"),
    ],
)
def test_what_cannot_be_distributed_is_refused_and_nothing_changes(bare: Connection, before: str, says: str) -> None:
    bare.execute(before.encode())
    with pytest.raises(NotDistributable, match=says):
        distribute(bare, Tables(), shards=SHARDS)
    assert bare.execute("SELECT told FROM asked").fetchall() == []


def test_the_key_is_what_the_plate_says(spread: Connection) -> None:
    """A writer that gives another one is refused, as its read would be looked for elsewhere."""
    (row,) = [incoming("ABC1230").row]
    assert spreading.insert(spread, [row]) == [0]
    with pytest.raises(psycopg.errors.CheckViolation):
        spread.execute("UPDATE read SET spread = 'OTHER'")
    with pytest.raises(psycopg.errors.NotNullViolation):
        spread.execute("UPDATE read SET spread = NULL")


def test_a_repeat_is_one_and_a_correction_of_the_plate_is_kept(spread: Connection) -> None:
    first = incoming("ABC1230", event="7").row
    corrected = incoming("XYZ9876", event="7").row
    unreadable = incoming("smudge", event="8", unreadable=True).row
    assert first.id == corrected.id
    rows = [first, corrected, unreadable, first, corrected, unreadable]
    assert spreading.insert(spread, rows) == [0, 1, 2]


def test_unreadable_reads_are_spread_by_their_lpr(spread: Connection) -> None:
    rows = [incoming("smudge", lpr=lpr, event="e", unreadable=True).row for lpr in range(1, 41)]
    assert len(spreading.insert(spread, rows)) == 40
    shards = spread.execute("SELECT count(DISTINCT tableoid) FROM read").fetchone()
    assert shards == (SHARDS,)


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.sampled_from(["ABC1230", "ABC123O", "A8C1230", "7ZZ", ""]), st.integers(1, 3)), max_size=12),
    st.lists(st.sampled_from(["ABC1230", "A8C1230", "7ZZ", "NONE"]), min_size=1, max_size=3),
    st.booleans(),
)
def test_the_key_finds_what_the_plate_finds(
    postgres: Connection, seen: list[tuple[str, int]], texts: list[str], look_alikes: bool
) -> None:
    if not distributed.is_distributed(postgres, "read"):
        spreading.make_tables(postgres)
        postgres.execute(spreading.STAND_IN)
        spreading.spread_out(postgres)
        spreading.make_day(postgres, DAY, shards=SHARDS)
    postgres.execute("TRUNCATE read")
    rows = [
        incoming(raw or "smudge", lpr=lpr, event=str(place), unreadable=not raw).row
        for place, (raw, lpr) in enumerate(seen)
    ]
    spreading.insert(postgres, rows)
    sought = Sought(texts, look_alikes=look_alikes)
    found = []
    for column in ("folded", KEY):
        condition, values = sought.sql(column)
        question = f"SELECT number FROM read WHERE {condition.replace('?', '%s')} ORDER BY number"
        found.append(postgres.execute(question.encode(), values).fetchall())
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("texts", "look_alikes"),
    [
        (["ABC1230"], False),
        (["ABC1230", "XYZ9876"], False),
        (["OOO7"], False),
        (["7ZZ"], True),
        (["A", "B", "C"], False),
    ],
    ids=str,
)
def test_the_store_s_own_words_for_plates_ask_their_shards_alone(
    spread: Connection, texts: list[str], look_alikes: bool
) -> None:
    """What `Sought` writes for whole plates, with its values given apart as the store gives them."""
    sought = Sought(texts, look_alikes=look_alikes)
    condition, values = sought.sql(KEY)
    asked = spreading.shards_asked(spread, sql.SQL(condition.replace("?", "%s")), values)
    key = sql.SQL('satisfies_hash_partition({}::regclass, {}, {}, {}::text COLLATE "C")')
    parent = f"read_{DAY:%Y%m%d}"
    meant = {
        number
        for number in range(SHARDS)
        for plate in sought.plates
        if spread.execute(sql.SQL("SELECT {}").format(key.format(parent, SHARDS, number, plate))).fetchone() == (True,)
    }
    assert {int(name.rpartition("_")[2]) for name in asked} == meant


@pytest.mark.parametrize(
    ("condition", "days", "shards"),
    [
        ("{key} = {plate} AND at >= {since} AND at < {until}", 1, 1),
        ("{key} = {plate}", 2, 1),
        ("{key} IN ({plate}, {plate})", 2, 1),
        ("lpr = 1 AND at >= {since} AND at < {until}", 1, SHARDS),
        ("folded LIKE 'AB%'", 2, SHARDS),
    ],
)
def test_which_shards_of_which_days_are_asked(spread: Connection, condition: str, days: int, shards: int) -> None:
    names = {"key": sql.Identifier(KEY), "plate": fold("ABC1230"), "since": NOON, "until": NOON + 3_600_000_000}
    asked = spreading.shards_asked(spread, sql.SQL(condition).format(**names))
    assert len(asked) == days * shards
    assert len({name.rpartition("_")[2] for name in asked}) == shards


def test_a_day_is_dropped_whole(spread: Connection) -> None:
    spreading.insert(spread, [incoming("ABC1230").row, incoming("ABC1230", at=NOON + 86_400_000_000).row])
    with spread.transaction():
        spread.execute(distributed.DDL_IN_TURN)
        spreading.drop_day(spread, DAY)
    assert spread.execute("SELECT count(*) FROM read").fetchone() == (1,)


def test_the_unique_columns_are_those_of_the_store() -> None:
    """As SQLite's files have them; the digest covers the plate, so the key follows from them."""
    from platekeeper.server.storage.sqlite.engine import INDEXES

    assert f"read_once ON read ({', '.join(UNIQUE)})" in INDEXES
