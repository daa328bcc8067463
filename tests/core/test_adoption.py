"""When a draft may be adopted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from platekeeper.core.policy import Policy
from platekeeper.core.rules.adoption import Offered, date_fits, hindrances, may_adopt
from platekeeper.core.rules.decision import Refused
from platekeeper.core.rules.upkeep import reminder_due
from tests.cast import POLICY as VALUES

TODAY = date(2026, 3, 1)
GOOD = VALUES | {"header.effective": "2026-03-01", "header.review": "2027-03-01"}
OFFER = Offered(
    Policy(2, "", GOOD), is_draft=True, is_up_for_review=True, unconfirmed=(), can_be_changed=True, today=TODAY
)


def _values(**changed: Any) -> Policy:
    given = {key.replace("__", "."): value for key, value in changed.items()}
    return Policy(2, "", {key: value for key, value in (GOOD | given).items() if value is not None})


@pytest.mark.parametrize(
    ("changed", "clause", "mend"),
    [
        ({}, "", ""),
        ({"policy": _values(V__d__authorizer=None)}, "", ""),  # may stay open: special operations are refused then
        ({"policy": _values(header__effective="2026-04-01")}, "", ""),
        ({"is_draft": False}, "signature", ""),
        ({"is_up_for_review": False}, "signature", ""),
        ({"can_be_changed": False}, "signature", "signature.authority"),
        ({"unconfirmed": ("VI.k.floor", "VI.k.ceiling")}, "VI.k", "VI.k.floor"),
        ({"policy": _values(III__kind=None)}, "III.department", "III.kind"),
        ({"policy": _values(header__effective=None)}, "header", "header.effective"),
        ({"policy": _values(header__effective="2026-02-28")}, "header", "header.effective"),
        ({"policy": _values(header__review=None)}, "header", "header.review"),
        ({"policy": _values(header__review="2026-03-01")}, "IV.g", "header.review"),
        ({"policy": _values(header__review="2027-03-03")}, "IV.g", "header.review"),
        ({"policy": _values(VI__k__floor="200 days")}, "VI.k", "VI.k.ceiling"),
        ({"policy": _values(VI__k__floor="1 minutes", VI__k__ceiling="3 minutes")}, "", ""),
        ({"policy": _values(VI__k__no_hit="3 minutes")}, "VI.k", "VI.k.no_hit"),
        (
            {"policy": _values(VI__k__floor="1 minutes", VI__k__no_hit="3 minutes", VI__k__disposal="two_persons")},
            "VI.k",
            "VI.k.disposal",
        ),
    ],
)
def test_may_adopt(changed: dict[str, Any], clause: str, mend: str) -> None:
    decision = may_adopt(replace(OFFER, **changed))
    found = (decision.clause.number, decision.mend) if isinstance(decision, Refused) else ("", "")
    assert found == (clause, mend)


def test_everything_that_stands_in_the_way_is_told_at_once() -> None:
    policy = _values(
        III__kind=None, header__effective="2026-02-28", header__review="2026-02-27", VI__k__floor="200 days"
    )
    found = hindrances(replace(OFFER, policy=policy, is_up_for_review=False))
    assert [each.mend for each in found] == ["III.kind", "VI.k.ceiling", "header.effective", "header.review", ""]


@pytest.mark.parametrize(
    ("key", "value", "held", "fits"),
    [
        ("header.effective", "2026-02-28", {}, False),
        ("header.effective", "2026-03-01", {}, True),
        ("header.effective", "2028-03-01", {"header__review": "2027-03-01"}, True),  # the review date is said after it
        ("header.review", "2026-03-01", {"header__effective": None}, False),
        ("header.review", "2031-03-01", {"header__effective": None}, True),
        ("header.review", "2026-03-02", {"header__effective": "2026-03-01"}, True),
        ("header.review", "2027-03-03", {"header__effective": "2026-03-01"}, False),
        ("header.section", "2020-01-01", {}, True),
    ],
)
def test_a_date_that_cannot_be_adopted_does_not_fit_its_blank(
    key: str, value: str, held: dict[str, Any], fits: bool
) -> None:
    assert bool(date_fits(key, value, _values(**held), TODAY)) is fits


@pytest.mark.parametrize(
    ("today", "due"), [("2026-01-29", False), ("2026-01-30", True), ("2026-03-01", True), ("2027-01-01", True)]
)
def test_reminders_begin_the_policys_days_before_and_go_on(today: str, due: bool) -> None:
    assert reminder_due(OFFER.policy, TODAY, today=date.fromisoformat(today)) is due


def test_nobody_is_reminded_of_no_date_or_by_an_unfilled_blank() -> None:
    assert not reminder_due(OFFER.policy, None, today=TODAY)
    assert not reminder_due(_values(IV__g__reviewer=None), TODAY, today=TODAY)
