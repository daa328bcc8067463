"""The pages of hot lists: loading a file, asking for an entry, deciding, cancelling."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from django_q.models import OrmQ, Task
from pytest_django import Settings

from platekeeper.core.categories import Category
from platekeeper.core.formats.hotlists.delimited import FIELDS
from platekeeper.server.hotlist.models import HotList, HotListDelivery, HotListEntry, HotListLoading
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.personnel.models import Person
from platekeeper.server.procedures.hand_in_hot_list import load_waiting
from platekeeper.server.procedures.load_hot_list import LARGEST_FILE
from platekeeper.server.procedures.watch_hot_lists import take_inbox
from platekeeper.server.querylog.models import QueryLogEntry
from platekeeper.server.web.forms.hotlist import COLUMNS
from tests.cast import Cast
from tests.hotlist.making import ask, deliver, file, line, plates, records
from tests.hotlist.traffic import drive_past
from tests.web.making import BACKEND, past_second_factor, signed_in

pytestmark = records


def _as(person: Person) -> Client:
    return signed_in(person)


def _text(answer: Any) -> str:
    assert isinstance(answer, HttpResponse)
    return answer.content.decode()


def _upload(client: Client, content: bytes, **also: str) -> Any:
    given = {"hot_list": "portal", "holds": "whole", "file": SimpleUploadedFile("LPRinfo.txt", content), **also}
    return client.post(reverse("hot_list_load"), given)


def _load(client: Client, content: bytes, **also: str) -> str:
    """Hand a file in, let the job load it, and return the page that says what became of it."""
    answer = _upload(client, content, **also)
    assert answer.status_code == 302
    load_waiting(at=timezone.now())
    polled = client.get(answer["Location"], headers={"HX-Request": "true"})
    return _text(client.get(polled.headers.get("HX-Redirect", answer["Location"])))


def _given(**changed: str) -> dict[str, str]:
    ends = timezone.localtime() + timedelta(days=7)
    return {
        "plate": "abc-1234", "jurisdiction": "ny", "category": "crime_suspect", "reason": "left the scene",
        "authority": "desk officer", "case_number": "26-1182", "hit_action": "", "expires_at": f"{ends:%Y-%m-%dT%H:%M}",
        **changed,
    }  # fmt: skip


def test_nobody_sees_hot_lists_without_logging_in(cast: Cast) -> None:
    for name in ("hot_lists", "hot_list_load", "entries", "entry_request"):
        answer = Client().get(reverse(name))
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize(
    ("name", "method"),
    [("hot_lists", "post"), ("entries", "post"), ("hot_list_load", "put"), ("entry_request", "delete")],
)
def test_another_method_is_not_allowed(cast: Cast, name: str, method: str) -> None:
    assert getattr(_as(cast.custodian), method)(reverse(name)).status_code == 405


def test_no_list_and_a_stale_list_are_loud_and_todays_is_not(cast: Cast) -> None:
    client, now = _as(cast.officer), timezone.now()
    page = _text(client.get(reverse("hot_lists")))
    assert "Load today's file before a tour begins" in page and "Hits on it" not in page
    deliver(file(line("ABC1234")), by=cast.custodian, at=now - timedelta(days=2))
    page = _text(client.get(reverse("hot_lists")))
    assert "out of date" in page and "Hits on it say so." in page
    assert 'role="alert"' in page.split("<h1>")[1].split("</main>")[0]
    deliver(file(line("ABC1234"), line("XYZ9876")), by=cast.custodian, at=now)
    page = _text(client.get(reverse("hot_lists")))
    assert "Today&#x27;s hot list is in force." in page or "Today's hot list is in force." in page
    assert "out of date" not in page


def test_loading_a_file_shows_its_counts_changes_and_every_line_left_out(cast: Cast) -> None:
    client = _as(cast.custodian)
    _load(client, file(line("OLD0001")))
    page = _load(client, file(*["junk"] * 150, line("NEW0001", code="M"), *(line(plate) for plate in plates(1000))))
    delivery = HotListDelivery.objects.latest("pk")
    assert "missing person" in page
    assert "OLD0001 NY stolen vehicle" in page
    assert "Lines left out: 150" in page
    first_page = delivery.skipped[:100]
    assert all(f'<th scope="row">{number}</th>' in page for number, _, _ in first_page)
    second = client.get(reverse("hot_list_delivery", args=[delivery.pk]) + "?page=2")
    assert str(delivery.skipped[149][0]) in _text(second)


def test_a_file_that_is_being_loaded_shows_how_far_it_is(cast: Cast) -> None:
    client = _as(cast.custodian)
    answer = _upload(client, file(line("ABC1234")))
    loading = HotListLoading.objects.get()
    HotListLoading.objects.update(state="loading", percent=42)
    page = _text(client.get(answer["Location"]))
    assert 'value="42"' in page
    assert f'hx-get="{reverse("hot_list_loading", args=[loading.pk])}"' in page
    assert "LPRinfo.txt" in _text(client.get(reverse("hot_lists")))
    assert Task.objects.count() == 0
    assert OrmQ.objects.count() == 1  # the job is asked to run at once


def test_a_bad_file_says_why_and_changes_nothing(cast: Cast) -> None:
    page = _load(_as(cast.custodian), b"\xff\xfeh\x00")
    assert "UTF-16" in page
    assert "nothing was changed" in page
    assert not HotListDelivery.objects.exists()


def test_refused_files_stand_under_the_deliveries_with_their_reason(cast: Cast, settings: Settings) -> None:
    client = _as(cast.custodian)
    _load(client, b"\xff\xfeh\x00")
    laid = settings.HOME.inbox / "laid.txt"
    laid.parent.mkdir(parents=True, exist_ok=True)
    laid.write_bytes(b"")
    os.utime(laid, (1, 1))
    [taken] = take_inbox(at=timezone.now())
    portal = HotList.objects.get()
    other = HotList.objects.create(
        slug="county", name="County", source="department", format="mapped", alarms=[], added_at=timezone.now()
    )
    page = _text(client.get(reverse("hot_lists")))
    refused = page.partition("Files that were refused")[2]
    assert refused.index("laid.txt") < refused.index("LPRinfo.txt")  # the newest first
    assert escape(taken.reason) in refused
    assert "UTF-16" in refused
    assert reverse("hot_list_loading", args=[HotListLoading.objects.get().pk]) in refused
    assert "UTF-16" in _text(client.get(reverse("hot_list", args=[portal.pk])))
    assert "UTF-16" not in _text(client.get(reverse("hot_list", args=[other.pk])))
    seen = _text(_as(cast.officer).get(reverse("hot_lists")))
    assert "UTF-16" in seen
    assert "/hot-lists/loadings/" not in seen


def test_the_columns_of_a_file_with_a_heading_are_named_where_it_is_loaded(cast: Cast) -> None:
    page = _text(_as(cast.custodian).get(reverse("hot_list_load")))
    for name in (name for names, _ in COLUMNS for name in names):
        assert name in page.partition("Columns of a CSV")[2]
    assert len(COLUMNS) == len(FIELDS)


def test_no_file_at_all_is_asked_for(cast: Cast) -> None:
    answer = _as(cast.custodian).post(reverse("hot_list_load"), {})
    assert answer.status_code == 422
    assert "required" in _text(answer)


def test_a_file_that_is_too_large_is_refused_by_its_length_unread(cast: Cast) -> None:
    answer = _as(cast.custodian).post(
        reverse("hot_list_load"), b"", content_type="multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(LARGEST_FILE * 80),
    )  # fmt: skip
    assert answer.status_code == 413
    assert "larger than the 512 MB" in _text(answer)


def test_loading_is_protected_against_forged_requests(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.custodian, backend=BACKEND)
    past_second_factor(client)
    assert _upload(client, file(line("ABC1234"))).status_code == 403
    assert not HotListDelivery.objects.exists()


def test_a_much_shorter_list_is_loaded_only_knowingly(cast: Cast) -> None:
    client = _as(cast.custodian)
    _load(client, file(*(line(plate) for plate in plates(1000))))
    page = _load(client, file(*(line(plate) for plate in plates(10))))
    loading = HotListLoading.objects.latest("pk")
    assert reverse("hot_list_accept_shorter", args=[loading.pk]) in page
    assert HotListDelivery.objects.latest("pk").lines == 1000
    client.post(reverse("hot_list_accept_shorter", args=[loading.pk]))
    load_waiting(at=timezone.now())
    assert HotListDelivery.objects.latest("pk").lines == 10


def test_a_much_shorter_list_is_not_offered_once_another_was_loaded(cast: Cast) -> None:
    client = _as(cast.custodian)
    _load(client, file(*(line(plate) for plate in plates(1000))))
    _load(client, file(*(line(plate) for plate in plates(10))))
    loading = HotListLoading.objects.latest("pk")
    _load(client, file(*(line(plate) for plate in plates(1100))))
    page = _text(client.get(reverse("hot_list_loading", args=[loading.pk])))
    assert reverse("hot_list_accept_shorter", args=[loading.pk]) not in page
    refused = client.post(reverse("hot_list_accept_shorter", args=[loading.pk]))  # from a page that was open before
    assert refused.status_code == 403 and "Another file was loaded since: hand this one in again." in _text(refused)


def _list(**changed: Any) -> dict[str, Any]:
    return {
        "name": "County BOLOs", "source": "department", "format": "mapped", "columns": "plate = Tag\ncategory = Why",
        "words": "10-29V = stolen vehicle", "alarms": ["plate_and_state"], "categories": [], "actions": "gang = silent",
        "stale_after": "48", "in_use": "on", **changed,
    }  # fmt: skip


def test_a_list_is_added_shown_loaded_and_changed(cast: Cast) -> None:
    client = _as(cast.custodian)
    answer = client.post(reverse("hot_list_add"), _list())
    added = HotList.objects.get(slug="county-bolos")
    assert answer["Location"] == reverse("hot_list", args=[added.pk])
    page = _text(client.get(answer["Location"]))
    assert "plate and state agree" in page
    assert "after 48 hours" in page
    assert "hot-list-inbox/county-bolos/" in page
    page = _load(client, b"Tag,State,Why\nABC1234,NY,10-29V\n", hot_list="county-bolos")
    assert "stolen vehicle" in page
    page = _load(client, b"Tag,State,Why,Change\nXYZ9876,NY,gang,add\n", hot_list="county-bolos", holds="changes")
    assert "changes of the list" in page
    form = _text(client.get(reverse("hot_list_change", args=[added.pk])))
    assert "10-29V = stolen vehicle" in form and "= stolen_vehicle" not in form
    client.post(reverse("hot_list_change", args=[added.pk]), _list(in_use=""))
    added.refresh_from_db()
    assert not added.in_use
    assert "out of use" in _text(client.get(reverse("hot_list", args=[added.pk])))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"columns": "plate Tag"}, "= between"),
        ({"words": "x = gossip"}, "none of"),
        ({"actions": "gang = shout"}, "none of"),
        ({"columns": "hat = Hat"}, "no column"),
        ({"format": "new_york"}, "leave both templates empty"),
        ({"name": "portal"}, "give it another"),
        ({"stale_after": "0"}, "greater than or equal to 1"),
    ],
)
def test_a_list_that_makes_no_sense_says_why(cast: Cast, changed: dict[str, str], said: str) -> None:
    answer = _as(cast.custodian).post(reverse("hot_list_add"), _list(**changed))
    assert answer.status_code == 422
    assert said in _text(answer)
    assert not HotList.objects.filter(name="County BOLOs").exists()


def test_only_the_custodian_loads(cast: Cast) -> None:
    answer = _upload(_as(cast.sergeant), file(line("ABC1234")))
    assert answer.status_code == 403
    assert "IV.e" in _text(answer)


def test_a_member_asks_and_the_entry_waits(cast: Cast) -> None:
    client = _as(cast.officer)
    answer = client.post(reverse("entry_request"), _given())
    entry = HotListEntry.objects.get()
    assert answer["Location"] == reverse("entry", args=[entry.pk])
    assert (entry.plate, entry.jurisdiction, entry.hit_action, entry.state) == ("ABC1234", "NY", "stop", "requested")
    page = _text(client.get(answer["Location"]))
    assert "waiting for a decision" in page
    assert reverse("entry_cancel", args=[entry.pk]) in page
    assert reverse("entry_decide", args=[entry.pk]) not in page


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"plate": "A!"}, "letters A to Z"),
        ({"jurisdiction": "XX"}, "two letters"),
        ({"category": "gossip"}, "not one of the available choices"),
        ({"reason": ""}, "required"),
    ],
)
def test_a_request_that_cannot_stand_says_why(cast: Cast, changed: dict[str, str], said: str) -> None:
    answer = _as(cast.officer).post(reverse("entry_request"), _given(**changed))
    assert answer.status_code == 422
    assert said in _text(answer)
    assert not HotListEntry.objects.exists()


def test_an_alert_by_the_director_is_in_force_at_once_and_shows_prior_reads(cast: Cast) -> None:
    drive_past(cast, ["ABC1234"], at=timezone.now() - timedelta(hours=2))
    answer = _as(cast.sergeant).post(reverse("entry_request"), _given(category="amber"))
    page = _text(answer)
    assert answer.status_code == 200
    assert "on the hot list" in page
    assert "Bridge Street east" in page
    assert QueryLogEntry.objects.get().purpose == "alert"


def test_a_duplicate_links_to_the_entry_on_the_list(cast: Cast) -> None:
    first = ask(cast.sergeant, "ABC1234", category=Category.AMBER, at=timezone.now()).entry
    answer = _as(cast.officer).post(reverse("entry_request"), _given(category="amber"))
    assert answer.status_code == 409
    assert reverse("entry", args=[first.pk]) in _text(answer)
    HotListEntry.objects.update(hit_action="silent")
    answer = _as(cast.officer).post(reverse("entry_request"), _given(category="amber"))
    assert (answer.status_code, reverse("entry", args=[first.pk]) in _text(answer)) == (409, False)


def test_the_decider_puts_it_on_the_list_and_sees_prior_reads(cast: Cast) -> None:
    drive_past(cast, ["ABC1234"], at=timezone.now() - timedelta(hours=2))
    entry, client = ask(cast.officer, "ABC1234", at=timezone.now()).entry, _as(cast.custodian)
    assert "Put it on the list" in _text(client.get(reverse("entry_decide", args=[entry.pk])))
    answer = client.post(reverse("entry_decide", args=[entry.pk]), {"decision": "approve"})
    assert "Bridge Street east" in _text(answer)
    again = client.post(reverse("entry_decide", args=[entry.pk]), {"decision": "refuse", "remark": "late"})
    assert again.status_code == 403
    assert "by now" in _text(again)
    assert "Bridge Street east" in _text(client.post(reverse("entry_prior_reads", args=[entry.pk])))


def test_a_refusal_needs_its_reason(cast: Cast) -> None:
    entry, client = ask(cast.officer, "ABC1234", at=timezone.now()).entry, _as(cast.custodian)
    where = reverse("entry_decide", args=[entry.pk])
    assert client.post(where, {"decision": "refuse"}).status_code == 422
    assert client.post(where, {}).status_code == 422
    assert client.post(where, {"decision": "refuse", "remark": "no case"}).status_code == 302
    assert HotListEntry.objects.get().state == "refused"


def test_cancelling_asks_first_and_needs_a_reason(cast: Cast) -> None:
    entry, client = ask(cast.officer, "ABC1234", at=timezone.now()).entry, _as(cast.officer)
    where = reverse("entry_cancel", args=[entry.pk])
    assert "Keep it" in _text(client.get(where))
    assert HotListEntry.objects.get().state == "requested"
    assert client.post(where, {"reason": ""}).status_code == 422
    assert client.post(where, {"reason": "car recovered"}).status_code == 302
    assert HotListEntry.objects.get().state == "canceled"


def test_entries_are_listed_by_where_they_stand(cast: Cast) -> None:
    client, now = _as(cast.officer), timezone.now()
    ask(cast.officer, "WAI0001", at=now)
    ask(cast.sergeant, "ACT0001", category=Category.AMBER, at=now)
    assert "WAI0001" in _text(client.get(reverse("entries")))
    for state, plate in (("active", "ACT0001"), ("waiting", "WAI0001"), ("nonsense", "WAI0001")):
        page = _text(client.get(reverse("entries"), {"state": state}))
        assert plate in page
    assert "No entries here." in _text(client.get(reverse("entries"), {"state": "canceled"}))


def test_each_look_at_an_entry_is_logged_and_a_missing_one_is_not_found(cast: Cast) -> None:
    entry, client = ask(cast.officer, "ABC1234", at=timezone.now()).entry, _as(cast.auditor)
    assert client.get(reverse("entry", args=[entry.pk])).status_code == 200
    assert LedgerEntry.objects.filter(action="entry_viewed", person=cast.auditor.pk).count() == 1
    for name in ("entry", "entry_decide", "entry_cancel"):
        assert _as(cast.custodian).get(reverse(name, args=[999])).status_code == 404
    assert _as(cast.custodian).post(reverse("entry_prior_reads", args=[999])).status_code == 404
