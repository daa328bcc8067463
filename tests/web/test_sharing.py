"""Sharing on the screen: an MOU comes to be in force and is stopped, results leave, guests see that they are guests."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from platekeeper.core.rules.sharing import Share, Terms
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.personnel.changes import add_person
from platekeeper.server.personnel.models import Person
from platekeeper.server.policy import changes as policy
from platekeeper.server.procedures import end_cases, guests, keep_cases, manage_mous
from platekeeper.server.procedures.authority import footing
from platekeeper.server.procedures.manage_agencies import change_agency
from platekeeper.server.procedures.question import Question
from platekeeper.server.procedures.search_lpr_data import search
from platekeeper.server.querylog.models import QueryLogEntry
from platekeeper.server.sharing.models import Dissemination, Mou, Order
from tests.cast import Cast
from tests.hotlist.traffic import drive_past
from tests.sharing import PDF, end_mous, make_mou
from tests.web.access.cases import asked, preserved
from tests.web.making import make_hit, signed_in, stepped_up

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)


@pytest.fixture
def cast(cast: Cast) -> Cast:
    end_mous(cast, at=NOW)
    return cast


def _look(**changed: Any) -> dict[str, Any]:
    facts = {
        "since": f"{NOW - timedelta(days=1):%Y-%m-%dT%H:%M}", "until": f"{NOW + timedelta(days=1):%Y-%m-%dT%H:%M}",
        "purpose": "stolen", "case_number": "M-26-4", "why": "gray van of our burglary on Mill Road",
    }  # fmt: skip
    return facts | changed


def test_an_mou_is_drafted_attested_and_suspended_on_its_page(cast: Cast) -> None:
    custodian, chief = stepped_up(signed_in(cast.custodian)), stepped_up(signed_in(cast.chief))
    today = footing(cast.chief, at=NOW).today
    drafted = custodian.post("/sharing/mous/new/", {
        "agency": cast.outsider.agency.pk, "title": "Stolen cars", "begins_on": f"{today}",
        "ends_on": f"{today + timedelta(days=20)}", "shares": ["hits"], "purposes": ["stolen"], "barred": ["immigration"],
        "only_hits": "on", "days": 30, "document": SimpleUploadedFile("mou.pdf", PDF, "application/pdf"),
    })  # fmt: skip
    address = drafted.headers["Location"]
    assert "not attested by both" in chief.get(address).content.decode()
    custodian.post(f"{address}theirs/", {"note": "Sheriff Mills"})
    assert "MOU to attest" in chief.get("/").content.decode()
    chief.post(f"{address}attest/", {"note": ""})
    page = chief.get(address).content.decode()
    assert "in force" in page
    assert "immigration status alone" in page
    assert "MOU that ends within a month" in custodian.get("/").content.decode()
    custodian.post(f"{address}suspend/", {"note": "their server was broken into"})
    assert "is suspended" in custodian.get(address).content.decode()
    assert custodian.get(f"{address}document.pdf").content == PDF


def test_an_order_is_recorded_with_its_document(cast: Cast) -> None:
    custodian, today = signed_in(cast.custodian), footing(cast.custodian, at=NOW).today
    told = {
        "agency": cast.outsider.agency.pk, "kind": "warrant", "court": "County Court", "number": "26-9", "shares": ["hits"],
        "scope": "all hits of ABC 1234", "issued_on": f"{today}", "ends_on": f"{today}",
    }  # fmt: skip
    custodian.post("/sharing/orders/new/", told | {"document": SimpleUploadedFile("w.pdf", PDF, "application/pdf")})
    order = Order.objects.get()
    assert custodian.get(f"/sharing/orders/{order.pk}/document.pdf").content == PDF
    page = custodian.get("/sharing/").content.decode()
    assert "obliges" in page and "<dt>What it asks for</dt><dd>hits</dd>" in page
    assert 'href="/cases/requests/"' in custodian.get("/sharing/orders/new/").content.decode()
    custodian.post(f"/sharing/orders/{order.pk}/withdraw/", {"note": "quashed"})
    assert "quashed" in custodian.get("/sharing/").content.decode()


def test_results_are_handed_out_as_a_file_whose_digest_is_on_record(cast: Cast) -> None:
    make_mou(cast, at=NOW, terms=Terms(days=9, only_hits=False))
    drive_past(cast, ["ABC1234"], at=NOW)
    question = Question(
        plate="ABC1234", purpose="stolen", offense="theft", case_number="26-7", justification="gray van seen at Canal St",
        none_prohibited=True, since=NOW - timedelta(days=1), until=NOW + timedelta(hours=1),
    )  # fmt: skip
    entry = search(footing(cast.detective, at=NOW), question).entry
    address = f"/sharing/left/query/{entry.pk}/"
    assert signed_in(cast.clerk).get(address).status_code == 404, "one's own query alone"
    told = {"agency": cast.outsider.agency.pk, "name": "Otto Outsider", "why": "their case", "form": "jsonl"}
    handed = stepped_up(signed_in(cast.detective)).post(address, told)
    gone = Dissemination.objects.get()
    assert handed.headers["Content-Disposition"] == f'attachment; filename="searches-{gone.pk}.jsonl"'
    assert hashlib.sha256(handed.getvalue()).hexdigest() == gone.sha256
    assert handed.headers["Content-Length"] == str(gone.size)
    listed = signed_in(cast.auditor).get(f"/sharing/left/?agency={cast.outsider.agency.pk}").content.decode()
    assert "Otto Outsider" in listed
    assert (
        "Nothing has been handed out."
        in signed_in(cast.auditor).get("/sharing/left/?until=2026-01-01").content.decode()
    )
    assert LedgerEntry.objects.filter(action="disseminations_viewed").count() == 2


def _hits(cast: Cast, **changed: Any) -> dict[str, Any]:
    wanted = {name: value for name, value in _look().items() if name != "why"}
    told = {"agency": cast.outsider.agency.pk, "name": "Otto Outsider", "why": "their case", "form": "jsonl"}
    return wanted | told | changed


@pytest.mark.parametrize(
    ("purpose", "shares", "words", "field"),
    [("audit", {Share.HITS}, "bars this purpose", "purpose"), ("wanted", {Share.HITS}, "for this purpose", "purpose"),
     ("stolen", {Share.READS}, "does not share this: hits", "agency")],
)  # fmt: skip
def test_what_an_mou_does_not_share_is_said_at_its_field_and_the_form_is_kept(
    purpose: str, shares: set[Share], words: str, field: str, cast: Cast
) -> None:
    make_mou(cast, at=NOW, shares=shares, purposes={"stolen"})
    custodian = stepped_up(signed_in(cast.custodian))
    answer = custodian.post("/sharing/left/hits/", _hits(cast, purpose=purpose))
    page = answer.content.decode()
    assert answer.status_code == 403
    assert 'value="Otto Outsider"' in page and 'value="M-26-4"' in page
    assert 'action="/sharing/left/hits/"' in page  # it may stand at the address that asked for the password
    [after] = re.findall(rf'id="id_{field}"(.*?)</div>', page, re.DOTALL)
    assert words in after.partition("errorlist")[2]
    assert LedgerEntry.objects.filter(action="action_refused").count() == 1
    assert not Dissemination.objects.exists()
    make_mou(cast, at=NOW)
    handed = custodian.post("/sharing/left/hits/", _hits(cast))
    assert hashlib.sha256(handed.getvalue()).hexdigest() == Dissemination.objects.get().sha256


def test_refused_results_keep_their_form_too_and_who_may_draft_is_led_to_an_mou(cast: Cast) -> None:
    drive_past(cast, ["ABC1234"], at=NOW)
    question = Question(
        plate="ABC1234", purpose="stolen", offense="theft", case_number="26-7", justification="gray van seen at Canal St",
        none_prohibited=True, since=NOW - timedelta(days=1), until=NOW + timedelta(hours=1),
    )  # fmt: skip
    address = f"/sharing/left/query/{search(footing(cast.detective, at=NOW), question).entry.pk}/"
    told = {"agency": cast.outsider.agency.pk, "name": "Otto Outsider", "why": "their case", "form": "jsonl"}
    answer = stepped_up(signed_in(cast.detective)).post(address, told)
    page = answer.content.decode()
    assert (answer.status_code, 'value="their case"' in page) == (403, True)
    assert "was ended" in page
    assert f'action="{address}"' in page
    assert "/sharing/mous/new/" not in page  # a detective drafts none
    page = signed_in(cast.custodian).get("/sharing/left/hits/").content.decode()
    assert "/sharing/mous/new/" in page and "/sharing/orders/new/" in page
    QueryLogEntry.objects.update(begun_at=NOW - timedelta(days=2))
    assert "These results are closed" in stepped_up(signed_in(cast.detective)).post(address, told).content.decode()


def test_a_guest_sees_that_they_are_one_and_what_the_mou_shares_until_it_ends(cast: Cast) -> None:
    guest = signed_in(cast.outsider)
    assert "this account does nothing" in guest.get("/").content.decode()
    assert guest.get("/sharing/guest/").status_code == 403
    mou = make_mou(cast, at=NOW, shares={Share.HITS}, terms=Terms(days=9, area="circle 43.0481,-76.1474 800"))
    hit = make_hit(cast)
    page = guest.get("/sharing/guest/").content.decode()
    assert "You are a guest, of Mill County" in page.replace("&#x27;", "'")
    assert f"until {mou.ends_on}" in page
    assert hit.plate not in page, "only for a purpose, and on record"
    shown = guest.post("/sharing/guest/", _look())
    assert hit.plate in shown.content.decode()
    gone = Dissemination.objects.get()
    assert (gone.form, gone.to, gone.records, gone.mou_id) == ("screen", "Otto Outsider", 1, mou.pk)
    for refused in ({"purpose": "audit"}, {"purpose": "missing"} | {"why": "x"}, {"since": "2026-01-01T00:00"}):
        assert guest.post("/sharing/guest/", _look(**refused)).status_code == 403
    assert Dissemination.objects.count() == 1


def test_a_guest_sees_the_hits_of_a_time_page_by_page_each_on_record(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guests, "MOST", 2)
    make_mou(cast, at=NOW, shares={Share.HITS})
    for number in range(3):
        make_hit(cast, plate=f"SEEN{number}", at=NOW - timedelta(minutes=3 - number))
    guest = signed_in(cast.outsider)
    newest = guest.post("/sharing/guest/", _look()).content.decode()
    assert ("SEEN2" in newest, "SEEN1" in newest, "SEEN0" in newest) == (True, True, False)
    assert "2 hits of the time at most are on a page" in newest
    assert re.search(r'name="page" value="2">\s*Older', newest) and 'name="case_number" value="M-26-4"' in newest
    older = guest.post("/sharing/guest/", _look(page="2")).content.decode()
    assert ("SEEN1" in older, "SEEN0" in older) == (False, True)
    assert re.search(r'name="page" value="1">\s*Newer', older)
    assert [each.records for each in Dissemination.objects.order_by("pk")] == [2, 1]
    monkeypatch.setattr(guests, "MOST", 3)
    assert "at most are on a page" not in guest.post("/sharing/guest/", _look()).content.decode()
    gone, day = Dissemination.objects.earliest("pk"), timedelta(days=1)
    shown = signed_in(cast.auditor).get(f"/sharing/left/{gone.pk}/").content.decode()
    assert f"<dd>hits {NOW - day:%Y-%m-%d %H:%M} – {NOW + day:%Y-%m-%d %H:%M} page 1</dd>" in shown, "as it was asked"


def _received(client: Client, page: str = "") -> int:
    """Count what a guest's page says that they got."""
    shown = client.get(f"/sharing/guest/{page}").content.decode()
    return shown[shown.index('id="received"') :].count("hits, seen on the screen")


