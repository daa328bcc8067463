"""The schema of the reads: made by the first writer, apart from Django's tables, with a version of its own.

`read` is partitioned by UTC day of capture, and what is kept for less than a day by steps of minutes; `part` says which
partitions there are, which is what everybody here goes by: one that is being disposed of is out of sight at once, though
its table stands still. Nothing that is derived from
reads outlives them: the distinct plates of a part lie in a table of their own (`plate_...`), dropped with it.
"""

from __future__ import annotations

from psycopg import errors, sql

from platekeeper.core.formats.reads import FINAL
from platekeeper.server.storage.postgres.connections import Connection

VERSION = 1

_TABLES = f"""
CREATE TABLE version (version integer NOT NULL);
INSERT INTO version VALUES ({VERSION});
CREATE TABLE read (
    number bigint NOT NULL,
    at bigint NOT NULL CHECK (at >= 0),
    received bigint NOT NULL,
    lpr bigint NOT NULL,
    state_confidence double precision,
    confidence double precision,
    latitude double precision,
    longitude double precision,
    image_offset bigint,
    image_length bigint,
    stage smallint NOT NULL DEFAULT {FINAL},
    step smallint NOT NULL,
    id bytea NOT NULL CHECK (length(id) = 16),
    digest bytea NOT NULL CHECK (length(digest) = 8),
    salt bytea NOT NULL CHECK (length(salt) = 16),
    batch bytea NOT NULL CHECK (length(batch) = 16),
    clock text NOT NULL CHECK (clock IN ('offset', 'zone', 'received')),
    zone text NOT NULL,
    raw text NOT NULL,
    plate text,
    folded text COLLATE "C" CHECK ((folded IS NULL) = (plate IS NULL)),
    state text,
    candidates text NOT NULL,
    vehicle text NOT NULL,
    direction text NOT NULL,
    event text NOT NULL,
    retention text NOT NULL,
    image_sha256 text,
    image_type text
) PARTITION BY RANGE (step, at);
CREATE UNIQUE INDEX read_once ON read (lpr, at, id, digest, step);
CREATE INDEX read_by_plate ON read (folded, at);
CREATE INDEX read_by_time ON read (at, number);
CREATE INDEX read_by_number ON read (number);
CREATE SEQUENCE part_number;
CREATE TABLE part (
    name text PRIMARY KEY,
    step smallint NOT NULL,
    since bigint NOT NULL,
    until bigint NOT NULL CHECK (since < until),
    last bigint NOT NULL DEFAULT 0,
    listed bigint,
    spread boolean NOT NULL DEFAULT false,
    disposing boolean NOT NULL DEFAULT false
);
CREATE UNIQUE INDEX part_once ON part (step, since) WHERE NOT disposing;
COMMENT ON COLUMN part.spread IS 'over several machines (distributed.py)';
COMMENT ON COLUMN part.step IS 'minutes of a day that go together; 0 is the whole day';
COMMENT ON COLUMN part.last IS 'the highest number in it';
COMMENT ON COLUMN part.listed IS 'the number up to which its plates are listed in plate_...; null without such a table';
CREATE TABLE pending (batch bytea PRIMARY KEY, received bigint NOT NULL, first bigint NOT NULL, last bigint NOT NULL);
CREATE TABLE disposal (day date PRIMARY KEY, counts jsonb NOT NULL, digest text NOT NULL, bytes bigint NOT NULL);
"""


class StoreUnready(RuntimeError):
    """The database cannot keep reads yet; the message says what to do."""


def ensure(connection: Connection, schema: str) -> None:
    """Make the schema unless it is there. Raises `StoreUnready`."""
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"{schema} schema",))
        (there,) = connection.execute("SELECT to_regclass('version')").fetchone() or (None,)
        if there is None:
            _make(connection, schema)
    (version,) = connection.execute("SELECT version FROM version").fetchone() or (None,)
    if version != VERSION:
        raise StoreUnready(f"The reads in PostgreSQL have version {version}; this program knows version {VERSION}.")


def trigrams(connection: Connection) -> str:
    """Return the operator class that indexes texts by trigrams, wherever its extension lies."""
    found = connection.execute(
        "SELECT quote_ident(nspname) FROM pg_extension JOIN pg_namespace space ON space.oid = extnamespace "
        "WHERE extname = 'pg_trgm'"
    ).fetchone()
    if found is None:
        raise StoreUnready("The extension pg_trgm is gone from the database: CREATE EXTENSION pg_trgm brings it back.")
    return f"{found[0]}.gin_trgm_ops"


def _make(connection: Connection, schema: str) -> None:
    try:
        if connection.execute("SELECT FROM pg_extension WHERE extname = 'pg_trgm'").fetchone() is None:
            connection.execute("CREATE EXTENSION pg_trgm SCHEMA public")
    except (errors.UndefinedFile, errors.FeatureNotSupported) as missing:
        raise StoreUnready(
            "PostgreSQL lacks the extension pg_trgm, by which parts of plates are found: install the package of its "
            "extensions (postgresql-contrib) on the database's machine, then start again."
        ) from missing
    except errors.InsufficientPrivilege as refused:
        raise StoreUnready(
            "This role may not add the extension pg_trgm: let the database's owner run CREATE EXTENSION pg_trgm in it, "
            "then start again."
        ) from refused
    try:
        # Asked first: who may not make schemas may not say IF NOT EXISTS either.
        if connection.execute("SELECT FROM pg_namespace WHERE nspname = %s", (schema,)).fetchone() is None:
            connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))
        connection.execute(_TABLES)
    except (errors.InsufficientPrivilege, errors.InvalidSchemaName) as refused:  # it may not, or it is another role's
        raise StoreUnready(
            f"The schema {schema}, where reads are kept, is not this role's. The server works as the role that `platekeeper "
            "postgres roles` gives it to, the one in PLATEKEEPER_DATABASE_URL, and not as the owner of the records."
        ) from refused
