"""The LPRs, their inventory and insurance, their defects, and technical questions (IV.d, IV.f, IX.c-d)."""

from __future__ import annotations

from collections import Counter
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from platekeeper.core.policy import Policy
from platekeeper.core.rules.access import Authority
from platekeeper.core.rules.decision import Decision
from platekeeper.core.rules.defects import HEARD_WITHIN, MENDED_WITHIN, DefectKind, DefectStep, may_hear
from platekeeper.core.rules.inventory import ANSWERED_WITHIN, ANSWERER, THRESHOLD, must_be_insured
from platekeeper.core.rules.tours import Answer, Question
from platekeeper.server.equipment.lookups.care import papers
from platekeeper.server.equipment.models import Defect, DefectNote, TechnicalQuestion
from platekeeper.server.ledger.actions import Action
from platekeeper.server.register.evidence.basis import (
    Concern,
    Evidence,
    Fault,
    acts,
    held_by,
    judged,
    unfit,
    vacant,
)
from platekeeper.server.register.evidence.counts import acted, lprs
from platekeeper.server.register.history import holds
from platekeeper.server.register.period import Period
from platekeeper.server.register.questions import Of, Sought, Times, asked
from platekeeper.server.register.sums import Makers, grouped, tally
from platekeeper.server.register.words import Joined, Said, many, some
from platekeeper.server.userlog.models import TourCheck

_UNHEARD = (DefectStep.REPORTED.value, DefectStep.SEEN_AGAIN.value)
"""Steps that show that something was reported, and not that anybody heard of it."""
_INVENTORY = (Action.LPR_ADDED, Action.LPR_CHANGED, Action.LPR_KEY_ISSUED)


def defects(period: Period) -> Evidence:
    """Judge IV.d: is there somebody to hear of a defect, where there are LPRs, and do they see to what was reported?"""
    count = lprs(period).total()
    named, hearing = "IV.d.defects" in period.policy.values, held_by(period, "IV.d.defects")
    sums = _sums(period)
    reported, ended, open_now = sums["reported"], sums["ended"], sums["open"]
    return judged(
        Said("{0} to receive reports for {1}", many(hearing, "person", "people"), many(count, "LPR", "LPRs")),
        Fault(count, "with nobody to hear of a defect") if named and not hearing else "",
        Joined(
            many(reported, "defect reported", "defects reported"),
            some(ended, "mended or closed"),
            some(open_now, "open"),
        ),
        Fault(unfit(period, _worked, _hears, by="by", moment="at"), "worked by somebody who does not hear of them"),
        Concern(sums["unheard"], "not acknowledged within a day"),
        Concern(sums["long"], "open for more than two weeks"),
        activity=reported + ended + open_now,
    )


def damage(period: Period) -> Evidence:
    """Judge IX.c: is damage that somebody found reported, and heard of at once?"""
    sums = _sums(period, kind=DefectKind.DAMAGE)
    checks = _found_damage(period)
    return judged(
        Joined(many(sums["reported"], "report of damage", "reports of damage"), some(sums["open"], "open")),
        Fault(checks["untold"], "found on a tour and not reported"),
        Fault(sums["unheard"], "not acknowledged within a day"),
        vacant(period, "IX.c.administrator", Said("hearing of damage")),
        activity=sums["reported"] + checks["all"] + sums["open"],
    )


@asked
def _found_damage(of: Times) -> Sought[dict[str, int]]:
    """How often damage was found on a tour, and how often it was not reported."""
    found = TourCheck.objects.filter(of.within("at"), question=Question.DAMAGE, answer=Answer.NO)
    of_it = DefectNote.objects.filter(
        defect__kind=DefectKind.DAMAGE.value, defect__lpr=OuterRef("tour__lpr"), at=OuterRef("at")
    )
    return tally(found.annotate(is_told=Exists(of_it)), all=Q(), untold=Q(is_told=False))


def inventory(period: Period) -> Evidence:
    """Judge IV.f: is the inventory changed by its keeper alone, and is on the insurance plan what belongs there?"""
    changes, count = acted(period, *_INVENTORY), lprs(period).total()
    improper = unfit(period, acts(*_INVENTORY), holds("IV.f.inventory"), by="person", moment="at", made=changes)
    said = [each for each in papers(at=period.at).values() if each.value is not None]
    to_insure = [each for each in said if must_be_insured(each.value, period.policy)]
    return judged(
        many(count, "LPR in the inventory", "LPRs in the inventory"),
        many(changes.total(), "change of it", "changes of it"),
        Fault(improper, "by somebody who does not keep it"),
        many(len(to_insure), "LPR worth more than the threshold", "LPRs worth more than the threshold")
        if THRESHOLD in period.policy.values
        else "",
        Fault(sum(not each.on_plan for each in to_insure), "not on the insurance plan"),
        Concern(count - len(said), "with no value entered") if THRESHOLD in period.policy.values else "",
        vacant(period, "IV.f.inventory", Said("keeping the inventory")),
        activity=count,
    )


def questions(period: Period) -> Evidence:
    """Judge IX.d: do technical questions go to the position named, and are they answered?"""
    by = _questions(period)
    asked, count, waiting, late = (by[said].total() for said in ("asked", "answered", "open", "late"))
    return judged(
        Joined(many(asked, "question asked", "questions asked"), some(count, "answered")),
        Fault(
            unfit(period, _answered, holds(ANSWERER), by="answered_by", moment="answered_at", made=by["answered"]),
            "by somebody whom the policy does not name",
        ),
        Concern(late, "unanswered for more than a week"),
        vacant(period, ANSWERER, Said("answering technical questions")),
        activity=asked + count + waiting,
    )


def _sums(period: Period, *, kind: DefectKind | None = None) -> Counter[str]:
    """Return what is said of the defects, in numbers: of all of them, or of one kind."""
    found = _defects(period).items()
    return Counter({said: counts[kind.value] if kind else counts.total() for said, counts in found})


@asked
def _defects(of: Times) -> Sought[dict[str, Counter[str]]]:
    heard = DefectNote.objects.filter(defect=OuterRef("pk"), at__lte=of.at).exclude(step__in=_UNHEARD)
    open_now = Q(reported_at__lte=of.at) & ~Q(ended_at__lte=of.at)
    return grouped(
        Defect.objects.annotate(is_heard=Exists(heard)), "kind", reported=of.within("reported_at"),
        ended=of.within("ended_at"), open=open_now, long=open_now & Q(reported_at__lt=of.at - MENDED_WITHIN),
        unheard=open_now & Q(is_heard=False, reported_at__lt=of.at - HEARD_WITHIN),
    )  # fmt: skip


def _worked(of: Of) -> QuerySet[DefectNote]:
    return DefectNote.objects.filter(of.within("at"), by__isnull=False).exclude(step__in=_UNHEARD)


@asked
def _questions(of: Times) -> Sought[dict[str, Makers]]:
    open_now = Q(asked_at__lte=of.at) & ~Q(answered_at__lte=of.at)
    return grouped(
        TechnicalQuestion.objects.all(), "answered_by", answered=of.within("answered_at"),
        asked=of.within("asked_at"), open=open_now, late=open_now & Q(asked_at__lt=of.at - ANSWERED_WITHIN),
    )  # fmt: skip


def _answered(of: Of) -> QuerySet[TechnicalQuestion]:
    return TechnicalQuestion.objects.filter(of.within("answered_at"))


def _hears(who: Authority, policy: Policy, today: date) -> Decision:
    return may_hear(who, policy)
