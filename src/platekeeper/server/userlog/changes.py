"""The only writer of tours of duty and Daily User Logs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from platekeeper.core.rules.tours import Phase, Purpose, Question
from platekeeper.server.casefiles.models import CaseFile
from platekeeper.server.equipment.models import LPR
from platekeeper.server.hotlist.models import HotListDelivery
from platekeeper.server.personnel.models import Person
from platekeeper.server.storage.holding import hold
from platekeeper.server.userlog.models import DailyUserLog, LogArrest, LogRevision, Tour, TourCheck, TourOverride

Stamp = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer to one question; `by` is None where the records say so."""

    question: Question
    clause: str
    answer: str
    by: Person | None
    words: str = ""
    override: TourOverride | None = None


def begin_tour(
    member: Person,
    *,
    lpr: LPR,
    purpose: Purpose,
    hot_list: HotListDelivery | None,
    at: datetime,
    policy: Stamp,
    fill: int = 1,
) -> Tour:
    """Begin a tour in the member's log that is not filled by `fill` tours yet, or in a new one.

    Raises IntegrityError while the member or the LPR is on an open tour.
    """
    return Tour.objects.create(
        log=_log_with_room(member, fill=fill) or _open_log(member, at=at, policy=policy),
        member=member, lpr=lpr, purpose=purpose.value, hot_list=hot_list, begun_at=at,
        policy_number=policy[0], policy_digest=policy[1],
    )  # fmt: skip


def end_tour(tour: Tour, *, at: datetime, by: Person) -> bool:
    """End a tour; False when it had ended already."""
    ended = Tour.objects.filter(pk=tour.pk, ended_at=None).update(ended_at=at, ended_by=by)
    tour.refresh_from_db()
    return bool(ended)


def record_checks(tour: Tour, phase: Phase, answered: Iterable[Answered], *, at: datetime) -> None:
    """Record what was answered at the beginning or the end of a tour, each question once."""
    TourCheck.objects.bulk_create(
        TourCheck(
            tour=tour, phase=phase.value, question=each.question.value, clause=each.clause, answer=each.answer,
            words=each.words, at=at, by=each.by, override=each.override,
        )
        for each in answered
    )  # fmt: skip


def ask_override(member: Person, *, clause: str, refusal: str, why: str, at: datetime, policy: Stamp) -> TourOverride:
    """Ask that a refusal be overridden. Raises IntegrityError while the member waits for one under this clause."""
    return TourOverride.objects.create(
        member=member, clause=clause, refusal=refusal, why=why, asked_at=at,
        policy_number=policy[0], policy_digest=policy[1],
    )  # fmt: skip


def decide_override(asked: TourOverride, *, granted: bool, reason: str, at: datetime, by: Person) -> bool:
    """Decide on an override; False when somebody has decided already."""
    waiting = TourOverride.objects.filter(pk=asked.pk, granted=None)
    decided = waiting.update(granted=granted, reason=reason, decided_at=at, decided_by=by)
    asked.refresh_from_db()
    return bool(decided)


def withdraw_override(asked: TourOverride, *, at: datetime, by: Person) -> bool:
    """Let no more tours begin on an override; False where it does not stand."""
    withdrawn = TourOverride.objects.filter(pk=asked.pk, granted=True, withdrawn_at=None)
    return bool(withdrawn.update(withdrawn_at=at, withdrawn_by=by))


def forward(log: DailyUserLog, *, content: bytes, remark: str, at: datetime, by: Person, policy: Stamp) -> LogRevision:
    """Freeze a log as it is forwarded. Raises IntegrityError while it is forwarded or accepted already."""
    number = LogRevision.objects.filter(log=log).count() + 1
    return LogRevision.objects.create(
        log=log, number=number, content=content, sha256=hashlib.sha256(content).hexdigest(),
        remark=remark, forwarded_at=at, forwarded_by=by, policy_number=policy[0], policy_digest=policy[1],
    )  # fmt: skip


def decide(revision: LogRevision, *, accepted: bool, reason: str, at: datetime, by: Person) -> bool:
    """Accept a forwarded log or send it back; False when somebody has decided already."""
    waiting = LogRevision.objects.filter(pk=revision.pk, accepted=None)
    decided = waiting.update(accepted=accepted, reason=reason, decided_at=at, decided_by=by)
    revision.refresh_from_db()
    return bool(decided)


def name_arrest(log: DailyUserLog, *, case: CaseFile, at: datetime, by: Person) -> LogArrest:
    """Say that an arrest came out of a log's tours. Raises IntegrityError when that was said already."""
    return LogArrest.objects.create(log=log, case=case, at=at, by=by)


def withdraw_arrest(arrest: LogArrest, *, why: str, at: datetime, by: Person) -> bool:
    """Say that an arrest did not come out of a log's tours; False when somebody has said so already."""
    standing = LogArrest.objects.filter(pk=arrest.pk, withdrawn_at=None)
    withdrawn = standing.update(withdrawn_at=at, withdrawn_by=by, withdrawn_why=why)
    arrest.refresh_from_db()
    return bool(withdrawn)


def forget_why_withdrawn(case: CaseFile) -> None:
    """Forget why arrests were not of a case."""
    LogArrest.objects.filter(case=case).update(withdrawn_why="")


def _log_with_room(member: Person, *, fill: int) -> DailyUserLog | None:
    unforwarded = DailyUserLog.objects.filter(member=member, revisions=None).annotate(count=Count("tours"))
    for log in unforwarded.filter(count__lt=fill):
        hold(log)
        if not log.revisions.exists():  # nor was it forwarded before it was held
            return log
    return None


def _open_log(member: Person, *, at: datetime, policy: Stamp) -> DailyUserLog:
    return DailyUserLog.objects.create(member=member, opened_at=at, policy_number=policy[0], policy_digest=policy[1])
