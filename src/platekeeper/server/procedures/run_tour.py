"""A tour of duty with an LPR begins, is handed over, and ends (IV.a, V.a, VII.a-d, VII.h, IX.a-c)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta

from django.db import IntegrityError

from platekeeper.core.clauses import Clause
from platekeeper.core.rules.access import has_any_duty
from platekeeper.core.rules.decision import Allowed, Decision, Refused
from platekeeper.core.rules.defects import DefectKind
from platekeeper.core.rules.tours import (
    ASKED,
    CHECKERS,
    CLAUSES,
    Answer,
    Answers,
    Phase,
    Purpose,
    Question,
    TourFacts,
    carries_own_list,
    is_answered,
    may_begin,
    may_end,
    standing,
)
from platekeeper.core.rules.user_logs import tours_a_log
from platekeeper.server.deployments.lookups import open_loans, open_uses
from platekeeper.server.equipment.lookups.defects import away_for_repair
from platekeeper.server.equipment.models import LPR
from platekeeper.server.hotlist.lookups import newest_delivery, newest_uploads
from platekeeper.server.hotlist.models import HotListDelivery, HotListUpload
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.procedures.authority import Footing, RefusedAction, demanded
from platekeeper.server.procedures.deploy_lprs import end_with_tour
from platekeeper.server.procedures.report_defects import note_found
from platekeeper.server.storage.holding import hold
from platekeeper.server.userlog import changes
from platekeeper.server.userlog.changes import Answered
from platekeeper.server.userlog.lookups import granted_overrides, open_tours, unfinished_logs
from platekeeper.server.userlog.models import Tour

DEFECTS = {Question.AIM: DefectKind.AIM, Question.LENS: DefectKind.LENS, Question.DAMAGE: DefectKind.DAMAGE}
"""What a question answered with no is reported as."""
IN_ORDER: dict[Phase, Answers] = {phase: dict.fromkeys(asked, Answer.YES) for phase, asked in ASKED.items()}
"""The answers of a member who found everything in order."""


def may_see_tours(by: Footing) -> Decision:
    """Decide who opens the page of tours: who uses LPRs, trained by now or not, who ends forgotten tours, and whoever
    has a tour to end or a log that is not accepted yet."""
    has_duty = has_any_duty(by.authority, by.policy, "IV.a.users", *CHECKERS)
    if isinstance(has_duty, Refused) and unfinished_logs().filter(member=by.person).exists():
        return Allowed()
    return has_duty


_A_UNIT_FOR = timedelta(days=30)
"""An LPR is a unit of ours for so long after it was issued a hot list."""
_Units = dict[int, HotListUpload | None]


def with_own_list(by: Footing, lprs: Iterable[LPR]) -> list[LPR]:
    """Return those LPRs that match by somebody else's list, so that their member's word is asked for (V.a)."""
    units = _units(at=by.at)
    return [lpr for lpr in lprs if _has_own_list(by, lpr, units)]


def lists_on_units(delivery: HotListDelivery | None, *, at: datetime) -> dict[int, tuple[datetime | None, bool]]:
    """Return of each unit of ours when it said what list it has, None if it never did, and whether that is a delivery's."""
    return {lpr: (held.held_at if held else None, _is_of(held, delivery, at=at)) for lpr, held in _units(at=at).items()}


def judge(
    by: Footing,
    lprs: Iterable[LPR],
    *,
    purpose: str,
    delivery: HotListDelivery | None,
    attested: bool | None = None,
    taking_over: bool = False,
) -> list[tuple[LPR, Decision]]:
    """Return of each LPR whether this member may begin a tour with it now."""
    found = facts_of(by, lprs, purpose=purpose, delivery=delivery, attested=attested, taking_over=taking_over)
    return [(lpr, may_begin(by.authority, by.policy, by.today, facts)) for lpr, facts in found]


