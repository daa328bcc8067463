"""First steps: ticked by what the records show, told to whoever can take them, and in the end gone from the first page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from platekeeper.core.rules.first_steps import Name
from platekeeper.server.equipment.models import LPR
from platekeeper.server.personnel.models import Holding, Person, Training
from platekeeper.server.policy.models import PolicyVersion
from platekeeper.server.procedures.authority import Footing, footing
from platekeeper.server.procedures.back_up import back_up_everywhere
from platekeeper.server.procedures.found_department import found_department
from platekeeper.server.reads.models import ReadBatch
from platekeeper.server.web.first_steps import Progress, at_home
from tests.cast import ROLES, Cast
from tests.touring import begin, hot_list_on_hand
from tests.web.making import signed_in

pytestmark = pytest.mark.django_db
AsRole = Callable[[str], Client]


def _by(person: Person) -> Footing:
    return footing(person, at=timezone.now())


def _open(person: Person) -> list[Name]:
    found = at_home(_by(person))
    return [row.step.name for row in found.rows if not row.step.is_done] if found else []


def _progress(client: Client) -> Progress:
    progress: Progress = client.get("/first-steps/").context["progress"]
    return progress


def test_a_founded_department_begins_with_its_policy(own_home: object) -> None:
    person = found_department(
        name="Pine Ridge", kind="police", zone="America/New_York", first_person_name="Carla Chief", username="chief",
        password="seventeen quiet herons", at=timezone.now(),
    )  # fmt: skip
    chief = signed_in(person)
    first = chief.get("/").content.decode()
    assert "1 of 12 steps are done" in first and "1 of 12 steps are done" in chief.get("/first-steps/").content.decode()
    assert "Fill in the blanks of the policy" in first and "69 blanks wait." in first and 'href="/policy/"' in first
    rows = {row.step.name: row for row in _progress(chief).rows}
    assert {name for name, row in rows.items() if row.step.is_done} == {Name.MAIL}
    own = [name for name, row in rows.items() if row.address]
    assert own == [Name.FILL, Name.ADOPT, Name.PEOPLE, Name.POSITIONS]
    for name in own:
        page = chief.get(rows[name].address)
        assert page.status_code == 200, name
    assert rows[Name.LPR].who == []
    assert str(rows[Name.POSITIONS].told[0]).startswith("The policy does not say who: IV.a, IV.e")
    assert any(str(line).startswith("Backups: there is no recovery key") for line in rows[Name.SET_UP].told)


@pytest.mark.records
def test_what_is_done_is_ticked_and_in_the_end_the_first_page_is_free(cast: Cast, settings: Settings) -> None:
    assert _open(cast.chief) == [Name.HOT_LIST, Name.READS, Name.BACKUP, Name.TOUR]
    hot_list_on_hand(cast, at=timezone.now())
    assert _open(cast.chief)[0] == Name.READS
    ReadBatch.objects.create(batch=bytes(16), received_at=timezone.now(), count=1, root=bytes(32), leaf=0)
    assert _open(cast.administrator) == [Name.BACKUP, Name.TOUR]
    custodian = _by(cast.custodian)
    back_up_everywhere(at=custodian.at, by=custodian)
    assert _open(cast.chief) == [Name.TOUR]
    begin(_by(cast.officer), cast.lpr)
    assert at_home(_by(cast.chief)) is None
    settings.BEHIND_TLS = True
    assert b"All is done" in signed_in(cast.chief).get("/first-steps/").content


@pytest.mark.parametrize(
    ("undo", "opened", "said"),
    [
        (lambda cast: Holding.objects.filter(person=cast.custodian).update(ended_at=timezone.now()), Name.POSITIONS,
         ["Nobody is LPR Data Custodian: IV.e, VI.a, VI.j, VI.m."]),
        (lambda _cast: Training.objects.update(withdrawn_at=timezone.now()), Name.TRAINING, []),
        (lambda _cast: LPR.objects.update(key_hash=""), Name.LPR,
         ["No LPR that is in service has a key yet: open its page."]),
        (lambda _cast: LPR.objects.update(in_service=False), Name.LPR, []),
        (lambda _cast: PolicyVersion.objects.update(effective_at="2099-03-01T12:00Z"), Name.ADOPT,
         ["Version 1 is adopted. It is in force from 2099-03-01 on; accounts and positions can be given before."]),
    ],
)  # fmt: skip
def test_what_is_not_so_any_more_is_open_again(
    undo: Callable[[Cast], object], opened: Name, said: list[str], cast: Cast
) -> None:
    undo(cast)
    found = at_home(_by(cast.chief))
    assert found
    first = next(row for row in found.rows if not row.step.is_done)
    assert (first.step.name, list(first.told)) == (opened, said)


def test_each_step_leads_whoever_can_take_it_to_a_page_that_opens_and_others_to_them(
    cast: Cast, as_role: AsRole
) -> None:
    led, shown = {}, {role: found for role in ROLES if (found := at_home(_by(cast.people()[role])))}
    for role, found in shown.items():
        client = as_role(role)
        assert b"First steps" in client.get("/").content
        led[role] = {row.step.name for row in found.rows if row.address}
        for row in found.rows:
            assert not row.address or client.get(row.address).status_code == 200, (role, row.step.name)
            assert row.address or row.step.is_done or not row.step.duty or any(names for _title, names in row.who), (
                role,
                row.step.name,
            )
    assert led == {
        "chief": {Name.FILL, Name.ADOPT, Name.PEOPLE, Name.POSITIONS},
        "custodian": {Name.FILL, Name.HOT_LIST, Name.RECOVERY_KEY, Name.BACKUP},
        "administrator": {Name.LPR, Name.READS},
        "trainer": {Name.TRAINING},
    }


def test_the_demo_has_nothing_to_set_up(cast: Cast, settings: Settings) -> None:
    settings.DEMO = True
    assert at_home(_by(cast.chief)) is None
