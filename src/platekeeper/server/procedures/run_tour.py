"""A tour of duty with an LPR begins, and ends (IV.a, V.a, VII.a-b, VII.h)."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import IntegrityError, transaction

from platekeeper.core.clauses import Clause
from platekeeper.core.rules.access import has_any_duty
from platekeeper.core.rules.decision import Allowed, Decision, Refused
from platekeeper.core.rules.tours import CHECKERS, Purpose, TourFacts, may_begin, may_end
from platekeeper.server.deployments.lookups import open_loans
from platekeeper.server.equipment.models import LPR
from platekeeper.server.hotlist.lookups import newest_delivery
from platekeeper.server.hotlist.models import HotListDelivery
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.userlog import changes
from platekeeper.server.userlog.lookups import open_tours, tours_of
from platekeeper.server.userlog.models import Tour


def may_see_tours(by: Footing) -> Decision:
    """Decide who opens the page of tours: who uses LPRs, trained by now or not, who ends forgotten tours, and whoever
    has a tour to end."""
    if tours_of(by.person).filter(ended_at=None).exists():
        return Allowed()
    return has_any_duty(by.authority, by.policy, "IV.a.users", *CHECKERS)


def judge(
    by: Footing, lprs: Iterable[LPR], *, purpose: str, delivery: HotListDelivery | None
) -> list[tuple[LPR, Decision]]:
    """Return of each LPR whether this member may begin a tour with it now."""
    running = list(open_tours())
    own = next((tour.lpr.name for tour in running if tour.member_id == by.person.pk), "")
    taken = {tour.lpr_id for tour in running}
    lent = {loan.lpr_id: loan.deployment.agency_name for loan in open_loans()}
    judged: list[tuple[LPR, Decision]] = []
    for lpr in lprs:
        facts = TourFacts(
            at=by.at, purpose=purpose, mobile=lpr.kind == LPR.Kind.MOBILE, in_service=lpr.in_service,
            delivered_at=delivery.delivered_at if delivery else None, open_with=own, lpr_taken=lpr.pk in taken,
            lent_to=lent.get(lpr.pk, ""),
        )  # fmt: skip
        judged.append((lpr, may_begin(by.authority, by.policy, by.today, facts)))
    return judged


def begin_tour(by: Footing, *, lpr: LPR, purpose: str) -> Tour:
    """Begin a tour of the person's own, with the hot list of today on hand."""
    delivery = newest_delivery()
    _demand(by, lpr, purpose, delivery)
    assert delivery is not None  # or the rule had refused
    try:
        with transaction.atomic():
            tour = changes.begin_tour(
                by.person, lpr=lpr, purpose=Purpose(purpose), hot_list=delivery, at=by.at, policy=by.policy.stamp
            )
            hot_list = {"delivery": delivery.pk, "digest": delivery.digest, "sum": delivery.sum_digest}
            _log(by, Action.TOUR_BEGUN, tour, {"lpr": lpr.pk, "hot_list": hot_list})
    except IntegrityError:
        _demand(by, lpr, purpose, delivery)  # a tour begun in between stands in the way now
        raise
    return tour


def end_tour(by: Footing, tour: Tour) -> None:
    """End a tour: one's own, or one that its member forgot."""
    subject, is_own = f"tour:{tour.pk}", tour.member_id == by.person.pk
    by.demand(may_end(by.authority, by.policy, is_own=is_own), attempted=Action.TOUR_ENDED, subject=subject)
    with transaction.atomic():
        ended = changes.end_tour(tour, at=by.at, by=by.person)
        if ended:
            _log(by, Action.TOUR_ENDED, tour, {"lpr": tour.lpr_id, "own": is_own})
    if not ended:
        over = Refused(Clause.VII_h, "This tour has ended already.")
        by.demand(over, attempted=Action.TOUR_ENDED, subject=subject)


def _demand(by: Footing, lpr: LPR, purpose: str, delivery: HotListDelivery | None) -> None:
    decisions = [decision for _, decision in judge(by, [lpr], purpose=purpose, delivery=delivery)]
    by.demand(*decisions, attempted=Action.TOUR_BEGUN, subject=f"lpr:{lpr.pk}")


def _log(by: Footing, action: Action, tour: Tour, details: dict[str, object]) -> None:
    append(
        at=by.at,
        by=by.actor,
        action=action,
        clause=Clause.VII_h,
        subject=f"tour:{tour.pk}",
        details=details,
        purpose=tour.purpose,
        policy=by.policy.stamp,
    )
