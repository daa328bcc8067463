"""The department's own hot list entries (VI.a, VII.f-g): asked for, decided, ended, looked up."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from datetime import date, datetime

from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Coalesce, Concat

from platekeeper.core.categories import MANDATORY_ENTRY, Category
from platekeeper.core.policy import Policy
from platekeeper.core.rules.access import Authority
from platekeeper.core.rules.alerts import URGENT_ENTRY, may_request_entry
from platekeeper.core.rules.decision import Allowed, Decision
from platekeeper.core.rules.entries import LONGEST
from platekeeper.server.hits.models import Hit
from platekeeper.server.hotlist.models import HotListEntry
from platekeeper.server.querylog.models import QueryLogEntry
from platekeeper.server.register.evidence.basis import Concern, Evidence, Fault, Look, judged, many, refusals, unfit
from platekeeper.server.register.history import holds
from platekeeper.server.register.period import Period

_State = HotListEntry.State
_URGENT = [category.value for category in URGENT_ENTRY]
_MANDATORY = [category.value for category in MANDATORY_ENTRY]


def entries(period: Period) -> Evidence:
    """Judge VI.a: was every entry on the list decided by who decides, not by who asked, and did it end in time?"""
    decided = _decided(period)
    improper = unfit(
        period, decided.exclude(category__in=_URGENT), holds("VI.a.decider"), by="decided_by", moment="decided_at"
    )
    improper += unfit(
        period, decided.filter(category__in=_URGENT), _decides_urgent, by="decided_by", moment="decided_at"
    )
    waiting, asked, count = _waiting(period).count(), _asked(period).count(), _listed(period, Q()).count()
    wrong = _wrong(period, Q())
    return judged(
        f"{many(count, 'entry', 'entries')} on the list, {many(asked, 'request')}, {waiting or 'none'} waiting still",
        *wrong,
        Fault(improper, "decided by somebody who does not decide"),
        refusals(period, "VI.a"),
        activity=count + asked + period.refusals["VI.a"],
    )


def of_category(*categories: Category) -> Look:
    """Judge VI.a.1-5: are entries of a category on the list properly?"""

    def look(period: Period) -> Evidence:
        chosen = Q(category__in=categories)
        count = _listed(period, chosen).count()
        on_the_list = f"{many(count, 'entry', 'entries')} of this category on the list"
        return judged(on_the_list, *_wrong(period, chosen), activity=count)

    return look


def purpose(period: Period) -> Evidence:
    """Judge VII.f: does every entry say why, was it asked for by who may, and does it end within a year?"""
    asked = _asked(period)
    bare = asked.filter(reason="").count()
    endless = asked.filter(expires_at__gt=F("effective_at") + LONGEST).count()
    improper = unfit(period, asked, may_request_entry, by="requested_by", moment="requested_at")
    count = asked.count()
    return judged(
        many(count, "request"),
        Fault(bare, "without a reason"),
        Fault(endless, "for longer than a year"),
        Fault(improper, "by somebody who may not ask"),
        refusals(period, "VII.f"),
        activity=count + period.refusals["VII.f"],
    )


def broadcasts(period: Period) -> Evidence:
    """Judge VII.f.1: does every entry after a report or bulletin name it?"""
    asked = _asked(period).filter(category__in=_URGENT)
    count, bare = asked.count(), asked.filter(authority="").count()
    words = f"{many(count, 'entry', 'entries')} after dispatch reports and bulletins"
    return judged(words, Fault(bare, "without naming it"), activity=count)


def directed(period: Period) -> Evidence:
    """Judge VII.f.2: does every entry name its authority, and was what was put in force at once directed by who may?"""
    asked = _asked(period)
    bare, count = asked.filter(authority="").count(), asked.count()
    at_once = asked.filter(decided_at=F("requested_at"), decided_by=F("requested_by"))
    improper = unfit(period, at_once, _decides_urgent, by="decided_by", moment="decided_at")
    return judged(
        many(count, "request"),
        Fault(bare, "without an authority"),
        f"{at_once.count() or 'none'} in force at once",
        Fault(improper, "by somebody who may not direct it"),
        refusals(period, "VII.f.2"),
        activity=count + period.refusals["VII.f.2"],
    )


def looked_up(period: Period) -> Evidence:
    """Judge VII.f.3: was every entry put on the list looked up among the prior reads?"""
    return _looked_up(period, _decided(period))


def mandatory(period: Period) -> Evidence:
    """Judge VII.g: were AMBER and missing person alerts put on the list and looked up?"""
    alerts = Q(category__in=_MANDATORY)
    return _looked_up(period, _decided(period).filter(alerts), waiting=_waiting(period).filter(alerts).count())


def _decides_urgent(who: Authority, policy: Policy, today: date) -> Decision:
    """An urgent entry is decided by who decides, or by the position that directs entries in the field."""
    directs = holds("VII.f.directors")(who, policy, today)
    return Allowed() if directs else holds("VI.a.decider")(who, policy, today)


def _asked(period: Period) -> QuerySet[HotListEntry]:
    return HotListEntry.objects.filter(period.within("requested_at"))


def _waiting(period: Period) -> QuerySet[HotListEntry]:
    """Return the requests that waited for their decision at the end of the period."""
    since_then = Q(decided_at__gt=period.at) | Q(decided_at=None, cancelled_at__gt=period.at)
    return HotListEntry.objects.filter(Q(state=_State.REQUESTED) | since_then, requested_at__lte=period.at)


def _decided(period: Period) -> QuerySet[HotListEntry]:
    """Return the entries put on the list in the period."""
    return HotListEntry.objects.filter(period.within("decided_at")).exclude(state=_State.REFUSED)


def _listed(period: Period, categories: Q) -> QuerySet[HotListEntry]:
    """Return the entries that stood on the list at some time in the period."""
    approved = Q(state=_State.ACTIVE) | Q(state=_State.CANCELLED, decided_at__isnull=False)
    begun = HotListEntry.objects.annotate(listed_at=Coalesce("decided_at", "effective_at"))
    standing = begun.filter(categories, approved, listed_at__lte=period.at, effective_at__lte=period.at)
    return standing.filter(expires_at__gt=period.since).exclude(cancelled_at__lte=period.since)


def _wrong(period: Period, categories: Q) -> tuple[Fault, ...]:
    """Return what may be wrong with the entries on the list."""
    listed = _listed(period, categories)
    nameless, bare = listed.filter(decided_by=None).count(), listed.filter(authority="").count()
    # urgent entries may be put in force by who asks for them (VII.f.2, VII.g); whether they might is judged from history
    own = listed.filter(decided_by=F("requested_by")).exclude(category__in=_URGENT).count()
    outlived = _outlived(period, categories).count()
    return (
        Fault(nameless, "decided by nobody"),
        Fault(own, "decided by who asked for it"),
        Fault(bare, "without an authority"),
        Fault(outlived, "that raised a hit after its end"),
    )


def _outlived(period: Period, categories: Q) -> QuerySet[HotListEntry]:
    """Return the entries on which a hit was raised in the period of a car seen after their end or cancellation."""
    key = Concat(Value("own:"), Cast(OuterRef("pk"), CharField()))
    over = Q(seen_at__gte=OuterRef("expires_at")) | Q(seen_at__gte=OuterRef("cancelled_at"))
    return HotListEntry.objects.filter(categories).filter(
        Exists(Hit.objects.filter(over, period.within("raised_at"), entry_key=key))
    )


def _looked_up(period: Period, decided: QuerySet[HotListEntry], *, waiting: int = 0) -> Evidence:
    looks: defaultdict[str, list[datetime]] = defaultdict(list)
    asked = QueryLogEntry.objects.filter(
        begun_at__gt=period.since, begun_at__lte=period.at, purpose=QueryLogEntry.Purpose.ALERT
    ).exclude(state__in=QueryLogEntry.NEVER_RAN)
    for terms, begun_at in asked.order_by("begun_at").values_list("terms", "begun_at").iterator():
        looks[str(terms.get("plate", ""))].append(begun_at)
    put_on = list(decided.values_list("plate", "decided_at"))
    missing = sum(
        decided_at is not None and bisect_left(looks[plate], decided_at) == len(looks[plate])
        for plate, decided_at in put_on
    )
    return judged(
        f"{many(len(put_on), 'entry', 'entries')} put on the list",
        Fault(missing, "not looked up among the prior reads"),
        Concern(waiting, "waiting for a decision"),
        activity=len(put_on),
    )
