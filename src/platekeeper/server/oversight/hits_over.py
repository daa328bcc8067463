"""Which hits are past their time and held by nothing: no case, no complaint, nothing of it that waits for a case (VI.k)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from platekeeper.core.policy import Policy
from platekeeper.core.rules.retention import HitFacts, hits_raised_before, may_end_hit
from platekeeper.server.casefiles.models import Preserved
from platekeeper.server.hits.lookups import led_on
from platekeeper.server.hits.models import Hit
from platekeeper.server.oversight.models.complaints import Complaint, ComplaintStep


def hits_over(policy: Policy, *, at: datetime, raised_before: datetime | None = None) -> dict[int, datetime]:
    """Return the hits whose time is over at `at`, an alarm with its repeats, of those raised before a moment: when each was
    raised, by its number."""
    before = hits_raised_before(policy, at=at)
    if before is None:
        return {}
    return {
        number: raised
        for group, facts in _groups(min(before, raised_before or before), at=at)
        if may_end_hit(facts, policy, at=at)
        for number, raised in group.items()
    }


def _groups(before: datetime, *, at: datetime) -> Iterator[tuple[dict[int, datetime], HitFacts]]:
    """Give each alarm raised before a moment with its repeats, the oldest first, and what decides about them."""
    alarms = Hit.objects.filter(repeat_of=None, raised_at__lt=before).order_by()
    raised = {alarm: {alarm: at} for alarm, at in alarms.order_by("pk").values_list("pk", "raised_at")}
    if not raised:
        return
    repeats = Hit.objects.filter(repeat_of__in=alarms.values("pk")).order_by("pk")
    for alarm, number, again in repeats.values_list("repeat_of__pk", "pk", "raised_at"):
        raised[alarm][number] = again
    kept = Preserved.objects.filter(kind=Preserved.Kind.HIT).values_list("key", "case__ended_at")
    holds = {(int(key.removeprefix("hit:")), ended is None) for key, ended in kept}
    led = set(Hit.objects.filter(led_on(by=at)).values_list("pk", flat=True))
    complained = {
        number
        for model in (Complaint, ComplaintStep)
        for number in model.objects.exclude(hit=None).values_list("hit", flat=True)
    }
    for numbers in raised.values():
        yield (
            numbers,
            HitFacts(
                raised_at=max(numbers.values()),
                in_case=any((number, True) in holds for number in numbers),
                was_in_case=any((number, False) in holds for number in numbers),
                led_on=not led.isdisjoint(numbers),
                in_complaint=not complained.isdisjoint(numbers),
            ),
        )
