"""Hits are seen to their end (VII.e): departures reviewed, what nobody will work closed, what was closed by mistake opened
again, stops taken back that were none, look-alikes reviewed silently."""

from __future__ import annotations

from django.db import transaction

from platekeeper.core.categories import HitAction
from platekeeper.core.clauses import Clause
from platekeeper.core.rules.access import has_duty
from platekeeper.core.rules.decision import Allowed, Decision, Refused, first_refusal
from platekeeper.core.rules.hits import HitFacts, may_close_unworked, may_reopen, may_take_stop_back
from platekeeper.server.hits import changes
from platekeeper.server.hits.ended import over
from platekeeper.server.hits.lookups import departures, facts_of, standing
from platekeeper.server.hits.models import Hit, HitStep
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.procedures.answer_hit import SILENT_DUTY, SUPERVISORS, may_see_hit, record_step, watch
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.sign_ledger import sign_now


def view_hits(by: Footing, which: str, *, duty: str = SUPERVISORS) -> None:
    """Allow and log a view of many hits at once: open ones, departures, look-alikes. It says who was shown which plate."""
    by.demand(has_duty(by.authority, by.policy, duty), attempted=Action.HITS_WATCHED)
    watch(by, which)


def close_unworked(by: Footing, hit_id: int, *, reason: str) -> None:
    """End an open hit that nobody will work: a supervisor's word, with a reason. Raises `Hit.DoesNotExist`."""
    subject = f"hit:{hit_id}"
    by.demand(has_duty(by.authority, by.policy, SUPERVISORS), attempted=Action.HIT_STEP, subject=subject)
    hit = Hit.objects.prefetch_related("steps").get(pk=hit_id)
    said = Allowed() if reason.strip() else Refused(Clause.VII_e, "Say why nobody will work this hit.")
    by.demand(may_close_unworked(facts_of(hit, at=by.at)), said, attempted=Action.HIT_STEP, subject=subject)
    remark, outcome = f"not worked: {reason.strip()}", HitStep.Outcome.DISMISSED
    record_step(by, hit, HitStep.Kind.OUTCOME, Clause.VII_e, may_close_unworked, remark=remark, outcome=outcome)


def may_open_again(by: Footing, hit: Hit) -> Decision:
    """Decide whether somebody opens a closed hit again (VII.e): who said its outcome, or a supervisor."""
    whose = _may_undo(by, hit, HitStep.Kind.OUTCOME)
    return first_refusal(whose, may_reopen(facts_of(hit, at=by.at), over=over(hit, at=by.at)))


def reopen(by: Footing, hit_id: int, *, reason: str) -> None:
    """Open a hit again that was closed by mistake: its outcome counts no longer. Raises `Hit.DoesNotExist`."""
    hit = Hit.objects.get(pk=hit_id)
    said = Allowed() if reason.strip() else Refused(Clause.VII_e, "Say why this hit is opened again.")
    by.demand(may_open_again(by, hit), said, attempted=Action.HIT_STEP, subject=f"hit:{hit_id}")

    def may(facts: HitFacts) -> Decision:
        return may_reopen(facts, over=over(hit, at=by.at))

    record_step(by, hit, HitStep.Kind.REOPENED, Clause.VII_e, may, remark=reason.strip())


def may_say_no_stop(by: Footing, hit: Hit) -> Decision:
    """Decide whether somebody takes the stop on a hit back (VII.e): who recorded it, or a supervisor."""
    whose = _may_undo(by, hit, HitStep.Kind.STOPPED)
    return first_refusal(whose, may_take_stop_back(facts_of(hit, at=by.at)))


def take_stop_back(by: Footing, hit_id: int, *, reason: str) -> None:
    """Take a stop back that was recorded by mistake. If it was a departure, that stays to be reviewed. Raises
    `Hit.DoesNotExist`."""
    hit = Hit.objects.get(pk=hit_id)
    said = Allowed() if reason.strip() else Refused(Clause.VII_e, "Say why this stop is taken back.")
    by.demand(may_say_no_stop(by, hit), said, attempted=Action.HIT_STEP, subject=f"hit:{hit_id}")
    kind = HitStep.Kind.STOP_TAKEN_BACK
    record_step(by, hit, kind, Clause.VII_e, may_take_stop_back, remark=reason.strip())


def review_departure(by: Footing, departure_id: int, *, review: str) -> None:
    """Close a departure with a review: a supervisor's duty, and never one's own."""
    subject = f"departure:{departure_id}"
    by.demand(has_duty(by.authority, by.policy, SUPERVISORS), attempted=Action.DEPARTURE_REVIEWED, subject=subject)
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
    be said anew: the last outcome counts. How a stop ended its member says."""
    subject = f"hit:{hit_id}"
    by.demand(has_duty(by.authority, by.policy, SILENT_DUTY), attempted=Action.HIT_STEP, subject=subject)
    hit = Hit.objects.get(pk=hit_id)
    alarm = Refused(Clause.VI_j, "This hit raised an alarm: whoever works it says how it ended.")
    over = Refused(Clause.VI_j, "The review of this hit has ended with this outcome already.")

    stopped = Refused(Clause.VI_j, "A stop was made on this hit: whoever made it, or a supervisor, says how it ended.")

    def may_end(facts: HitFacts) -> Decision:
        if facts.stopped_at is not None:
            return stopped
        return over if facts.outcome == outcome else Allowed()

    by.demand(
        Allowed() if hit.action == HitAction.SILENT else alarm,
        may_end(facts_of(hit, at=by.at)),
        attempted=Action.HIT_STEP,
        subject=subject,
    )
    record_step(by, hit, HitStep.Kind.OUTCOME, Clause.VII_e, may_end, outcome=outcome)


def _may_undo(by: Footing, hit: Hit, kind: HitStep.Kind) -> Decision:
    """Decide whether a step is somebody's to undo: of who took it, and of supervisors."""
    taken = standing(hit).get(kind)
    own = taken is not None and taken.by_id == by.person.pk
    return first_refusal(may_see_hit(by, hit), Allowed() if own else has_duty(by.authority, by.policy, SUPERVISORS))
