"""The department's own hot list entries on the list (VI.a): decided, ended, properly there."""

from __future__ import annotations

from collections import Counter

from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Coalesce, Concat

from platekeeper.core.categories import Category
from platekeeper.server.hits.models import Hit
from platekeeper.server.hotlist.models import HotListEntry
from platekeeper.server.register.evidence.basis import (
    Evidence,
    Fault,
    Look,
    judged,
    refusals,
    unfit,
)
from platekeeper.server.register.evidence.entered import (
    ASKED_FOR,
    URGENT,
    asked_for,
    decided,
    decides_urgent,
    put_on,
    waiting,
)
from platekeeper.server.register.history import holds
from platekeeper.server.register.period import Period
from platekeeper.server.register.questions import Of, Sought, Times, asked
from platekeeper.server.register.sums import grouped, makers
from platekeeper.server.register.words import Joined, many, some

_State = HotListEntry.State


def entries(period: Period) -> Evidence:
    """Judge VI.a: was every entry on the list decided by who decides, not by who asked, and did it end in time?"""
    by = {True: Counter[int | None](), False: Counter[int | None]()}
    for each in (each for each in put_on(period) if not each.ground):
        by[each.category in URGENT][each.decided_by] += 1
    improper = sum(
        unfit(period, found, rule, by="decided_by", moment="decided_at", made=by[is_urgent])
        for is_urgent, found, rule in ((False, _not_urgent, holds("VI.a.decider")), (True, _urgent, decides_urgent))
    )
    requests, undecided, count = asked_for(period)["requests"].total(), waiting(period)["all"], _listed(period)["all"]
    return judged(
        Joined(
            many(count, "entry on the list", "entries on the list"),
            many(requests, "request", "requests"),
            some(undecided, "waiting still"),
        ),
        *_wrong(period),
        Fault(improper, "decided by somebody who does not decide"),
        refusals(period, "VI.a"),
        activity=count + requests + period.refusals["VI.a"],
    )


def of_category(*categories: Category) -> Look:
    """Judge VI.a.1-5: are entries of a category on the list properly?"""

    def look(period: Period) -> Evidence:
        count = _listed(period, *categories)["all"]
        on_the_list = many(count, "entry of this category on the list", "entries of this category on the list")
        return judged(on_the_list, *_wrong(period, *categories), activity=count)

    return look


def _wrong(period: Period, *categories: Category) -> tuple[Fault, ...]:
    """Return what may be wrong with the entries on the list."""
    sums = _listed(period, *categories)
    return (
        Fault(sums["nameless"], "decided by nobody"),
        Fault(sums["own"], "decided by who asked for it"),
        Fault(sums["unnamed"], "without an authority"),
        Fault(sums["outlived"], "that raised a hit after its end"),
    )


def _listed(period: Period, *categories: Category) -> Counter[str]:
    """Return what is said, in numbers, of the entries that stood on the list at some time in the period: of all of them, or
    of some categories."""
    sums: Counter[str] = Counter()
    for said, counts in {**_standing(period), "outlived": _outlived(period)}.items():
        sums[said] = sum(count for category, count in counts.items() if not categories or category in categories)
    return sums


@asked
def _standing(of: Times) -> Sought[dict[str, Counter[str]]]:
    approved = Q(state=_State.ACTIVE) | Q(state=_State.CANCELED, decided_at__isnull=False)
    begun = HotListEntry.objects.annotate(listed_at=Coalesce("decided_at", "effective_at"))
    standing = begun.filter(approved, listed_at__lte=of.at, effective_at__lte=of.at)
    standing = standing.filter(expires_at__gt=of.since).exclude(canceled_at__lte=of.since)
    # urgent entries may be put in force by who asks for them (VII.f.2, VII.g); whether they might is judged from history
    own = Q(ground="", decided_by=F("requested_by")) & ~Q(category__in=URGENT)
    return grouped(standing, "category", all=Q(), nameless=Q(decided_by=None), own=own, unnamed=Q(authority=""))


@asked
def _outlived(of: Times) -> Sought[Counter[str]]:
    """How many entries there are, by category, on which a hit was raised of a car seen after their end or cancellation."""
    key = Concat(Value("own:"), Cast(OuterRef("pk"), CharField()))
    over = Q(seen_at__gte=OuterRef("expires_at")) | Q(seen_at__gte=OuterRef("canceled_at"))
    raised = Hit.objects.filter(over, of.within("raised_at"), entry_key=key)
    return makers(HotListEntry.objects.filter(Exists(raised)), "category")


def _urgent(of: Of) -> QuerySet[HotListEntry]:
    return decided(of).filter(ASKED_FOR, category__in=URGENT)


def _not_urgent(of: Of) -> QuerySet[HotListEntry]:
    return decided(of).filter(ASKED_FOR, ~Q(category__in=URGENT))
