"""Case files on their pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from platekeeper.server.casefiles import changes
from platekeeper.server.casefiles.models import CaseFile, Preserved
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.querylog.models import QueryLogEntry
from tests.cast import Cast
from tests.days import today as department_day
from tests.hotlist.traffic import drive_past
from tests.register.making import query
from tests.web.access.cases import opened, preserved
from tests.web.making import make_hit, stepped_up

pytestmark = pytest.mark.django_db
AsRole = Callable[[str], Client]


def _text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_case_is_opened_and_a_hit_is_copied_into_it_from_its_page(cast: Cast, as_role: AsRole) -> None:
    officer = as_role("officer")
    assert "No case has been opened" in _text(officer, "/cases/")
    form = {"number": "26-114", "title": "Hit and run", "offense_class": "felony", "is_felony": "on"}
    officer.post("/cases/", form)
    case = CaseFile.objects.get()
    assert "errorlist" in officer.post("/cases/", form).content.decode()
    hit = make_hit(cast, steps=("image_verified",))
    assert "Copy it into the case" in _text(officer, f"/hits/{hit.pk}/")
    address, told = f"/cases/preserve/hit/{hit.pk}/", {"number": "26-114"}
    asked = officer.post(address, told).content.decode()
    assert "Copy into 26-114, Hit and run?" in asked and f'href="/hits/{hit.pk}/"' in asked
    assert 'name="number" value="26-114"' in asked and not case.preserved.exists()
    answer = officer.post(address, told | {"into": case.pk}, follow=True)
    assert "no disposal can take it" in answer.content.decode()
    assert "26-114" in _text(officer, f"/hits/{hit.pk}/")
    page = _text(officer, f"/cases/{case.pk}/")
    assert "It is a felony investigation" in page
    assert officer.post(address, told | {"into": case.pk}).status_code == 403


def test_a_hit_and_a_query_that_went_on_say_so_where_they_are_kept(cast: Cast, as_role: AsRole) -> None:
    hit, custodian, case = make_hit(cast), as_role("custodian"), opened(cast)
    told = {"number": case.number, "into": case.pk}
    entry = query(cast.detective, datetime.now(UTC))
    for kind, number in (("hit", hit.pk), ("query", entry.pk)):
        custodian.post(f"/cases/preserve/{kind}/{number}/", told)
    pages = {"hit": f"/hits/{hit.pk}/", "query": f"/queries/log/{entry.pk}/"}
    assert not any("it went on since" in _text(custodian, page) for page in pages.values())
    hit.steps.create(
        kind="outcome",
        at=datetime.now(UTC),
        by=cast.officer,
        outcome="misread",
        policy_number=1,
        policy_digest="0" * 64,
    )
    QueryLogEntry.objects.update(found=7)
    for kind, page in pages.items():
        assert "it went on since: copy it again" in _text(custodian, page)
        number = hit.pk if kind == "hit" else entry.pk
        assert custodian.post(f"/cases/preserve/{kind}/{number}/", told).status_code == 302
        assert "it went on since" not in _text(custodian, page)


def test_who_worked_a_hit_of_which_something_came_is_asked_for_it_until_a_case_takes_it(
    cast: Cast, as_role: AsRole
) -> None:
    hit = make_hit(cast)
    ended = {"outcome": "correct", "led_on": "on", "followed": "arrest beside the parked car"}
    as_role("officer").post(f"/hits/{hit.pk}/outcome/", ended)
    assert "to be preserved in a case (V.c)" in _text(as_role("officer"), f"/hits/{hit.pk}/")
    for role, waits in (("officer", True), ("sergeant", True), ("detective", False)):
        assert ("hit to preserve in a case" in _text(as_role(role), "/")) is waits
        assert (f"Hit {hit.pk}" in _text(as_role(role), "/cases/")) is waits
    case = opened(cast)
    as_role("officer").post(f"/cases/preserve/hit/{hit.pk}/", {"number": case.number, "into": case.pk})
    assert "to preserve" not in _text(as_role("officer"), "/")


def test_a_case_that_is_not_there_is_said(cast: Cast, as_role: AsRole) -> None:
    hit = make_hit(cast)
    answer = as_role("officer").post(f"/cases/preserve/hit/{hit.pk}/", {"number": "none"}, follow=True)
    assert "There is no case none" in answer.content.decode()
    assert answer.redirect_chain == [("/cases/?open=none#open", 302)]
    opened(cast)
    assert as_role("officer").post("/cases/preserve/spoon/1/", {"number": "26-114"}).status_code == 404
    assert as_role("officer").post("/cases/preserve/hit/99999/", {"number": "26-114"}).status_code == 404


def test_disposition_moves_the_end_and_the_page_says_why(cast: Cast, as_role: AsRole) -> None:
    case, detective = opened(cast), as_role("detective")
    assert "Kept without an end for now" in _text(detective, f"/cases/{case.pk}/")
    form = {"title": "Hit and run", "offense_class": "felony", "is_felony": "on", "disposed_on": "2026-01-02"}
    detective.post(f"/cases/{case.pk}/", form)
    assert "Kept until 2050-12-27" in _text(detective, f"/cases/{case.pk}/")
    assert "errorlist" in detective.post(f"/cases/{case.pk}/", form | {"disposed_on": "soon"}).content.decode()


def test_an_older_page_takes_back_nothing_that_was_written_meanwhile(cast: Cast, as_role: AsRole) -> None:
    case, detective = opened(cast), as_role("detective")
    page = _text(detective, f"/cases/{case.pk}/")
    shown = {"title": "Hit and run", "offense_class": "felony", "is_felony": "True", "arrested_on": "", "charges": "",
             "disposed_on": "", "disposition": ""}  # fmt: skip
    assert all(f'name="initial-{name}"' in page for name in shown)
    changes.change_case(case, {"arrested_on": department_day(), "charges": "PL 155"})
    posted = {f"initial-{name}": value for name, value in shown.items()}
    detective.post(f"/cases/{case.pk}/", {**shown, **posted, "title": "Hit, run and theft"})
    case.refresh_from_db()
    assert (case.title, case.arrested_on, case.charges) == ("Hit, run and theft", department_day(), "PL 155")
    leaf = LedgerEntry.objects.filter(action="case_changed").latest("index").content()
    assert (leaf["details"], leaf["sealed"].keys() & {"title", "charges"}) == ({}, {"title"})


def test_what_is_preserved_is_shown_as_it_was_copied(cast: Cast, as_role: AsRole) -> None:
    kept = preserved(cast)
    page = _text(as_role("auditor"), f"/cases/{kept.case_id}/preserved/{kept.pk}/")
    assert kept.sha256 in page
    assert "left the scene" in page
    picture = as_role("auditor").get(f"/cases/{kept.case_id}/preserved/{kept.pk}/image/")
    assert picture.headers["Content-Type"] == "image/jpeg"


def test_what_came_into_the_wrong_case_is_set_aside_on_its_page_and_copied_where_it_belongs(
    cast: Cast, as_role: AsRole
) -> None:
    kept, right, detective = preserved(cast), opened(cast, "26-200"), as_role("detective")
    address = f"/cases/{kept.case_id}/preserved/{kept.pk}/"
    assert "Set it aside" in _text(detective, address) and "Set it aside" not in _text(as_role("auditor"), address)
    told = detective.post(f"{address}aside/", {"why": "the van of 26-200"}, follow=True).content.decode()
    assert "by Dee Detective: the van of 26-200" in told and "Set it aside" not in told
    assert "by Dee Detective: the van of 26-200" in _text(as_role("auditor"), f"/cases/{kept.case_id}/")
    copy = f"/cases/preserve/copy/{kept.pk}/"
    assert "Copy into 26-200, Hit and run?" in detective.post(copy, {"number": "26-200"}).content.decode()
    detective.post(copy, {"number": "26-200", "into": right.pk})
    assert list(right.preserved.values_list("key", "sha256")) == [(kept.key, kept.sha256)]
    assert detective.post(f"/cases/preserve/copy/{right.preserved.get().pk}/", {"number": "26-114"}).status_code == 404


def test_a_case_of_many_copies_is_listed_by_pages_without_what_was_copied(
    cast: Cast, as_role: AsRole, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    case, now = opened(cast), datetime.now(UTC)
    hits = [make_hit(cast, steps=("image_verified",)) for _ in range(60)]
    Preserved.objects.bulk_create(
        Preserved(
            case=case, kind="hit", key=f"hit:{hit.pk}", title=f"copy no. {number}", content=b"{}", sha256="0" * 64,
            preserved_at=now, preserved_by=cast.officer, policy_number=1, policy_digest="0" * 64,
        )
        for number, hit in enumerate(hits, start=1)
    )  # fmt: skip
    officer = as_role("officer")
    with django_assert_max_num_queries(50) as asked:
        first = _text(officer, f"/cases/{case.pk}/")
    assert "copy no. 50" in first and "copy no. 51" not in first
    assert "copy no. 51" in _text(officer, f"/cases/{case.pk}/?page=2")
    sql = " ".join(each["sql"] for each in asked.captured_queries)
    assert "casefiles_preservedimage" not in sql and '"casefiles_preserved"."content"' not in sql


def test_chosen_reads_go_into_a_case_with_their_query(cast: Cast, as_role: AsRole) -> None:
    now = datetime.now(UTC)
    drive_past(cast, ["ABC1234", "ABC1235", "XYZ0001"], at=now)
    detective, case = as_role("detective"), opened(cast)
    since, until = (f"{now + timedelta(days=days):%Y-%m-%d %H:%M}" for days in (-1, 1))
    form = {
        "plate": "ABC123?", "since": since, "until": until, "purpose": "stolen", "offense": "theft",
        "case_number": case.number, "justification": "a gray van left the bank on Canal Street",
        "none_prohibited": "on",
    }  # fmt: skip
    results = detective.post("/queries/", form, follow=True)
    refs = re.findall(r'name="read" value="([^"]+)"', results.content.decode())
    assert len(refs) == 2
    address = f"/cases/preserve/reads/{QueryLogEntry.objects.get().pk}/"
    assert "none was chosen" in detective.post(address, {"number": case.number}, follow=True).content.decode()
    missed = detective.post(address, {"number": "9", "read": refs[:1]}, follow=True).content.decode()
    assert "There is no case 9" in missed
    assert "/cases/?open=9#open" in missed
    assert re.findall(r'name="read" value="[^"]+"( checked)?', missed) == [" checked", ""]
    assert 'name="number" maxlength="40" value="9"' in missed
    [field] = re.findall(r'<input[^>]*id="id_number"[^>]*>', _text(detective, "/cases/?open=9"))
    assert 'value="9"' in field
    assert detective.post(address, {"number": case.number, "read": [f"{refs[0]}x"]}).status_code == 404
    assert as_role("clerk").post(address, {"number": case.number, "read": refs}).status_code == 404  # another's results
    asked = detective.post(address, {"number": case.number, "read": refs}).content.decode()
    assert all(f'name="read" value="{ref}"' in asked for ref in refs) and not case.preserved.exists()
    chosen = {"number": case.number, "read": refs, "into": case.pk}
    assert "preserved in the case" in detective.post(address, chosen, follow=True).content.decode()
    assert list(case.preserved.values_list("kind", flat=True)) == ["query", "read", "read"]


def test_a_sealed_case_is_in_the_list_without_its_title_and_opens_for_its_keeper(cast: Cast, as_role: AsRole) -> None:
    kept = preserved(cast)
    case, custodian = kept.case, stepped_up(as_role("custodian"))
    assert "Save the final disposition first" in _text(custodian, f"/cases/{case.pk}/")
    changes.change_case(case, {"disposed_on": department_day()})
    assert "Save the final disposition first" not in _text(custodian, f"/cases/{case.pk}/")
    assert "Seal this case" in _text(custodian, f"/cases/{case.pk}/")
    custodian.post(f"/cases/{case.pk}/end/seal/", {"order": "County Court 12"})
    for role in ("detective", "auditor", "chief"):
        assert "Hit and run" not in _text(as_role(role), "/cases/")
        assert as_role(role).get(f"/cases/{case.pk}/").status_code == 403
        assert as_role(role).get(f"/cases/{case.pk}/preserved/{kept.pk}/").status_code == 403
        assert as_role(role).get(f"/cases/{case.pk}/preserved/{kept.pk}/image/").status_code == 403
    page = _text(custodian, f"/cases/{case.pk}/")
    assert "Sealed since" in page and "Expunge for good" in page and "Export the packet" not in page
    assert custodian.post(f"/cases/{case.pk}/end/melt/").status_code == 404
    custodian.post(f"/cases/{case.pk}/end/expunge/", {"order": "County Court 13", "number": case.number})
    assert "Nothing is kept in this case any more" in _text(as_role("detective"), f"/cases/{case.pk}/")
    gone = _text(as_role("detective"), f"/cases/{case.pk}/preserved/{kept.pk}/")
    assert "the copy is gone" in gone and kept.sha256 in gone
    assert as_role("detective").get(f"/cases/{case.pk}/preserved/{kept.pk}/image/").status_code == 404


def test_a_request_for_records_is_recorded_worked_and_answered(cast: Cast, as_role: AsRole) -> None:
    case, custodian = preserved(cast).case, stepped_up(as_role("custodian"))
    assert "Nothing waits" in _text(custodian, "/cases/requests/")
    today = department_day()
    form = {
        "kind": "discovery", "asked_by": "Ms. Counsel", "what": "the stop of 3 March", "case": case.number,
        "received_on": f"{today - timedelta(days=9)}", "due_on": f"{today - timedelta(days=2)}",
    }  # fmt: skip
    wrong = custodian.post("/cases/requests/", form | {"case": "none"}).content.decode()
    assert "There is no such case" in wrong
    page = custodian.post("/cases/requests/", form, follow=True).content.decode()
    assert "overdue" in page
    assert "was due on" in _text(custodian, "/cases/requests/")
    address = custodian.get("/cases/requests/").context["waiting"][0]["request"].pk
    at = f"/cases/requests/{address}/"
    custodian.post(f"{at}acknowledge/", {})
    assert "Give the new day" in custodian.post(f"{at}extend/", {"until": "soon"}, follow=True).content.decode()
    custodian.post(f"{at}extend/", {"until": f"{today + timedelta(days=9)}", "why": "the lab is asked"})
    assert "Give the new day" in custodian.post(f"{at}correct-day/", {"why": "a slip"}, follow=True).content.decode()
    custodian.post(f"{at}correct-day/", {"until": f"{today - timedelta(days=1)}", "why": "a slip"})
    assert "overdue" in _text(custodian, at)
    custodian.post(f"{at}answer/", {"kind": "withdrawn"})
    assert "Take the request up again" not in _text(as_role("auditor"), at)
    assert "Take the request up again" in _text(custodian, at)
    assert custodian.post(f"{at}reopen/", {"why": " "}).status_code == 403
    custodian.post(f"{at}reopen/", {"why": "another one was"})
    assert "taken up again" in _text(custodian, at) and "overdue" in _text(custodian, at)
    assert "Choose an answer" in custodian.post(f"{at}answer/", {"kind": "maybe"}, follow=True).content.decode()
    assert custodian.post(f"{at}dance/", {}).status_code == 404
    assert custodian.post(f"{at}answer/", {"kind": "granted"}).status_code == 403
    packet = custodian.post(f"{at}packet/", {})
    assert packet.headers["Content-Type"] == "application/zip"
    assert packet.getvalue().startswith(b"PK")
    custodian.post(f"{at}answer/", {"kind": "granted"})
    done = _text(as_role("auditor"), at)
    assert "Granted" in done or "granted" in done
    assert "Nothing waits" in _text(custodian, "/cases/requests/")
    assert "Discovery: Ms. Counsel" in _text(custodian, f"/cases/{case.pk}/")
    assert "Packets handed out" in _text(custodian, f"/cases/{case.pk}/")


def test_cases_are_found_by_a_part_of_their_number(cast: Cast, as_role: AsRole) -> None:
    opened(cast, "26-114"), opened(cast, "26-200")
    page = _text(as_role("officer"), "/cases/?q=114")
    assert "26-114" in page and "26-200" not in page
    assert "No case has a number with" in _text(as_role("officer"), "/cases/?q=nothing")
