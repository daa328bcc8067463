"""The policy on its pages: guided from empty to adopted, amended, reviewed, compared, printed."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import docx
import pytest
from django.test import Client
from pypdf import PdfReader

from platekeeper.core.blanks import BLANKS
from platekeeper.core.wording import HEADINGS
from platekeeper.server.personnel.models import ChangeNotice, Person
from platekeeper.server.policy.lookups import draft, in_force, open_review, review_due_on
from platekeeper.server.policy.models import AnnualReview, PolicyVersion
from platekeeper.server.procedures.found_department import found_department
from tests.cast import Cast
from tests.days import today
from tests.hotlist.traffic import drive_past
from tests.web.access.policy import drafted, shown
from tests.web.making import signed_in, stepped_up

pytestmark = pytest.mark.django_db
AsRole = Callable[[str], Client]


def _text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def _typed(key: str, held: object) -> dict[str, object]:
    """Return what the page's own form posts for a value as it stands there."""
    blank = BLANKS[key]
    if held == []:
        return {"none": "on"}
    match blank.kind:
        case "period":
            number, _, unit = str(held).rpartition(" ")
            return {"value_0": number, "value_1": unit}
        case "periods":
            return {"value": "\n".join(f"{what}: {period}" for what, period in held)}  # type: ignore[attr-defined]
        case "lines" | "clauses":
            return {"value": "\n".join(held)}  # type: ignore[arg-type]
    return {"value": held}


def _founded() -> Person:
    return found_department(
        name="Mill Creek", kind="sheriff_office", zone="America/New_York", first_person_name="Sam Sheriff",
        username="sam", password="a long and quiet word", at=datetime.now(UTC),
    )  # fmt: skip


def test_a_fresh_department_goes_from_empty_to_adopted_in_one_sitting(db: None) -> None:
    client = signed_in(_founded())
    assert "whatever needs a blank is refused" in _text(client, "/policy/")
    answer = client.post("/policy/profiles/", {"profile": "new_york"})
    said = {"header.effective": f"{today()}", "header.section": "12",
            "header.review": f"{today(300)}"}  # fmt: skip
    visited = []
    while "/blanks/" in answer.headers["Location"]:
        address = answer.headers["Location"]
        key = address.split("/")[-2]
        visited.append(key)
        page = _text(client, address)
        assert BLANKS[key].label in page.replace("&#x27;", "'")
        held = draft()
        assert held is not None
        answer = client.post(address, _typed(key, said.get(key, held.values.get(key))))
        assert answer.status_code == 302, (key, client.post(address, _typed(key, held.values.get(key))).content[-900:])
    assert len(visited) == len(set(visited)) == len(BLANKS) - 4  # founding said name, kind, zone and who signs
    assert "Every blank is said." in _text(client, "/policy/draft/")
    stepped_up(client)
    assert client.post("/policy/adopt/", shown()).status_code == 403  # not up for review yet
    client.post("/policy/draft/put-up/", shown())
    client.post("/policy/adopt/", shown())
    assert in_force(at=datetime.now(UTC)).number == 1
    page = _text(client, "/policy/")
    assert "Version 1" in page
    assert "Sheriff" in page


def test_what_would_leave_nobody_to_go_on_is_mended_at_its_blank(db: None) -> None:
    client = signed_in(_founded())
    page = client.post("/policy/blanks/signature.authority/", {"others": "Commissioner"})
    assert page.status_code == 403
    said = page.content.decode()
    assert "Name beside them one that is held" in said and "Commissioner" in said
    assert client.get("/policy/blanks/signature.authority/").status_code == 200


def test_a_value_that_a_profile_proposes_must_be_confirmed_singly(cast: Cast, as_role: AsRole) -> None:
    chief = stepped_up(as_role("chief"))
    version = drafted(cast)
    version.values.pop("VI.m.method")
    version.save()
    chief.post("/policy/profiles/", {"profile": "strict_21_days"})
    held = draft()
    assert held is not None
    assert held.unconfirmed == ["VI.m.method"]  # what was said already stays as it was
    chief.post("/policy/draft/put-up/", shown())
    page = _text(chief, "/policy/draft/")
    assert "Not confirmed yet" in page
    assert "Adopt version 2" not in page
    answer = chief.post("/policy/adopt/", shown())
    assert "Not confirmed yet" in answer.content.decode()
    chief.post("/policy/blanks/VI.m.method/", {"value": held.values["VI.m.method"]})
    chief.post("/policy/draft/put-up/", shown())
    assert chief.post("/policy/adopt/", shown()).status_code == 302


