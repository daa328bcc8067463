"""Tours of duty (V.a, VII.a-d, VII.h, IX.a): who began one, on what, and how it ended."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from zoneinfo import ZoneInfo

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import TruncDate

from platekeeper.core.policy import Policy
from platekeeper.core.rules.access import Authority
from platekeeper.core.rules.decision import Decision
from platekeeper.core.rules.tours import LONGEST, SUPERVISORS, Answer, Phase, Question, may_end
from platekeeper.server.equipment.models import LPR
from platekeeper.server.register.evidence.basis import Concern, Evidence, Fault, judged, unfit
from platekeeper.server.register.history import holds
from platekeeper.server.register.period import Period
from platekeeper.server.register.questions import Of, Row, Sought, Times, asked
from platekeeper.server.register.sums import Makers, alike, grouped, parted, tally
from platekeeper.server.register.words import Joined, many, some
from platekeeper.server.userlog.models import PURPOSES, Tour, TourCheck


def begun(of: Of) -> QuerySet[Tour]:
    """Return the tours begun in the period."""
    return Tour.objects.filter(of.within("begun_at"))


def sums(period: Period) -> Counter[str]:
    """Return what is said of the tours begun in the period, in numbers. `old_list`: with a hot list that was not of that day
    in the department's calendar, neither with the member's word for a list on the unit nor on a supervisor's override (V.a);
    `attested`: on that word (V.a, VII.d); `aimless`: without a purpose that the policy knows (VII.a)."""
    return Counter({said: by.total() for said, by in by_member(period).items()})


def by_member(period: Period) -> dict[str, Makers]:
    """Return how many of the tours begun in the period each member began, by what is said of them."""
    return _begun(period, period.zone)


@asked
def _begun(of: Times, zone: ZoneInfo) -> Sought[dict[str, Makers]]:
    def checked(question: Question, *answers: Answer) -> Exists:
        return Exists(TourCheck.objects.filter(tour=OuterRef("pk"), question=question, answer__in=answers))

    tours = begun(of).annotate(
        day=TruncDate("begun_at", tzinfo=zone), loaded=TruncDate("hot_list__delivered_at", tzinfo=zone),
        is_attested=checked(Question.HOT_LIST, Answer.ATTESTED),
        is_overridden=checked(Question.HOT_LIST, Answer.OVERRIDDEN),
        is_untrained=checked(Question.TRAINING, Answer.OVERRIDDEN),
    )  # fmt: skip
    mobile, trained = Q(lpr__kind=LPR.Kind.MOBILE), Q(is_untrained=False)
    old = Q(is_attested=False, is_overridden=False) & (Q(loaded__lt=F("day")) | Q(hot_list=None))
    return grouped(
        tours, "member", begun=Q(), mobile=mobile, trained=trained, trained_mobile=trained & mobile, old_list=old,
        attested=Q(is_attested=True), aimless=~Q(purpose__in=PURPOSES),
    )  # fmt: skip


def begun_trained(of: Of) -> QuerySet[Tour]:
    """Return the tours begun on the member's own training, so not on a supervisor's override of lapsed training."""
    on_override = TourCheck.objects.filter(question=Question.TRAINING, answer=Answer.OVERRIDDEN)
    return begun(of).exclude(pk__in=on_override.values("tour"))


def overridden(period: Period, clause: str) -> tuple[Concern, Fault]:
    """Return the tours begun in the period although something under this clause stood in the way: on an override, which
    somebody should look at, and on one by somebody who could not give it, which is a breach."""
    made = _overrides(period)[clause]
    improper = made["own"].total() + unfit(
        period, lambda of: _overridden(of).filter(override__clause=clause), holds(SUPERVISORS),
        by="override__decided_by", moment="override__decided_at", made=made["decided"],
    )  # fmt: skip
    return Concern(made["all"].total(), "begun on a supervisor's override"), Fault(
        improper, "overridden by who could not"
    )


def _overridden(of: Of) -> QuerySet[TourCheck]:
    return TourCheck.objects.filter(of.within("at"), override__isnull=False)


@asked
def _overrides(of: Times) -> Sought[dict[str, dict[str, Makers]]]:
    """How many overrides each person gave, by clause, and how many of these on a tour of their own."""
    decided, own = of.within("override__decided_at"), Q(override__decided_by=F("tour__member"))
    return parted(_overridden(of), "override__clause", "override__decided_by", all=Q(), decided=decided, own=own)


def secured(period: Period) -> Evidence:
    """Judge VII.c: was the vehicle secured where it was parked at the end of each tour?"""
    said, count = _said(period, Phase.END, Question.PARKED), _standing(period)["ended"]
    return judged(
        Joined(
            many(count, "tour ended", "tours ended"),
            many(said[Answer.HANDED_OVER], "LPR handed over", "LPRs handed over"),
        ),
        Fault(said[Answer.NO], "with the vehicle not secured"),
        Concern(count - said.total() + said[Answer.UNSAID], "without a word on whether it was secured"),
        activity=count,
    )


def aimed(period: Period) -> Evidence:
    """Judge IX.a: was the aim of the cameras checked at the beginning of each tour?"""
    said, count = _said(period, Phase.BEGIN, Question.AIM), sums(period)["begun"]
    return judged(
        many(count, "tour begun", "tours begun"),
        Fault(count - said.total(), "without a check of the cameras' aim"),
        Concern(said[Answer.NO], "with cameras found out of aim"),
        activity=count,
    )


def logged(period: Period) -> Evidence:
    """Judge VII.h: are tours entered, and ended by their member or by who checks the log?"""
    standing = _standing(period)
    improper = unfit(period, _ended_by_others, _may_end_anothers, by="ended_by", moment="ended_at")
    count = sums(period)["begun"]
    return judged(
        Joined(many(count, "tour begun", "tours begun"), some(standing["open"], "open")),
        Concern(standing["forgotten"], "open for more than a day"),
        Fault(improper, "ended by somebody who could not"),
        activity=count,
    )


def _ended_by_others(of: Of) -> QuerySet[Tour]:
    handed_over = TourCheck.objects.filter(
        Exists(Tour.objects.filter(lpr=OuterRef("tour__lpr"), member=OuterRef("by"), begun_at=OuterRef("at"))),
        question=Question.PARKED, answer=Answer.HANDED_OVER,
    )  # fmt: skip
    ended = Tour.objects.filter(of.within("ended_at")).exclude(ended_by=F("member"))
    return ended.exclude(pk__in=handed_over.values("tour"))


@asked
def _standing(of: Times) -> Sought[dict[str, int]]:
    """How many tours ended in the period, and how many were open at its end, `forgotten` for too long."""
    ended, is_open = of.within("ended_at"), Q(begun_at__lte=of.at) & ~Q(ended_at__lte=of.at)
    forgotten = is_open & Q(begun_at__lt=of.at - LONGEST)
    return tally(Tour.objects.filter(ended | is_open), ended=ended, open=is_open, forgotten=forgotten)


def _said(period: Period, phase: Phase, question: Question) -> Counter[str]:
    return _answers(period).get((phase, question), Counter())


@asked
def _answers(of: Times) -> Sought[dict[tuple[str, str], Counter[str]]]:
    """How often each answer was given on tours begun in the period (how the cameras are aimed) or ended in it (how
    the vehicle is parked), by phase and question."""
    aim = Q(of.within("tour__begun_at"), phase=Phase.BEGIN, question=Question.AIM)
    parked = Q(of.within("tour__ended_at"), phase=Phase.END, question=Question.PARKED)
    given = alike(TourCheck.objects.filter(aim | parked), "phase", "question", "answer")

    def read(found: list[Row]) -> dict[tuple[str, str], Counter[str]]:
        answers: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        for phase, question, answer, count in found:
            answers[phase, question][answer] = count
        return answers

    return Sought(given.found, read)


def _may_end_anothers(who: Authority, policy: Policy, today: date) -> Decision:
    return may_end(who, policy, is_own=False)
