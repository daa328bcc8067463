"""People on their pages: added, given positions and access, ended at once; and the agencies outside."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from platekeeper.server.personnel.changes import training
from platekeeper.server.personnel.models import Agency, Course, Grant, Holding, Person
from platekeeper.server.policy.models import PolicyVersion
from tests.cast import Cast
from tests.web.conftest import BACKEND
from tests.web.making import stepped_up

pytestmark = pytest.mark.django_db
AsRole = Callable[[str], Client]
NEW = {"name": "Nell New", "username": "nell", "kind": "member", "badge": "77"}


def _text(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def _signed_in(username: str, password: str) -> Client:
    client = Client()
    answer = client.post("/accounts/login/", {"login": username, "password": password})
    assert answer.status_code == 302, answer.content
    return client


def _today(days: int = 0) -> date:
    return timezone.localdate() + timedelta(days=days)


def test_somebody_is_added_signs_in_gets_a_position_is_trained_and_then_sees_hits(cast: Cast, as_role: AsRole) -> None:
    chief = stepped_up(as_role("chief"))
    page = chief.post("/people/add/", NEW).content.decode()
    [password] = re.findall(r"[0-9a-f]{4}(?:-[0-9a-f]{4}){3}", page)
    nell = Person.objects.get(username="nell")
    assert nell.must_set_password
    client = _signed_in("nell", password)
    client.force_login(nell, backend=BACKEND)
    Person.objects.filter(pk=nell.pk).update(must_set_password=False)
    chief.post(f"/people/{nell.pk}/give-position/", {"title": "Patrol Officer"})
    assert client.get("/hits/").status_code == 403
    training.record_training(
        nell, course=Course.objects.get(), on=_today(), given_by="t", at=datetime.now(UTC), by=cast.trainer,
        policy=(1, "0" * 64),
    )  # fmt: skip
    assert client.get("/hits/").status_code == 200
    chief.post(f"/people/{nell.pk}/end-position/", {"title": "Patrol Officer"})
    assert client.get("/hits/").status_code in {302, 403}
    assert "(ended)" in _text(chief, f"/people/{nell.pk}/")


@pytest.mark.parametrize(
    ("field", "value"),
    [("username", "officer"), ("username", "two words"), ("name", ""), ("kind", "outside"), ("ends_on", "soon")],
)
def test_a_person_that_cannot_be_is_explained(field: str, value: str, cast: Cast, as_role: AsRole) -> None:
    answer = stepped_up(as_role("chief")).post("/people/add/", {**NEW, field: value})
    assert (answer.status_code, "errorlist" in answer.content.decode()) == (200, True)
    assert not Person.objects.filter(username="nell").exists()


def test_somebody_of_another_agency_is_added_to_it(cast: Cast, as_role: AsRole) -> None:
    agency = Agency.objects.get(is_department=False)
    stepped_up(as_role("chief")).post("/people/add/", {**NEW, "kind": "outside", "agency": agency.pk})
    assert Person.objects.get(username="nell").agency == agency
    assert "Nell New" in _text(as_role("chief"), "/people/agencies/")


def test_access_ends_at_once_and_sessions_with_it(cast: Cast, as_role: AsRole) -> None:
    chief = stepped_up(as_role("chief"))
    cast.temp.set_password("a long and quiet word")
    cast.temp.save()
    for what in ("authorise-staff", "grant-inquiries"):
        chief.post(f"/people/{cast.temp.pk}/{what}/")
    temp = _signed_in("temp", "a long and quiet word")
    assert temp.get("/queries/").status_code == 200
    chief.post(f"/people/{cast.temp.pk}/end-inquiries/")
    assert temp.get("/queries/").status_code == 302  # the session is gone
    again = _signed_in("temp", "a long and quiet word")
    assert again.get("/queries/").status_code == 403
    page = _text(chief, f"/people/{cast.temp.pk}/")
    assert "given" in page
    assert "ended" in page
    assert Grant.objects.filter(person=cast.temp, ended_at=None).count() == 1


def test_a_disabled_account_is_out_and_comes_back(cast: Cast, as_role: AsRole) -> None:
    chief, officer = stepped_up(as_role("chief")), as_role("officer")
    assert officer.get("/hits/").status_code == 200
    chief.post(f"/people/{cast.officer.pk}/disable/")
    assert officer.get("/hits/").status_code in {302, 403}
    chief.post(f"/people/{cast.officer.pk}/enable/")
    assert as_role("officer").get("/hits/").status_code == 200
    assert chief.post(f"/people/{cast.chief.pk}/disable/").status_code == 403


def test_a_position_begins_and_ends_on_its_days(cast: Cast, as_role: AsRole) -> None:
    chief = stepped_up(as_role("chief"))
    address = f"/people/{cast.rookie.pk}/give-position/"
    chief.post(address, {"title": "Detective", "since": f"{_today(2)}", "until": f"{_today(9)}"})
    holding = Holding.objects.get(person=cast.rookie, position__title="Detective")
    assert (holding.since, holding.until) == (_today(2), _today(9))
    assert chief.post(address, {"title": "Auditor", "since": f"{_today(-2)}"}).status_code == 403
    assert chief.post(address, {"title": "Auditor", "until": f"{_today(-2)}"}).status_code == 403
    assert chief.post(address, {"title": "Nobody"}).status_code == 302
    assert not Holding.objects.filter(position__title__in=["Auditor", "Nobody"], person=cast.rookie).exists()


def test_the_last_who_signs_the_policy_stays(cast: Cast, as_role: AsRole) -> None:
    chief = stepped_up(as_role("chief"))
    assert chief.post(f"/people/{cast.chief.pk}/end-position/", {"title": "Chief"}).status_code == 403
    chief.post(f"/people/{cast.sergeant.pk}/give-position/", {"title": "Chief"})
    assert chief.post(f"/people/{cast.chief.pk}/end-position/", {"title": "Chief"}).status_code == 302


def test_a_designee_reaches_lpr_data_without_a_position(cast: Cast, as_role: AsRole) -> None:
    version = PolicyVersion.objects.get()
    version.values["VI.b.designators"] = ["Patrol Sergeant"]
    version.save()
    assert stepped_up(as_role("chief")).post(f"/people/{cast.officer.pk}/name-designee/").status_code == 403
    sergeant = stepped_up(as_role("sergeant"))
    assert "Reach LPR data" in _text(sergeant, f"/people/{cast.officer.pk}/")
    sergeant.post(f"/people/{cast.officer.pk}/name-designee/")
    assert Grant.objects.get(person=cast.officer).kind == "designee"
    sergeant.post(f"/people/{cast.officer.pk}/end-designee/")
    assert Grant.objects.get(person=cast.officer).ended_at
    assert sergeant.post(f"/people/{cast.outsider.pk}/name-designee/").status_code == 403


@pytest.mark.parametrize(
    ("query", "shown", "hidden"),
    [
        ("q=olive", "Olive Officer", "Dee Detective"),
        ("position=Detective", "Dee Detective", "Olive Officer"),
        ("kind=staff", "Clara Clerk", "Olive Officer"),
        ("state=lapsed", "Rory Rookie", "Olive Officer"),
        ("state=ended", "Nobody fits", "Olive Officer"),
        ("kind=nonsense", "Olive Officer", "Nobody fits"),
    ],
)
def test_the_list_is_filtered(query: str, shown: str, hidden: str, cast: Cast, as_role: AsRole) -> None:
    page = _text(as_role("chief"), f"/people/?{query}")
    assert shown in page
    assert hidden not in page


def test_agencies_are_added_and_changed(cast: Cast, as_role: AsRole) -> None:
    chief = as_role("chief")
    given = {"name": "State Police", "ori": "NY1", "contact": "Sgt. Lee, 555-0100"}
    chief.post("/people/agencies/", given)
    agency = Agency.objects.get(name="State Police")
    assert "errorlist" in chief.post("/people/agencies/", given).content.decode()
    chief.post(f"/people/agencies/{agency.pk}/", given | {"contact": "Lt. Wu"})
    assert "Lt. Wu" in _text(chief, "/people/agencies/")
    other = Agency.objects.exclude(pk=agency.pk).filter(is_department=False).get()
    taken = chief.post(f"/people/agencies/{other.pk}/", given).content.decode()
    assert "errorlist" in taken


def test_a_refusal_says_how_it_is_mended(cast: Cast, as_role: AsRole) -> None:
    version = PolicyVersion.objects.get()
    del version.values["VIII.a.access"]
    version.save()
    page = as_role("detective").get("/queries/").content.decode()
    assert "is filled by: Chief" in page
    page = as_role("rookie").get("/hits/").content.decode()
    assert "about your training" in page
    assert as_role("chief").post(f"/people/{cast.temp.pk}/no-such-thing/").status_code in {302, 404}
