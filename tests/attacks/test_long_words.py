"""Words longer than their place: a form says so, and no database stumbles over them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db.models import CharField
from django.forms import CharField as Words
from django.test import Client

from platekeeper.core.blanks.kinds import BlankError
from platekeeper.server.personnel.models import Person, Position, Workstation
from platekeeper.server.procedures.authority import footing
from platekeeper.server.procedures.draft_policy import fill_blank
from platekeeper.server.web.forms.people import PersonForm
from tests.cast import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.records]
AsRole = Callable[[str], Client]


@pytest.mark.parametrize("name", ["name", "username", "badge", "email"])
def test_a_form_takes_no_more_of_a_person_than_is_kept(name: str) -> None:
    field, column = PersonForm.base_fields[name], Person._meta.get_field(name)
    assert isinstance(field, Words) and isinstance(column, CharField)
    assert field.max_length is not None and column.max_length is not None and field.max_length <= column.max_length


def test_a_long_address_is_told_of(as_role: AsRole, cast: Cast) -> None:
    address = f"{'a' * 60}@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 20}.org"
    told = {"name": "Nadia New", "username": "nadia", "kind": "member", "email": address}
    answer = as_role("chief").post("/people/add/", told)
    assert answer.status_code == 200 and not Person.objects.filter(username="nadia").exists()


def test_a_workstation_is_named_in_a_few_words(as_role: AsRole, cast: Cast) -> None:
    told = {"name": "Car 3", "why": "x" * 100_000, "days": "1"}
    as_role("chief").post("/people/workstations/name/", told)
    assert not Workstation.objects.exists()


def test_a_position_that_is_longer_than_its_place_is_told_of(cast: Cast) -> None:
    by = footing(cast.chief, at=datetime.now(UTC))
    with pytest.raises(BlankError, match="80 characters"):
        fill_blank(by, key="IV.e.custodian", value=["x" * 81])
    assert not Position.objects.filter(title__startswith="xx").exists()
