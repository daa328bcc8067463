"""The move itself, from the first look at both sides to the ledger's leaf that ends it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple

from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import ConnectionHandler

from platekeeper.core.actor import SYSTEM
from platekeeper.core.clauses import Clause
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.personnel.models import Person
from platekeeper.server.policy.lookups import in_force
from platekeeper.server.procedures.move_department import steps
from platekeeper.server.procedures.move_department.comparing import (
    Differs,
    Tree,
    compare_records,
    first_leaf,
    ledgers_agree,
    tree_of,
)
from platekeeper.server.procedures.move_department.copying import RowRefused, Tell, copy_records
from platekeeper.server.procedures.move_department.reads import DayDiffers, Taking, move_reads
from platekeeper.server.procedures.move_department.tables import SOURCE, all_tables, unfit
from platekeeper.server.procedures.stores import reads_left_behind
from platekeeper.server.reads.lookups import settled
from platekeeper.server.storage.databases import left_behind
from platekeeper.server.storage.files import write_durably
from platekeeper.server.storage.home import Home
from platekeeper.server.storage.locks import LockFile, LockTaken
from platekeeper.server.storage.reads import ReadWriter, WriterBusy
from platekeeper.server.storage.roles.grants import Roles, grants


class MoveRefused(Exception):
    """The department cannot move like this; the message says what to do. Nothing is lost on either side."""


class Moved(NamedTuple):
    """What was moved: rows of each table, the ledger before its last leaf, and the reads of each day."""

    tables: dict[str, int]
    ledger: Tree
    reads: dict[str, int]


def move(home: Home, *, roles: Roles | None, taking: Taking, clock: Callable[[], datetime], tell: Tell) -> Moved | None:
    """Move the department in `home` into Django's database; None where it had moved there already.

    `roles` are granted what they need, where two are named. `taking` is the store that the reads move to; their rows go
    from the home once the department has moved. Can be repeated until it is done. Raises `MoveRefused`.
    """
    with _alone_in(home) as writer:
        _open(home)
        _settle(writer)
        if not _claim():
            leave_sqlite(home, at=clock())
            return None
        _migrate()
        taking.prepare()
        if problems := list(unfit()):
            raise MoveRefused("PostgreSQL cannot hold these: " + "; ".join(problems))
        try:
            copy_records(tell=tell)
            counts = compare_records(tell=tell)
            ledger = ledgers_agree()
            reads = move_reads(reads_left_behind(home), taking, tell=tell)
        except Differs as error:
            steps.begin_again()
            raise MoveRefused(f"{error}: the department changed meanwhile. Run it again: it begins anew.") from error
        except (DayDiffers, RowRefused) as error:
            raise MoveRefused(str(error)) from error
        if ledger is None:
            raise MoveRefused("The ledger is not the same on both sides, or its triggers are off. Empty the target.")
        moved = Moved(counts, ledger, reads)
        _end(moved, roles, at=clock())
        leave_sqlite(home, at=clock())
        for day in reads_left_behind(home).days_with_rows():
            reads_left_behind(home).give_up(day)
        return moved


@contextmanager
def _alone_in(home: Home) -> Iterator[ReadWriter]:
    """Hold the home for this process alone: nothing serves, works or stores reads in it meanwhile."""
    if not home.records.exists():
        raise MoveRefused(f"There are no records in SQLite in {home.folder}.")
    try:
        lock = LockFile(home.running_lock, wait=False)
    except LockTaken as taken:
        raise MoveRefused("Platekeeper is running in this home. Stop the server and its jobs first.") from taken
    try:
        with reads_left_behind(home).writer() as writer:
            yield writer
    except WriterBusy as busy:
        raise MoveRefused("Reads are being received in this home. Stop the server first.") from busy
    finally:
        lock.release()


def _open(home: Home) -> None:
    """Open what is left behind, for reading only, and see that it is of this version."""
    aliases = ConnectionHandler({DEFAULT_DB_ALIAS: {}, SOURCE: left_behind(home)})
    connections.settings[SOURCE] = aliases.settings[SOURCE]
    if _is_behind(SOURCE):
        raise MoveRefused("The records in SQLite are of an older version. Run first, without --to: platekeeper migrate")


def _settle(writer: ReadWriter) -> None:
    """See that every batch of reads has its hits and its leaf; marks of those that have are of no use any more."""
    waiting = {each.batch for each in writer.unsettled()}
    done = settled(waiting, using=SOURCE)
    if waiting - done:
        raise MoveRefused("A crash cut off the storing of reads. Start the server once: it completes them.")
    for batch in done:
        writer.settle(batch)


def _claim() -> bool:
    """Mark the target as this department's; return whether there is anything left to do. Raises `MoveRefused`."""
    department, ledger = first_leaf(SOURCE), str(tree_of(SOURCE))
    if not department:
        raise MoveRefused("There is no department in this home yet: nothing to move.")
    names = set(connection.introspection.table_names())
    if steps.TABLE not in names:
        made = LedgerEntry._meta.db_table in names
        if made and first_leaf(DEFAULT_DB_ALIAS) == department:
            return False
        foreign = names - {*all_tables(), "django_migrations"}
        if foreign or (made and (LedgerEntry.objects.exists() or Person.objects.exists())):
            raise MoveRefused("The target is not empty. Name an empty database.")
        steps.begin(department)
    if steps.said("department") != department:
        raise MoveRefused("Another department is moving into the target. Name an empty database.")
    if steps.said("ledger") not in {None, ledger}:
        steps.begin_again()  # somebody worked in the old records after a move had been cut off
    steps.mark("ledger", ledger)
    return True


def _migrate() -> None:
    """Make the target's tables. Once only: each time Django adds rows of its own, also where the copies of ours are."""
    if steps.said("migrated") is None or _is_behind(DEFAULT_DB_ALIAS):
        steps.begin_again()
        call_command("migrate", verbosity=0, interactive=False)
        steps.mark("migrated")


def _is_behind(alias: str) -> bool:
    executor = MigrationExecutor(connections[alias])
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _end(moved: Moved, roles: Roles | None, *, at: datetime) -> None:
    """Give the web role its rights and let the ledger say that the department moved: from here on it has."""
    with transaction.atomic():
        steps.end()
        with connection.cursor() as cursor:
            for statement in grants(roles) if roles else ():
                cursor.execute(statement)
        append(
            at=at,
            by=SYSTEM,
            action=Action.DEPARTMENT_MOVED,
            clause=Clause.IV_e,
            details={
                "from": "sqlite",
                "to": connection.vendor,
                "rows": {table: count for table, count in moved.tables.items() if count},
                "reads": moved.reads,
                "leaves_before": moved.ledger.size,
                "root_before": moved.ledger.root.hex(),
            },
            policy=in_force(at=at).stamp,
        )


def leave_sqlite(home: Home, *, at: datetime) -> None:
    """Say in the home that its records are in PostgreSQL, so that nobody goes on in SQLite by mistake."""
    if not home.moved.exists():
        said = {"at": at.isoformat(), "to": connection.settings_dict["NAME"]}
        write_durably(home.moved, json.dumps(said).encode())
