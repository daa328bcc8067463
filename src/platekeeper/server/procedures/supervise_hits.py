"""Hits are seen to their end (VII.e): departures reviewed, what nobody will work closed, look-alikes reviewed silently."""

from __future__ import annotations

from django.db import transaction

from platekeeper.core.categories import HitAction
from platekeeper.core.clauses import Clause
from platekeeper.core.rules.access import has_duty
from platekeeper.core.rules.decision import Allowed, Decision, Refused
from platekeeper.core.rules.hits import HitFacts, may_close_unworked
from platekeeper.server.hits import changes
from platekeeper.server.hits.lookups import departures, facts_of
from platekeeper.server.hits.models import Hit, HitStep
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.procedures.answer_hit import SILENT_DUTY, record_step, watch
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.sign_ledger import sign_now

DUTY = "VII.e.supervisors"


def view_hits(by: Footing, which: str, *, duty: str = DUTY) -> None:
    """Allow and log a view of many hits at once: open ones, departures, look-alikes. It says who was shown which plate."""
    by.demand(has_duty(by.authority, by.policy, duty), attempted=Action.HITS_WATCHED)
    watch(by, which)


def close_unworked(by: Footing, hit_id: int, *, reason: str) -> None:
    """End an open hit that nobody will work: a supervisor's word, with a reason. Raises `Hit.DoesNotExist`."""
    subject = f"hit:{hit_id}"
    by.demand(has_duty(by.authority, by.policy, DUTY), attempted=Action.HIT_STEP, subject=subject)
    hit = Hit.objects.prefetch_related("steps").get(pk=hit_id)
    said = Allowed() if reason.strip() else Refused(Clause.VII_e, "Say why nobody will work this hit.")
    by.demand(may_close_unworked(facts_of(hit, at=by.at)), said, attempted=Action.HIT_STEP, subject=subject)
    remark, outcome = f"not worked: {reason.strip()}", HitStep.Outcome.DISMISSED
    record_step(by, hit, HitStep.Kind.OUTCOME, Clause.VII_e, may_close_unworked, remark=remark, outcome=outcome)


def review_departure(by: Footing, departure_id: int, *, review: str) -> None:
    """Close a departure with a review: a supervisor's duty, and never one's own."""
    subject = f"departure:{departure_id}"
    by.demand(has_duty(by.authority, by.policy, DUTY), attempted=Action.DEPARTURE_REVIEWED, subject=subject)
    departure = departures(open_only=False).get(pk=departure_id)
    own = Refused(Clause.VII_e, "Somebody else reviews your own stops.")
    empty = Refused(Clause.VII_e, "Say what came of the review.")
    by.demand(
        own if departure.member_id == by.person.pk else Allowed(),
        Allowed() if review.strip() else empty,
        attempted=Action.DEPARTURE_REVIEWED,
        subject=subject,
    )
    with transaction.atomic():
        if changes.review_departure(departure_id, at=by.at, by=by.person, review=review.strip()):
            append(
                at=by.at,
                by=by.actor,
                action=Action.DEPARTURE_REVIEWED,
                clause=Clause.VII_e,
                subject=subject,
                sealed={"review": review.strip()},
                policy=by.policy.stamp,
            )
    sign_now(at=by.at)


def close_silent(by: Footing, hit_id: int, *, outcome: HitStep.Outcome) -> None:
    """End the silent review of a hit that raised no alarm, and of no other: the Custodian's duty (VI.j). What came of it may
    be said anew: the last outcome counts."""
    subject = f"hit:{hit_id}"
    by.demand(has_duty(by.authority, by.policy, SILENT_DUTY), attempted=Action.HIT_STEP, subject=subject)
    hit = Hit.objects.get(pk=hit_id)
    alarm = Refused(Clause.VI_j, "This hit raised an alarm: whoever works it says how it ended.")
    over = Refused(Clause.VI_j, "The review of this hit has ended with this outcome already.")

    def may_end(facts: HitFacts) -> Decision:
        return over if facts.outcome == outcome else Allowed()

    by.demand(
        Allowed() if hit.action == HitAction.SILENT else alarm,
        may_end(facts_of(hit, at=by.at)),
        attempted=Action.HIT_STEP,
        subject=subject,
    )
    record_step(by, hit, HitStep.Kind.OUTCOME, Clause.VII_e, may_end, outcome=outcome)
