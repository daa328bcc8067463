"""Which hits are past their time and held by nothing: no case, no complaint, nothing of it that waits for a case (VI.k)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from platekeeper.core.policy import Policy
from platekeeper.core.rules.retention import HitFacts, hits_raised_before, may_end_hit
from platekeeper.server.casefiles.lookups import kept_by
from platekeeper.server.hits.lookups import led_on
from platekeeper.server.hits.models import Hit
from platekeeper.server.oversight.models.complaints import Complaint, ComplaintStep

_AT_ONCE = 500
"""So many alarms are looked at at a time: a first disposal may be of hundreds of thousands."""


def hits_over(
    policy: Policy, *, at: datetime, raised_before: datetime | None = None, freed: bool = True
) -> Iterator[list[Hit]]:
    """Give the hits whose time is over at `at`, each alarm with its repeats, of those raised before a moment.

    Of each there is what a disposal says of it, and not what it was copied from. `freed` are those, however old, that a case
    held until it was emptied.
    """
    before = hits_raised_before(policy, at=at)
    if before is not None:
        groups = _groups(min(before, raised_before or before), at=at)
        yield from (
            group for group, facts in groups if may_end_hit(facts, policy, at=at) and (freed or not facts.was_in_case)
        )


def _groups(before: datetime, *, at: datetime) -> Iterator[tuple[list[Hit], HitFacts]]:
    """Give each alarm raised before a moment with its repeats, and what decides about them; those that a case holds, most
    of what is old, are left out unseen."""
    held = _held(at)
    alarms = _bare(Hit.objects.filter(repeat_of=None, raised_at__lt=before)).exclude(held).order_by("pk")
    found = alarms.exclude(Exists(Hit.objects.filter(held, repeat_of=OuterRef("pk")))).iterator(chunk_size=_AT_ONCE)
    while some := list(islice(found, _AT_ONCE)):
        yield from _with_facts(some, at=at)


def _with_facts(alarms: Sequence[Hit], *, at: datetime) -> Iterator[tuple[list[Hit], HitFacts]]:
    groups = {alarm.pk: [alarm] for alarm in alarms}
    for repeat in _bare(Hit.objects.filter(repeat_of__in=groups)).order_by("pk"):
        groups[repeat.repeat_of_id or 0].append(repeat)
    hits = [hit.pk for group in groups.values() for hit in group]
    copies = kept_by(at).filter(key__in=[f"hit:{number}" for number in hits]).values_list("key", "case__ended_at")
    holds = {(int(key.removeprefix("hit:")), ended is None or ended > at) for key, ended in copies}
    led = set(Hit.objects.filter(led_on(), pk__in=hits).values_list("pk", flat=True))
    complained = {
        number
        for model in (Complaint, ComplaintStep)
        for number in model.objects.filter(hit__in=hits).values_list("hit", flat=True)
    }
    for group in groups.values():
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


def _bare(hits: QuerySet[Hit]) -> QuerySet[Hit]:
    return hits.only("read_id", "entry_key", "lpr", "raised_at", "repeat_of")


def _held(at: datetime) -> Exists:
    """Whether a case preserves a hit, as it may since the moment, and held its records still then."""
    key = Concat(Value("hit:"), Cast(OuterRef("pk"), CharField()))
    return Exists(kept_by(at).filter(Q(case__ended_at=None) | Q(case__ended_at__gt=at), key=key))
