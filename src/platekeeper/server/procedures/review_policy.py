"""The annual review (IV.g): reminders, recommendations of the designated position, decisions of the Chief or Sheriff."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from platekeeper.core.actor import SYSTEM, Actor
from platekeeper.core.clauses import Clause
from platekeeper.core.policy import Policy
from platekeeper.core.rules.access import has_duty
from platekeeper.core.rules.decision import Allowed, Refused
from platekeeper.core.rules.upkeep import reminder_due
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.personnel.lookups import holders
from platekeeper.server.policy import changes
from platekeeper.server.policy.lookups import in_force, open_review, review_due_on
from platekeeper.server.policy.models import AnnualReview, Recommendation
from platekeeper.server.procedures.authority import Footing, RefusedAction
from platekeeper.server.procedures.draft_policy import AUTHORITY, REVIEWER

LONGEST = timedelta(days=366)


def remind(*, at: datetime) -> bool:
    """Remind the reviewers once a week from the policy's days before the review date on, until a review is handed over.

    The home page shows the reminder for as long as it is due; the ledger says that it was given, and to whom.
    """
    policy = in_force(at=at)
    if not is_reminding(policy, at=at):
        return False
    last = LedgerEntry.objects.filter(action=Action.REVIEW_REMINDED).order_by("-index").first()
    if last is not None and at - last.at < timedelta(days=7):
        return False
    due, today = review_due_on(at=at), at.astimezone(policy.zone).date()
    names = sorted(person.name for person in holders(policy.positions(REVIEWER), at=at, today=today))
    with transaction.atomic():
        details = {"due_on": due.isoformat() if due else "", "holders": len(names)}
        _append(SYSTEM, Action.REVIEW_REMINDED, "", details, at=at, policy=policy, sealed={"to": ", ".join(names)})
    return True


def is_reminding(policy: Policy, *, at: datetime) -> bool:
    """Say whether the review is near or overdue and its recommendations are not handed over yet."""
    review = open_review()
    if review is not None and review.handed_over_at is not None:
        return False
    return reminder_due(policy, review_due_on(at=at), today=at.astimezone(policy.zone).date())


def begin(by: Footing) -> AnnualReview:
    """Begin the yearly review of the policy in force."""
    by.demand(has_duty(by.authority, by.policy, REVIEWER), attempted=Action.REVIEW_BEGUN)
    due = review_due_on(at=by.at)
    try:
        with transaction.atomic():
            review = changes.begin_review(due_on=due, at=by.at, by=by.person, policy=by.policy.stamp)
            _log(by, Action.REVIEW_BEGUN, review, {"due_on": due.isoformat() if due else ""})
    except IntegrityError as error:
        raise RefusedAction(Refused(Clause.IV_g, "A review is going on already.")) from error
    return review


def recommend(by: Footing, review: AnnualReview, *, clause: str, text: str) -> None:
    """Recommend something to the Chief or Sheriff."""
    by.demand(
        has_duty(by.authority, by.policy, REVIEWER),
        _open(review),
        Refused(Clause.IV_g, "The recommendations were handed over already.") if review.handed_over_at else Allowed(),
        Allowed() if text.strip() else Refused(Clause.IV_g, "Write what you recommend."),
        attempted=Action.REVIEW_RECOMMENDED,
        subject=_subject(review),
    )
    with transaction.atomic():
        changes.recommend(review, clause=clause[:20], text=text.strip()[:1000], at=by.at, by=by.person)
        _log(by, Action.REVIEW_RECOMMENDED, review, {"clause": clause[:20], "text": text.strip()[:1000]})


def hand_over(by: Footing, review: AnnualReview) -> None:
    """Hand the recommendations, or the word that there are none, to the Chief or Sheriff."""
    by.demand(
        has_duty(by.authority, by.policy, REVIEWER),
        _open(review),
        attempted=Action.REVIEW_HANDED_OVER,
        subject=_subject(review),
    )
    with transaction.atomic():
        if changes.hand_over(review, at=by.at):
            _log(by, Action.REVIEW_HANDED_OVER, review, {"recommendations": review.recommendations.count()})


def decide(by: Footing, recommendation: Recommendation, *, decision: str, reason: str) -> None:
    """Accept or decline a recommendation; declining gives its reason."""
    review = recommendation.review
    declined = decision == Recommendation.Decision.DECLINED
    known = decision in Recommendation.Decision.values
    by.demand(
        has_duty(by.authority, by.policy, AUTHORITY),
        _open(review),
        Allowed() if review.handed_over_at else Refused(Clause.IV_g, "The recommendations were not handed over yet."),
        Allowed() if known else Refused(Clause.IV_g, "Accept or decline the recommendation."),
        Refused(Clause.IV_g, "Say why you decline it.") if declined and not reason.strip() else Allowed(),
        attempted=Action.REVIEW_DECIDED,
        subject=_subject(review),
    )
    with transaction.atomic():
        if changes.decide(recommendation, decision=decision, reason=reason.strip()[:400], at=by.at):
            details = {"recommendation": recommendation.pk, "decision": decision, "reason": reason.strip()[:400]}
            _log(by, Action.REVIEW_DECIDED, review, details)


def conclude(by: Footing, review: AnnualReview, *, conclusion: str, remark: str, next_on: date) -> None:
    """Conclude the review: the policy stays, or is to be amended; the next review is within a year."""
    waiting = review.recommendations.filter(decided_at=None).count()
    known = conclusion in AnnualReview.Conclusion.values
    in_time = by.today < next_on <= by.today + LONGEST
    by.demand(
        has_duty(by.authority, by.policy, AUTHORITY),
        _open(review),
        Allowed() if review.handed_over_at else Refused(Clause.IV_g, "The recommendations were not handed over yet."),
        Refused(Clause.IV_g, f"Recommendations that are not decided yet: {waiting}.") if waiting else Allowed(),
        Allowed() if known else Refused(Clause.IV_g, "Say whether the policy stays or is to be amended."),
        Allowed() if in_time else Refused(Clause.IV_g, "The next review is due within a year from today."),
        attempted=Action.REVIEW_CONCLUDED,
        subject=_subject(review),
    )
    with transaction.atomic():
        remark = remark.strip()[:1000]
        if changes.conclude(review, conclusion=conclusion, remark=remark, next_on=next_on, at=by.at, by=by.person):
            details = {"conclusion": conclusion, "remark": remark, "next_on": next_on.isoformat()}
            _log(by, Action.REVIEW_CONCLUDED, review, details)


def _open(review: AnnualReview) -> Allowed | Refused:
    return Refused(Clause.IV_g, "This review is concluded.") if review.concluded_at else Allowed()


def _subject(review: AnnualReview) -> str:
    return f"review:{review.pk}"


def _log(by: Footing, action: Action, review: AnnualReview, details: dict[str, Any]) -> None:
    _append(by.actor, action, _subject(review), details, at=by.at, policy=by.policy)


def _append(
    actor: Actor, action: Action, subject: str, details: dict[str, Any], *, at: datetime, policy: Policy,
    sealed: dict[str, str] | None = None,
) -> None:  # fmt: skip
    append(
        at=at, by=actor, action=action, clause=Clause.IV_g, subject=subject, details=details, sealed=sealed,
        policy=policy.stamp,
    )  # fmt: skip
