"""Section V, operations: today's hot list (V.a) and reads uploaded (V.b), judged as the register shows them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from platekeeper.core.clauses import Clause
from platekeeper.core.rules.decision import Refused
from platekeeper.core.rules.freshness import is_of_today
from platekeeper.server.equipment.models import LPR
from platekeeper.server.hits.models import Hit
from platekeeper.server.hotlist.changes import ensure_portal_list
from platekeeper.server.hotlist.lookups import newest_delivery
from platekeeper.server.hotlist.models import HotListDelivery
from platekeeper.server.policy.lookups import in_force
from platekeeper.server.procedures.authority import RefusedAction, footing
from platekeeper.server.procedures.load_hot_list import HotListRefused, load_hot_list
from platekeeper.server.register.evidence import Status
from tests.cast import Cast
from tests.hotlist.traffic import drive_past
from tests.register.judging import status as judged

pytestmark = [pytest.mark.django_db, pytest.mark.records]
NOON = datetime(2026, 3, 3, 17, tzinfo=UTC)  # noon in Harbor Falls
FILE = b"HEADER\r\nABC1234   NYPC VFORDBLK\r\nXYZ9876   NYPC PFORDBLK\r\n"


def _load(cast: Cast, at: datetime, content: bytes = FILE) -> None:
    load_hot_list(footing(cast.custodian, at=at), file_name="LPRinfo.txt", content=content, at=at)


def _status(clause: Clause, at: datetime) -> Status:
    return judged(clause, at=at)


@pytest.mark.parametrize(
    ("later", "status"),
    [
        (timedelta(0), Status.KEPT),
        (timedelta(hours=11, minutes=59), Status.KEPT),  # a minute to midnight in the department's zone
        (timedelta(hours=12), Status.BREACH),
    ],
)
def test_v_a_a_list_is_of_today_until_the_departments_midnight(later: timedelta, status: Status, cast: Cast) -> None:
    _load(cast, NOON)
    assert _status(Clause.V_a, NOON + later) is status
    assert _status(Clause.VII_d, NOON + later) is status


def test_v_a_without_a_list_it_is_gray_and_refused(cast: Cast) -> None:
    assert _status(Clause.V_a, NOON) is Status.IDLE
    assert isinstance(is_of_today(None, at=NOON, zone=in_force(at=NOON).zone), Refused)


def test_v_a_a_list_dated_ahead_is_not_in_force_any_more_once_another_was_loaded(cast: Cast) -> None:
    ensure_portal_list(at=NOON)
    for at in (NOON + timedelta(days=3), NOON):  # the clock was ahead
        _load(cast, at)
    assert _status(Clause.V_a, NOON) is Status.KEPT
    assert _status(Clause.V_a, NOON + timedelta(days=3)) is Status.BREACH


def test_v_a_a_list_loaded_before_the_clock_was_set_is_not_that_of_the_days_before(cast: Cast) -> None:
    ensure_portal_list(at=NOON)
    for at in (NOON, NOON + timedelta(days=1), NOON + timedelta(days=2)):
        _load(cast, at)
    of_noon, behind, _later = HotListDelivery.objects.order_by("pk")
    HotListDelivery.objects.filter(pk=behind.pk).update(delivered_at=of_noon.delivered_at - timedelta(days=2000))
    assert _status(Clause.V_a, NOON) is Status.KEPT


@pytest.mark.parametrize(("days", "stale"), [(0, False), (1, True)])
def test_v_a_a_hit_says_that_its_list_was_out_of_date(days: int, stale: bool, cast: Cast) -> None:
    _load(cast, NOON)
    drive_past(cast, ["ABC1234"], at=NOON + timedelta(days=days, minutes=1))
    assert Hit.objects.get().list_stale is stale


def test_v_a_a_broken_file_leaves_the_list_in_force(cast: Cast) -> None:
    _load(cast, NOON)
    with pytest.raises(HotListRefused):
        _load(cast, NOON + timedelta(minutes=1), FILE[:-20])
    newest = newest_delivery()
    assert newest is not None and newest.lines == 2


def test_v_a_only_the_custodian_loads(cast: Cast) -> None:
    with pytest.raises(RefusedAction):
        load_hot_list(footing(cast.officer, at=NOON), file_name="LPRinfo.txt", content=FILE, at=NOON)


def test_v_b_reads_that_arrive_turn_it_green(cast: Cast) -> None:
    now = datetime.now(UTC)
    LPR.objects.update(kind=LPR.Kind.MOBILE)  # the clause is about LPRs in the field
    assert _status(Clause.V_b, now) is Status.IDLE
    drive_past(cast, ["ABC1234"], at=now)
    assert _status(Clause.V_b, now) is Status.KEPT
