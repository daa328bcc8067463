"""The disk takes no more while a page logs: the page says what to do, nothing is half done, and it recovers by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.test import Client

from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.procedures import receive_reads
from platekeeper.server.procedures.stores import read_store
from platekeeper.server.querylog.models import QueryLogEntry
from platekeeper.server.reads.models import Contact, DeadLetter, ReadBatch
from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)
AsRole = Callable[[str], Client]
NOW = datetime.now(UTC)
WHY = "stolen car seen in Bridge Street by a witness " * 20


@contextmanager
def full_disk() -> Iterator[None]:
    """Let the records' file grow no more: SQLite says then what it says of a full disk."""
    _shrink()
    with connection.cursor() as cursor:
        [most] = cursor.execute("PRAGMA max_page_count").fetchone()
        cursor.execute("PRAGMA max_page_count=1")  # at least what it has
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA max_page_count={most}")


def _shrink() -> None:
    """Give back the pages that tests before left free: they would have to be filled first."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")


def _until_full(act: Callable[[], int]) -> int:
    """Act until the free room within the file's pages is used up; return the status then."""
    return next(status for _ in range(400) if (status := act()) not in {200, 302})


def _quiet(client: Client) -> Client:
    client.raise_request_exception = False
    return client


def test_a_page_that_logs_says_so_and_the_next_try_works(cast: Cast, as_role: AsRole) -> None:
    custodian = _quiet(as_role("custodian"))
    address, why = f"/lprs/{cast.lpr.pk}/uploads/nothing/", {"why": WHY[:240]}
    with full_disk():
        assert _until_full(lambda: custodian.post(address, why).status_code) == 503
        answer = custodian.post(address, why)
        page = answer.content.decode()
        assert (answer.status_code, "The disk is full." in page, "make room" in page) == (503, True, True)
        told = LedgerEntry.objects.filter(action="upload_nothing").count()
        assert Contact.objects.filter(kind="nothing").count() <= max(told, 1)  # one stretch, drawn out by each
    assert custodian.post(address, why).status_code == 302
    assert LedgerEntry.objects.filter(action="upload_nothing").count() == told + 1


def test_a_disk_that_cannot_be_written_is_said_too(cast: Cast, as_role: AsRole) -> None:
    custodian = _quiet(as_role("custodian"))
    custodian.get("/lprs/")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA query_only=ON")
        try:
            answer = custodian.post(f"/lprs/{cast.lpr.pk}/uploads/nothing/", {"why": "parked"})
        finally:
            cursor.execute("PRAGMA query_only=OFF")
    assert (answer.status_code, "cannot be read or written" in answer.content.decode()) == (503, True)
    assert not Contact.objects.exists()


def test_what_waited_for_others_in_vain_is_to_be_done_again(cast: Cast, as_role: AsRole) -> None:
    custodian = _quiet(as_role("custodian"))
    address, why = f"/lprs/{cast.lpr.pk}/uploads/nothing/", {"why": "parked"}
    custodian.get("/lprs/")
    other = connection.copy()
    with connection.cursor() as cursor, other.cursor() as writes:
        [patience] = cursor.execute("PRAGMA busy_timeout").fetchone()
        cursor.execute("PRAGMA busy_timeout=50")
        writes.execute("BEGIN IMMEDIATE")
        try:
            answer = custodian.post(address, why)
        finally:
            writes.execute("ROLLBACK")
            other.close()
            cursor.execute(f"PRAGMA busy_timeout={patience}")
    assert (answer.status_code, "do it again" in answer.content.decode()) == (503, True)
    assert not Contact.objects.exists()
    assert custodian.post(address, why).status_code == 302


def test_a_search_that_cannot_be_logged_does_not_run(cast: Cast, as_role: AsRole) -> None:
    detective = _quiet(as_role("detective"))
    asked = {
        "plate": "ABC1234", "since": f"{NOW - timedelta(days=2):%Y-%m-%dT%H:%M}", "until": f"{NOW:%Y-%m-%dT%H:%M}",
        "purpose": QueryLogEntry.Purpose.values[0], "offense": "burglary", "case_number": "26-101",
        "justification": WHY[:400], "none_prohibited": "on",
    }  # fmt: skip
    with full_disk():
        assert _until_full(lambda: detective.post("/queries/", asked).status_code) == 503
        begun = LedgerEntry.objects.filter(action="query_begun")
        assert QueryLogEntry.objects.count() == begun.count() > 0


def test_an_lpr_is_told_to_send_again_and_what_was_acknowledged_is_there(cast: Cast) -> None:
    numbers = count(1000)

    def send() -> int:
        number = next(numbers)
        body = [
            {"plate": f"ABC{number}", "captured_at": datetime.now(UTC).isoformat()},
            {"understood": "no", "number": number, "words": "x" * 3000},
        ]
        headers = {"Authorization": f"Bearer {cast.lpr_key}"}
        return Client().post("/api/reads", body, content_type="application/json", headers=headers).status_code

    def limit(connection: BaseDatabaseWrapper, **_: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA max_page_count=1")

    _shrink()
    connection_created.connect(limit)  # the intake's thread opens one of its own
    try:
        statuses = [send() for _ in range(60)]
    finally:
        connection_created.disconnect(limit)
        receive_reads.close_intakes()
    acknowledged = statuses.count(200)
    assert set(statuses) == {200, 503}
    assert DeadLetter.objects.count() == acknowledged
    assert send() == 200  # with room again; the batch that was stored and not recorded is completed first
    assert DeadLetter.objects.count() == acknowledged + 1
    stored = sum(read_store().count(datetime.now(UTC).date()).values())
    assert sum(ReadBatch.objects.values_list("count", flat=True)) == stored >= acknowledged + 1
