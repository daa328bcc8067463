"""What a connection may do that the server should not be able to."""

from __future__ import annotations

from typing import Protocol, Self

from platekeeper.server.storage.roles.grants import LEDGER, RECORDS

_STANDING = "(SELECT count(*) FROM pg_trigger WHERE tgrelid = ledger AND NOT tgisinternal AND tgenabled IN ('O', 'A'))"
_ASKED = f"""
SELECT
  (SELECT rolsuper FROM pg_roles WHERE rolname = current_user),
  (SELECT rolcreaterole OR rolreplication OR rolbypassrls FROM pg_roles WHERE rolname = current_user),
  pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = ledger), 'MEMBER')
    OR pg_has_role(current_user, (SELECT nspowner FROM pg_namespace WHERE nspname = '{RECORDS}'), 'MEMBER')
    OR pg_has_role(current_user, (SELECT datdba FROM pg_database WHERE datname = current_database()), 'MEMBER'),
  has_table_privilege(ledger, 'UPDATE, DELETE, TRUNCATE, TRIGGER') OR has_any_column_privilege(ledger, 'UPDATE'),
  has_schema_privilege('{RECORDS}', 'CREATE'),
  has_parameter_privilege('session_replication_role', 'SET'),
  pg_has_role(current_user, 'pg_execute_server_program', 'MEMBER')
    OR pg_has_role(current_user, 'pg_write_server_files', 'MEMBER'),
  {_STANDING} = 2
FROM to_regclass('{RECORDS}.{LEDGER}') AS ledger
"""
_OFF = "the ledger's triggers could be taken off"
_WORDS = (
    f"The server connects as a superuser: {_OFF}.",
    "The server's role may make roles, replicate or pass over row security.",
    f"The server connects as the owner of the records: {_OFF}.",
    "The server's role may change or empty the ledger.",
    "The server's role may make tables and functions beside the records.",
    f"The server's role may switch triggers off for a session: {_OFF}.",
    "The server's role may write files or run programs on the database's machine.",
)


class Cursor(Protocol):
    """Any cursor of PostgreSQL's, Django's or psycopg's."""

    def execute(self, query: str, /) -> object: ...
    def fetchone(self) -> tuple[object, ...] | None: ...
    def __enter__(self) -> Self: ...


def excess(cursor: Cursor) -> list[str]:
    """Return in words what the connected role has more than it should, and whether the ledger's triggers are off."""
    cursor.execute(_ASKED)
    *has, guarded = cursor.fetchone() or ()
    if has[0]:
        has[1:] = [False] * (len(has) - 1)  # a superuser has everything: one line says it
    found = [words for words, too_much in zip(_WORDS, has, strict=True) if too_much]
    if not guarded:
        found.append("The ledger's triggers are off: a leaf could be changed.")
    return found


def triggers_stand(cursor: Cursor) -> bool:
    """Say whether the ledger's triggers are in place."""
    cursor.execute(f"SELECT {_STANDING} = 2 FROM to_regclass('{RECORDS}.{LEDGER}') AS ledger")
    return bool((cursor.fetchone() or (False,))[0])
