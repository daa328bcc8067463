"""A real department begins: one person, a draft that names them, and everything else refused until it is filled."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from platekeeper.core.blanks import BLANKS, BlankError
from platekeeper.core.rules.access import may_use_lpr
from platekeeper.core.rules.decision import Refused
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.personnel.changes import add_agency
from platekeeper.server.personnel.models import Person
from platekeeper.server.policy.lookups import draft, in_force, unfilled
from platekeeper.server.procedures.adopt_policy import adopt
from platekeeper.server.procedures.authority import RefusedAction, footing
from platekeeper.server.procedures.draft_policy import fill_blank, may_govern, put_up
from platekeeper.server.procedures.found_department import AlreadyFounded, found_department
from platekeeper.server.procedures.manage_people import add_person, end_position, give_position
from tests.cast import POLICY
from tests.days import today

pytestmark = [pytest.mark.django_db, pytest.mark.records]
NOW = datetime.now(UTC)


def _found(kind: str = "sheriff_office") -> Person:
    return found_department(
        name="Mill Creek", kind=kind, zone="America/New_York", first_person_name="Sam Sheriff", username="sam",
        password="a long and quiet word", at=NOW,
    )  # fmt: skip


def test_the_first_person_fills_the_blanks_and_adopts(db: None) -> None:
    sheriff = _found()
    by = footing(sheriff, at=NOW)
    for key, value in POLICY.items():
        if key not in {"signature.authority", "III.kind"}:
            fill_blank(by, key=key, value=today().isoformat() if key == "header.effective" else value)
    put_up(by)
    version = adopt(by)
    assert (version.number, in_force(at=NOW).number) == (1, 1)
    assert unfilled(version) == []
    assert in_force(at=NOW).positions("signature.authority") == {"Sheriff"}


def test_the_first_person_does_not_lock_the_department_out(db: None) -> None:
    sheriff = _found()
    with pytest.raises(RefusedAction, match="Nobody else authorizes"):
        end_position(footing(sheriff, at=NOW), person=sheriff, title="Sheriff")


@pytest.mark.parametrize("value", [["Commissioner"], None], ids=["held by nobody", "emptied"])
def test_the_first_draft_goes_on_naming_somebody(db: None, value: list[str] | None) -> None:
    by = footing(_found(), at=NOW)
    with pytest.raises(RefusedAction, match="Nobody holds any of these positions"):
        fill_blank(by, key="signature.authority", value=value)
    assert may_govern(by)
    assert LedgerEntry.objects.latest("index").content()["details"]["attempted"] == "policy_drafted"


def test_who_signs_the_first_draft_may_be_another_once_somebody_is(db: None) -> None:
    by = footing(_found(), at=NOW)
    fill_blank(by, key="signature.authority", value=["Sheriff", "Commissioner"])
    guest = add_person(
        by, username="guest", name="Guest", kind=Person.Kind.OUTSIDE, agency=add_agency(name="Mill County")
    )
    give_position(by, person=guest, title="Commissioner")
    with pytest.raises(RefusedAction, match="Nobody holds"):
        fill_blank(by, key="signature.authority", value=["Commissioner"])
    give_position(by, person=by.person, title="Commissioner")
    fill_blank(by, key="signature.authority", value=["Commissioner"])
    assert may_govern(footing(by.person, at=NOW))


def test_before_the_first_adoption_everything_that_needs_a_blank_is_refused(db: None) -> None:
    by = footing(_found(), at=NOW)
    decision = may_use_lpr(by.authority, by.policy, by.today)
    assert isinstance(decision, Refused) and "Fill this blank" in decision.reason


def test_nobody_else_fills_blanks_or_adopts(db: None) -> None:
    sheriff = _found()
    deputy = add_person(footing(sheriff, at=NOW), username="dep", name="Dep", kind=Person.Kind.MEMBER)
    give_position(footing(sheriff, at=NOW), person=deputy, title="Deputy")
    by = footing(deputy, at=NOW)
    with pytest.raises(RefusedAction):
        fill_blank(by, key="VI.k.floor", value="3 days")
    with pytest.raises(RefusedAction):
        adopt(by)
    assert in_force(at=NOW).number == 0


def test_a_ceiling_below_the_floor_is_not_adopted(db: None) -> None:
    sheriff = _found()
    today = footing(sheriff, at=NOW).today
    dates = (("header.effective", today.isoformat()), ("header.review", (today + timedelta(days=300)).isoformat()))
    for key, value in (("VI.k.floor", "90 days"), ("VI.k.ceiling", "30 days"), *dates):
        fill_blank(footing(sheriff, at=NOW), key=key, value=value)
    with pytest.raises(RefusedAction) as refused:
        adopt(footing(sheriff, at=NOW))
    assert refused.value.refusal.clause.number == "VI.k"
    assert draft() is not None


def test_there_is_one_department(db: None) -> None:
    _found()
    with pytest.raises(AlreadyFounded):
        _found("police")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("III.zone", "Atlantis/Deep"),
        ("VI.k.floor", "-3"),
        ("VI.k.floor", "many"),
        ("VI.a.plates", "all"),
        ("IV.a.users", []),
        ("III.name", " "),
    ],
)
def test_a_value_that_does_not_fit_its_blank(key: str, value: object) -> None:
    with pytest.raises(BlankError, match=BLANKS[key].label[:10]):
        BLANKS[key].checked(value)
