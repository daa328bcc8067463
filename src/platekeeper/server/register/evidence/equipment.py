"""The LPRs, their inventory and insurance, their defects, and technical questions (IV.d, IV.f, IX.c-d)."""

from __future__ import annotations

from datetime import date

from django.db.models import Exists, OuterRef, QuerySet

from platekeeper.core.policy import Policy
from platekeeper.core.rules.access import Authority
from platekeeper.core.rules.decision import Decision
from platekeeper.core.rules.defects import HEARD_WITHIN, MENDED_WITHIN, DefectKind, DefectStep, may_hear
from platekeeper.core.rules.inventory import ANSWERED_WITHIN, ANSWERER, THRESHOLD, must_be_insured
from platekeeper.core.rules.tours import Answer, Question
from platekeeper.server.equipment.lookups.care import papers
from platekeeper.server.equipment.models import LPR, Defect, DefectNote, TechnicalQuestion
from platekeeper.server.ledger.actions import Action
from platekeeper.server.register.evidence.basis import (
    Concern,
    Evidence,
    Fault,
    acts,
    held_by,
    judged,
    many,
    unfit,
    vacant,
)
from platekeeper.server.register.history import holds
from platekeeper.server.register.period import Period
from platekeeper.server.userlog.models import TourCheck


def defects(period: Period) -> Evidence:
    """Judge IV.d: is there somebody to hear of a defect, where there are LPRs, and do they see to what was reported?"""
    count = LPR.objects.filter(added_at__lte=period.at).count()
    named, hearing = "IV.d.defects" in period.policy.values, held_by(period, "IV.d.defects")
    reported, ended = _reported(period).count(), Defect.objects.filter(period.within("ended_at")).count()
    open_now = _open(period)
    return judged(
        f"{many(hearing, 'person', 'people')} to receive reports for {many(count, 'LPR')}",
        Fault(count, "with nobody to hear of a defect") if named and not hearing else "",
        f"{many(reported, 'defect')} reported, {ended or 'none'} mended or closed, {open_now.count() or 'none'} open",
        Fault(_improper(period), "worked by somebody who does not hear of them"),
        Concern(_unheard(open_now, period).count(), "not acknowledged within a day"),
        Concern(open_now.filter(reported_at__lt=period.at - MENDED_WITHIN).count(), "open for more than two weeks"),
        activity=reported + ended + open_now.count(),
    )


def damage(period: Period) -> Evidence:
    """Judge IX.c: is damage that somebody found reported, and heard of at once?"""
    reported = _reported(period).filter(kind=DefectKind.DAMAGE.value).count()
    open_now = _open(period).filter(kind=DefectKind.DAMAGE.value)
    found = TourCheck.objects.filter(period.within("at"), question=Question.DAMAGE, answer=Answer.NO)
    of_it = DefectNote.objects.filter(
        defect__kind=DefectKind.DAMAGE.value, defect__lpr=OuterRef("tour__lpr"), at=OuterRef("at")
    )
    return judged(
        f"{many(reported, 'report')} of damage, {open_now.count() or 'none'} open",
        Fault(found.filter(~Exists(of_it)).count(), "found on a tour and not reported"),
        Fault(_unheard(open_now, period).count(), "not acknowledged within a day"),
        vacant(period, "IX.c.administrator", "hearing of damage"),
        activity=reported + found.count() + open_now.count(),
    )


def inventory(period: Period) -> Evidence:
    """Judge IV.f: is the inventory changed by its keeper alone, and is on the insurance plan what belongs there?"""
    changes = acts(period, Action.LPR_ADDED, Action.LPR_CHANGED, Action.LPR_KEY_ISSUED)
    count = LPR.objects.filter(added_at__lte=period.at).count()
    improper = unfit(period, changes, holds("IV.f.inventory"), by="person", moment="at")
    said = papers(at=period.at).values()
    to_insure = [each for each in said if must_be_insured(each.value, period.policy)]
    return judged(
        f"{many(count, 'LPR')} in the inventory",
        f"{many(changes.count(), 'change')} of it",
        Fault(improper, "by somebody who does not keep it"),
        f"{many(len(to_insure), 'LPR')} worth more than the threshold" if THRESHOLD in period.policy.values else "",
        Fault(sum(not each.on_plan for each in to_insure), "not on the insurance plan"),
        vacant(period, "IV.f.inventory", "keeping the inventory"),
        activity=count,
    )


def questions(period: Period) -> Evidence:
    """Judge IX.d: do technical questions go to the position named, and are they answered?"""
    asked = TechnicalQuestion.objects.filter(period.within("asked_at")).count()
    answered = TechnicalQuestion.objects.filter(period.within("answered_at"))
    open_now = TechnicalQuestion.objects.filter(asked_at__lte=period.at).exclude(answered_at__lte=period.at)
    count = answered.count()
    return judged(
        f"{many(asked, 'question')} asked, {count or 'none'} answered",
        Fault(
            unfit(period, answered, holds(ANSWERER), by="answered_by", moment="answered_at"),
            "by somebody whom the policy does not name",
        ),
        Concern(open_now.filter(asked_at__lt=period.at - ANSWERED_WITHIN).count(), "unanswered for more than a week"),
        vacant(period, ANSWERER, "answering technical questions"),
        activity=asked + count + open_now.count(),
    )


def _reported(period: Period) -> QuerySet[Defect]:
    return Defect.objects.filter(period.within("reported_at"))


def _open(period: Period) -> QuerySet[Defect]:
    return Defect.objects.filter(reported_at__lte=period.at).exclude(ended_at__lte=period.at)


def _unheard(found: QuerySet[Defect], period: Period) -> QuerySet[Defect]:
    """Return what nobody had taken a step on in time, by the end of the period."""
    heard = DefectNote.objects.filter(defect=OuterRef("pk"), at__lte=period.at).exclude(
        step__in=(DefectStep.REPORTED.value, DefectStep.SEEN_AGAIN.value)
    )
    return found.filter(~Exists(heard), reported_at__lt=period.at - HEARD_WITHIN)


def _improper(period: Period) -> int:
    worked = DefectNote.objects.filter(period.within("at"), by__isnull=False).exclude(
        step__in=(DefectStep.REPORTED.value, DefectStep.SEEN_AGAIN.value)
    )
    return unfit(period, worked, _hears, by="by", moment="at")


def _hears(who: Authority, policy: Policy, today: date) -> Decision:
    return may_hear(who, policy)