def test_a_change_takes_the_draft_back_from_review_and_counts_once_adopted(cast: Cast, as_role: AsRole) -> None:
    chief = stepped_up(as_role("chief"))
    drafted(cast)
    chief.post("/policy/blanks/VI.k.ceiling/", {"value_0": "120", "value_1": "days"})
    held = draft()
    assert held is not None
    assert held.put_up_at is None
    assert "<del>180</del> <ins>120</ins>" in _text(chief, "/policy/draft/")
    chief.post("/policy/draft/put-up/", shown())
    chief.post("/policy/adopt/", shown())
    assert in_force(at=datetime.now(UTC)).text("VI.k.ceiling") == "120 days"
    assert ChangeNotice.objects.get().cause == "policy"
    assert "<del>180</del> <ins>120</ins>" in _text(as_role("officer"), "/policy/versions/2/changes/")


@pytest.mark.parametrize(
    ("effective", "old"),
    [
        (0, (100, 110, 120)),
        (100, (100, 110, 120)),  # by then over under either: as many will have come
        (60, (40, 50, 60)),  # not over yet
    ],
)
def test_what_a_draft_makes_go_is_told_and_its_number_written_out(
    effective: int, old: tuple[int, ...], cast: Cast, as_role: AsRole, own_home: object
) -> None:
    now = datetime.now(UTC)
    for days in old:
        drive_past(cast, ["ABC1234"], at=now - timedelta(days=days))
    drafted(cast, effective=effective)  # which keeps 90 days, where 180 were kept
    chief = stepped_up(as_role("chief"))
    page = _text(chief, "/policy/draft/")
    assert "3 days of stored reads</strong>" in page.replace(", 0 hits", "") and "Write 3, to go on" in page
    assert "days of stored reads" not in _text(as_role("officer"), "/policy/draft/")
    for written in ({}, {"written": "2"}, {"written": "three"}):
        refused = chief.post("/policy/adopt/", shown() | written)
        assert (refused.status_code, "3 days of reads and 0 hits go for good" in refused.content.decode()) == (
            403,
            True,
        )
    then = now + timedelta(days=effective + 1)
    assert in_force(at=then).number == 1
    assert chief.post("/policy/adopt/", shown() | {"written": "3"}).status_code == 302
    assert in_force(at=then).number == 2


def test_nobody_adopts_or_puts_up_what_they_did_not_read(cast: Cast, as_role: AsRole) -> None:
    drafted(cast)
    chief, custodian = stepped_up(as_role("chief")), stepped_up(as_role("custodian"))
    read = shown()
    assert f'name="shown" value="{read["shown"]}"' in _text(chief, "/policy/draft/")
    custodian.post("/policy/blanks/VI.k.ceiling/", {"value_0": "120", "value_1": "days"})
    assert custodian.post("/policy/draft/put-up/", read).status_code == 403
    custodian.post("/policy/draft/put-up/", shown())
    for posted in (read, {}):
        answer = chief.post("/policy/adopt/", posted)
        assert (answer.status_code, "changed a moment ago" in answer.content.decode()) == (403, True)
    assert in_force(at=datetime.now(UTC)).number == 1
    assert chief.post("/policy/adopt/", shown()).status_code == 302


def test_a_version_for_tomorrow_is_shown_as_to_come(cast: Cast, as_role: AsRole) -> None:
    drafted(cast, effective=2)
    chief = stepped_up(as_role("chief"))
    chief.post("/policy/adopt/", shown())
    assert in_force(at=datetime.now(UTC)).number == 1
    assert in_force(at=datetime.now(UTC) + timedelta(days=3)).number == 2
    assert "Version 2 is in force from" in _text(as_role("officer"), "/policy/")


