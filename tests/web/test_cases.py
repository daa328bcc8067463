"""Case files on their pages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from platekeeper.server.casefiles.models import CaseFile
from tests.cast import Cast
from tests.web.access.cases import opened, preserved
from tests.web.making import make_hit

pytestmark = pytest.mark.django_db
AsRole = Callable[[str], Client]


def _text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_case_is_opened_and_a_hit_is_copied_into_it_from_its_page(cast: Cast, as_role: AsRole) -> None:
    officer = as_role("officer")
    assert "No case has been opened" in _text(officer, "/cases/")
    form = {"number": "26-114", "title": "Hit and run", "offence_class": "felony", "is_felony": "on"}
    officer.post("/cases/", form)
    case = CaseFile.objects.get()
    assert "errorlist" in officer.post("/cases/", form).content.decode()
    hit = make_hit(cast, steps=("image_verified",))
    assert "Copy it into the case" in _text(officer, f"/hits/{hit.pk}/")
    answer = officer.post(f"/cases/preserve/hit/{hit.pk}/", {"number": "26-114"}, follow=True)
    assert "no disposal can take it" in answer.content.decode()
    assert "26-114" in _text(officer, f"/hits/{hit.pk}/")
    page = _text(officer, f"/cases/{case.pk}/")
    assert "It is a felony investigation" in page
    assert officer.post(f"/cases/preserve/hit/{hit.pk}/", {"number": "26-114"}).status_code == 403


def test_a_case_that_is_not_there_is_said(cast: Cast, as_role: AsRole) -> None:
    hit = make_hit(cast)
    answer = as_role("officer").post(f"/cases/preserve/hit/{hit.pk}/", {"number": "none"}, follow=True)
    assert "There is no case none" in answer.content.decode()
    opened(cast)
    assert as_role("officer").post("/cases/preserve/tour/1/", {"number": "26-114"}).status_code == 404
    assert as_role("officer").post("/cases/preserve/hit/99999/", {"number": "26-114"}).status_code == 404


def test_disposition_moves_the_end_and_the_page_says_why(cast: Cast, as_role: AsRole) -> None:
    case, detective = opened(cast), as_role("detective")
    assert "Kept without an end for now" in _text(detective, f"/cases/{case.pk}/")
    form = {"title": "Hit and run", "offence_class": "felony", "is_felony": "on", "disposed_on": "2026-01-02"}
    detective.post(f"/cases/{case.pk}/", form)
    assert "Kept until 2050-12-27" in _text(detective, f"/cases/{case.pk}/")
    assert "errorlist" in detective.post(f"/cases/{case.pk}/", form | {"disposed_on": "soon"}).content.decode()


def test_what_is_preserved_is_shown_as_it_was_copied(cast: Cast, as_role: AsRole) -> None:
    kept = preserved(cast)
    page = _text(as_role("auditor"), f"/cases/{kept.case_id}/preserved/{kept.pk}/")
    assert kept.sha256 in page
    assert "left the scene" in page
    picture = as_role("auditor").get(f"/cases/{kept.case_id}/preserved/{kept.pk}/image/")
    assert picture.headers["Content-Type"] == "image/jpeg"
