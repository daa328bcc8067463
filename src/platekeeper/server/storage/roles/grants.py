"""What the web role may do: the one place where its grants are stated, those of the reads included (decision 18).

Whoever is the server can add to the ledger and read it, and nothing else: no UPDATE, no DELETE, no TRUNCATE, and the
triggers that refuse them belong to another role. Elsewhere DELETE is given only where a line below says why.
"""

from __future__ import annotations

from typing import NamedTuple

RECORDS, READS = "public", "lpr"
"""The schema of the records, which the owner owns, and that of the reads, which the web role owns."""
LEDGER = "ledger_ledgerentry"

ONLY_ADDED_TO = (LEDGER, "ledger_ledgernode", "ledger_ledgercheckpoint")
ONLY_READ = ("django_migrations", "django_content_type", "auth_permission", "auth_group", "auth_group_permissions")
MAY_LOSE_ROWS = {
    "ledger_ledgeropening": "a sealed value has its end",
    "policy_policyversion": "a draft is discarded",
    "policy_policycomment": "with its draft",
    "casefiles_preservedimage": "a case is emptied",
    "hits_hit": "a hit that led to nothing has its end",
    "hits_hitimage": "with its hit",
    "hits_hitstep": "with its hit",
    "hits_departure": "with its hit",
    "stakeouts_find": "a find goes with its day",
    "partners_heard": "the number of a message too old to come again",
    "partners_partneranswer": "the results of its query are closed",
    "querylog_knowncase": "the list of case numbers is handed in anew",
    "reads_deadletter": "a dead letter goes with its day",
    "django_session": "people sign out",
    "usersessions_usersession": "people sign out",
    "account_emailaddress": "accounts",
    "account_emailconfirmation": "accounts",
    "mfa_authenticator": "a second factor is taken off",
    "socialaccount_socialaccount": "an identity is unlinked",
    "socialaccount_socialtoken": "with its identity; none is kept",
    "axes_accessattempt": "an account is released",
    "axes_accessattemptexpiration": "an account is released",
    "axes_accesslog": "not kept any more",
    "axes_accessfailurelog": "kept to a length",
    "django_q_ormq": "work that is done",
    "django_q_task": "the newest of each job are kept",
    "django_q_schedule": "a job that is no more",
}
"""Table -> why the server deletes from it."""


class Roles(NamedTuple):
    """The names of the two roles, and of the database."""

    owner: str
    web: str
    database: str


def grants(roles: Roles) -> list[str]:
    """Return the statements, for one transaction of the owner's, that give the web role what it needs and no more.

    They say it all anew, so they are repeated after each migration.
    """
    web, records = quoted(roles.web), quoted(RECORDS)
    return [
        f"REVOKE ALL ON SCHEMA {records} FROM PUBLIC, {web}",
        f"GRANT USAGE ON SCHEMA {records} TO {web}",
        f"REVOKE ALL ON ALL TABLES IN SCHEMA {records} FROM PUBLIC, {web}",
        f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA {records} FROM PUBLIC, {web}",
        f"GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA {records} TO {web}",
        f"GRANT SELECT ON ALL SEQUENCES IN SCHEMA {records} TO {web}",  # pg_dump reads them
        f"REVOKE UPDATE ON {_tables(ONLY_ADDED_TO)} FROM {web}",
        f"REVOKE INSERT, UPDATE ON {_tables(ONLY_READ)} FROM {web}",
        f"GRANT DELETE ON {_tables(MAY_LOSE_ROWS)} TO {web}",
    ]


def reads_schema(roles: Roles) -> list[str]:
    """Return the statements, for an administrator, that give the web role the schema of the reads as its own.

    Days of reads are made, filled and dropped as partitions, and only an owner can. It is the one thing that the web
    role owns; what it takes away there the ledger has counted.
    """
    reads = quoted(READS)
    return [
        "CREATE EXTENSION IF NOT EXISTS pg_trgm",
        f"CREATE SCHEMA IF NOT EXISTS {reads}",
        f"ALTER SCHEMA {reads} OWNER TO {quoted(roles.web)}",
        f"REVOKE ALL ON SCHEMA {reads} FROM PUBLIC",
    ]


def quoted(name: str) -> str:
    """Return a name as SQL's identifier."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """Return a text as SQL's literal."""
    return "'" + value.replace("'", "''") + "'"


def _tables(names: tuple[str, ...] | dict[str, str]) -> str:
    return ", ".join(f"{quoted(RECORDS)}.{quoted(name)}" for name in names)