def test_what_a_guest_got_is_theirs_whatever_they_and_their_agency_are_called(cast: Cast) -> None:
    make_mou(cast, at=NOW, shares={Share.HITS, Share.SEARCHES})
    agency = cast.outsider.agency
    namesake = add_person(username="otto2", name=cast.outsider.name, kind=Person.Kind.OUTSIDE, agency=agency, at=NOW)
    for _look_number in range(21):
        signed_in(cast.outsider).post("/sharing/guest/", _look())
    assert (_received(signed_in(cast.outsider)), _received(signed_in(cast.outsider), "?page=2")) == (20, 1)
    assert _received(signed_in(namesake)) == 0
    Person.objects.filter(pk=cast.outsider.pk).update(name="Otto Insider")
    draft = policy.open_draft(at=NOW)
    policy.fill(draft, key="VI.l.destinations", value=["Mill County Police"])
    policy.adopt(draft, at=NOW, by=cast.chief.pk, by_name=cast.chief.name, effective_at=NOW)
    change_agency(footing(cast.chief, at=NOW), agency=agency, name="Mill County Police", ori=agency.ori, contact="")
    assert _received(signed_in(cast.outsider), "?page=2") == 1


@pytest.mark.parametrize("address", ["/queries/requests/", "/queries/requests/new/", "/sharing/guest/"])
def test_a_guests_access_ends_with_the_mou(cast: Cast, address: str) -> None:
    mou = make_mou(cast, at=NOW)
    guest = signed_in(cast.outsider)
    assert guest.get(address).status_code == 200
    _suspend(cast, mou)
    assert guest.get(address).status_code == 403
    assert _navigation(guest) == {"/policy/", "/training/"}


