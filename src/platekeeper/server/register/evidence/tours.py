"""Tours of duty (V.a, VII.a-b, VII.d, VII.h): who began one with which hot list, and who ended it."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import F, QuerySet
from django.db.models.functions import TruncDate

from platekeeper.core.policy import Policy
from platekeeper.core.rules.access import Authority
from platekeeper.core.rules.decision import Decision
from platekeeper.core.rules.tours import may_end
from platekeeper.server.register.evidence.basis import Concern, Evidence, Fault, judged, many, unfit
from platekeeper.server.register.period import Period
from platekeeper.server.userlog.models import PURPOSES, Tour

_LONGEST = timedelta(hours=24)
"""A tour that is open for longer was forgotten."""


def begun(period: Period) -> QuerySet[Tour]:
    """Return the tours begun in the period."""
    return Tour.objects.filter(period.within("begun_at"))


def on_old_list(period: Period) -> int:
    """Count the tours begun with a hot list that was not of that day in the department's calendar (V.a)."""
    days = begun(period).annotate(
        day=TruncDate("begun_at", tzinfo=period.zone), of=TruncDate("hot_list__delivered_at", tzinfo=period.zone)
    )
    return days.filter(of__lt=F("day")).count()


def without_purpose(period: Period) -> int:
    """Count the tours begun without a purpose that the policy knows (VII.a)."""
    return begun(period).exclude(purpose__in=PURPOSES).count()


def logged(period: Period) -> Evidence:
    """Judge VII.h: are tours entered, and ended by their member or by who checks the log?"""
    tours = begun(period)
    open_now = Tour.objects.filter(begun_at__lte=period.at).exclude(ended_at__lte=period.at)
    forgotten = open_now.filter(begun_at__lt=period.at - _LONGEST).count()
    ended = Tour.objects.filter(period.within("ended_at")).exclude(ended_by=F("member"))
    improper, count = unfit(period, ended, _may_end_anothers, by="ended_by", moment="ended_at"), tours.count()
    return judged(
        f"{many(count, 'tour')} begun, {open_now.count() or 'none'} open",
        Concern(forgotten, "open for more than a day"),
        Fault(improper, "ended by somebody who could not"),
        "what was done on each tour is not recorded yet" if count else "",
        activity=count,
    )


def _may_end_anothers(who: Authority, policy: Policy, today: date) -> Decision:
    return may_end(who, policy, is_own=False)