def begin_tour(
    by: Footing,
    *,
    lpr: LPR,
    purpose: str,
    answers: Answers,
    words: str = "",
    attested: bool | None = None,
    taking_over: bool = False,
) -> Tour:
    """Begin a tour of the person's own, with the hot list of today on hand, in a Daily User Log.

    `answers` are to the questions of `ASKED[Phase.BEGIN]`. `taking_over` ends the tour that the LPR is on: its log waits
    for its member all the same.
    """
    delivery = newest_delivery()
    [(_, facts)] = facts_of(
        by, [lpr], purpose=purpose, delivery=delivery, attested=bool(attested), taking_over=taking_over
    )
    _demand(by, lpr, facts, answers, words)
    try:
        with by.act(Action.TOUR_BEGUN, subject=f"lpr:{lpr.pk}"):
            hold(lpr)
            [(_, decision)] = judge(
                by, [lpr], purpose=purpose, delivery=delivery, attested=bool(attested), taking_over=taking_over
            )
            demanded(decision)
            taken = _taken_over(by, lpr) if taking_over else None
            tour = changes.begin_tour(
                by.person, lpr=lpr, purpose=Purpose(purpose), hot_list=delivery, at=by.at, policy=by.policy.stamp,
                fill=tours_a_log(by.policy),
            )  # fmt: skip
            if taken is not None:  # after the log of this one is held, and before its first leaf
                _close(by, taken, list(_said(by, Phase.END, {Question.PARKED: Answer.HANDED_OVER}, "")))
            checks = [*_known(by, facts), *_said(by, Phase.BEGIN, answers, words)]
            changes.record_checks(tour, Phase.BEGIN, checks, at=by.at)
            _report(by, lpr, checks)
            hot_list = delivery and {"delivery": delivery.pk, "digest": delivery.digest, "sum": delivery.sum_digest}
            _log(by, Action.TOUR_BEGUN, tour, {"lpr": lpr.pk, "hot_list": hot_list, "log": tour.log_id}, checks)
    except IntegrityError:
        [(_, facts)] = facts_of(by, [lpr], purpose=purpose, delivery=delivery, attested=bool(attested))
        _demand(by, lpr, facts, answers, words)  # a tour begun in between stands in the way now
        raise
    return tour


def end_tour(by: Footing, tour: Tour, *, answers: Answers | None = None, words: str = "") -> None:
    """End a tour: one's own, with the answers to `ASKED[Phase.END]`, or one that its member forgot."""
    subject, is_own = f"tour:{tour.pk}", tour.member_id == by.person.pk
    by.demand(
        may_end(by.authority, by.policy, is_own=is_own),
        is_answered(Phase.END, answers or {}, words=words) if is_own and tour.ended_at is None else Allowed(),
        attempted=Action.TOUR_ENDED,
        subject=subject,
    )
    over = Refused(Clause.VII_h, "This tour has ended already.")
    said = answers if is_own and answers else {Question.PARKED: Answer.UNSAID}
    with by.act(Action.TOUR_ENDED, subject=subject):
        if not changes.end_tour(tour, at=by.at, by=by.person):
            raise RefusedAction(over)
        _close(by, tour, list(_said(by, Phase.END, said, words)))


def _taken_over(by: Footing, lpr: LPR) -> Tour | None:
    """End the tour that an LPR is on and return it; none when it has ended in between."""
    tour = open_tours().filter(lpr=lpr).first()
    return tour if tour is not None and changes.end_tour(tour, at=by.at, by=by.person) else None


def _close(by: Footing, tour: Tour, checks: list[Answered]) -> None:
    changes.record_checks(tour, Phase.END, checks, at=by.at)
    end_with_tour(by, tour)  # before the first leaf: who brings it back holds it, and then wants the ledger
    _report(by, tour.lpr, checks)
    own = tour.member_id == by.person.pk
    _log(by, Action.TOUR_ENDED, tour, {"lpr": tour.lpr_id, "own": own}, checks)


def _report(by: Footing, lpr: LPR, checks: list[Answered]) -> None:
    """Enter what was found to be wrong as a defect of the LPR (IV.d, IX.c)."""
    for check in checks:
        if check.answer == Answer.NO and check.question in DEFECTS:
            note_found(by, lpr, DEFECTS[check.question], words=check.words)


