"""Tours of duty (V.a, VII.a-d, VII.h, IX.a): who began one, on what, and how it ended."""

from __future__ import annotations

from collections import Counter
from datetime import date

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import TruncDate

from platekeeper.core.policy import Policy
from platekeeper.core.rules.access import Authority
from platekeeper.core.rules.decision import Decision
from platekeeper.core.rules.tours import LONGEST, SUPERVISORS, Answer, Phase, Question, may_end
from platekeeper.server.register.evidence.basis import Concern, Evidence, Fault, judged, many, unfit
from platekeeper.server.register.history import holds
from platekeeper.server.register.period import Period
from platekeeper.server.userlog.models import PURPOSES, Tour, TourCheck


def begun(period: Period) -> QuerySet[Tour]:
    """Return the tours begun in the period."""
    return Tour.objects.filter(period.within("begun_at"))


def on_old_list(period: Period) -> int:
    """Count the tours begun with a hot list that was not of that day in the department's calendar, neither with the
    member's word for a list on the unit nor on a supervisor's override (V.a)."""
    answered = TourCheck.objects.filter(question=Question.HOT_LIST, answer__in=(Answer.ATTESTED, Answer.OVERRIDDEN))
    days = begun(period).annotate(
        day=TruncDate("begun_at", tzinfo=period.zone), of=TruncDate("hot_list__delivered_at", tzinfo=period.zone)
    )
    unanswered = days.exclude(pk__in=answered.values("tour"))
    return unanswered.filter(Q(of__lt=F("day")) | Q(hot_list=None)).count()


def attested(period: Period) -> int:
    """Count the tours begun on the member's word for a list on the unit (V.a, VII.d)."""
    return begun(period).filter(checks__question=Question.HOT_LIST, checks__answer=Answer.ATTESTED).count()


def without_purpose(period: Period) -> int:
    """Count the tours begun without a purpose that the policy knows (VII.a)."""
    return begun(period).exclude(purpose__in=PURPOSES).count()


def begun_trained(period: Period) -> QuerySet[Tour]:
    """Return the tours begun on the member's own training, so not on a supervisor's override of lapsed training."""
    on_override = TourCheck.objects.filter(question=Question.TRAINING, answer=Answer.OVERRIDDEN)
    return begun(period).exclude(pk__in=on_override.values("tour"))


def overridden(period: Period, *clauses: str) -> tuple[Concern, Fault]:
    """Return the tours begun in the period although something under these clauses stood in the way: on an override, which
    somebody should look at, and on one by somebody who could not give it, which is a breach."""
    used = TourCheck.objects.filter(period.within("at"), override__isnull=False, override__clause__in=clauses)
    improper = unfit(period, used, holds(SUPERVISORS), by="override__decided_by", moment="override__decided_at")
    improper += used.filter(override__decided_by=F("tour__member")).count()
    return Concern(used.count(), "begun on a supervisor's override"), Fault(improper, "overridden by who could not")


def secured(period: Period) -> Evidence:
    """Judge VII.c: was the vehicle secured where it was parked at the end of each tour?"""
    ended = Tour.objects.filter(period.within("ended_at"))
    said = Counter(
        TourCheck.objects.filter(tour__in=ended, phase=Phase.END, question=Question.PARKED).values_list(
            "answer", flat=True
        )
    )
    count = ended.count()
    return judged(
        f"{many(count, 'tour')} ended, {many(said[Answer.HANDED_OVER], 'LPR')} handed over",
        Fault(said[Answer.NO], "with the vehicle not secured"),
        Concern(count - said.total() + said[Answer.UNSAID], "without a word on whether it was secured"),
        activity=count,
    )


def aimed(period: Period) -> Evidence:
    """Judge IX.a: was the aim of the cameras checked at the beginning of each tour?"""
    checks = TourCheck.objects.filter(tour__in=begun(period), phase=Phase.BEGIN, question=Question.AIM)
    said, count = Counter(checks.values_list("answer", flat=True)), begun(period).count()
    return judged(
        f"{many(count, 'tour')} begun",
        Fault(count - said.total(), "without a check of the cameras' aim"),
        Concern(said[Answer.NO], "with cameras found out of aim"),
        activity=count,
    )


def logged(period: Period) -> Evidence:
    """Judge VII.h: are tours entered, and ended by their member or by who checks the log?"""
    tours = begun(period)
    open_now = Tour.objects.filter(begun_at__lte=period.at).exclude(ended_at__lte=period.at)
    forgotten = open_now.filter(begun_at__lt=period.at - LONGEST).count()
    ended = Tour.objects.filter(period.within("ended_at")).exclude(ended_by=F("member"))
    handed_over = TourCheck.objects.filter(
        Exists(Tour.objects.filter(lpr=OuterRef("tour__lpr"), member=OuterRef("by"), begun_at=OuterRef("at"))),
        question=Question.PARKED, answer=Answer.HANDED_OVER,
    )  # fmt: skip
    ended = ended.exclude(pk__in=handed_over.values("tour"))
    improper, count = unfit(period, ended, _may_end_anothers, by="ended_by", moment="ended_at"), tours.count()
    return judged(
        f"{many(count, 'tour')} begun, {open_now.count() or 'none'} open",
        Concern(forgotten, "open for more than a day"),
        Fault(improper, "ended by somebody who could not"),
        activity=count,
    )


def _may_end_anothers(who: Authority, policy: Policy, today: date) -> Decision:
    return may_end(who, policy, is_own=False)
