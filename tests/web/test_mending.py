"""What is refused for what a long form says comes back in that form, with all that was typed; the ledger has it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from platekeeper.core.rules.complaints import Finding
from platekeeper.core.rules.deployments import Kind
from platekeeper.core.rules.sharing import Share
from platekeeper.server.hits.models import Hit
from platekeeper.server.hotlist.models import HotListEntry
from platekeeper.server.ledger.models import LedgerEntry
from tests.cast import Cast
from tests.hotlist.making import deliver, file, line
from tests.hotlist.traffic import drive_past
from tests.sharing import PDF, make_mou
from tests.web.access.barred import CLINIC
from tests.web.access.cases import opened
from tests.web.access.deployments import posted as detail
from tests.web.access.hotlist import _waiting
from tests.web.access.oversight import SAID, complained
from tests.web.access.search_requests import posted as search
from tests.web.access.search_requests import requested
from tests.web.access.violations import violated
from tests.web.factors import code, give_app
from tests.web.making import make_hit, stepped_up

pytestmark = pytest.mark.django_db
AsRole = Callable[[str], Client]
NOW = datetime.now(UTC)


def _day(days: int) -> str:
    return f"{NOW + timedelta(days=days):%Y-%m-%d}"


def _moment(**ahead: int) -> str:
    return f"{NOW + timedelta(**ahead):%Y-%m-%dT%H:%M}"


def _mended(answer: Any, *words: str) -> None:
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "This refusal is in the ledger." in page and "Mend it below" in page
    for each in words:
        assert each in page, each
    assert LedgerEntry.objects.filter(action="action_refused").count() == 1


_AID = {
    "kind": Kind.AID_GIVEN.value, "agency_name": "Ontario Village Police", "contact": "Chief Pike, 555-0100",
    "sought": "A red van with a ladder.",
}  # fmt: skip


@pytest.mark.parametrize(
    ("address", "changed", "reason"),
    [
        ("/deployments/mutual-aid/new/", _AID, "Name the crime."),
        ("/deployments/mutual-aid/new/", _AID | {"offense": "robbery"}, "Give the case or call number."),
        ("/deployments/new/", {"until": _moment(days=-1)}, "It ends before it begins."),
        ("/deployments/new/", {"since": _moment(days=-2), "until": _moment(days=-1)}, "It is over already"),
        ("/deployments/new/", {"until": _moment(days=40)}, "31 days at most"),
    ],
)
def test_a_deployment(address: str, changed: dict[str, str], reason: str, cast: Cast, as_role: AsRole) -> None:
    answer = as_role("sergeant").post(address, detail(cast) | changed)
    _mended(answer, reason, "STOP DWI weekend", 'value="Route 11, mile 4"', "circle 43.0481,-76.1474 800")
    assert f'value="{cast.lpr.pk}"' in answer.content.decode()


def test_a_look_at_hits(cast: Cast, as_role: AsRole) -> None:
    make_mou(cast, at=NOW, shares={Share.HITS})
    look = {
        "since": _moment(days=-200), "until": _moment(days=0), "purpose": "stolen", "case_number": "M-26-4",
        "why": "gray van of our burglary on Mill Road",
    }  # fmt: skip
    _mended(as_role("outsider").post("/sharing/guest/", look), "days at most at once", "gray van of our burglary")


def test_a_request_for_a_search(cast: Cast, as_role: AsRole) -> None:
    answer = as_role("officer").post("/queries/requests/new/", search(mutual_aid="on"))
    _mended(answer, "Mutual aid is between agencies", "It left the scene.", 'value="26-114"')


def test_an_approved_request_that_is_run_for_more(cast: Cast, as_role: AsRole) -> None:
    made = requested(cast, approved=True)
    asked = search(since=_moment(days=-90), none_prohibited="on", justification="It left the scene of our robbery.")
    answer = as_role("detective").post(f"/queries/requests/{made.pk}/run/", asked)
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "This refusal is in the ledger." in page and "It left the scene of our robbery." in page


@pytest.mark.parametrize(
    ("changed", "reason"), [({"ends_on": _day(3000)}, "after five years"), ({"document": b"MZ"}, "as a PDF")]
)
def test_an_mou(changed: dict[str, Any], reason: str, cast: Cast, as_role: AsRole) -> None:
    said = {"begins_on": _day(0), "ends_on": _day(20), "document": PDF} | changed
    answer = as_role("custodian").post("/sharing/mous/new/", {
        **said, "agency": cast.outsider.agency.pk, "title": "Stolen cars", "shares": ["hits"], "purposes": ["stolen"],
        "days": 30, "document": SimpleUploadedFile("mou.pdf", said["document"], "application/pdf"),
    })  # fmt: skip
    _mended(answer, reason, 'value="Stolen cars"')


def test_an_order(cast: Cast, as_role: AsRole) -> None:
    answer = as_role("custodian").post("/sharing/orders/new/", {
        "agency": cast.outsider.agency.pk, "kind": "subpoena", "court": "Mill County Court", "number": "26-9",
        "shares": ["hits"], "scope": "Hits of ABC1234 in May", "issued_on": _day(-2), "ends_on": _day(20),
        "document": SimpleUploadedFile("order.pdf", b"MZ", "application/pdf"),
    })  # fmt: skip
    _mended(answer, "Attach the order as a PDF.", "Hits of ABC1234 in May")


def test_a_suppression(cast: Cast, as_role: AsRole) -> None:
    deliver(file(line("ABC1234")), by=cast.custodian, at=NOW)
    drive_past(cast, ["ABC1234"], at=NOW)
    complaint = complained(cast, hit=Hit.objects.get(), findings=(Finding.WRONG_ENTRY,))
    told = {"source": "State portal", "text": "Recovered on the 3rd.", "until": _moment(days=60)}
    answer = stepped_up(as_role("chief")).post(f"/complaints/{complaint.pk}/correct/", told)
    _mended(answer, "for 30 days at most", 'value="State portal"', "Recovered on the 3rd.")


_SAID = "They wrote at length of how it went, on four pages."


_ENTRY = {
    "plate": "ABC1234", "jurisdiction": "NY", "category": "crime_suspect", "reason": "left the scene",
    "authority": "desk officer", "hit_action": "", "case_number": "26-1182", "expires_at": _moment(days=7),
}  # fmt: skip


@pytest.mark.parametrize("changed", [{"plate": "A*"}, {"expires_at": "2020-01-01T00:00"}])
def test_an_entry_that_is_asked_for(changed: dict[str, str], cast: Cast, as_role: AsRole) -> None:
    _mended(as_role("officer").post("/hot-lists/entries/new/", _ENTRY | changed), "VI.a", 'value="left the scene"')


def test_an_entry_from_the_car(cast: Cast, as_role: AsRole) -> None:
    answer = as_role("officer").post("/hot-lists/entries/quick/", {"plate": "KHB4471", "ground": "directed"})
    _mended(answer, "VII.f.2", "Name who directed", "KHB4471")


def test_an_entry_that_is_decided(cast: Cast, as_role: AsRole) -> None:
    [entry] = _waiting(cast)
    HotListEntry.objects.update(effective_at=NOW - timedelta(days=2), expires_at=NOW - timedelta(hours=1))
    custodian = stepped_up(as_role("custodian"))
    answer = custodian.post(f"/hot-lists/entries/{entry}/decide/", {"decision": "approve", "remark": _SAID})
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "Mend it below" in page and _SAID in page


def test_a_step_on_a_violation(cast: Cast, as_role: AsRole) -> None:
    address, chief = f"/violations/{violated(cast).pk}/step/", as_role("chief")
    chief.post(address, {"step": "measure", "words": "Spoken with."})
    answer = chief.post(address, {"step": "closed", "outcome": "", "words": _SAID})
    _mended(answer, "Choose how it ended.", f"{_SAID}</textarea>", 'value="closed" selected', "once.js")


def test_a_complaint(cast: Cast, as_role: AsRole) -> None:
    answer = as_role("chief").post("/complaints/new/", SAID | {"received_on": _day(2), "what_happened": _SAID})
    _mended(answer, "once it has come", _SAID)


def test_a_finding(cast: Cast, as_role: AsRole) -> None:
    address = f"/complaints/{complained(cast).pk}/finding/"
    answer = as_role("chief").post(address, {"text": _SAID, "findings": [Finding.WRONG_ENTRY.value]})
    _mended(answer, "Find the hit first: without it", f"{_SAID}</textarea>", "once.js")


def test_a_finding_without_a_box_ticked_and_an_answer_without_words(cast: Cast, as_role: AsRole) -> None:
    address = f"/complaints/{complained(cast).pk}/"
    page = as_role("chief").post(f"{address}finding/", {"text": _SAID}).content.decode()
    assert f"{_SAID}</textarea>" in page and "This field is required." in page
    assert "This field is required." in as_role("chief").post(f"{address}answer/", {"text": ""}).content.decode()


def test_what_is_refused_leads_back_to_the_page_of_ours_that_sent_it(cast: Cast, as_role: AsRole) -> None:
    hit, officer = make_hit(cast, steps=("image_verified",)), as_role("officer")
    for came, leads_back in ((f"http://testserver/hits/{hit.pk}/", True), ("https://example.org/hits/", False)):
        answer = officer.post(f"/hits/{hit.pk}/image-differs/", headers={"referer": came})
        assert answer.status_code == 403
        assert (f'href="{came}">Back</a>' in answer.content.decode()) is leads_back


def test_what_went_on_after_a_password_leads_back_to_no_password(cast: Cast, as_role: AsRole) -> None:
    """The refused act was asked for on a page before: the one that asked for the password has nothing to ask any more."""
    give_app(cast.custodian)
    custodian = as_role("custodian")
    asked = custodian.post("/upkeep/backup/destroyed/", {"folder": "/nowhere", "how": "shredded"})
    page = asked.headers["Location"]
    answer = custodian.post(page, {"code": code()}, headers={"referer": f"http://testserver{page}"})
    assert answer.status_code == 403 and ">Back</a>" not in answer.content.decode()


def test_a_directive(cast: Cast, as_role: AsRole) -> None:
    case = opened(cast)
    told = {"case": case.number, "plates": "ABC1234", "kept_until": _day(-1), "why": "civil suit"}
    answer = stepped_up(as_role("chief")).post("/directives/give/", told)
    _mended(answer, "until which day to come", 'value="civil suit"', "ABC1234</textarea>")


def test_a_barred_place(cast: Cast, as_role: AsRole) -> None:
    told = {"name": "Canal Street Clinic", "kind": "clinic", "area": CLINIC, "why": "Care without fear.",
            "until": _moment(days=-3)}  # fmt: skip
    answer = as_role("chief").post("/barred-places/", told)
    _mended(answer, 'value="Canal Street Clinic"', 'value="Care without fear."')


def test_where_no_other_words_would_help_it_is_refused(cast: Cast, as_role: AsRole) -> None:
    case = opened(cast)
    told = {"case": case.number, "plates": "ABC1234", "kept_until": _day(9), "why": "civil suit"}
    answer = stepped_up(as_role("custodian")).post("/directives/give/", told)
    assert answer.status_code == 403
    assert "Mend it below" not in answer.content.decode()