@pytest.mark.parametrize(
    ("key", "typed"),
    [("VI.k.ceiling", {"value_0": "many", "value_1": "days"}), ("III.zone", {"value": "Mars/North"}),
     ("VI.k.floor", {"value_0": "", "value_1": "never"}), ("IV.f.threshold", {"value": "much"}),
     ("header.effective", {"value": "soon"}), ("IV.h.also", {"value": "XX"}), ("IV.a.users", {"value": ["Nobody"]})],
)  # fmt: skip
def test_a_value_that_is_none_is_explained(key: str, typed: dict[str, object], cast: Cast, as_role: AsRole) -> None:
    answer = as_role("chief").post(f"/policy/blanks/{key}/", typed)
    assert (answer.status_code, "errorlist" in answer.content.decode()) == (200, True)


@pytest.mark.parametrize(
    ("key", "days", "words"),
    [("header.effective", -1, "is past"), ("header.review", 0, "must be a day to come"),
     ("header.review", 800, "within a year after the effective date")],
)  # fmt: skip
def test_a_date_that_could_never_be_adopted_is_refused_at_its_blank(
    key: str, days: int, words: str, cast: Cast, as_role: AsRole
) -> None:
    chief = as_role("chief")
    assert chief.post("/policy/blanks/header.effective/", {"value": f"{today()}"}).status_code == 302
    answer = chief.post(f"/policy/blanks/{key}/", {"value": f"{today(days)}"})
    assert (answer.status_code, words in answer.content.decode()) == (200, True)
    held = draft()
    assert held is not None
    assert held.values.get(key) == (f"{today()}" if key == "header.effective" else None)


def test_the_draft_tells_all_that_is_wrong_and_which_blanks_may_stay_open(cast: Cast, as_role: AsRole) -> None:
    chief = as_role("chief")
    version = drafted(cast)
    version.values |= {"header.effective": f"{today(-9)}"}
    for key in ("header.review", "V.d.authorizer"):
        version.values.pop(key)
    version.put_up_at = None
    version.save()
    page = _text(chief, "/policy/draft/")
    for words in ("is past", "The policy does not say yet: Date by which this version is reviewed", "Put the draft up"):
        assert words in page
    never, _, stay = page.partition("The policy can be adopted without them")
    assert "/policy/blanks/header.review/" in never.partition("cannot be adopted without them")[2]
    assert "/policy/blanks/V.d.authorizer/" in stay
    assert "/policy/blanks/header.review/" not in stay.partition("</ul>")[0]
    assert "Adopt version" not in page


def test_new_positions_are_named_on_the_page(cast: Cast, as_role: AsRole) -> None:
    as_role("custodian").post("/policy/blanks/V.d.authorizer/", {"value": ["Chief"], "others": "Captain\n\n"})
    held = draft()
    assert held is not None
    assert held.values["V.d.authorizer"] == ["Captain", "Chief"]


def test_a_blank_is_emptied(cast: Cast, as_role: AsRole) -> None:
    as_role("chief").post("/policy/blanks/V.d.authorizer/", {"others": ""})
    held = draft()
    assert held is not None
    assert "V.d.authorizer" not in held.values
    assert "special operations" in _text(as_role("chief"), "/policy/draft/")


def test_there_is_no_such_blank_clause_version_or_form(cast: Cast, as_role: AsRole) -> None:
    chief = as_role("chief")
    for address in ("blanks/IX.z/", "clauses/IX.z/", "versions/9/", "versions/1/changes/", "versions/1/policy.rtf"):
        assert chief.get(f"/policy/{address}").status_code == 404
    assert chief.post("/policy/profiles/", {"profile": "none"}).status_code == 302


def test_a_floor_above_the_ceiling_is_not_adopted(cast: Cast, as_role: AsRole) -> None:
    chief = stepped_up(as_role("chief"))
    drafted(cast)
    chief.post("/policy/blanks/VI.k.floor/", {"value_0": "365", "value_1": "days"})
    chief.post("/policy/draft/put-up/", shown())
    assert chief.post("/policy/adopt/", shown()).status_code == 403
    assert in_force(at=datetime.now(UTC)).number == 1


