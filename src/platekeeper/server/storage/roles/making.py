"""What an administrator runs once to make the two roles, and again after anything they doubt."""

from __future__ import annotations

from platekeeper.server.storage.roles.grants import READS, RECORDS, Roles, quoted, reads_schema, text

_MAKE = """DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = {text}) THEN CREATE ROLE {role}; END IF;
END $$"""
_PLAIN = "ALTER ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
_PART = """DO $$ BEGIN
  IF pg_has_role({web_text}, {owner_text}, 'MEMBER') THEN REVOKE {owner} FROM {web}; END IF;
END $$"""
# What came with an extension stays its own; the sequence of a column goes with its table.
_HAND_OVER = """DO $$ DECLARE each record; BEGIN
  FOR each IN
    SELECT c.oid::regclass::text AS name, c.relkind FROM pg_class c WHERE c.relnamespace = {schema}::regnamespace
    AND c.relkind IN ('r', 'p', 'v', 'm') AND c.relowner <> {role_text}::regrole
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
  LOOP
    EXECUTE format('ALTER %s %s OWNER TO %I', CASE each.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW'
      ELSE 'TABLE' END, each.name, {role_text});
  END LOOP;
  FOR each IN
    SELECT p.oid::regprocedure::text AS name FROM pg_proc p WHERE p.pronamespace = {schema}::regnamespace
    AND p.proowner <> {role_text}::regrole
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
  LOOP
    EXECUTE format('ALTER ROUTINE %s OWNER TO %I', each.name, {role_text});
  END LOOP;
END $$"""


def make_roles(roles: Roles) -> list[str]:
    """Return the statements that make both roles, with no password and no power over anything else."""
    _demand_two(roles)
    statements = [
        statement.format(role=quoted(name), text=text(name))
        for name in (roles.owner, roles.web)
        for statement in (_MAKE, _PLAIN)
    ]
    owner, web = roles.owner, roles.web
    return [
        *statements,
        _PART.format(owner=quoted(owner), web=quoted(web), owner_text=text(owner), web_text=text(web)),
    ]


def make_database(roles: Roles) -> str:
    """Return the statement that makes the database, where there is none; it runs outside a transaction."""
    return f"CREATE DATABASE {quoted(roles.database)} OWNER {quoted(roles.owner)} ENCODING 'UTF8' TEMPLATE template0"


def hand_over(roles: Roles) -> list[str]:
    """Return the statements, within the database, that give everything in it to whom it belongs."""
    database, owner, web = quoted(roles.database), quoted(roles.owner), quoted(roles.web)
    return [
        f"ALTER DATABASE {database} OWNER TO {owner}",
        f"REVOKE ALL ON DATABASE {database} FROM PUBLIC, {web}",
        f"GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {web}",
        f"ALTER SCHEMA {quoted(RECORDS)} OWNER TO {owner}",
        *reads_schema(roles),
        _HAND_OVER.format(schema=text(quoted(RECORDS)), role_text=text(roles.owner)),
        _HAND_OVER.format(schema=text(quoted(READS)), role_text=text(roles.web)),
    ]


def _demand_two(roles: Roles) -> None:
    if roles.owner == roles.web:
        raise ValueError("The owner and the web role must be two roles.")
