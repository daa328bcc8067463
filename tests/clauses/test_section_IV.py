"""Section IV, general administration: who may do what, once trained and authorized."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from platekeeper.core.rules.access import may_inquire, may_reach_lpr_data, may_use_lpr
from platekeeper.core.rules.decision import Decision, Refused
from platekeeper.server.equipment.models import LPR
from platekeeper.server.personnel.changes import end_position, ensure_position, set_active
from platekeeper.server.personnel.models import Course, Grant, Training
from platekeeper.server.procedures.authority import Footing, RefusedAction, footing
from platekeeper.server.procedures.manage_equipment import add_lpr
from platekeeper.server.procedures.manage_people import (
    authorize_staff,
    end_grant,
    grant_inquiries,
)
from platekeeper.server.procedures.train_people import record_training
from tests.cast import ROLES, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.records]
NOW = datetime.now(UTC)


def _on(cast: Cast, role: str, *, days: int = 0) -> Footing:
    return footing(cast.people()[role], at=NOW + timedelta(days=days))


def _clause(decision: Decision) -> str:
    return decision.clause.number if isinstance(decision, Refused) else "allowed"


@pytest.mark.parametrize("role", ROLES)
def test_IV_a_only_trained_designated_members_use_lprs(role: str, cast: Cast) -> None:
    by = _on(cast, role)
    allowed = {"officer", "sergeant"}
    assert _clause(may_use_lpr(by.authority, by.policy, by.today)) == ("allowed" if role in allowed else "IV.a")


@pytest.mark.parametrize(
    ("role", "clause"),
    [("detective", "allowed"), ("custodian", "allowed"), ("clerk", "allowed"), ("temp", "IV.c"), ("officer", "VI.b"),
     ("trainer", "IV.b"), ("auditor", "IV.c"), ("outsider", "IV.h")],
)  # fmt: skip
def test_IV_b_c_h_who_reaches_lpr_data(role: str, clause: str, cast: Cast) -> None:
    by = _on(cast, role)
    assert _clause(may_reach_lpr_data(by.authority, by.policy, by.today)) == clause


def test_IV_a_ends_with_the_position_and_with_the_account(cast: Cast) -> None:
    end_position(cast.officer, ensure_position("Patrol Officer"), at=NOW, today=_on(cast, "officer").today)
    by = _on(cast, "officer")
    assert _clause(may_use_lpr(by.authority, by.policy, by.today)) == "IV.a"
    set_active(cast.sergeant, active=False, at=NOW)
    by = _on(cast, "sergeant")
    assert _clause(may_use_lpr(by.authority, by.policy, by.today)) == "IV.h"


def test_IV_i_training_lapses_and_is_renewed(cast: Cast) -> None:
    by = _on(cast, "officer", days=400)
    assert _clause(may_use_lpr(by.authority, by.policy, by.today)) == "IV.a"
    Training.objects.filter(person=cast.officer).update(on=by.today)
    by = _on(cast, "officer", days=400)
    assert _clause(may_use_lpr(by.authority, by.policy, by.today)) == "allowed"


def test_IV_i_only_the_trainer_records_and_never_ahead_of_time(cast: Cast) -> None:
    today = _on(cast, "trainer").today
    basics = Course.objects.get(title="LPR basics")
    with pytest.raises(RefusedAction):
        record_training(_on(cast, "officer"), people=[cast.rookie], course=basics, on=today)
    with pytest.raises(RefusedAction):
        record_training(_on(cast, "trainer"), people=[cast.rookie], course=basics, on=today + timedelta(days=1))
    record_training(_on(cast, "trainer"), people=[cast.rookie], course=basics, on=today)
    by = _on(cast, "rookie")
    assert _clause(may_use_lpr(by.authority, by.policy, by.today)) == "allowed"


def test_IV_c_staff_are_authorized_by_the_position_named_and_it_ends_at_once(cast: Cast) -> None:
    with pytest.raises(RefusedAction):
        authorize_staff(_on(cast, "sergeant"), person=cast.temp)
    authorize_staff(_on(cast, "chief"), person=cast.temp)
    grant_inquiries(_on(cast, "chief"), person=cast.temp)
    by = _on(cast, "temp")
    assert _clause(may_inquire(by.authority, by.policy, by.today)) == "allowed"
    end_grant(_on(cast, "chief"), person=cast.temp, kind=Grant.Kind.STAFF_ACCESS)
    by = _on(cast, "temp")
    assert _clause(may_inquire(by.authority, by.policy, by.today)) == "IV.c"


def test_IV_c_members_need_no_staff_authorization(cast: Cast) -> None:
    with pytest.raises(RefusedAction):
        authorize_staff(_on(cast, "chief"), person=cast.officer)


def test_IV_f_the_inventory_is_the_administrators(cast: Cast) -> None:
    with pytest.raises(RefusedAction):
        add_lpr(_on(cast, "officer"), name="Car 9", kind=LPR.Kind.MOBILE, zone="UTC")
    add_lpr(_on(cast, "administrator"), name="Car 9", kind=LPR.Kind.MOBILE, zone="UTC")
    assert LPR.objects.filter(name="Car 9").exists()
