"""The sealed account lets people in again, alarms whoever governs, and is answered for; workstations that do not lock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test import Client

from platekeeper.server.jobs import work
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.personnel.changes import ensure_position, give_position, guarding
from platekeeper.server.personnel.lookups import authority_of
from platekeeper.server.personnel.models import Person, Seal, Workstation
from platekeeper.server.policy.changes import fill, put_up
from platekeeper.server.procedures.authority import RefusedAction, footing
from platekeeper.server.procedures.end_accounts import end_accounts
from platekeeper.server.procedures.manage_people import end_position, issue_password
from platekeeper.server.procedures.sealed_account import LONGEST, seal, tell_of_broken_seals
from platekeeper.server.procedures.second_factors import reset_factors
from tests.cast import Cast
from tests.days import today
from tests.web.access.policy import drafted, shown
from tests.web.making import signed_in, stepped_up

pytestmark = [pytest.mark.django_db, pytest.mark.records]
AsRole = Callable[[str], Client]


def _sealed(as_role: AsRole) -> tuple[str, str, list[str]]:
    envelope = stepped_up(as_role("chief")).post("/people/sealed/seal/").context["envelope"]
    return envelope.username, envelope.password, envelope.codes


def _open(username: str, password: str, code: str) -> Client:
    client = Client()
    client.post("/accounts/login/", {"login": username, "password": password})
    client.post("/accounts/2fa/authenticate/", {"code": code})
    return client


def _actions() -> list[str]:
    return list(LedgerEntry.objects.order_by("index").values_list("action", flat=True))


def test_it_helps_the_others_in_and_alarms_them(cast: Cast, as_role: AsRole) -> None:
    username, password, codes = _sealed(as_role)
    opened = _open(username, password, codes[0])
    assert opened.get("/people/").status_code == 200
    assert opened.get("/queries/").status_code == 403
    stepped_up(opened).post(f"/people/{cast.officer.pk}/disable/")
    assert not Person.objects.get(pk=cast.officer.pk).is_active
    assert "seal_broken" in _actions()
    for role in ("chief", "auditor", "administrator"):
        assert "The sealed account was used" in as_role(role).get("/").content.decode()
    assert "The sealed account was used" not in as_role("detective").get("/").content.decode()
    assert stepped_up(opened).post(f"/people/sealed/{Seal.objects.get().pk}/answer/", {"said": "me"}).status_code == 403
    assert stepped_up(opened).post("/people/sealed/seal/").status_code == 403


def test_the_alarm_is_mailed_once_and_names_nobody(cast: Cast, as_role: AsRole) -> None:
    Person.objects.filter(pk=cast.chief.pk).update(email="chief@example.org")
    username, password, codes = _sealed(as_role)
    assert work.tell_of_broken_seals() == "0 broken seals told of"
    _open(username, password, codes[0])
    assert work.tell_of_broken_seals() == "1 broken seals told of"
    assert work.tell_of_broken_seals() == "0 broken seals told of"
    [sent] = mail.outbox
    assert sent.to == ["chief@example.org"] and "ALARM" in sent.subject
    assert username not in sent.body and "Charlie" not in sent.body
    told = LedgerEntry.objects.filter(action="seal_told").order_by("index")
    assert [each.outcome for each in told] == ["begun", "done"]


def test_an_alarm_that_could_not_be_mailed_is_tried_again_an_hour_later(cast: Cast, as_role: AsRole) -> None:
    username, password, codes = _sealed(as_role)
    _open(username, password, codes[0])
    at = datetime.now(UTC)
    assert [tell_of_broken_seals(at=at + timedelta(minutes=m)) for m in (1, 2)] == [1, 0]
    Person.objects.filter(pk=cast.chief.pk).update(email="chief@example.org")
    assert [tell_of_broken_seals(at=at + timedelta(minutes=m)) for m in (30, 62, 200)] == [0, 1, 0]
    assert [each.to for each in mail.outbox if each.to] == [["chief@example.org"]]


def test_sealed_anew_it_governs_whoever_governs_now(cast: Cast, as_role: AsRole) -> None:
    _sealed(as_role)
    sealed, at = Seal.objects.get().person, datetime.now(UTC)
    end_position(footing(cast.chief, at=at), person=sealed, title="Chief")
    assert authority_of(sealed, at=at, today=today()).positions == set()
    _sealed(as_role)
    assert authority_of(sealed, at=datetime.now(UTC), today=today()).positions == {"Chief"}


@pytest.mark.parametrize("days", [0, 3], ids=["at once", "some day"])
def test_a_version_that_others_sign_asks_for_it_to_be_sealed_anew(days: int, cast: Cast, as_role: AsRole) -> None:
    _sealed(as_role)
    give_position(cast.chief, ensure_position("Commissioner"), since=today(), at=datetime.now(UTC))
    chief, draft = stepped_up(as_role("chief")), drafted(cast, effective=days)
    fill(draft, key="signature.authority", value=["Commissioner"])
    put_up(draft, at=datetime.now(UTC))
    said = "holds no position that signs the policy"
    assert said not in chief.get("/people/sealed/").content.decode()
    assert said in chief.post("/policy/adopt/", shown(), follow=True).content.decode()
    assert said in chief.get("/people/sealed/").content.decode()
    _sealed(as_role)
    assert said not in chief.get("/people/sealed/").content.decode()
    sealed = Seal.objects.get(ended_at=None).person
    assert authority_of(sealed, at=datetime.now(UTC), today=today()).positions == {"Chief", "Commissioner"}


@pytest.mark.parametrize("act", [issue_password, reset_factors])
def test_its_secrets_are_made_by_sealing_alone(cast: Cast, as_role: AsRole, act: Callable[..., object]) -> None:
    _sealed(as_role)
    with pytest.raises(RefusedAction, match="seal it anew"):
        act(footing(cast.chief, at=datetime.now(UTC)), person=Seal.objects.get().person)


def test_what_was_in_the_envelope_ends_with_the_answer(cast: Cast, as_role: AsRole) -> None:
    username, password, codes = _sealed(as_role)
    opened, chief = _open(username, password, codes[0]), stepped_up(as_role("chief"))
    address = f"/people/sealed/{Seal.objects.get().pk}/answer/"
    assert chief.post(address, {"said": " "}).status_code == 403
    assert chief.post(address, {"said": "x" * (LONGEST + 1)}).status_code == 403
    assert chief.post(address, {"said": "The Chief was at sea."}).status_code == 302
    assert opened.get("/").status_code == 302
    assert "The sealed account was used" not in as_role("auditor").get("/").content.decode()
    assert _open(username, password, codes[1]).get("/").status_code == 302
    again, new_password, new_codes = _sealed(as_role)
    assert again == username and new_password != password
    assert _open(username, password, new_codes[0]).get("/").status_code == 302
    assert _open(username, new_password, new_codes[0]).get("/people/").status_code == 200


def test_a_broken_seal_is_answered_for_before_it_is_sealed_anew(cast: Cast, as_role: AsRole) -> None:
    username, password, codes = _sealed(as_role)
    _open(username, password, codes[0])
    chief = stepped_up(as_role("chief"))
    assert "Seal it anew" not in chief.get("/people/sealed/").content.decode()
    assert chief.post("/people/sealed/seal/").status_code == 403
    assert "The sealed account was used" in as_role("auditor").get("/").content.decode()
    assert "action_refused" in _actions() and Seal.objects.get().ended_at is None


@pytest.mark.django_db(transaction=True)
def test_a_seal_broken_while_it_is_sealed_anew_waits_for_its_answer(cast: Cast, as_role: AsRole) -> None:
    _sealed(as_role)
    sealed = Seal.objects.get().person
    broken: list[Seal | None] = []

    def meanwhile(execute: Callable[..., object], sql: str, *rest: object) -> object:
        found = execute(sql, *rest)
        if 'FROM "personnel_seal"' in sql and "broken_at" in sql and not broken:
            broken.append(guarding.break_seal(sealed, at=datetime.now(UTC)))
        return found

    before = Person.objects.get(pk=sealed.pk).password
    with connection.execute_wrapper(meanwhile), pytest.raises(RefusedAction, match="answer for that first"):
        seal(footing(cast.chief, at=datetime.now(UTC)))
    assert broken and Seal.objects.get().ended_at is None
    assert Person.objects.get(pk=sealed.pk).password == before


def test_what_was_in_an_opened_envelope_is_not_enabled_again(cast: Cast, as_role: AsRole) -> None:
    username, password, codes = _sealed(as_role)
    _open(username, password, codes[0])
    chief, broken = stepped_up(as_role("chief")), Seal.objects.get()
    page = f"/people/{broken.person_id}/"
    chief.post(f"{page}disable/")
    assert "Enable the account" in chief.get(page).content.decode()
    chief.post(f"/people/sealed/{broken.pk}/answer/", {"said": "The Chief was at sea."})
    assert "Enable the account" not in chief.get(page).content.decode()
    assert chief.post(f"{page}enable/").status_code == 403
    assert not Person.objects.get(pk=broken.person_id).is_active
    assert _open(username, password, codes[1]).get("/").status_code == 302
    _sealed(as_role)
    assert Person.objects.get(pk=broken.person_id).is_active


def test_it_is_not_ended_for_lying_in_its_envelope(cast: Cast, as_role: AsRole) -> None:
    _sealed(as_role)
    at = datetime.now(UTC) + timedelta(days=400)
    end_accounts(at=at)
    sealed = Seal.objects.get().person
    assert sealed.is_active
    assert authority_of(sealed, at=at, today=at.date()).positions == {"Chief"}


def test_a_workstation_that_was_named_does_not_lock(cast: Cast, as_role: AsRole) -> None:
    client = as_role("chief")
    stepped_up(client).post("/people/workstations/name/", {"name": "Desk 1", "why": "A locked room.", "days": "30"})
    home = _left_alone(client).get("/")
    assert home.status_code == 200
    assert "idle.js" not in home.content.decode(), "nor does it say that it will"
    elsewhere = signed_in(cast.officer)
    assert "idle.js" in elsewhere.get("/").content.decode()
    assert _left_alone(elsewhere).get("/").status_code == 302
    assert Workstation.objects.get().token_hash not in str(client.cookies["workstation"].value)
    at_the_desk = signed_in(cast.officer)
    at_the_desk.cookies["workstation"] = client.cookies["workstation"].value
    assert _left_alone(at_the_desk, hours=11).get("/").status_code == 200
    assert _left_alone(at_the_desk, hours=2).get("/").status_code == 302  # twelve hours are over there too
    stepped_up(client).post(f"/people/workstations/{Workstation.objects.get().pk}/end/")
    assert _left_alone(client).get("/").status_code == 302
    assert [each for each in _actions() if "workstation" in each] == ["workstation_named", "workstation_ended"]


def test_a_workstation_is_named_for_a_year_at_most(cast: Cast, as_role: AsRole) -> None:
    client = stepped_up(as_role("chief"))
    client.post("/people/workstations/name/", {"name": "Desk 1", "why": "A locked room.", "days": "366"})
    assert not Workstation.objects.exists()
    client.post("/people/workstations/name/", {"name": "Desk 1", "why": "A locked room.", "days": "30"})
    Workstation.objects.update(until=datetime.now(UTC))
    assert _left_alone(client).get("/").status_code == 302


def _left_alone(client: Client, *, hours: int = 1) -> Client:
    if "began" not in client.session:
        client.get("/")
    session = client.session
    for key in ("began", "active"):
        session[key] -= hours * 3600
    session.save()
    return client
