"""The ledger is appended to and nothing else, whoever holds the database's password."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import DatabaseError, close_old_connections, connection, transaction
from django.utils.translation import override

from platekeeper.core.actor import SYSTEM, Actor
from platekeeper.core.ledger import entry_hash, tree_root
from platekeeper.server.ledger import lookups
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append, begin_key, sign
from platekeeper.server.ledger.models import LedgerEntry, LedgerOpening
from platekeeper.server.ledger.signing import public_of
from tests.ledger_guard import lift
from tests.roles.making import become_owner

pytestmark = pytest.mark.records
NOON = datetime(2026, 3, 3, 17, 0, tzinfo=UTC)
OLIVE = Actor(person=7, name="Olive Officer", positions=("Patrol Officer",), agency="Harbor Falls")


def _append(count: int = 1) -> None:
    for number in range(count):
        with transaction.atomic():
            append(
                at=NOON,
                by=OLIVE,
                action=Action.QUERY_BEGUN,
                subject=f"query:{number}",
                sealed={"plate": "ABC1234"},
            )


@pytest.mark.django_db
@pytest.mark.parametrize(
    "forbidden",
    [
        "UPDATE ledger_ledgerentry SET outcome = 'done'",
        "UPDATE ledger_ledgerentry SET body = leaf_hash WHERE index = 0",
        "DELETE FROM ledger_ledgerentry",
    ],
)
def test_the_database_refuses_to_change_a_leaf(forbidden: str) -> None:
    _append(2)
    become_owner()  # the web role does not even get as far as the triggers: tests/roles
    quoted = forbidden.replace(" index ", ' "index" ')
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(quoted)
    assert lookups.check().faults == []


@pytest.mark.django_db
def test_a_value_can_expire_and_the_tree_still_verifies() -> None:
    _append(3)
    root = lookups.check().root
    LedgerOpening.objects.filter(field="plate").delete()
    assert lookups.check().faults == []
    assert lookups.check().root == root
    assert b"ABC1234" not in bytes(LedgerEntry.objects.get(pk=0).body)


@pytest.mark.django_db
def test_an_opening_that_says_something_else_is_found() -> None:
    _append(2)
    LedgerOpening.objects.filter(entry_id=1, field="plate").update(value="XYZ9876")
    assert lookups.check().faults == ["leaf 1: the value shown for plate is not the one recorded"]


@pytest.fixture
def unguarded() -> Callable[[str], None]:
    """Return a way to write into the ledger as somebody does who takes its triggers off, as in a restored copy."""

    def write(statement: str) -> None:
        become_owner()
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":  # a table whose foreign keys are still to be checked is not altered
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            lift()
            cursor.execute(statement.replace(" index ", ' "index" '))

    return write


def _signed(count: int) -> None:
    _append(count)
    secret = Ed25519PrivateKey.generate()
    with transaction.atomic():
        sign(begin_key(origin="platekeeper/falls", public_key=public_of(secret), at=NOON), at=NOON, by=secret.sign)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "column",
    [
        "at = '2026-03-04 17:00:00+00:00'",
        "action = 'signed_in'",
        "outcome = 'refused'",
        "person = 8",
        "subject = 'query:7'",
    ],
)
def test_a_column_that_says_something_else_than_its_leaf_is_found(
    column: str, unguarded: Callable[[str], None]
) -> None:
    _append(2)
    unguarded(f"UPDATE ledger_ledgerentry SET {column} WHERE index = 1")
    assert lookups.check().faults == ["leaf 1 is searched and counted as something else than was recorded"]


@pytest.mark.django_db
def test_leaves_that_were_signed_and_are_gone_or_others_are_found(unguarded: Callable[[str], None]) -> None:
    _signed(3)
    assert lookups.check().faults == []
    LedgerOpening.objects.filter(entry_id=2).delete()
    other = LedgerEntry.objects.get(pk=2)
    unguarded("DELETE FROM ledger_ledgerentry WHERE index = 2")
    assert lookups.check().faults == ["leaf 2 is missing"]
    body = bytes(other.body).replace(b"query:2", b"query:1")
    LedgerEntry(index=2, at=NOON, action=other.action, outcome=other.outcome, clause="", person=7, subject="query:1",
                body=body, leaf_hash=entry_hash(body)).save(force_insert=True)  # fmt: skip
    assert lookups.check().faults == ["the leaves up to leaf 2 are not those that were signed"]


@pytest.mark.django_db(transaction=True)
def test_an_entry_needs_the_transaction_of_its_act() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        append(at=NOON, by=SYSTEM, action=Action.BACKUP_BEGUN)
    assert lookups.size() == 0


@pytest.mark.django_db(transaction=True)
def test_an_act_that_is_undone_leaves_no_gap() -> None:
    _append(1)
    with pytest.raises(RuntimeError), transaction.atomic():
        append(at=NOON, by=SYSTEM, action=Action.BACKUP_BEGUN)
        raise RuntimeError
    _append(1)
    assert list(LedgerEntry.objects.values_list("index", flat=True)) == [0, 1]


@pytest.mark.django_db(transaction=True)
def test_writers_beside_each_other_leave_no_gap_and_no_double() -> None:
    def beside(work: Callable[[], None]) -> None:
        try:
            work()
        finally:
            close_old_connections()
            connection.close()

    threads = [threading.Thread(target=beside, args=(lambda: _append(15),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    entries = list(LedgerEntry.objects.order_by("index"))
    assert [entry.index for entry in entries] == list(range(60))
    assert lookups.check().faults == []
    assert lookups.check().root == tree_root([bytes(entry.leaf_hash) for entry in entries])


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_act_is_shown_in_words(language: str) -> None:
    with override(language):
        shown = {action: LedgerEntry(action=action.value).get_action_display() for action in Action}
        assert shown == {action: str(action.label) for action in Action}


def test_an_act_of_another_version_is_shown_by_its_name() -> None:
    assert LedgerEntry(action="hot_list_burned").get_action_display() == "hot_list_burned"