def _suspend(cast: Cast, mou: Mou) -> None:
    manage_mous.suspend(footing(cast.custodian, at=datetime.now(UTC)), mou, why="a leak")


def _navigation(client: Client) -> set[str]:
    page = client.get("/").content.decode()
    menu = page[page.index('<nav class="menu"') : page.index("</nav>")]
    return set(re.findall(r'href="([^"]+)"', menu))


def test_a_request_is_filled_in_from_an_lpq(cast: Cast) -> None:
    clerk, address = signed_in(cast.clerk), "/queries/requests/new/"
    page = clerk.post(
        address, {"lpq": "LPQ.NY0000001.NY0000000.TXT\nLIC/ABC1234.BEG/20260601.END/20260602"}
    ).content.decode()
    assert 'value="ABC1234"' in page
    assert f'<option value="{cast.outsider.agency.pk}" selected>' in page
    assert "Give LIC/" in clerk.post(address, {"lpq": "LPQ.NY0000001.NY0000000.TXT\nLOC/NY"}).content.decode()


def test_a_guest_asks_only_for_the_purposes_of_the_mou(cast: Cast) -> None:
    make_mou(cast, at=NOW, purposes={"stolen"}, barred=set())
    asked = {
        "plate": "ABC1234", "since": f"{NOW - timedelta(days=2):%Y-%m-%dT%H:%M}", "offense": "theft", "case_number": "26-7",
        "until": f"{NOW - timedelta(days=1):%Y-%m-%dT%H:%M}", "justification": "gray van of our theft", "purpose": "stolen",
    }  # fmt: skip
    guest = signed_in(cast.outsider)
    assert guest.post("/queries/requests/new/", asked).status_code == 302
    assert guest.post("/queries/requests/new/", asked | {"purpose": "wanted"}).status_code == 403


