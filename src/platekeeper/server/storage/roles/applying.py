"""The two roles printed as a script, or made by an administrator's connection; safe to repeat."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import psycopg

from platekeeper.server.storage.databases import OWNER_URL, URL, is_postgresql
from platekeeper.server.storage.roles.grants import Roles, grants, quoted, text
from platekeeper.server.storage.roles.making import hand_over, make_database, make_roles

_USUAL = Roles(owner="platekeeper_owner", web="platekeeper_web", database="platekeeper")


def roles_in(*, owner: str, web: str) -> Roles:
    """Return the roles that two URLs name, or the usual names where neither is set. Raises ValueError."""
    if not owner and not web:
        return _USUAL
    names = []
    for variable, url in ((OWNER_URL, owner), (URL, web)):
        parts = urlsplit(url)
        if not is_postgresql(url) or not parts.username or not parts.path.strip("/"):
            raise ValueError(f"{variable} must be set, as postgresql://role:password@host/database")
        names.append((unquote(parts.username), parts.path.strip("/")))
    (owner_name, database), (web_name, other) = names
    if database != other:
        raise ValueError(f"{OWNER_URL} and {URL} must name the same database.")
    return Roles(owner=owner_name, web=web_name, database=database)


def script(roles: Roles) -> str:
    """Return all of it as a script for psql, with no password in it."""
    parts = [
        "-- As an administrator. Passwords are set in psql, where no log sees them: \\password ROLE",
        *(f"{statement};" for statement in make_roles(roles)),
        "SELECT " + text(make_database(roles)) + f" WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = "
        f"{text(roles.database)}) \\gexec",
        f"\\connect {quoted(roles.database)}",
        *(f"{statement};" for statement in hand_over(roles)),
        "-- After each migration, as the owner. `platekeeper migrate` does it by itself.",
        *(f"-- {statement};" for statement in grants(roles)),
    ]
    return "\n".join(parts)


def apply(*, owner: str, web: str, administrator: str) -> None:
    """Make roles and database, with the names and passwords of the two URLs. Raises ValueError and psycopg's errors."""
    roles = roles_in(owner=owner, web=web)
    with psycopg.connect(administrator, autocommit=True) as connection:
        _run(connection, make_roles(roles))
        for url in (owner, web):
            _set_password(connection, url)
        if not connection.execute("SELECT FROM pg_database WHERE datname = %s", [roles.database]).rowcount:
            _run(connection, [make_database(roles)])
    with psycopg.connect(administrator, dbname=roles.database) as connection:
        _run(connection, hand_over(roles))
        if connection.execute("SELECT FROM pg_tables WHERE tablename = 'django_migrations'").rowcount:
            _run(connection, grants(roles))


def _set_password(connection: psycopg.Connection, url: str) -> None:
    """Set a role's password as its SCRAM verifier, so that the server's log never holds it."""
    parts = urlsplit(url)
    if parts.password is None:
        return
    name, password = unquote(parts.username or ""), unquote(parts.password)
    hidden = connection.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256").decode()
    _run(connection, [f"ALTER ROLE {quoted(name)} PASSWORD {text(hidden)}"])


def _run(connection: psycopg.Connection, statements: list[str]) -> None:
    for statement in statements:
        connection.execute(statement.encode())
