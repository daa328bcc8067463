"""Searching on its screens: no reason, no results; every look in the Query Log; results are their asker's own."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.http import HttpResponse
from django.test import Client
from PIL import Image

from platekeeper.core.formats.reads import ParsedRead
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.procedures.receive_reads import Submission, intake
from platekeeper.server.querylog.models import QueryLogEntry
from tests.cast import Cast

pytestmark = pytest.mark.django_db
AsRole = Callable[[str], Client]
NOW = datetime.now(UTC)


def _jpeg() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (48, 27), "#345").save(buffer, "JPEG")
    return buffer.getvalue()


@pytest.fixture
def seen(cast: Cast) -> int:
    """Thirty reads of ABC1234, a minute apart, the newest with a picture; one of another car."""
    reads: list[tuple[ParsedRead, bytes | None]] = [
        (ParsedRead(raw_plate="ABC1234", captured_at=NOW - timedelta(minutes=n)), None) for n in range(1, 30)
    ]
    reads.append((ParsedRead(raw_plate="XYZ9876", captured_at=NOW), None))
    reads.append((ParsedRead(raw_plate="ABC1234", captured_at=NOW), _jpeg()))
    intake().take([Submission(lpr=cast.lpr, format="t", reads=reads, unparsed=[], received_at=NOW)])
    return 30


def _ask(client: Client, **changed: str) -> HttpResponse:
    form = {
        "plate": "ABC1234", "since": f"{NOW - timedelta(days=2):%Y-%m-%dT%H:%M}",
        "until": f"{NOW + timedelta(days=1):%Y-%m-%dT%H:%M}", "purpose": QueryLogEntry.Purpose.values[0],
        "offence": "burglary", "case_number": "26-101", "justification": "seen leaving the scene", "none_prohibited": "on",
    }  # fmt: skip
    answer: HttpResponse = client.post("/queries/", {**form, **changed}, follow=True)  # type: ignore[assignment]
    return answer


def test_a_search_with_a_reason_shows_reads_and_pages_by_key(seen: int, as_role: AsRole) -> None:
    detective = as_role("detective")
    page = _ask(detective).content.decode()
    assert page.count('<span class="plate">') == 1 + 25
    older = re.search(r'href="(\?after=[^"]+)"', page)
    assert older
    entry = QueryLogEntry.objects.get()
    second = detective.get(f"/queries/{entry.pk}/{older[1]}").content.decode()
    assert second.count('<span class="plate">') == 1 + 5
    assert "Older reads" not in second
    entry.refresh_from_db()
    assert entry.found == seen


def test_the_picture_is_the_askers_own(seen: int, as_role: AsRole) -> None:
    detective = as_role("detective")
    [address] = re.findall(r'src="(/queries/\d+/image/[^"]+)"', _ask(detective).content.decode())
    assert detective.get(address).content == _jpeg()
    assert as_role("custodian").get(address).status_code == 404
    assert detective.get(address[:-3] + "x/").status_code == 404


@pytest.mark.parametrize("missing", ["purpose", "offence", "case_number", "justification"])
def test_without_a_reason_it_is_refused_and_logged(missing: str, seen: int, as_role: AsRole) -> None:
    refused = _ask(as_role("detective"), **{missing: ""})
    assert refused.status_code == 403
    entry = QueryLogEntry.objects.get()
    assert (entry.state, entry.found) == (QueryLogEntry.State.REFUSED, None)
    assert LedgerEntry.objects.filter(action="query_refused", outcome="refused").count() == 1


@pytest.mark.parametrize(("plate", "words"), [("", "required"), ("**", "character"), ("AB!", "plate")])
def test_a_plate_that_is_none_is_explained(plate: str, words: str, cast: Cast, as_role: AsRole) -> None:
    answer = _ask(as_role("detective"), plate=plate)
    assert (answer.status_code, words in answer.content.decode()) == (200, True)
    assert not QueryLogEntry.objects.exists()


def test_a_wildcard_asks_for_the_other_car_too(seen: int, as_role: AsRole) -> None:
    assert "XYZ9876" in _ask(as_role("detective"), plate="?Y?9*").content.decode()


def test_nothing_found_is_said_and_logged(cast: Cast, as_role: AsRole) -> None:
    assert "No stored read answers this" in _ask(as_role("clerk")).content.decode()
    assert QueryLogEntry.objects.get().found == 0


def test_results_are_not_somebody_elses_and_close_after_a_day(seen: int, as_role: AsRole) -> None:
    detective = as_role("detective")
    _ask(detective)
    entry = QueryLogEntry.objects.get()
    assert as_role("clerk").get(f"/queries/{entry.pk}/").status_code == 404
    QueryLogEntry.objects.update(begun_at=NOW - timedelta(days=1))
    assert "Ask again" in detective.get(f"/queries/{entry.pk}/").content.decode()


@pytest.mark.parametrize("cursor", ["nonsense", "1", "9" * 400])
def test_a_made_up_cursor_is_not_found(cursor: str, seen: int, as_role: AsRole) -> None:
    detective = as_role("detective")
    _ask(detective)
    assert detective.get(f"/queries/{QueryLogEntry.objects.get().pk}/?after={cursor}").status_code == 404


def test_the_auditor_finds_searches_by_case_and_sees_refusals(seen: int, as_role: AsRole) -> None:
    detective = as_role("detective")
    _ask(detective)
    _ask(detective, justification="", case_number="26-999")
    auditor = as_role("auditor")
    whole = auditor.get("/queries/log/").content.decode()
    assert "26-101" in whole and "26-999" in whole
    only = auditor.get("/queries/log/?case_number=26-999&state=refused").content.decode()
    assert "26-999" in only and "26-101" not in only
    entry = QueryLogEntry.objects.get(case_number="26-101")
    assert "seen leaving the scene" in auditor.get(f"/queries/log/{entry.pk}/").content.decode()
    assert LedgerEntry.objects.filter(action="query_log_viewed").count() == 3
