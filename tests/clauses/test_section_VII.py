"""Section VII.e, before the stop: compare the picture, confirm through dispatch; what happened is always recordable."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings

from platekeeper.core.categories import Category
from platekeeper.core.matching import StateAgreement
from platekeeper.server.hits import changes
from platekeeper.server.hits.ended import GONE, OVER, UNREADABLE, ended
from platekeeper.server.hits.lookups import facts_of
from platekeeper.server.hits.models import Departure, Hit, HitStep
from platekeeper.server.hotlist import matcher
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.procedures import answer_hit, supervise_hits
from platekeeper.server.procedures.authority import Footing, RefusedAction, footing
from tests.cast import Cast
from tests.hotlist.making import NOW, ask, deliver, file, line
from tests.hotlist.traffic import drive_past
from tests.web.making import STAMP, make_hit

pytestmark = [pytest.mark.django_db, pytest.mark.records]


def _by(cast: Cast, role: str) -> Footing:
    return footing(cast.people()[role], at=datetime.now(UTC))


def test_VII_e_both_steps_then_the_stop(cast: Cast) -> None:
    hit, officer = make_hit(cast), _by(cast, "officer")
    answer_hit.verify_image(officer, hit.pk, agrees=True)
    answer_hit.ask_confirmation(officer, hit.pk)
    answer_hit.answer_confirmation(_by(cast, "dispatcher"), hit.pk, confirmed=True)
    assert answer_hit.record_stop(officer, hit.pk) is None
    clauses = LedgerEntry.objects.filter(subject=f"hit:{hit.pk}").order_by("index").values_list("clause", flat=True)
    assert list(clauses) == ["VII.e.1", "VII.e.2", "VII.e.2", "VII.e"]


@pytest.mark.parametrize(
    ("steps", "clause"),
    [
        ((), "VII.e.1"),
        (("image_differs",), "VII.e.1"),
        (("image_verified",), "VII.e.2"),
        (("image_verified", "confirmation_asked"), "VII.e.2"),
        (("image_verified", "confirmation_asked", "not_confirmed"), "VII.e.2"),
        (("image_verified", "confirmed", "recalled"), "VII.e"),
    ],
)
def test_VII_e_a_stop_short_of_both_steps_is_a_departure(steps: tuple[str, ...], clause: str, cast: Cast) -> None:
    departure = answer_hit.record_stop(_by(cast, "officer"), make_hit(cast, steps=steps).pk)
    assert departure is not None and departure.clause == clause


def test_VII_e_a_supervisor_reviews_and_never_their_own(cast: Cast) -> None:
    theirs = answer_hit.record_stop(_by(cast, "sergeant"), make_hit(cast).pk)
    other = answer_hit.record_stop(_by(cast, "officer"), make_hit(cast).pk)
    assert theirs and other
    with pytest.raises(RefusedAction):
        supervise_hits.review_departure(_by(cast, "sergeant"), theirs.pk, review="fine")
    with pytest.raises(RefusedAction):
        supervise_hits.review_departure(_by(cast, "officer"), other.pk, review="fine")
    with pytest.raises(RefusedAction):
        supervise_hits.review_departure(_by(cast, "sergeant"), other.pk, review=" ")
    supervise_hits.review_departure(_by(cast, "sergeant"), other.pk, review="talked it through")
    assert Departure.objects.get(pk=other.pk).reviewed_by == cast.sergeant


def test_VII_e_1_another_state_is_another_plate_and_the_state_seen_is_recorded(cast: Cast) -> None:
    hit, officer = make_hit(cast, agreement=StateAgreement.DIFFERS), _by(cast, "officer")
    for seen in ("", "PA"):
        with pytest.raises(RefusedAction) as refused:
            answer_hit.verify_image(officer, hit.pk, agrees=True, state_seen=seen)
        assert refused.value.refusal.clause.number == "VII.e.1"
    assert LedgerEntry.objects.filter(outcome="refused", subject=f"hit:{hit.pk}").count() == 2
    answer_hit.verify_image(officer, hit.pk, agrees=False, state_seen="PA")
    assert hit.steps.get().remark == "state seen: PA"


def test_VII_e_no_stop_on_an_own_entry_that_has_ended(cast: Cast) -> None:
    ask(cast.sergeant, "ABC1234", category=Category.MISSING_PERSON, lasts=timedelta(hours=1))
    drive_past(cast, ["ABC1234"], at=NOW + timedelta(minutes=1))
    hit = Hit.objects.get()
    assert not facts_of(hit, at=NOW + timedelta(minutes=59)).entry_ended
    assert facts_of(hit, at=NOW + timedelta(hours=1)).entry_ended == OVER
    changes.add_step(hit, kind=HitStep.Kind.OUTCOME, at=NOW, by=cast.officer, policy=STAMP, outcome="correct")
    assert not facts_of(hit, at=NOW + timedelta(hours=1)).entry_ended  # of a closed hit nobody asks


def test_VII_e_no_stop_once_the_list_of_a_hit_is_without_its_plate(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = make_hit(cast, entry_key="portal:NY:ABC1234:V", steps=("image_verified", "confirmed"))
    deliver(file(line("ABC1234"), line("XYZ9876")), by=cast.custodian)
    assert not facts_of(wanted, at=NOW).entry_ended
    deliver(file(line("XYZ9876")), by=cast.custodian, at=NOW + timedelta(minutes=1))
    late = make_hit(cast, entry_key="portal:NY:ABC1234:V", steps=("image_verified", "confirmed"))  # raised meanwhile
    assert ended([wanted, late, make_hit(cast)], at=NOW) == {wanted.pk: GONE, late.pk: GONE}
    departure = answer_hit.record_stop(_by(cast, "officer"), late.pk)
    assert departure is not None and departure.reason == GONE
    for folder in (settings.HOME.hot_lists, settings.HOME.hot_list_indexes):
        shutil.rmtree(folder)
    monkeypatch.setattr(matcher, "_newest", None)  # as in a process that begins
    assert ended([late], at=NOW) == {late.pk: UNREADABLE}


@pytest.mark.parametrize("role", ["rookie", "detective", "dispatcher", "clerk", "outsider"])
def test_VII_b_who_may_not_use_an_lpr_works_no_hit(role: str, cast: Cast) -> None:
    hit = make_hit(cast)
    with pytest.raises(RefusedAction):
        answer_hit.verify_image(_by(cast, role), hit.pk, agrees=True)
    assert not hit.steps.exists()
    assert LedgerEntry.objects.get(outcome="refused").clause == "IV.a"


def test_VII_e_2_dispatch_is_asked_after_the_comparison_only(cast: Cast) -> None:
    with pytest.raises(RefusedAction) as refused:
        answer_hit.ask_confirmation(_by(cast, "officer"), make_hit(cast).pk)
    assert refused.value.refusal.clause.number == "VII.e.1"


def test_VII_e_2_dispatch_answers_what_was_asked_only(cast: Cast) -> None:
    with pytest.raises(RefusedAction):
        answer_hit.answer_confirmation(_by(cast, "dispatcher"), make_hit(cast).pk, confirmed=True)


def test_VII_e_an_outcome_may_be_added_to(cast: Cast) -> None:
    hit, officer = make_hit(cast), _by(cast, "officer")
    answer_hit.record_outcome(officer, hit.pk, outcome=HitStep.Outcome.CORRECT)
    answer_hit.record_outcome(officer, hit.pk, outcome=HitStep.Outcome.CORRECT, followed="arrest")
    assert hit.steps.filter(kind=HitStep.Kind.OUTCOME).count() == 2
