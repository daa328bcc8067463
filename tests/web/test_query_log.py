"""The Query Log and its review on their pages."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from platekeeper.core.rules.audits import Step
from platekeeper.server.casefiles.models import CaseFile
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.oversight.models import AuditStep
from platekeeper.server.procedures.authority import footing
from platekeeper.server.procedures.list_cases import list_cases
from platekeeper.server.querylog.models import Approval
from platekeeper.server.web import query_log
from tests.cast import Cast
from tests.web.access.cases import opened
from tests.web.access.query_log import searched, under_review
from tests.web.making import stepped_up

pytestmark = pytest.mark.django_db
AsRole = Callable[[str], Client]
NOW = datetime.now(UTC)
LOG = "/queries/log/"


def _text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def _export(client: Client, address: str, **data: str) -> str:
    return client.post(f"{LOG}{address}", data).getvalue().decode()


def test_the_log_is_narrowed_and_paged_by_key(cast: Cast, as_role: AsRole) -> None:
    auditor = as_role("auditor")
    for number in range(60):
        searched(cast, case_number=f"26-{number}", begun_at=NOW - timedelta(days=60 - number))
    first = _text(auditor, LOG)
    assert "60 queries" in first and "26-10<" in first and "26-9<" not in first
    [older] = re.findall(r'href="(\?before=\d+)"', first)
    last = _text(auditor, f"{LOG}{older}")
    assert "26-9<" in last and "26-10<" not in last and "Older" not in last
    day = f"{NOW - timedelta(days=6):%Y-%m-%d}"
    assert "2 queries" in _text(auditor, f"{LOG}?since={NOW - timedelta(days=7):%Y-%m-%d}&until={day}&case_number=26-")
    assert "No query answers this" in _text(auditor, f"{LOG}?since=yesterday")
    assert "No query answers this" in _text(auditor, f"{LOG}?flagged=on")
    under_review(cast, entry=searched(cast, case_number="26-99"))
    assert "1 query" in _text(auditor, f"{LOG}?flagged=on")
    seen = LedgerEntry.objects.filter(action="query_log_viewed").last()
    assert seen and seen.openings.get(field="flagged").value == "True"


def test_what_is_found_is_counted_up_to_a_thousand(
    cast: Cast, as_role: AsRole, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(query_log, "_COUNTED", 2)
    auditor = as_role("auditor")
    for expected in ("1 query", "2 queries", "More than 2 queries", "More than 2 queries"):
        searched(cast)
        assert f"<h2>{expected}</h2>" in _text(auditor, LOG)


def test_the_log_is_taken_out_redacted_or_whole(cast: Cast, as_role: AsRole) -> None:
    searched(cast, justification="left the bank")
    searched(cast, terms={"plate": "XYZ9876"}, case_number="26-2")
    cast.custodian.set_password("hall-tide-9182")
    cast.custodian.save()
    custodian = as_role("custodian")
    for which in ("", "whole/"):
        asked = custodian.post(f"{LOG}export/{which}", {"form": "jsonl", "to": "Council", "why": "report"})
        assert "/accounts/reauthenticate/" in asked.headers["Location"]
    redacted = _export(stepped_up(custodian), "export/", form="csv", case_number="26-114")
    assert redacted.count("\r\n") == 2 and "bank" not in redacted and "ABC1234" not in redacted
    whole = _export(stepped_up(custodian), "export/whole/", form="jsonl", to="Council", why="report")
    assert whole.count("\n") == 2 and "left the bank" in whole
    assert custodian.post(f"{LOG}export/whole/", {"form": "jsonl", "to": "Council"}).status_code == 403


def test_queries_of_a_case_are_preserved_from_the_log_and_from_the_case(cast: Cast, as_role: AsRole) -> None:
    case, entry = opened(cast), searched(cast)
    custodian = as_role("custodian")
    assert "Preserve all in 26-114" in _text(custodian, LOG)
    assert "Preserve all" not in _text(as_role("auditor"), LOG)
    assert "1 query was made under this case" in _text(as_role("detective"), f"/cases/{case.pk}/")
    custodian.post(f"{LOG}preserve/{case.pk}/")
    assert case.preserved.get().key == f"query:{entry.pk}"
    assert "To preserve" not in _text(custodian, LOG)


def test_a_wrong_number_is_corrected_by_who_made_the_query_and_both_stand_on_page_and_export(
    cast: Cast, as_role: AsRole
) -> None:
    case, entry, custodian = opened(cast), searched(cast), stepped_up(as_role("custodian"))
    assert "It belongs under another number" in _text(as_role("detective"), f"/cases/{case.pk}/")
    assert "It belongs under another number" not in _text(custodian, f"/cases/{case.pk}/")
    assert "It belongs under another number" not in _text(custodian, f"{LOG}{entry.pk}/")
    assert "It belongs under another number" in _text(as_role("auditor"), f"{LOG}{entry.pk}/")
    told = as_role("detective").post(f"{LOG}{entry.pk}/case/", {"number": "26-141", "why": "14 and 41"}, follow=True)
    assert "The query is under 26-141 from now on" in told.content.decode()
    page = _text(custodian, f"{LOG}{entry.pk}/")
    assert "26-114" in page and "Corrected to 26-141 by Dee Detective" in page and 'value="26-141"' in page
    assert "made under this case" not in _text(as_role("detective"), f"/cases/{case.pk}/")
    for number in ("26-114", "26-141"):
        assert "<td>26-141</td>" in _text(custodian, f"{LOG}?case_number={number}")
        [line] = csv.DictReader(io.StringIO(_export(custodian, "export/", form="csv", case_number=number)))
        assert (line["case_number"], line["case_now"]) == ("26-114", "26-141")


def test_the_number_of_now_and_whether_it_is_known_stand_wherever_a_query_is_told_of(
    cast: Cast, as_role: AsRole
) -> None:
    list_cases(footing(cast.custodian, at=NOW), b"26-114\n", replace=True)
    entry, beside = searched(cast, case_known="yes"), searched(cast, case_number="26-9")
    item = under_review(cast, Step.ASKED, entry=entry)
    detective, auditor = as_role("detective"), as_role("auditor")
    correction = {"number": "26-141", "why": "14 and 41"}
    told = detective.post(f"{LOG}{entry.pk}/case/", correction, follow=True).content.decode()
    assert "case 26-141. A reviewer asks you to explain it" in told
    assert "on no list: a reviewer will ask" in _text(detective, f"/queries/{entry.pk}/")
    assert "<dt>Is the number known</dt><dd>on no list</dd>" in _text(as_role("custodian"), f"{LOG}{entry.pk}/")
    page = _text(auditor, f"{LOG}{entry.pk}/")
    assert "The member corrected the number that it was under: 26-114 became 26-141." in page
    assert '<span class="muted">on no list</span>' in _text(auditor, f"/queries/audit/{item.pk}/")
    assert "<td>26-141</td>" in _text(auditor, f"/queries/audit/{under_review(cast, entry=beside).pk}/")
    lines = csv.DictReader(io.StringIO(_export(stepped_up(as_role("custodian")), "export/", form="csv")))
    found = {line["case_now"]: (line["case_known"], line["known_now"]) for line in lines}
    assert found == {"26-141": ("yes", "no"), "26-9": ("", "")}


def test_a_second_person_sees_the_number_of_now(cast: Cast, as_role: AsRole) -> None:
    list_cases(footing(cast.custodian, at=NOW), b"26-141\n", replace=True)
    entry = searched(cast, state="waiting", case_known="no")
    Approval.objects.create(entry=entry, kind="before", asked_at=NOW)
    assert "on no list" in _text(as_role("sergeant"), "/queries/approvals/")
    as_role("detective").post(f"{LOG}{entry.pk}/case/", {"number": "26-141", "why": "14 and 41"})
    page = _text(as_role("sergeant"), "/queries/approvals/")
    assert "Corrected to 26-141 by Dee Detective" in page and "on no list" not in page


def test_an_entry_says_until_when_it_is_kept(cast: Cast, as_role: AsRole) -> None:
    entry, auditor = searched(cast), as_role("auditor")
    address = f"{LOG}{entry.pk}/"
    assert "belongs to no case" in _text(auditor, address)
    opened(cast)
    assert "waits for its final disposition" in _text(auditor, address)
    CaseFile.objects.update(disposed_on=NOW.date())
    assert f"Kept until {(NOW + timedelta(days=5 * 365)).year}" in _text(auditor, address)
    assert "says nothing of its own" in _text(auditor, address)
    assert "says nothing of its own" not in _text(as_role("custodian"), address)
    assert "says nothing of its own" not in _text(auditor, f"{LOG}{searched(cast, by=cast.auditor).pk}/")


def test_an_entry_names_the_lprs_that_were_asked(cast: Cast, as_role: AsRole) -> None:
    entry = searched(cast, terms={"plate": "ABC1234", "lprs": [cast.lpr.pk, 9999]})
    page = _text(as_role("auditor"), f"{LOG}{entry.pk}/")
    assert f"<dt>LPRs</dt><dd>{cast.lpr.name}, 9999</dd>" in page, "one that is gone by its number"


def test_a_reviewer_sees_everything_that_was_asked(cast: Cast, as_role: AsRole) -> None:
    span = {"since": "2026-01-01T00:00:00+00:00", "until": "2026-01-02T00:00:00+00:00", "lprs": [cast.lpr.pk]}
    asked = {
        "plate": "AB?1*, XYZ9876",
        "look_alikes": True,
        "colors": ["gray"],
        "area": "circle 43.1,-76.2 800",
        **span,
    }
    said: dict[str, Any] = {
        "recipients": "Mill County PD",
        "exigent": "child in the car",
        "flags": ["bulk", "suggests:personal"],
    }
    auditor = as_role("auditor")
    page = _text(auditor, f"/queries/audit/{under_review(cast, entry=searched(cast, terms=asked, **said)).pk}/")
    for words in (
        "AB?1*, XYZ9876", "look-alike characters accepted", "color: gray", "in circle 43.1,-76.2 800", cast.lpr.name,
        "Mill County PD", "child in the car", "in bulk", "a private matter",
    ):  # fmt: skip
        assert words in page, words
    tool = {"plate": "QRS4321", "tool": "travels_with", "minutes": 5, "occasions": 2, "places": 1, **span}
    entry = searched(cast, terms=tool)
    page = _text(auditor, f"/queries/audit/{under_review(cast, entry=entry).pk}/")
    assert "who travels with QRS4321" in page and "within 5 minutes of QRS4321" in page
    under_review(cast, Step.ASKED, entry=searched(cast, terms={"plate": "", **span}))
    assert "You searched for any plate" in _text(as_role("detective"), "/")


def test_a_review_goes_from_the_queue_to_the_member_and_back(cast: Cast, as_role: AsRole) -> None:
    item, auditor, detective = under_review(cast), as_role("auditor"), as_role("detective")
    step = f"/queries/audit/{item.pk}/step/"
    assert '<span class="big">1</span> query to review' in _text(auditor, "/")
    auditor.post(step, {"step": "asked", "words": "Which witness?"})
    assert "to review" not in _text(auditor, "/")
    home = _text(detective, "/")
    assert "Which witness?" in home and "ABC1234" in home
    assert "Which witness?" not in _text(as_role("clerk"), "/")
    detective.post(step, {"step": "answered", "words": "Report 7, page 2"})
    assert "Which witness?" not in _text(detective, "/")
    page = _text(auditor, f"/queries/audit/{item.pk}/")
    assert "Report 7, page 2" in page and "Accept the explanation" in page
    assert page.index("Accept the explanation") < page.index(">Misuse<"), "what ends it is the first button"
    auditor.post(step, {"step": "misuse", "words": "There is no report 7."})
    sergeant = as_role("sergeant")
    assert "finding of misuse to end" in _text(sergeant, "/")
    listed = _text(sergeant, "/queries/audit/findings/")
    assert "There is no report 7." in listed and "End the finding" in listed
    assert "End the finding" not in _text(auditor, "/queries/audit/findings/")
    assert "End the finding" in _text(sergeant, f"/queries/audit/{item.pk}/")
    assert sergeant.post(step, {"step": "ended", "words": "Access withdrawn."}).status_code == 302
    assert "finding of misuse to end" not in _text(sergeant, "/")
    assert "End the finding" not in _text(sergeant, "/queries/audit/findings/")
    assert list(AuditStep.objects.values_list("kind", flat=True)) == ["asked", "answered", "misuse", "ended"]
    assert LedgerEntry.objects.filter(action="query_audit_viewed", outcome="done").count() == 2
    assert auditor.post(step, {"step": "shot"}).status_code == 404


def test_a_survey_is_drawn_and_cited(cast: Cast, as_role: AsRole) -> None:
    searched(cast, begun_at=NOW - timedelta(days=100))
    auditor = as_role("auditor")
    assert "Say how many" in auditor.post("/queries/audit/survey/", {"size": "x"}, follow=True).content.decode()
    page = auditor.post("/queries/audit/survey/", {"size": "5"}, follow=True)
    assert "Random survey" in page.content.decode() and "Audrey Auditor" in page.content.decode()
    assert "Random survey" in _text(as_role("chief"), page.request["PATH_INFO"])


def test_nobody_sees_their_own_query_under_review(cast: Cast, as_role: AsRole) -> None:
    item = under_review(cast, Step.ASKED, entry=searched(cast, by=cast.auditor))
    auditor = as_role("auditor")
    assert "your own: somebody else reviews" in _text(auditor, "/queries/audit/")
    assert auditor.get(f"/queries/audit/{item.pk}/").status_code == 403
    assert f"/queries/audit/{item.pk}/" not in _text(auditor, f"/queries/audit/rounds/{item.round_id}/")
    assert "A reviewer asks you" in _text(auditor, "/")
