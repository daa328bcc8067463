"""Members, staff and their training (III, IV.a, IV.i, VII.a-b)."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from django.db.models import Q, QuerySet

from platekeeper.core.clauses import Clause
from platekeeper.core.policy import Policy
from platekeeper.core.rules.access import Authority, Standing, has_duty, is_trained, may_use_lpr
from platekeeper.core.rules.decision import Decision, Refused
from platekeeper.server.equipment.models import LPR
from platekeeper.server.hits.models import HitStep
from platekeeper.server.personnel.models import ChangeNotice, Person
from platekeeper.server.register.evidence import tours
from platekeeper.server.register.evidence.basis import Concern, Evidence, Fault, Look, judged, unfit
from platekeeper.server.register.evidence.counts import (
    ANSWERS,
    MEMBERS_STEPS,
    WORKING,
    inquirers,
    inquiries,
    lprs,
    steps,
)
from platekeeper.server.register.history import Rule, holds
from platekeeper.server.register.period import Period
from platekeeper.server.register.questions import Of, Sought, Times, asked
from platekeeper.server.register.sums import grouped, tally
from platekeeper.server.register.words import Joined, Said, many
from platekeeper.server.userlog.models import Tour

_OUTCOME = (HitStep.Kind.OUTCOME,)


def who_is(kind: Person.Kind) -> Look:
    """Judge III.members and III.staff: does everybody of a kind belong to this department?"""

    def look(period: Period) -> Evidence:
        sums = _accounts(period)
        count = sums["all"][kind]
        words = many(count, "account of staff", "accounts of staff")
        if kind == Person.Kind.MEMBER:
            words = many(count, "account of members", "accounts of members")
        return judged(words, Fault(sums["elsewhere"][kind], "of another agency"), activity=count)

    return look


@asked
def _accounts(of: Times) -> Sought[dict[str, Counter[str]]]:
    """How many accounts of each kind there were, and how many of these of another agency."""
    elsewhere = Q(agency__is_department=False)
    return grouped(Person.objects.filter(added_at__lte=of.at), "kind", all=Q(), elsewhere=elsewhere)


def use_of_lprs(period: Period) -> Evidence:
    """Judge IV.a: was every hit worked by somebody who might use LPRs then, and is everybody trained who may?"""
    working, outcomes = _working(period), steps(period, _OUTCOME)
    wrong = unfit(period, _work, may_use_lpr, by="by", moment="at", made=working)
    wrong += unfit(period, _outcomes, _may_close, by="by", moment="at", made=outcomes)
    trained = tours.by_member(period)["trained"]
    wrong += unfit(period, tours.begun_trained, may_use_lpr, by="member", moment="begun_at", made=trained)
    begun, count = tours.sums(period)["begun"], working.total() + outcomes.total()
    lapsed, holders = _training(period)
    return judged(
        Said(
            "{0} and {1}",
            many(begun, "tour begun", "tours begun"),
            many(count, "step taken on hits", "steps taken on hits"),
        ),
        Fault(wrong, "by somebody who was not allowed to use LPRs"),
        *tours.overridden(period, "IV.a"),
        Concern(lapsed, "of {1} who may use LPRs not trained", holders),
        activity=begun + count,
    )


def patrol(period: Period) -> Evidence:
    """Judge VII.a: had every tour its purpose, and were hits of mobile LPRs worked by members who use LPRs?"""
    begun, aimless = tours.sums(period)["begun"], tours.sums(period)["aimless"]
    wrong, count = _on_mobile(period, _is_designated)
    return judged(
        many(begun, "tour begun", "tours begun"),
        Fault(aimless, "without a law enforcement purpose"),
        many(count, "step taken on hits of mobile LPRs", "steps taken on hits of mobile LPRs"),
        Fault(wrong, "by somebody not designated to use LPRs"),
        activity=begun + count,
    )


def training_before_mobile_use(period: Period) -> Evidence:
    """Judge VII.b: was everybody trained who began a tour with a mobile LPR, or worked a hit of one?"""
    by = tours.by_member(period)
    (wrong, taken), started = _on_mobile(period, is_trained), by["mobile"].total()
    wrong += unfit(period, _begun_on_mobile, is_trained, by="member", moment="begun_at", made=by["trained_mobile"])
    lapsed, holders = _training(period)
    return judged(
        Said(
            "{0} and {1}",
            many(started, "tour begun", "tours begun"),
            many(taken, "step taken on hits with mobile LPRs", "steps taken on hits with mobile LPRs"),
        ),
        Fault(wrong, "by somebody untrained"),
        *tours.overridden(period, "VII.b"),
        Concern(lapsed, "of {1} who may use LPRs not trained", holders),
        activity=started + taken,
    )


def in_service(period: Period) -> Evidence:
    """Judge IV.i: are changes answered in time, and did nobody search or confirm whose training had lapsed?"""
    named = bool(period.policy.needs("IV.i.changes"))
    allowed = timedelta(days=period.policy.whole("IV.i.changes") if named else 0)
    notices = _notices(period, allowed)
    asking = inquirers(period)
    untrained = unfit(period, inquiries, is_trained, by="by", moment="begun_at", made=asking)
    history = period.history
    issued = sum(period.since < each.issued_at <= period.at for each in history.bulletins)
    receipts = sum(period.since < read_at <= period.at for read_at in history.receipts)
    taken = sum(period.since < each.recorded_at <= period.at for each in history.trainings)
    lapsed, holders = _training(period)
    return judged(
        Joined(
            many(taken, "training recorded", "trainings recorded"),
            many(issued, "bulletin issued", "bulletins issued"),
            many(receipts, "receipt", "receipts"),
        ),
        Concern(notices["waiting"], "of the changes of hardware, software, law or policy not answered yet"),
        Fault(notices["late"] if named else 0, "of the changes unanswered for longer than the policy allows"),
        Fault(untrained, "of the queries by somebody untrained"),
        Concern(lapsed, "of {1} who may use LPRs not trained", holders),
        activity=taken + issued + receipts + asking.total(),
    )


@asked
def _notices(of: Times, allowed: timedelta) -> Sought[dict[str, int]]:
    """How many changes wait for an answer, and how many for too long."""
    waiting = ChangeNotice.objects.filter(arose_at__lte=of.at).exclude(answered_at__lte=of.at)
    return tally(waiting, waiting=Q(), late=Q(arose_at__lt=of.at - allowed))


def kinds_of_lpr(kind: LPR.Kind) -> Look:
    """Tell for III.fixed, III.mobile and III.portable how many LPRs of the kind the inventory holds."""

    def look(period: Period) -> Evidence:
        count = lprs(period)[kind]
        return judged(
            many(count, "LPR of this kind in the inventory", "LPRs of this kind in the inventory"), activity=count
        )

    return look


def _training(period: Period) -> tuple[int, int]:
    """Return how many of those who may use LPRs are not trained at the end of the period, and how many there are."""
    holders = period.history.everybody(holds("IV.a.users"), period.at)
    refused = [is_trained(who, period.policy, period.today) for who in holders.values()]
    return sum(isinstance(decision, Refused) for decision in refused), len(holders)


def _working(period: Period, *, mobile: bool = False) -> Counter[int]:
    """Return how many steps each person took that are a member's work."""
    own_word = steps(period, ANSWERS, attested=True, mobile=mobile)
    return steps(period, MEMBERS_STEPS, mobile=mobile) + own_word