def test_a_packet_by_an_order_names_its_agency_and_a_refusal_keeps_the_form(cast: Cast) -> None:
    case, custodian, by = preserved(cast).case, stepped_up(signed_in(cast.custodian)), footing(cast.custodian, at=NOW)
    order = manage_mous.record_order(
        by, agency=cast.outsider.agency, kind=Order.Kind.WARRANT, court="County Court", number="26-9",
        shares=[Share.HITS], scope="all hits of ABC 1234", issued_on=by.today, ends_on=by.today, document=PDF,
    )  # fmt: skip
    told = {"to": "Clerk of the court", "why": "warrant 26-9", "order": order.pk}
    for changed, words in (({}, "Choose the agency"), ({"agency": cast.outsider.agency.pk, "order": ""}, "was ended.")):
        refused = custodian.post(f"/cases/{case.pk}/packet/", told | changed)
        page = refused.content.decode()
        assert refused.status_code == 403 and words in page and 'value="Clerk of the court"' in page
        assert '<details class="card" open><summary>Evidence packet' in page
    assert not Dissemination.objects.exists()
    assert LedgerEntry.objects.filter(outcome="refused").count() == 2
    packet = custodian.post(f"/cases/{case.pk}/packet/", told | {"agency": cast.outsider.agency.pk})
    assert packet.getvalue().startswith(b"PK")
    assert Dissemination.objects.get().order == order


def test_why_the_packet_of_a_sealed_case_left_is_for_its_keeper_alone(cast: Cast) -> None:
    case, by = preserved(cast).case, footing(cast.custodian, at=NOW)
    custodian, chief = stepped_up(signed_in(cast.custodian)), signed_in(cast.chief)
    custodian.post(f"/cases/{case.pk}/packet/", {"to": "District Attorney", "why": "the grand jury sits"}).getvalue()
    address = f"/sharing/left/{Dissemination.objects.get().pk}/"
    assert "the grand jury sits" in chief.get(address).content.decode()
    keep_cases.change_case(by, case, disposed_on=by.today, disposition="dismissed")
    end_cases.seal_case(by, case, order="County Court, order 12 of 2026")
    page = chief.get(address).content.decode()
    assert "the grand jury sits" not in page and "sealed by order" in page and "District Attorney" in page
    assert "the grand jury sits" in custodian.get(address).content.decode()


def test_a_request_whose_packet_has_no_ground_keeps_its_page(cast: Cast) -> None:
    found, custodian = asked(cast, of=preserved(cast).case), stepped_up(signed_in(cast.custodian))
    agency = cast.outsider.agency.pk
    refused = custodian.post(f"/cases/requests/{found.pk}/packet/", {"agency": agency})
    page = refused.content.decode()
    assert refused.status_code == 403 and "was ended." in page and "Mend it below" in page
    assert f'<option value="{agency}" selected>' in page and "Record the answer" in page
    assert not Dissemination.objects.exists() and not found.steps.exists()
    assert custodian.post(f"/cases/requests/{found.pk}/packet/").getvalue().startswith(b"PK")


def test_the_whole_query_log_by_an_order_names_its_agency_too(cast: Cast) -> None:
    by = footing(cast.custodian, at=NOW)
    order = manage_mous.record_order(
        by, agency=cast.outsider.agency, kind=Order.Kind.SUBPOENA, court="County Court", number="26-10",
        shares=[Share.SEARCHES], scope="who looked", issued_on=by.today, ends_on=by.today, document=PDF,
    )  # fmt: skip
    auditor = stepped_up(signed_in(cast.auditor))
    refused = auditor.post("/queries/log/export/whole/", {"to": "Clerk", "why": "26-10", "order": order.pk})
    assert refused.status_code == 403 and "Choose the agency" in refused.content.decode()
    assert not Dissemination.objects.exists()