def test_clauses_are_added_struck_and_worded_anew_and_taken_back(cast: Cast, as_role: AsRole) -> None:
    chief = as_role("chief")
    new = {"number": "VI.n", "title": "Drones", "text": "No LPR flies.", "reason": "the board asked"}
    chief.post("/policy/clauses/add/", new)
    chief.post("/policy/clauses/V.d/", {"how": "struck", "reason": "we hold none", "text": ""})
    chief.post("/policy/clauses/IV.a/", {"how": "changed", "reason": "shorter", "text": "Only: {IV.a.users}."})
    page = _text(chief, "/policy/draft/")
    for words in ("No LPR flies.", "Struck by the Department: we hold none", "the board asked"):
        assert words in page
    chief.post("/policy/clauses/VI.n/", {"take-back": "1"})
    assert "No LPR flies." not in _text(chief, "/policy/draft/")
    bad = chief.post("/policy/clauses/add/", new | {"number": "VI.b"}).content.decode()
    assert "There is a clause VI.b" in bad


def test_reviewers_comment_on_what_is_up_for_review(cast: Cast, as_role: AsRole) -> None:
    officer = as_role("officer")
    assert officer.post("/policy/draft/comment/", {"text": "early"}).status_code == 403
    drafted(cast)
    officer.post("/policy/draft/comment/", {"clause": "VI.k", "text": "Ninety is short."})
    assert "Ninety is short." in _text(as_role("chief"), "/policy/draft/")
    assert as_role("outsider").get("/policy/versions/2/").status_code == 404


def test_a_draft_is_discarded_but_never_the_first(cast: Cast, as_role: AsRole) -> None:
    drafted(cast)
    stepped_up(as_role("chief")).post("/policy/draft/discard/")
    assert draft() is None
    assert "Nobody is drafting" in _text(as_role("chief"), "/policy/draft/")


def test_the_printed_policy_holds_every_clause_as_pdf_and_word(cast: Cast, as_role: AsRole) -> None:
    officer = as_role("officer")
    pdf = PdfReader(io.BytesIO(officer.get("/policy/versions/1/policy.pdf").content))
    pages = [page.extract_text() for page in pdf.pages]
    whole = " ".join("\n".join(pages).split())
    word = docx.Document(io.BytesIO(officer.get("/policy/versions/1/policy.docx").content))
    written = "\n".join(paragraph.text for paragraph in word.paragraphs)
    for heading in HEADINGS.values():
        assert heading in whole
        assert heading in written
    assert "Patrol Officer, Patrol Sergeant" in written
    assert all("version 1" in page for page in pages)


def test_the_annual_review_from_reminder_to_conclusion(cast: Cast, as_role: AsRole) -> None:
    custodian, chief = stepped_up(as_role("custodian")), stepped_up(as_role("chief"))
    assert custodian.post("/policy/annual-review/recommend/", {"text": "x"}).status_code == 302  # none is going on
    custodian.post("/policy/annual-review/begin/")
    assert custodian.post("/policy/annual-review/begin/").status_code == 403
    custodian.post("/policy/annual-review/recommend/", {"clause": "VI.k", "text": "Keep reads for 90 days."})
    going_on = open_review()
    assert going_on is not None
    [recommendation] = going_on.recommendations.all()
    decision = {"recommendation": recommendation.pk, "decision": "declined", "reason": ""}
    assert chief.post("/policy/annual-review/decide/", decision).status_code == 403  # not handed over
    custodian.post("/policy/annual-review/hand-over/")
    assert chief.post("/policy/annual-review/decide/", decision).status_code == 403  # no reason given
    next_on = today(300)
    end = {"conclusion": "keep", "next_on": f"{next_on}", "remark": "fine"}
    assert chief.post("/policy/annual-review/conclude/", end).status_code == 403  # not decided yet
    chief.post("/policy/annual-review/decide/", decision | {"reason": "cases take longer"})
    chief.post("/policy/annual-review/conclude/", end)
    assert AnnualReview.objects.get().conclusion == "keep"
    assert review_due_on(at=datetime.now(UTC)) == next_on
    assert "the policy stays as it is" in _text(as_role("officer"), "/policy/annual-review/")


def test_nobody_drafts_from_outside(cast: Cast, as_role: AsRole) -> None:
    assert Person.objects.get(username="outsider").kind == "outside"
    assert as_role("outsider").get("/policy/draft/").status_code == 403
    assert PolicyVersion.objects.count() == 1
