"""Special details in the register: what turns V.d red or amber, what keeps it green, and that nothing shows as gray."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from platekeeper.core.clauses import Clause
from platekeeper.server.deployments.models import AfterAction, Deployment, Loan, Use
from platekeeper.server.register.evidence import Status
from platekeeper.server.register.lines import line_of
from tests.cast import Cast
from tests.register.judging import NOW, status, until
from tests.register.making import STAMP, deployed

pytestmark = [pytest.mark.django_db, pytest.mark.records]
AT = NOW - timedelta(hours=2)
LONG_AGO = NOW - timedelta(days=4)
Plant = Callable[[Cast], Any]


def _reported(use: Use) -> None:
    AfterAction.objects.create(
        deployment=use.deployment, at=NOW - timedelta(days=1), by=use.member, reads=1, hits=0, correct=0, misread=0, stops=0,
        arrests=0, counted={}, words="x", **STAMP,
    )  # fmt: skip


def _out_too_long(cast: Cast) -> None:
    use = deployed(cast, NOW - timedelta(hours=5))
    Use.objects.filter(pk=use.pk).update(ended_at=None, ended_by=None)


@pytest.mark.parametrize(
    ("plant", "expected"),
    [
        (lambda cast: None, Status.IDLE),
        (lambda cast: deployed(cast, AT), Status.KEPT),
        (lambda cast: deployed(cast, AT, by=cast.custodian), Status.BREACH),
        (lambda cast: deployed(cast, AT, by=cast.sergeant), Status.BREACH),
        (lambda cast: deployed(cast, AT, used_at=AT - timedelta(minutes=1)), Status.BREACH),
        (lambda cast: deployed(cast, LONG_AGO, used_at=LONG_AGO + timedelta(hours=4)), Status.BREACH),
        (lambda cast: deployed(cast, LONG_AGO), Status.CAUTION),
        (lambda cast: _reported(deployed(cast, LONG_AGO)), Status.KEPT),
        (_out_too_long, Status.CAUTION),
    ],
)
def test_what_the_register_says_of_details(plant: Plant, expected: Status, cast: Cast) -> None:
    plant(cast)
    assert status(Clause.V_d) is expected


@pytest.mark.parametrize(("hours", "due"), [(75, False), (77, True), (99, True), (101, False)])
def test_a_report_is_missed_on_the_day_on_which_it_fell_due(hours: int, due: bool, cast: Cast) -> None:
    deployed(cast, NOW - timedelta(hours=hours))  # for four hours
    assert line_of(Clause.V_d, until(days=1)).status is (Status.CAUTION if due else Status.IDLE)


@pytest.mark.parametrize(("hours", "undecided"), [(3, True), (27, True), (29, False)])
def test_what_nobody_decided_is_said_until_it_is_over_and_on_that_day(hours: int, undecided: bool, cast: Cast) -> None:
    since = NOW - timedelta(hours=hours)
    Deployment.objects.create(
        kind="dwi", purpose="x", place="x", since=since, until=since + timedelta(hours=4), in_charge=cast.officer,
        asked_at=since, asked_by=cast.sergeant, **STAMP,
    )  # fmt: skip
    assert line_of(Clause.V_d, until(days=1)).status is (Status.CAUTION if undecided else Status.IDLE)


def _aid(cast: Cast, **fields: Any) -> Loan:
    """Lend an LPR for two hours on mutual aid that the sergeant authorized and the dispatcher had asked for."""
    use = deployed(cast, NOW - timedelta(hours=5), kind="aid_given", by=fields.pop("by", cast.sergeant))
    Deployment.objects.update(asked_by=fields.pop("asked_by", cast.dispatcher))
    given: dict[str, Any] = {
        "lent_at": use.begun_at,
        "returned_at": use.begun_at + timedelta(hours=2),
        "returned_to": cast.officer,
    }
    return Loan.objects.create(
        deployment=use.deployment, lpr=cast.lpr, lent_by=cast.officer, receiver="Otto", giver="Otto",
        **(given | STAMP | fields),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("plant", "expected"),
    [
        (lambda cast: None, Status.IDLE),
        (_aid, Status.KEPT),
        (lambda cast: _aid(cast, by=cast.chief), Status.BREACH),
        (lambda cast: _aid(cast, asked_by=cast.sergeant), Status.BREACH),
        (lambda cast: _aid(cast, lent_at=NOW - timedelta(hours=5, minutes=1)), Status.BREACH),
        (lambda cast: _aid(cast, returned_at=None, returned_to=None), Status.CAUTION),
    ],
)
def test_what_the_register_says_of_mutual_aid(plant: Plant, expected: Status, cast: Cast) -> None:
    plant(cast)
    assert status(Clause.V_e) is expected
