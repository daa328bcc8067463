"""The only writer of policy versions and of their reviews."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from platekeeper.core.amendments import Amendment
from platekeeper.core.policy import carried_over, digest_of
from platekeeper.server.personnel.models import Person
from platekeeper.server.policy.models import AnnualReview, PolicyComment, PolicyVersion, Recommendation


def held_draft() -> PolicyVersion | None:
    """Return the draft, if there is one, and let nobody else change it until the caller's transaction ends."""
    return PolicyVersion.objects.select_for_update(no_key=True).filter(adopted_at=None).first()


def open_draft(*, at: datetime) -> PolicyVersion:
    """Return the draft; without one, begin it from the latest version, but for what belongs to that version alone."""
    draft = held_draft()
    if draft is not None:
        return draft
    last = PolicyVersion.objects.order_by("-number").first()
    return PolicyVersion.objects.create(
        number=last.number + 1 if last else 1,
        values=carried_over(last.values) if last else {},
        amendments=dict(last.amendments) if last else {},
        drafted_at=at,
    )


def fill(draft: PolicyVersion, *, key: str, value: Any) -> None:
    """Set one blank of the draft, said by a person; None empties it. A draft under review is a draft again."""
    values = {name: held for name, held in draft.values.items() if name != key}
    draft.values = values if value is None else {**values, key: value}
    draft.unconfirmed = [name for name in draft.unconfirmed if name != key]
    _changed(draft, "values", "unconfirmed")


def prefill(draft: PolicyVersion, *, values: Mapping[str, Any]) -> None:
    """Propose values for the draft; each waits for somebody to confirm it."""
    draft.values = {**draft.values, **values}
    draft.unconfirmed = sorted({*draft.unconfirmed, *values})
    _changed(draft, "values", "unconfirmed")


def amend(draft: PolicyVersion, *, number: str, amendment: Amendment | None) -> None:
    """Amend one clause of the draft; None takes its amendment back."""
    others = {name: held for name, held in draft.amendments.items() if name != number}
    draft.amendments = others if amendment is None else {**others, number: amendment.as_data()}
    _changed(draft, "amendments")


def put_up(draft: PolicyVersion, *, at: datetime) -> None:
    """Put the draft up for review."""
    draft.put_up_at = at
    draft.save(update_fields=["put_up_at"])


def comment(draft: PolicyVersion, *, clause: str, text: str, at: datetime, by: Person) -> PolicyComment:
    """Keep what a reviewer says of the draft."""
    return PolicyComment.objects.create(version=draft, clause=clause, text=text, at=at, by=by)


def discard(draft: PolicyVersion) -> bool:
    """Throw the draft away; the ledger keeps what was filled in. Return whether it was a draft still."""
    held = held_draft()
    return held == draft and bool(draft.delete()[0])


def adopt(draft: PolicyVersion, *, at: datetime, by: int, by_name: str, effective_at: datetime) -> PolicyVersion:
    """Adopt the draft; it never changes again."""
    draft.digest = digest_of(draft.values, draft.amendments)
    draft.adopted_at, draft.adopted_by, draft.adopted_by_name = at, by, by_name
    draft.effective_at = effective_at
    draft.save(update_fields=["digest", "adopted_at", "adopted_by", "adopted_by_name", "effective_at"])
    return draft


def begin_review(*, due_on: date | None, at: datetime, by: Person, policy: tuple[int, str]) -> AnnualReview:
    """Begin a yearly review. Raises IntegrityError while another one is going on."""
    return AnnualReview.objects.create(
        due_on=due_on, begun_at=at, begun_by=by, policy_number=policy[0], policy_digest=policy[1]
    )


def recommend(review: AnnualReview, *, clause: str, text: str, at: datetime, by: Person) -> Recommendation:
    """Add a recommendation."""
    return Recommendation.objects.create(review=review, clause=clause, text=text, at=at, by=by)


def hand_over(review: AnnualReview, *, at: datetime) -> bool:
    """Hand the recommendations to the Chief or Sheriff; return whether they had not been."""
    waiting = AnnualReview.objects.filter(pk=review.pk, handed_over_at=None, concluded_at=None)
    return bool(waiting.update(handed_over_at=at))


def decide(recommendation: Recommendation, *, decision: str, reason: str, at: datetime) -> bool:
    """Decide on a recommendation once; return whether it was open."""
    still = Recommendation.objects.filter(pk=recommendation.pk, decided_at=None)
    return bool(still.update(decision=decision, reason=reason, decided_at=at))


def conclude(review: AnnualReview, *, conclusion: str, remark: str, next_on: date, at: datetime, by: Person) -> bool:
    """Conclude a yearly review; return whether it was open."""
    still = AnnualReview.objects.filter(pk=review.pk, concluded_at=None)
    return bool(still.update(conclusion=conclusion, remark=remark, next_on=next_on, concluded_at=at, concluded_by=by))


def _changed(draft: PolicyVersion, *fields: str) -> None:
    draft.put_up_at = None
    draft.save(update_fields=[*fields, "put_up_at"])
