"""Searching on its screens: no reason, no results; every look in the Query Log; results are their asker's own."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from PIL import Image

from platekeeper.core.formats.reads import ParsedRead
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.personnel.models import Grant, Person
from platekeeper.server.procedures import search_lpr_data
from platekeeper.server.procedures.authority import footing
from platekeeper.server.procedures.preserve import preserve_hit
from platekeeper.server.procedures.receive_reads import Submission, intake
from platekeeper.server.querylog.models import Approval, QueryLogEntry
from tests.cast import Cast
from tests.web.access.cases import opened
from tests.web.making import make_hit, signed_in, stepped_up

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
        "offense": "burglary", "case_number": "26-101", "justification": "seen leaving the scene", "none_prohibited": "on",
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


def test_what_takes_too_long_is_stopped_and_says_to_ask_for_less(
    seen: int, as_role: AsRole, monkeypatch: pytest.MonkeyPatch
) -> None:
    detective = as_role("detective")
    _ask(detective)
    answered = QueryLogEntry.objects.get()
    monkeypatch.setattr(search_lpr_data, "SECONDS", 0.0)
    looks = [detective.get(f"/queries/{answered.pk}/{page}") for page in ("", "overview/")]
    answers: list[Any] = [_ask(detective), *looks]
    for stopped in answers:
        assert stopped.status_code == 503
        assert "Ask for less: a shorter time" in stopped.content.decode()
    form = answers[0].content.decode()
    assert "That it was asked is in the Query Log." in form and 'value="26-101"' in form
    assert QueryLogEntry.objects.exclude(pk=answered.pk).get().state == QueryLogEntry.State.FAILED
    assert LedgerEntry.objects.filter(action="query_page_viewed").count() == 1 + len(looks)


def test_the_picture_is_the_askers_own(seen: int, as_role: AsRole) -> None:
    detective = as_role("detective")
    [address] = re.findall(r'src="(/queries/\d+/image/[^"]+)"', _ask(detective).content.decode())
    assert detective.get(address).content == _jpeg()
    assert as_role("custodian").get(address).status_code == 404
    assert detective.get(address[:-3] + "x/").status_code == 404


def test_a_form_that_is_not_filled_in_is_no_question_and_says_all_that_is_missing(seen: int, as_role: AsRole) -> None:
    empty = ("purpose", "offense", "case_number", "justification", "none_prohibited", "since")
    slips = {"until": "tomorrow", "plate": "AB!", "requestor": "Lt. Moss", "is_exigent": "on", "hour_from": "10:00"}
    page = _ask(as_role("detective"), **dict.fromkeys(empty, ""), **slips).content.decode()
    assert page.count('class="errorlist"') == len(empty) + len(slips)
    assert not QueryLogEntry.objects.exists()
    assert not LedgerEntry.objects.filter(action__in=("query_refused", "action_refused")).exists()


@pytest.mark.parametrize("role", ["detective", "rookie"])
def test_only_who_may_ask_is_told_what_is_missing(role: str, cast: Cast, as_role: AsRole) -> None:
    answer = _ask(as_role(role), justification="")
    assert (answer.status_code, "Say why this look is needed" in answer.content.decode()) == (
        (200, True) if role == "detective" else (403, False)
    )


@pytest.mark.parametrize("slip", ["justification", "exigent"])
def test_a_question_without_a_reason_of_its_own_is_refused_and_logged(slip: str, seen: int, as_role: AsRole) -> None:
    refused = _ask(as_role("detective"), **{slip: "official police business", "is_exigent": "on" * (slip == "exigent")})
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
    _ask(detective, justification="ongoing police investigation", case_number="26-999")
    auditor = as_role("auditor")
    whole = auditor.get("/queries/log/").content.decode()
    assert "26-101" in whole and "26-999" in whole
    only = auditor.get("/queries/log/?case_number=26-999&state=refused").content.decode()
    assert "26-999" in only and "26-101" not in only
    entry = QueryLogEntry.objects.get(case_number="26-101")
    assert "seen leaving the scene" in auditor.get(f"/queries/log/{entry.pk}/").content.decode()
    assert LedgerEntry.objects.filter(action="query_log_viewed").count() == 3


def test_a_refused_search_keeps_what_was_written_and_says_what_to_write(seen: int, as_role: AsRole) -> None:
    refused = _ask(as_role("detective"), justification="ongoing police investigation")
    page = refused.content.decode()
    assert refused.status_code == 403
    assert "This reason could stand before any search" in page and 'value="26-101"' in page
    assert 'action="/queries/"' in page  # it may stand at the address that asked for the password
    assert QueryLogEntry.objects.count() == 1


def test_what_is_searched_in_bulk_asks_for_the_password_first(seen: int, as_role: AsRole) -> None:
    detective = as_role("detective")
    person = Person.objects.get(username="detective")
    person.set_password("a word of my own")
    person.save()
    detective = signed_in(person)
    asked = _ask(detective, plate="A*")
    assert asked.redirect_chain[0][0].startswith("/accounts/reauthenticate/")  # type: ignore[attr-defined]
    assert not QueryLogEntry.objects.exists()
    assert _ask(stepped_up(detective), plate="A*").status_code == 200
    assert QueryLogEntry.objects.get().flags == ["bulk"]


def test_an_older_search_is_approved_by_somebody_else_and_run_by_who_asked(seen: int, as_role: AsRole) -> None:
    detective, sergeant = as_role("detective"), stepped_up(as_role("sergeant"))
    asked = _ask(detective, since=f"{NOW - timedelta(days=90):%Y-%m-%dT%H:%M}")
    assert "waits for approval" in asked.content.decode()
    entry = QueryLogEntry.objects.get()
    assert detective.get(f"/queries/{entry.pk}/").status_code == 404
    assert "search of older reads to decide" in sergeant.get("/").content.decode()
    queue = sergeant.get("/queries/approvals/").content.decode()
    assert "seen leaving the scene" in queue and "ABC1234" in queue
    sergeant.post(f"/queries/approvals/{entry.approval.pk}/decide/", {"granted": "yes"})
    assert "approved: run it today" in detective.get("/").content.decode()
    assert "Sam Sergeant approved it" in detective.get(f"/queries/{entry.pk}/asked/").content.decode()
    assert as_role("clerk").post(f"/queries/{entry.pk}/run/").status_code == 404
    page = detective.post(f"/queries/{entry.pk}/run/", follow=True).content.decode()
    assert page.count('<span class="plate">') == 1 + 25


def test_an_exigent_search_waits_for_its_review_and_is_overdue_after_a_day(seen: int, as_role: AsRole) -> None:
    _ask(as_role("detective"), is_exigent="on", exigent="child taken from the school yard")
    sergeant = as_role("sergeant")
    assert "exigent search to review" in sergeant.get("/").content.decode()
    Approval.objects.update(asked_at=NOW - timedelta(days=1, minutes=1))
    assert "not reviewed within a day" in sergeant.get("/").content.decode()
    assert "overdue" in sergeant.get("/queries/approvals/").content.decode()


def test_the_custodian_hands_in_the_list_of_numbers(seen: int, as_role: AsRole) -> None:
    custodian = as_role("custodian")
    given = {"how": "extend", "file": SimpleUploadedFile("cases.csv", b"number\n26-101\n")}
    assert "1 numbers are on the list" in custodian.post("/queries/case-numbers/", given, follow=True).content.decode()
    broken = {"how": "extend", "file": SimpleUploadedFile("cases.csv", b"26-1\n\xff\n")}
    assert "Line 2 is not UTF-8" in custodian.post("/queries/case-numbers/", broken).content.decode()
    _ask(as_role("detective"), case_number="26-102")
    entry = QueryLogEntry.objects.get()
    assert "on no list" in as_role("auditor").get(f"/queries/log/{entry.pk}/").content.decode()


def test_pictures_end_with_access(seen: int, cast: Cast, as_role: AsRole) -> None:
    detective = as_role("detective")
    [address] = re.findall(r'src="(/queries/\d+/image/[^"]+)"', _ask(detective).content.decode())
    Grant.objects.filter(person=cast.detective).update(ended_at=NOW)
    assert detective.get(address).status_code == 403


def test_a_picture_alone_is_logged_too(cast: Cast, as_role: AsRole) -> None:
    hit = make_hit(cast, image=_jpeg())
    kept = preserve_hit(footing(cast.officer, at=NOW), hit, case=opened(cast))
    officer = as_role("officer")
    for _again in range(2):
        assert officer.get(f"/hits/{hit.pk}/image/").status_code == 200
        assert officer.get(f"/cases/{kept.case_id}/preserved/{kept.pk}/image/").status_code == 200
    logged = Counter(LedgerEntry.objects.filter(person=cast.officer.pk).values_list("action", flat=True))
    assert (logged["hit_shown"], logged["case_viewed"]) == (1, 1)