def facts_of(
    by: Footing,
    lprs: Iterable[LPR],
    *,
    purpose: str,
    delivery: HotListDelivery | None,
    attested: bool | None,
    taking_over: bool = False,
) -> list[tuple[LPR, TourFacts]]:
    """Return each LPR with the tour that this member would begin with it now."""
    running = list(open_tours())
    own = next((tour.lpr.name for tour in running if tour.member_id == by.person.pk), "")
    taken, overridden = {tour.lpr_id for tour in running}, frozenset(granted_overrides(by.person, since=day_began(by)))
    lent = {loan.lpr_id: loan.deployment.agency_name for loan in open_loans()}
    uses = open_uses().exclude(member=by.person).exclude(lpr__in=taken)  # what is on a tour comes back with its end
    deployed = {use.lpr_id: use.deployment.rule_kind.clause for use in uses}
    away, units = away_for_repair(), _units(at=by.at)
    return [
        (
            lpr,
            TourFacts(
                at=by.at, purpose=purpose, mobile=lpr.kind == LPR.Kind.MOBILE,
                in_service=lpr.in_service and lpr.pk not in away,
                delivered_at=delivery.delivered_at if delivery else None, own_list=_has_own_list(by, lpr, units),
                attested=attested, held=_holds(units, lpr, delivery, at=by.at),
                overridden=overridden, open_with=own, lpr_taken=lpr.pk in taken,
                taking_over=taking_over, lent_to=lent.get(lpr.pk, ""),
                deployed=deployed.get(lpr.pk),
            ),
        )
        for lpr in lprs
    ]  # fmt: skip


def _has_own_list(by: Footing, lpr: LPR, units: _Units) -> bool:
    return carries_own_list(lpr.upload_way, by.policy.text("V.b.method")) and lpr.pk not in units


def _units(*, at: datetime) -> _Units:
    """Return of each unit of ours what it has of what was issued to it last; None while it has not said so."""
    since = at - _A_UNIT_FOR
    return {**dict.fromkeys(newest_uploads(since=since, held=False)), **newest_uploads(since=since, held=True)}


def _holds(units: _Units, lpr: LPR, delivery: HotListDelivery | None, *, at: datetime) -> bool | None:
    """Say whether a unit of ours has the portal's list in force; None if there is no such unit, or no list."""
    return None if lpr.pk not in units or delivery is None else _is_of(units[lpr.pk], delivery, at=at)


def _is_of(held: HotListUpload | None, delivery: HotListDelivery | None, *, at: datetime) -> bool:
    return bool(held and delivery and held.expires_at > at and delivery.pk in held.files.values())


def day_began(by: Footing) -> datetime:
    """Return when the department's day began: an override holds for that day alone."""
    return datetime.combine(by.today, time(), by.policy.zone).astimezone(UTC)


def _demand(by: Footing, lpr: LPR, facts: TourFacts, answers: Answers, words: str) -> None:
    by.demand(
        may_begin(by.authority, by.policy, by.today, facts),
        is_answered(Phase.BEGIN, answers, words=words),
        attempted=Action.TOUR_BEGUN,
        subject=f"lpr:{lpr.pk}",
    )


def _known(by: Footing, facts: TourFacts) -> Iterable[Answered]:
    """Give what the records answer, and the two that the member's own words answer: purpose, and a unit's own list."""
    granted = granted_overrides(by.person, since=day_began(by))
    yield Answered(Question.PURPOSE, Clause.VII_a.number, facts.purpose, by.person)
    for question, decision in standing(by.authority, by.policy, by.today, facts).items():
        clause = Clause.VII_b if question is Question.TRAINING and facts.mobile else CLAUSES[question]
        if isinstance(decision, Refused):  # and overridden, or no tour had begun
            override = granted.get(decision.clause)  # None where it was withdrawn just now, which the database refuses
            yield Answered(question, decision.clause.number, Answer.OVERRIDDEN, None, decision.reason, override)
        elif question is not Question.HOT_LIST:
            yield Answered(question, clause.number, Answer.YES, None)
        elif facts.own_list:
            yield Answered(question, clause.number, Answer.ATTESTED, by.person)
        else:
            yield Answered(question, clause.number, Answer.OURS, None)


def _said(by: Footing, phase: Phase, answers: Answers, words: str) -> Iterable[Answered]:
    for question in ASKED[phase]:
        if question in answers:
            wrong = words.strip()[:240] if answers[question] == Answer.NO else ""
            yield Answered(question, CLAUSES[question].number, answers[question], by.person, wrong)


def _log(by: Footing, action: Action, tour: Tour, details: dict[str, object], checks: list[Answered]) -> None:
    said = {each.question.value: [each.clause, each.answer] for each in checks if each.question is not Question.PURPOSE}
    overrides = {each.clause: each.override.pk for each in checks if each.override is not None}
    append(
        at=by.at,
        by=by.actor,
        action=action,
        clause=Clause.VII_h,
        subject=f"tour:{tour.pk}",
        details={**details, "checks": said, **({"overrides": overrides} if overrides else {})},
        purpose=tour.purpose,
        policy=by.policy.stamp,
    )
