"""Section VII.f-g: who enters plates in the field and on what; alerts must be entered; the register shows each live."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from platekeeper.core.clauses import Clause
from platekeeper.core.rules.field_entries import Ground
from platekeeper.server.hotlist.models import HotListEntry
from platekeeper.server.personnel.models import Person
from platekeeper.server.procedures.alert_bulletins import settle, take_in
from platekeeper.server.procedures.authority import RefusedAction, footing
from platekeeper.server.procedures.enter_in_field import FieldEntry, confirm_direction, enter_in_field
from platekeeper.server.register.evidence import Status
from platekeeper.server.register.lines import line_of
from tests.cast import Cast
from tests.core.bulletins import bulletin, info
from tests.hotlist.making import NOW, records
from tests.register.judging import status, until
from tests.register.making import field_entry

pytestmark = records
FIELD = (Clause.VII_f, Clause.VII_f_1, Clause.VII_f_2, Clause.VII_f_3, Clause.VII_g)
LATER = NOW + timedelta(minutes=10)


def _enter(by: Person, ground: Ground, **given: Any) -> HotListEntry:
    return enter_in_field(footing(by, at=NOW), FieldEntry(plate="KHB4471", ground=ground, **given)).entry


@pytest.mark.parametrize("clause", FIELD)
def test_VII_f_g_without_an_entry_nothing_is_shown(clause: Clause, cast: Cast) -> None:
    assert status(clause, at=LATER) is Status.IDLE


@pytest.mark.parametrize(("ground", "clause"), [
    (Ground.AMBER, Clause.VII_g), (Ground.MISSING_CHILD, Clause.VII_g), (Ground.MISSING_STUDENT, Clause.VII_g),
    (Ground.DISPATCH, Clause.VII_f_1), (Ground.BOLO, Clause.VII_f_1),
])  # fmt: skip
def test_VII_f_g_what_a_member_enters_is_green_under_its_clause(ground: Ground, clause: Clause, cast: Cast) -> None:
    _enter(cast.officer, ground)
    assert {status(each, at=LATER) for each in (clause, Clause.VII_f, Clause.VII_f_2, Clause.VII_f_3)} == {Status.KEPT}
    assert status(Clause.VI_a, at=LATER) is Status.KEPT  # it is no request, which somebody else would decide


def test_VII_f_only_authorized_personnel_enter(cast: Cast) -> None:
    for role in ("rookie", "clerk", "dispatcher", "outsider"):
        with pytest.raises(RefusedAction):
            _enter(cast.people()[role], Ground.BOLO)
    assert not HotListEntry.objects.exists()


def test_VII_f_2_who_directed_it_is_named_may_direct_and_confirms(cast: Cast) -> None:
    for director in (None, cast.officer):
        with pytest.raises(RefusedAction) as refused:
            _enter(cast.officer, Ground.DIRECTED, director=director)
        assert refused.value.refusal.clause is Clause.VII_f_2
    entry = _enter(cast.officer, Ground.DIRECTED, director=cast.sergeant)
    a_day_on = NOW + timedelta(days=1)
    assert [status(Clause.VII_f_2, at=at) for at in (LATER, a_day_on)] == [Status.KEPT, Status.CAUTION]
    confirm_direction(footing(cast.sergeant, at=LATER), entry.pk)
    assert status(Clause.VII_f_2, at=a_day_on) is Status.KEPT


def test_VII_f_2_a_direction_that_is_not_confirmed_shows_on_the_day_that_it_was_due(cast: Cast) -> None:
    entry = _enter(cast.officer, Ground.DIRECTED, director=cast.sergeant)
    days = [NOW + timedelta(days=passed, minutes=1) for passed in range(3)]
    assert [_shows(Clause.VII_f_2, at) for at in days] == [False, True, False]
    confirm_direction(footing(cast.sergeant, at=days[1]), entry.pk)  # too late
    assert [_shows(Clause.VII_f_2, at) for at in days] == [False, True, False]


def _shows(clause: Clause, at: datetime) -> bool:
    """Say whether the register of the day that ends at a moment shows a concern."""
    return line_of(clause, until(at, days=1)).status is Status.CAUTION


def test_VII_g_a_bulletin_waits_is_entered_in_time_or_is_missed(cast: Cast) -> None:
    content = bulletin(
        info(description="plate KHB4471 (NY)", expires=f"{NOW + timedelta(hours=2):%Y-%m-%dT%H:%M:%S}-00:00")
    )
    kept = take_in(None, content, file_name="amber.xml", at=NOW)
    over = NOW + timedelta(hours=3)
    assert [status(Clause.VII_g, at=at) for at in (LATER, over)] == [Status.CAUTION, Status.BREACH]
    settle(footing(cast.officer, at=LATER), kept.pk, enter=[FieldEntry(plate="KHB4471", ground=Ground.AMBER)])
    assert [status(Clause.VII_g, at=at) for at in (LATER, over)] == [Status.KEPT, Status.KEPT]


def test_VII_g_what_was_not_understood_shows_until_somebody_has_looked(cast: Cast) -> None:
    kept, day = take_in(None, b"<odd/>", file_name="odd.xml", at=NOW), timedelta(days=1)
    assert [status(Clause.VII_g, at=NOW + passed) for passed in (day / 2, day)] == [Status.IDLE, Status.CAUTION]
    settle(footing(cast.officer, at=NOW + day), kept.pk, enter=[], remark="No vehicle is named in it.")
    assert status(Clause.VII_g, at=NOW + day) is Status.IDLE


def test_VII_g_what_nobody_on_duty_has_seen_shows(cast: Cast) -> None:
    entry = field_entry(cast, NOW, Ground.AMBER)
    entry.sendings.create(lpr=cast.lpr, member=cast.sergeant, sent_at=NOW)
    assert [status(Clause.VII_g, at=NOW + timedelta(minutes=m)) for m in (30, 61)] == [Status.KEPT, Status.CAUTION]


def test_VII_g_what_was_canceled_before_it_was_to_be_seen_shows_not(cast: Cast) -> None:
    entry = field_entry(cast, NOW, Ground.AMBER, state="canceled", canceled_at=NOW + timedelta(minutes=10))
    entry.sendings.create(lpr=cast.lpr, member=cast.sergeant, sent_at=NOW)
    assert status(Clause.VII_g, at=NOW + timedelta(minutes=61)) is Status.KEPT


def test_VII_g_what_was_seen_too_late_shows_on_the_day_that_it_was_due(cast: Cast) -> None:
    entry = field_entry(cast, NOW, Ground.AMBER)
    entry.sendings.create(lpr=cast.lpr, member=cast.sergeant, sent_at=NOW, seen_at=NOW + timedelta(hours=8))
    entry.sendings.create(lpr=cast.lpr, member=cast.officer, sent_at=NOW, seen_at=NOW + timedelta(hours=1))
    hours = (0.5, 9, 24.5, 25.5)  # after midnight, an hour after the day before
    assert [_shows(Clause.VII_g, NOW + timedelta(hours=h)) for h in hours] == [False, True, True, False]


def test_VII_g_a_bulletin_settled_without_an_entry_shows(cast: Cast) -> None:
    kept = take_in(None, bulletin(info(description="plate KHB4471 (NY)")), file_name="amber.xml", at=NOW)
    settle(footing(cast.officer, at=LATER), kept.pk, enter=[], remark="not our area")
    assert status(Clause.VII_g, at=LATER) is Status.CAUTION
