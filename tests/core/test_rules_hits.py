"""The state counts as much as the plate, an entry that ended stops nobody, and what nobody works is closed (VII.e)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from platekeeper.core.matching import StateAgreement
from platekeeper.core.rules.decision import Decision, Refused
from platekeeper.core.rules.hits import (
    OVERDUE_AFTER,
    HitFacts,
    is_overdue,
    may_agree,
    may_close_unworked,
    may_reopen,
    may_stop,
)

NOON = datetime(2026, 3, 3, 17, tzinfo=UTC)
READY = HitFacts(image_verified_at=NOON, confirmed_at=NOON)


def _reason(decision: Decision) -> str:
    return decision.reason if isinstance(decision, Refused) else ""


@pytest.mark.parametrize(
    ("read", "wanted", "seen", "reason"),
    [
        ("agrees", "NY", "", ""),
        ("agrees", "NY", "NY", ""),
        ("agrees", "NY", "PA", "another plate"),
        ("unknown", "NY", "", "Say which state"),
        ("unknown", "NY", "NY", ""),
        ("unknown", "NY", "PA", "another plate"),
        ("differs", "NY", "", "Say which state"),
        ("differs", "NY", "NY", ""),  # the LPR read the state wrongly
        ("differs", "NY", "PA", "another plate"),
        ("unknown", "", "", "Say which state"),
        ("unknown", "", "PA", ""),  # the entry names no state
    ],
)
def test_a_plate_of_another_state_is_another_plate(read: str, wanted: str, seen: str, reason: str) -> None:
    facts = HitFacts(state_agreement=StateAgreement(read), wanted_state=wanted)
    decision = may_agree(facts, state_seen=seen)
    assert reason in _reason(decision) and bool(decision) is not bool(reason)


def test_no_stop_on_an_entry_that_has_ended() -> None:
    assert may_stop(READY)
    assert _reason(may_stop(replace(READY, entry_ended="It has ended."))) == "It has ended."


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        (HitFacts(), ""),
        (READY, ""),
        (HitFacts(outcome="correct"), "closed already"),
        (HitFacts(recalled=True), "closed already"),
        (replace(READY, stopped_at=NOON), "record its outcome"),
    ],
)
def test_what_nobody_will_work_is_closed_unless_there_was_a_stop(facts: HitFacts, reason: str) -> None:
    decision = may_close_unworked(facts)
    assert reason in _reason(decision) and bool(decision) is not bool(reason)


@pytest.mark.parametrize(
    ("facts", "over", "reason"),
    [
        (HitFacts(outcome="correct"), "", ""),
        (replace(READY, stopped_at=NOON, outcome="misread"), "", ""),
        (HitFacts(outcome="correct"), "It has ended.", "It has ended."),
        (HitFacts(outcome="correct", recalled=True), "", "recalled"),
        (READY, "", "is open"),
    ],
)
def test_a_closed_hit_is_opened_again_unless_it_is_none_to_work(facts: HitFacts, over: str, reason: str) -> None:
    decision = may_reopen(facts, over=over)
    assert reason in _reason(decision) and bool(decision) is not bool(reason)


def test_a_hit_is_overdue_after_half_an_hour() -> None:
    assert not is_overdue(NOON, at=NOON + OVERDUE_AFTER)
    assert is_overdue(NOON, at=NOON + timedelta(minutes=30, seconds=1))
