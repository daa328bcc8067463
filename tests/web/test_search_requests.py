"""Requests for searches on their screens, and the whole way of one on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.http import HttpResponse
from django.test import Client
from playwright.sync_api import Page, expect

from platekeeper.server.casefiles.models import Preserved
from platekeeper.server.procedures import search_lpr_data
from platekeeper.server.querylog.models import QueryLogEntry, SearchRequest
from tests.cast import Cast
from tests.hotlist.traffic import drive_past
from tests.web.access.cases import opened
from tests.web.access.search_requests import ZONE, posted, ran, requested
from tests.web.test_screens import look

AsRole = Callable[[str], Client]
Browse = Callable[..., Page]
MILL = "Mill County Sheriff's Office"
screens = pytest.mark.django_db


def _page(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def _post(client: Client, address: str, **data: str) -> HttpResponse:
    answer: HttpResponse = client.post(address, data, follow=True)  # type: ignore[assignment]
    return answer


@screens
def test_an_approved_search_that_takes_too_long_leaves_its_form(
    cast: Cast, as_role: AsRole, monkeypatch: pytest.MonkeyPatch
) -> None:
    drive_past(cast, ["ABC1234"], at=datetime.now(UTC))
    monkeypatch.setattr(search_lpr_data, "SECONDS", 0.0)
    asked = posted(none_prohibited="on", justification="It left the scene of our robbery.")
    answer = as_role("detective").post(f"/queries/requests/{requested(cast, approved=True).pk}/run/", asked)
    page = answer.content.decode()
    assert answer.status_code == 503
    assert (
        "Ask for less" in page and "That it was asked is in the Query Log." in page and "scene of our robbery" in page
    )


@screens
def test_the_dispatcher_enters_what_a_deputy_asks_by_phone(cast: Cast, as_role: AsRole) -> None:
    caller = {
        "name": "Deputy Dunn",
        "agency": str(cast.outsider.agency.pk),
        "way": "phone",
        "mutual_aid": "on",
        "urgent": "on",
    }
    page = _post(as_role("dispatcher"), "/queries/requests/new/", **posted(**caller)).content.decode()
    assert "Deputy Dunn" in page and "mutual aid" in page and "urgent" in page
    assert (SearchRequest.objects.get().outside, SearchRequest.objects.get().way) == (MILL, "phone")
    assert "request for a search to decide" in _page(as_role("sergeant"), "/")
    assert "to decide" not in _page(as_role("custodian"), "/")


@screens
@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"plate": ""}, "describe what is sought"),
        ({"plate": "AB/1"}, "A plate has letters"),
        ({"name": "Deputy Dunn"}, "and their agency"),
        ({"agency_name": "Elsewhere PD"}, "and their agency"),
        ({"offense": ""}, "required"),
    ],
)
def test_what_is_missing_is_said_before_anything_is_asked(
    changed: dict[str, str], words: str, cast: Cast, as_role: AsRole
) -> None:
    assert words in _post(as_role("officer"), "/queries/requests/new/", **posted(**changed)).content.decode()
    assert not SearchRequest.objects.exists()


@screens
def test_an_outside_account_asks_in_its_own_name_and_sees_no_lprs(cast: Cast, as_role: AsRole) -> None:
    outsider = as_role("outsider")
    form = _page(outsider, "/queries/requests/new/")
    assert 'name="name"' not in form and cast.lpr.name not in form and 'name="mutual_aid"' in form
    _post(outsider, "/queries/requests/new/", **posted(name="Somebody Else", lprs=str(cast.lpr.pk)))
    made = SearchRequest.objects.get()
    assert (made.name, made.outside, made.lprs) == ("Otto Outsider", MILL, [])


@screens
def test_the_approved_search_is_filled_in_and_both_ends_link(cast: Cast, as_role: AsRole) -> None:
    made = requested(cast, approved=True)
    detective = as_role("detective")
    form = _page(detective, f"/queries/requests/{made.pk}/run/")
    assert all(
        each in form for each in ("ABC1234</textarea>", 'value="26-114"', 'value="Olive Officer"', "It left the scene.")
    )
    fields = posted(
        plate="*7",
        case_number="26-9",
        requestor="Nobody",
        since=_local(made.since),
        until=_local(made.until),
        none_prohibited="on",
    )
    results = _post(detective, f"/queries/requests/{made.pk}/run/", **fields).content.decode()
    assert f'href="/queries/requests/{made.pk}/"' in results
    entry = QueryLogEntry.objects.get()
    assert (entry.terms["plate"], entry.case_number, entry.requestor) == ("ABC1234", "26-114", "Olive Officer")
    assert f"Query Log entry {entry.pk}" in _page(as_role("officer"), f"/queries/requests/{made.pk}/")
    assert f'href="/queries/requests/{made.pk}/"' in _page(as_role("auditor"), f"/queries/log/{entry.pk}/")
    assert as_role("custodian").get(f"/queries/{entry.pk}/").status_code == 404  # results stay with who ran it


@screens
def test_an_answer_that_names_no_case_keeps_what_was_typed(cast: Cast, as_role: AsRole) -> None:
    made = ran(cast)
    told = {"words": "Seen twice.", "case": "26-999", "how": "phone", "recipients": "Olive Officer"}
    page = _post(as_role("detective"), f"/queries/requests/{made.pk}/answer/", **told).content.decode()
    assert "There is no such case" in page and "Seen twice." in page


@screens
def test_what_approval_could_not_reach_says_why_and_offers_refusal(cast: Cast, as_role: AsRole) -> None:
    from_elsewhere = posted(name="Ray", agency_name="Elsewhere PD")
    _post(as_role("officer"), "/queries/requests/new/", **from_elsewhere)
    made, custodian = SearchRequest.objects.get(), as_role("custodian")
    page = _page(custodian, f"/queries/requests/{made.pk}/")
    assert "no such destination" in page and "Approve" not in page
    answered = _post(
        custodian, f"/queries/requests/{made.pk}/refuse/", clause="VI.l", words="Not among our destinations."
    )
    assert "under VI.l" in answered.content.decode()
    assert "of your requests answered" in _page(as_role("officer"), "/")
    assert "Not among our destinations." in _page(as_role("officer"), f"/queries/requests/{made.pk}/")
    assert "of your requests answered" not in _page(as_role("officer"), "/")


@screens
def test_the_queue_is_urgent_first_and_the_auditor_sees_all(cast: Cast, as_role: AsRole) -> None:
    plain, urgent = requested(cast), requested(cast, by="sergeant", urgent=True)
    for role, heading in (("custodian", "To decide"), ("auditor", "In the hands of others")):
        page = _page(as_role(role), "/queries/requests/queue/")
        assert heading in page
        assert page.index(f"/requests/{urgent.pk}/") < page.index(f"/requests/{plain.pk}/")
    assert "There are no requests that concern you." in _page(as_role("detective"), "/queries/requests/queue/")


@screens
@pytest.mark.parametrize("address", ["/queries/requests/999/", "/queries/requests/999/run/"])
def test_what_is_not_there_is_not_found(address: str, cast: Cast, as_role: AsRole) -> None:
    assert as_role("custodian").get(address).status_code == 404
    made = requested(cast)
    assert as_role("custodian").post(f"/queries/requests/{made.pk}/bless/").status_code == 404


def _local(moment: datetime) -> str:
    return f"{moment.astimezone(ZONE):%Y-%m-%dT%H:%M}"


@pytest.mark.django_db(transaction=True)
def test_a_request_goes_its_whole_way_on_a_phone(cast: Cast, browse: Browse) -> None:
    drive_past(cast, ["ABC1234"], at=datetime.now(UTC))
    opened(cast)
    asker, decider, runner = (browse(role, width=360) for role in ("officer", "custodian", "detective"))

    asker.goto("/")
    asker.get_by_role("link", name="Search requests").click()
    asker.get_by_role("link", name="Ask for a search").click()
    asker.get_by_label("Plate").fill("ABC1234")
    asker.get_by_label("What is sought").fill("A red van")
    asker.get_by_label("From").fill(f"{datetime.now():%Y-%m-01T00:00}")
    asker.get_by_label("Until").fill(f"{datetime.now().year + 1}-01-01T00:00")
    asker.get_by_label("Purpose").select_option("stolen")
    asker.get_by_label("Offense or incident type").fill("robbery")
    asker.get_by_label("Case or call number").fill("26-114")
    asker.get_by_label("Why the search is needed").fill("It left the bank on Canal Street.")
    asker.get_by_label("Urgent").check()
    asker.get_by_role("button", name="Ask", exact=True).click()
    expect(asker.get_by_text("waits for a decision").first).to_be_visible()
    look(asker, "search-request-asked-360")

    decider.goto("/")
    decider.get_by_role("link", name="request for a search to decide").click()
    look(decider, "search-queue-filled-360")
    decider.get_by_role("heading", name="ABC1234").get_by_role("link").click()
    look(decider, "search-request-decide-360")
    decider.get_by_role("button", name="Approve for 72 hours").click()
    expect(decider.get_by_text("approved").first).to_be_visible()

    runner.goto("/")
    runner.get_by_role("link", name="approved request to run and answer").click()
    runner.get_by_role("heading", name="ABC1234").get_by_role("link").click()
    runner.get_by_role("link", name="Run it").click()
    look(runner, "search-request-run-360")
    runner.get_by_label("This search serves none of these purposes").check()
    runner.get_by_role("button", name="Search").click()
    runner.get_by_label("Choose ABC1234").check()
    found = runner.url
    runner.get_by_role("button", name="Copy the chosen reads into the case").click()
    runner.get_by_role("button", name="Yes, copy it into this case").click()
    expect(runner).to_have_url(re.compile("/cases/[0-9]+/$"))
    runner.goto(found)
    runner.get_by_role("link", name="answer it there").click()
    runner.get_by_label("What was found").fill("Bridge Street, once, eastbound.")
    look(runner, "search-request-answer-360")
    runner.get_by_role("button", name="Record the answer").click()
    expect(runner.get_by_text("Bridge Street, once").first).to_be_visible()

    asker.goto("/")
    asker.get_by_role("link", name="of your requests answered").click()
    asker.get_by_role("heading", name="ABC1234").get_by_role("link").click()
    expect(asker.get_by_text("Bridge Street, once").first).to_be_visible()
    look(asker, "search-request-answered-360")
    kinds = set(Preserved.objects.filter(case__number="26-114").values_list("kind", flat=True))
    assert kinds == {"read", "query", "search"}
