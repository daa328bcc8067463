"""Hits that came to nothing and that no case holds have an end (VI.k), with their images and what opens their leaves."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from platekeeper.core.policy import Policy
from platekeeper.core.rules.retention import HitFacts, hits_raised_before, may_end_hit
from platekeeper.server.casefiles.models import Preserved
from platekeeper.server.hits import changes
from platekeeper.server.hits.lookups import led_on
from platekeeper.server.hits.models import Hit
from platekeeper.server.ledger.changes import forget
from platekeeper.server.oversight.models.complaints import Complaint, ComplaintStep
from platekeeper.server.procedures.follow_directives import copy_hits

_REMEMBERED = ("name", "on_behalf_of")
"""What stays open of the leaves of a hit that has gone: who acted."""


def hits_over(policy: Policy, *, at: datetime, raised_before: datetime | None = None) -> list[Hit]:
    """Return the hits whose time is over at `at`, an alarm with its repeats, of those raised before a moment."""
    before = hits_raised_before(policy, at=at)
    if before is None:
        return []
    return [
        hit
        for group, facts in _groups(min(before, raised_before or before), at=at)
        if may_end_hit(facts, policy, at=at)
        for hit in group
    ]


def take_hits(policy: Policy, *, at: datetime, raised_before: datetime | None) -> tuple[Counter[int], str]:
    """Delete the hits whose time is over, inside the caller's transaction; return counts by LPR number and a digest.

    Those that a directive names are copied first, and stay.
    """
    gone = hits_over(policy, at=at, raised_before=raised_before)
    if gone and copy_hits(gone, policy=policy, at=at):
        gone = hits_over(policy, at=at, raised_before=raised_before)
    hashed = hashlib.sha256()
    for name in sorted(f"{hit.read_id} {hit.entry_key}" for hit in gone):
        hashed.update(name.encode())
    for hit in gone:
        forget(f"hit:{hit.pk}", but=_REMEMBERED)
    changes.delete_hits(gone)
    return Counter(hit.lpr_id for hit in gone), hashed.hexdigest()


def _groups(before: datetime, *, at: datetime) -> Iterator[tuple[list[Hit], HitFacts]]:
    """Give each alarm raised before a moment with its repeats, and what decides about them."""
    if not Hit.objects.filter(raised_at__lt=before).exists():
        return
    kept = Preserved.objects.filter(kind=Preserved.Kind.HIT).values_list("key", "case__ended_at")
    holds = {(int(key.removeprefix("hit:")), ended is None) for key, ended in kept}
    led = set(Hit.objects.filter(led_on(by=at)).values_list("pk", flat=True))
    complained = {
        number
        for model in (Complaint, ComplaintStep)
        for number in model.objects.exclude(hit=None).values_list("hit", flat=True)
    }
    alarms = Hit.objects.filter(repeat_of=None, raised_at__lt=before).order_by("pk")
    for alarm in alarms.prefetch_related("repeats", "repeats__lpr").select_related("lpr").iterator(chunk_size=500):
        group = [alarm, *alarm.repeats.all()]
        numbers = {hit.pk for hit in group}
        yield (
            group,
            HitFacts(
                raised_at=max(hit.raised_at for hit in group),
                in_case=any((number, True) in holds for number in numbers),
                was_in_case=any((number, False) in holds for number in numbers),
                led_on=not numbers.isdisjoint(led),
                in_complaint=not numbers.isdisjoint(complained),
            ),
        )