def _on_mobile(period: Period, rule: Rule) -> tuple[int, int]:
    """Return how many of the steps on hits of mobile LPRs a rule would have refused, and how many there were."""
    people = _working(period, mobile=True)
    return unfit(period, _work_on_mobile, rule, by="by", moment="at", made=people), people.total()


def _work(of: Of) -> QuerySet[HitStep]:
    return HitStep.objects.filter(of.within("at"), WORKING)


def _work_on_mobile(of: Of) -> QuerySet[HitStep]:
    return _work(of).filter(hit__lpr__kind=LPR.Kind.MOBILE)


def _outcomes(of: Of) -> QuerySet[HitStep]:
    return HitStep.objects.filter(of.within("at"), kind__in=_OUTCOME)


def _begun_on_mobile(of: Of) -> QuerySet[Tour]:
    return tours.begun_trained(of).filter(lpr__kind=LPR.Kind.MOBILE)


def _may_close(who: Authority, policy: Policy, today: date) -> Decision:
    """A member closes a hit, or the managing position at the end of a silent review (VI.j)."""
    manages = has_duty(who, policy, "VI.j.manager")
    return manages if manages else may_use_lpr(who, policy, today)


def _is_designated(who: Authority, policy: Policy, today: date) -> Decision:
    if who.standing is not Standing.MEMBER:
        return Refused(Clause.VII_a, "Only members use LPRs.")
    return has_duty(who, policy, "IV.a.users")
