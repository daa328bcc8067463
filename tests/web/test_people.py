"""People on their pages: added, given positions and access, ended at once; and the agencies outside."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.personnel.changes import training
from platekeeper.server.personnel.models import Agency, Course, Disabling, Grant, Holding, Person, Training
from platekeeper.server.policy.models import PolicyVersion
from tests.cast import Cast
from tests.days import today
from tests.web.making import past_second_factor, stepped_up

pytestmark = pytest.mark.django_db
AsRole = Callable[[str], Client]
NEW = {"name": "Nell New", "username": "nell", "kind": "member", "badge": "77"}


def _text(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def _signed_in(username: str, password: str) -> Client:
    client = Client()
    answer = client.post("/accounts/login/", {"login": username, "password": password})
    assert answer.status_code == 302, answer.content
    return past_second_factor(client)


def test_somebody_is_added_signs_in_gets_a_position_is_trained_and_then_sees_hits(cast: Cast, as_role: AsRole) -> None:
    chief = stepped_up(as_role("chief"))
    page = chief.post("/people/add/", NEW).content.decode()
    [password] = re.findall(r"[0-9a-f]{4}(?:-[0-9a-f]{4}){3}", page)
    nell = Person.objects.get(username="nell")
    assert nell.must_set_password
    client = _signed_in("nell", password)
    own = {"oldpassword": password, "password1": "my own quiet word", "password2": "my own quiet word"}
    client.post("/accounts/password/change/", own)
    chief.post(f"/people/{nell.pk}/give-position/", {"title": "Patrol Officer"})
    assert client.get("/hits/").status_code == 403
    training.record_training(
        nell, course=Course.objects.get(), on=today(), given_by="t", at=datetime.now(UTC), by=cast.trainer,
        policy=(1, "0" * 64),
    )  # fmt: skip
    assert client.get("/hits/").status_code == 200
    chief.post(f"/people/{nell.pk}/end-position/", {"title": "Patrol Officer"})
    assert client.get("/hits/").status_code in {302, 403}
    assert ", ended 20" in _text(chief, f"/people/{nell.pk}/")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", "officer"),
        ("username", "OFFICER"),
        ("username", "two words"),
        ("name", ""),
        ("kind", "outside"),
        ("ends_on", "soon"),
        ("ends_on", "2026-01-01"),
    ],
)
def test_a_person_that_cannot_be_is_explained(field: str, value: str, cast: Cast, as_role: AsRole) -> None:
    answer = stepped_up(as_role("chief")).post("/people/add/", {**NEW, field: value})
    assert (answer.status_code, "errorlist" in answer.content.decode()) == (200, True)
    assert not Person.objects.filter(username="nell").exists()


def test_somebody_of_another_agency_is_added_to_it(cast: Cast, as_role: AsRole) -> None:
    agency = Agency.objects.get(is_department=False)
    page = _text(as_role("chief"), "/people/agencies/")
    assert f"/people/add/?agency={agency.pk}" in page
    proposed = _text(stepped_up(as_role("chief")), f"/people/add/?agency={agency.pk}")
    assert f'<option value="{agency.pk}" selected>' in proposed
    assert '<option value="outside" selected>' in proposed
    assert _text(stepped_up(as_role("chief")), "/people/add/?agency=nonsense").count("selected") == 1
    stepped_up(as_role("chief")).post("/people/add/", {**NEW, "kind": "outside", "agency": agency.pk})
    assert Person.objects.get(username="nell").agency == agency
    assert "Nell New" in _text(as_role("chief"), "/people/agencies/")


def test_access_ends_at_once_and_sessions_with_it(cast: Cast, as_role: AsRole) -> None:
    chief = stepped_up(as_role("chief"))
    cast.temp.set_password("a long and quiet word")
    cast.temp.save()
    for what in ("authorize-staff", "grant-inquiries"):
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
    chief.post(address, {"title": "Detective", "since": f"{today(2)}", "until": f"{today(9)}"})
    holding = Holding.objects.get(person=cast.rookie, position__title="Detective")
    assert (holding.since, holding.until) == (today(2), today(9))
    assert chief.post(address, {"title": "Auditor", "since": f"{today(-2)}"}).status_code == 403
    assert chief.post(address, {"title": "Auditor", "until": f"{today(-2)}"}).status_code == 403
    assert chief.post(address, {"title": "Nobody"}).status_code == 302
    assert not Holding.objects.filter(position__title__in=["Auditor", "Nobody"], person=cast.rookie).exists()


def test_a_name_is_put_right_and_what_was_recorded_keeps_the_one_of_its_day(cast: Cast, as_role: AsRole) -> None:
    chief, page = stepped_up(as_role("chief")), f"/people/{cast.officer.pk}/"
    as_role("officer").get("/hits/")
    was = cast.officer.email
    said = {"name": "Olive Married", "badge": "114-B", "email": ""}
    chief.post(f"{page}name/", said)
    chief.post(f"{page}name/", said)  # which changes nothing
    officer = Person.objects.get(pk=cast.officer.pk)
    assert (officer.name, officer.badge, officer.email) == ("Olive Married", "114-B", "")
    assert officer.holdings.filter(position__title="Patrol Officer").exists()
    [entry] = LedgerEntry.objects.filter(action=Action.PERSON_CHANGED)
    told = {each.field: each.value for each in entry.openings.all()}
    assert (told["name_before"], told["name_after"]) == ("Olive Officer", "Olive Married")
    assert (told["name"], told.get("email_before", "")) == (cast.chief.name, was)
    viewed = LedgerEntry.objects.filter(person=cast.officer.pk).first()
    assert viewed is not None
    assert viewed.openings.get(field="name").value == "Olive Officer"
    assert "Give a name" in chief.post(f"{page}name/", said | {"name": ""}, follow=True).content.decode()
    assert stepped_up(as_role("trainer")).post(f"{page}name/", said).status_code == 403


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
        ("state=lapsing", "Dora Dispatcher", "Olive Officer"),
        ("state=lapsing&position=Detective", "Nobody fits", "Dora Dispatcher"),
        ("state=all&q=otto", "Otto Outsider", "Olive Officer"),
        ("state=ended", "Nobody fits", "Olive Officer"),
        ("kind=nonsense", "Olive Officer", "Nobody fits"),
    ],
)
def test_the_list_is_filtered(query: str, shown: str, hidden: str, cast: Cast, as_role: AsRole) -> None:
    Training.objects.filter(person=cast.dispatcher).update(on=today(-340))
    page = _text(as_role("chief"), f"/people/?{query}")
    assert shown in page
    assert hidden not in page


def test_the_list_says_what_each_may_do_today(cast: Cast, as_role: AsRole) -> None:
    listed = as_role("chief").get("/people/").context["rows"]
    may = {row.person.username: [str(what) for what in row.may] for row in listed}
    assert may["clerk"] == may["detective"] == ["reach LPR data", "inquire"]
    assert may["officer"] == ["use LPRs"]
    assert may["rookie"] == may["temp"] == may["outsider"] == []


def test_a_temporary_account_gets_a_last_day_and_another(cast: Cast, as_role: AsRole) -> None:
    chief, address = stepped_up(as_role("chief")), f"/people/{cast.temp.pk}/last-day/"
    assert chief.post(address, {"last_day": f"{today(-1)}"}).status_code == 403
    assert "Write the last day" in chief.post(address, {"last_day": "soon"}, follow=True).content.decode()
    chief.post(address, {"last_day": f"{today()}"})
    assert f"until {today()}" in _text(chief, f"/people/{cast.temp.pk}/")
    assert as_role("temp").get("/").status_code == 200
    chief.post(address, {"last_day": ""})
    assert Person.objects.get(pk=cast.temp.pk).ends_at is None
    assert chief.post(f"/people/{cast.chief.pk}/last-day/", {"last_day": f"{today()}"}).status_code == 403


def test_an_account_that_has_ended_is_enabled_only_with_a_later_day_and_the_gap_is_kept(
    cast: Cast, as_role: AsRole
) -> None:
    over = datetime.now(UTC) - timedelta(days=2)
    Person.objects.filter(pk=cast.temp.pk).update(ends_at=over)
    chief, page = stepped_up(as_role("chief")), f"/people/{cast.temp.pk}/"
    assert "ended</span>" in _text(chief, page)
    assert chief.post(f"{page}enable/").status_code == 403
    chief.post(f"{page}last-day/", {"last_day": f"{today(5)}"})
    assert "disabled</span>" in _text(chief, page)
    assert "is enabled" in chief.post(f"{page}enable/", follow=True).content.decode()
    assert Disabling.objects.get(person=cast.temp).disabled_at == over
    assert "active</span>" in _text(chief, page)


def test_a_new_first_password_is_shown_once_and_ends_the_sessions(cast: Cast, as_role: AsRole) -> None:
    chief, officer = stepped_up(as_role("chief")), as_role("officer")
    officer.get("/")
    page = chief.post(f"/people/{cast.officer.pk}/password/").content.decode()
    [password] = re.findall(r"[0-9a-f]{4}(?:-[0-9a-f]{4}){3}", page)
    assert officer.get("/").status_code == 302
    assert password not in _text(chief, f"/people/{cast.officer.pk}/")
    assert "have not set a password of their own" in _text(chief, f"/people/{cast.officer.pk}/")
    assert _signed_in("OFFICER", password).get("/").headers["Location"] == "/accounts/password/change/"


def test_a_locked_account_is_shown_and_released(cast: Cast, as_role: AsRole) -> None:
    page = f"/people/{cast.officer.pk}/"
    administrator = stepped_up(as_role("administrator"))
    assert "Release" not in _text(administrator, page)
    for _ in range(5):
        Client().post("/accounts/login/", {"login": "officer", "password": "wrong"})
    assert "locked after failed sign-ins" in _text(as_role("chief"), page)
    assert "Release</button>" in _text(administrator, page)
    assert "Release</button>" not in _text(as_role("chief"), page)
    assert "is released" in administrator.post(f"{page}release/", follow=True).content.decode()
    assert "locked after" not in _text(administrator, page)


@pytest.mark.parametrize(
    ("role", "shown", "hidden"),
    [
        ("chief", ("Give a position", "Give it", "Disable the account"), ("Their training in full",)),
        ("trainer", ("Their training in full",), ("Give a position", "Give it", "Disable the account", "End it now")),
        ("administrator", ("May today",), ("Give a position", "Give it", "Disable the account", "End it now")),
    ],
)
def test_each_is_offered_their_own_duties_alone(
    role: str, shown: tuple[str, ...], hidden: tuple[str, ...], cast: Cast, as_role: AsRole
) -> None:
    page = _text(as_role(role), f"/people/{cast.rookie.pk}/")
    assert [text for text in shown if text not in page] == []
    assert [text for text in hidden if text in page] == []


def test_nobody_is_offered_what_makes_no_sense(cast: Cast, as_role: AsRole) -> None:
    own = _text(as_role("chief"), f"/people/{cast.chief.pk}/")
    assert "Give it" not in own
    assert "Disable the account" not in own
    outside = _text(as_role("chief"), f"/people/{cast.outsider.pk}/")
    assert "People of another agency ask for searches" in outside
    assert stepped_up(as_role("chief")).post(f"/people/{cast.outsider.pk}/grant-inquiries/").status_code == 403
    assert "Staff access" not in _text(as_role("chief"), f"/people/{cast.officer.pk}/")


@pytest.mark.parametrize("key", ["VI.b.designators", "IV.i.in_service", "VIII.b.grantor", "IV.c.authorizer"])
def test_whoever_gives_access_or_training_looks_at_people(key: str, cast: Cast, as_role: AsRole) -> None:
    assert as_role("dispatcher").get("/people/").status_code == 403
    version = PolicyVersion.objects.get()
    version.values[key] = ["Dispatcher"]
    version.save()
    assert '<a href="/people/"' in _text(as_role("dispatcher"), "/")
    assert as_role("dispatcher").get("/people/").status_code == 200


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
    assert "What to do about your training" in page
    assert as_role("chief").post(f"/people/{cast.temp.pk}/no-such-thing/").status_code in {302, 404}
