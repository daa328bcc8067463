"""Days at either end of the calendar: whatever is reckoned with them, the page says what is wrong."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.test import Client

from platekeeper.server import web
from tests.attacks.addresses import ROWS, role_for
from tests.cast import Cast
from tests.web.making import stepped_up
from tests.web.table import Row

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
WITH_DAYS = [
    row for row in ROWS.values() if not callable(row.data) and any(map(_DAY.match, map(str, row.data.values())))
]


@pytest.mark.django_db
@pytest.mark.records
@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
@pytest.mark.parametrize("row", WITH_DAYS, ids=lambda row: row.name)
def test_the_ends_of_the_calendar_are_days_like_others(
    row: Row, day: str, cast: Cast, as_role: Callable[[str], Client]
) -> None:
    client, address = stepped_up(as_role(role_for(row))), row.address(cast)
    for name in (name for name, said in row.body(cast).items() if _DAY.match(str(said))):
        answer = client.post(address, row.body(cast) | {name: day})
        assert answer.status_code in {200, 302, 400, 403}, (name, answer.status_code)


def _fields() -> Iterator[tuple[str, forms.Field]]:
    """Give every field of ours for a day or a moment, by its form and name."""
    for module in pkgutil.walk_packages(web.__path__, f"{web.__name__}."):
        found = vars(importlib.import_module(module.name)).values()
        for form in (
            each for each in found if isinstance(each, type) and issubclass(each, forms.Form | forms.ModelForm)
        ):
            for name, field in form.base_fields.items():
                if isinstance(field, forms.DateField | forms.DateTimeField):
                    yield f"{form.__name__}.{name}", field


def test_no_form_takes_a_day_beyond_which_there_is_none() -> None:
    fields = dict(_fields())
    assert len(fields) > 40
    for name, field in fields.items():
        assert field.clean("2999-12-31"), name
        for day in ("9999-12-31", "0001-01-01"):
            with pytest.raises(ValidationError, match="1900 to 2999"):
                field.clean(day)
                raise AssertionError(name)


def test_some_acts_are_asked_with_days() -> None:
    assert {row.name for row in WITH_DAYS} >= {"ledger_public", "report_publish", "state_report", "case_direct"}
