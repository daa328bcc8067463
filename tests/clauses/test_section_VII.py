"""Section VII.e, before the stop: compare the picture, confirm through dispatch; what happened is always recordable."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from platekeeper.server.hits.models import Departure, HitStep
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.procedures import answer_hit, supervise_hits
from platekeeper.server.procedures.authority import Footing, RefusedAction, footing
from tests.cast import Cast
from tests.web.making import make_hit

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
