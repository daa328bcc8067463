"""VI.a and VII.f-g end to end: asked for, decided, matched, canceled, recalled, and all of it logged."""

from __future__ import annotations

from datetime import timedelta

import pytest

from platekeeper.core.categories import Category
from platekeeper.server.hits.models import Hit, HitStep
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.procedures.authority import RefusedAction, footing
from platekeeper.server.procedures.enter_alert import cancel_entry, decide_entry
from platekeeper.server.querylog.models import QueryLogEntry
from tests.cast import Cast
from tests.hotlist.making import NOW, ask, deliver, file, line, records
from tests.hotlist.traffic import drive_past

pytestmark = records


def _logged() -> list[tuple[str, str]]:
    return list(LedgerEntry.objects.order_by("index").values_list("action", "clause"))


def test_vi_a_an_entry_matches_only_between_decision_and_cancellation(cast: Cast) -> None:
    entry = ask(cast.officer, "ABC12?4").entry
    drive_past(cast, ["ABC1234"], at=NOW + timedelta(minutes=1))
    assert not Hit.objects.exists()

    decide_entry(footing(cast.custodian, at=NOW), entry.pk, approve=True)
    drive_past(cast, ["ABC1234"], at=NOW + timedelta(minutes=2))
    hit = Hit.objects.get()
    assert (hit.entry_key, hit.how, hit.entry["reason"]) == (entry.key, "partial", entry.reason)

    cancel_entry(footing(cast.officer, at=NOW), entry.pk, reason="driver identified")
    assert HitStep.objects.filter(hit=hit, kind="recalled").count() == 1
    drive_past(cast, ["ABC1254"], at=NOW + timedelta(minutes=3))
    assert Hit.objects.count() == 1
    assert {("entry_requested", "VI.a"), ("entry_decided", "VI.a"), ("entry_canceled", "VI.a")} <= set(_logged())


def test_vi_a_breach_who_asked_decides_and_is_refused_in_the_ledger(cast: Cast) -> None:
    entry = ask(cast.custodian, "ABC1234").entry
    with pytest.raises(RefusedAction):
        decide_entry(footing(cast.custodian, at=NOW), entry.pk, approve=True)
    assert _logged()[-1] == ("action_refused", "VI.a")


def test_vii_f_3_a_new_entry_is_looked_up_among_prior_reads(cast: Cast) -> None:
    drive_past(cast, ["ABC1234"], at=NOW - timedelta(hours=1))
    entry = ask(cast.sergeant, "ABC1234", category=Category.CRIME_JUST_OCCURRED)
    assert entry.prior_reads is not None
    assert [read.row.plate for read in entry.prior_reads.page.reads] == ["ABC1234"]
    assert QueryLogEntry.objects.get().found == 1


def test_vii_g_an_amber_alert_needs_no_second_person_but_the_right_position(cast: Cast) -> None:
    assert ask(cast.sergeant, "ABC1234", category=Category.AMBER).entry.state == "active"
    assert ask(cast.officer, "XYZ9876", category=Category.AMBER).entry.state == "requested"


def test_v_a_a_plate_gone_from_the_delivered_list_recalls_its_alarm(cast: Cast) -> None:
    deliver(file(line("ABC1234"), line("XYZ9876")), by=cast.custodian)
    drive_past(cast, ["ABC1234", "XYZ9876"], at=NOW + timedelta(minutes=1))
    deliver(file(line("XYZ9876")), by=cast.custodian, at=NOW + timedelta(minutes=5))
    assert HitStep.objects.get(kind="recalled").hit.plate == "ABC1234"
