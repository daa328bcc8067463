"""The Daily User Log is read, completed, forwarded, checked and kept with its case (VII.h.1-4); who is late is reminded."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction

from platekeeper.core.actor import SYSTEM
from platekeeper.core.clauses import Clause
from platekeeper.core.policy import Policy
from platekeeper.core.rules.access import has_any_duty
from platekeeper.core.rules.decision import Decision, Refused
from platekeeper.core.rules.user_logs import (
    CHECKER,
    READERS,
    RECEIVER,
    WITHDRAWN,
    LogFacts,
    State,
    may_check,
    may_forward,
    may_name_arrest,
    may_see_log,
    may_withdraw_arrest,
    tours_a_log,
    waits_too_long,
)
from platekeeper.server.casefiles.lookups import subject_of as case_subject
from platekeeper.server.casefiles.models import CaseFile
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.personnel.lookups import holders
from platekeeper.server.policy.lookups import in_force
from platekeeper.server.procedures.authority import Footing, RefusedAction, demanded
from platekeeper.server.procedures.fill_user_log import content_of, frozen
from platekeeper.server.procedures.keep_cases import log_case
from platekeeper.server.procedures.preserve import keep_with_cases
from platekeeper.server.procedures.set_aside import aside_with_arrest
from platekeeper.server.storage.holding import hold
from platekeeper.server.userlog import changes
from platekeeper.server.userlog.lookups import facts_of, newest_revision, unfinished_logs, unworked_hits
from platekeeper.server.userlog.models import DailyUserLog, LogArrest, LogRevision

_AGAIN = timedelta(days=1)
_DECIDED = Refused(Clause.VII_h_2, "Somebody has decided already.")


def may_read_logs(by: Footing) -> Decision:
    """Decide who reads the logs of others."""
    return has_any_duty(by.authority, by.policy, *READERS)


def facts(by: Footing, log: DailyUserLog, *, at: datetime | None = None) -> LogFacts:
    """Return a log as the rules judge it now, or at another moment."""
    moment = at or by.at
    found = facts_of(log, fill=tours_a_log(by.policy), at=moment)
    return replace(found, unworked=unworked_hits(log, at=moment)) if found.waits_for_member else found


def view_log(by: Footing, log: DailyUserLog) -> None:
    """Log that somebody reads a log, before it is shown: its hits are LPR data (VI.b)."""
    by.demand(
        may_see_log(by.authority, by.policy, is_own=_is_own(by, log)),
        attempted=Action.USER_LOG_VIEWED,
        subject=_subject(log),
    )
    with transaction.atomic():
        _log(by, Action.USER_LOG_VIEWED, log, Clause.VI_b, {})


def name_arrest(by: Footing, log: DailyUserLog, *, case: CaseFile) -> None:
    """Say that an arrest came out of a log's tours: the log goes with that case (VII.h.3)."""
    by.demand(
        may_name_arrest(by.authority, by.policy, is_own=_is_own(by, log)),
        attempted=Action.USER_LOG_ARREST,
        subject=_subject(log),
    )
    twice = Refused(Clause.VII_h_3, "The log names this case already.")
    with by.act(Action.USER_LOG_ARREST, subject=_subject(log), twice=twice):
        hold(log)  # or it is accepted meanwhile, and neither sees the other
        changes.name_arrest(log, case=case, at=by.at, by=by.person)
        keep_with_cases(by, log)
        _log(by, Action.USER_LOG_ARREST, log, Clause.VII_h_3, {"case": case_subject(case)})


def withdraw_arrest(by: Footing, log: DailyUserLog, arrest: LogArrest, *, why: str) -> None:
    """Say that an arrest was named wrongly: the log goes with that case no more, and its copies there are set aside.

    Why is told of the case, so that it is sealed and ends with it: the log's own leaf does not say it, and of a case that
    was emptied nobody does.
    """
    decision = may_withdraw_arrest(
        by.authority, by.policy, is_own=_is_own(by, log), stands=arrest.withdrawn_at is None, why=why
    )
    by.demand(decision, attempted=Action.USER_LOG_ARREST_WITHDRAWN, subject=_subject(log))
    with by.act(Action.USER_LOG_ARREST_WITHDRAWN, subject=_subject(log)):
        hold(log)
        hold(arrest.case)
        said = "" if arrest.case.ended_at else why.strip()[:240]
        if not changes.withdraw_arrest(arrest, why=said, at=by.at, by=by.person):
            raise RefusedAction(WITHDRAWN)
        aside_with_arrest(by, arrest.case, log, why=said)
        act, of_log = Action.USER_LOG_ARREST_WITHDRAWN, {"log": _subject(log)}
        log_case(by, act, arrest.case, Clause.VII_h_3, of_log, sealed={"why": said})
        _log(by, act, log, Clause.VII_h_3, {"case": case_subject(arrest.case)})


def forward_log(by: Footing, log: DailyUserLog, *, remark: str = "") -> LogRevision:
    """Freeze a log as it is, and forward it to the position that the policy names (VII.h.1)."""

    def decision(log: DailyUserLog, at: datetime) -> Decision:
        return may_forward(by.authority, by.policy, facts(by, log, at=at), is_own=_is_own(by, log), remark=remark)

    by.demand(decision(log, by.at), attempted=Action.USER_LOG_FORWARDED, subject=_subject(log))
    twice = Refused(Clause.VII_h_1, "This log has been forwarded already.")
    with by.act(Action.USER_LOG_FORWARDED, subject=_subject(log), twice=twice):
        hold(log)
        begun = log.tours.values_list("begun_at", flat=True)
        demanded(decision(log, max([by.at, *begun])))  # its member may have begun a tour in it, a moment ago
        revision = changes.forward(
            log, content=frozen(content_of(log, at=by.at)), remark=remark.strip()[:400], at=by.at, by=by.person,
            policy=by.policy.stamp,
        )  # fmt: skip
        details = {
            "revision": revision.number, "sha256": revision.sha256, "own": _is_own(by, log),
            "to": sorted(by.policy.positions(RECEIVER)),
        }  # fmt: skip
        _log(by, Action.USER_LOG_FORWARDED, log, Clause.VII_h_1, details, words=revision.remark)
    return revision


def check_log(by: Footing, log: DailyUserLog, *, accept: bool, reason: str = "") -> None:
    """Accept a forwarded log, which goes into the cases of its arrests with it, or send it back (VII.h.2-3)."""
    decision = may_check(by.authority, by.policy, facts(by, log), is_own=_is_own(by, log), accept=accept, reason=reason)
    by.demand(decision, attempted=Action.USER_LOG_CHECKED, subject=_subject(log))
    revision = newest_revision(log)
    assert revision is not None  # or the rule had refused
    with by.act(Action.USER_LOG_CHECKED, subject=_subject(log)):
        hold(log)
        said = "" if accept else reason.strip()[:240]
        if not changes.decide(revision, accepted=accept, reason=said, at=by.at, by=by.person):
            raise RefusedAction(_DECIDED)
        if accept:
            keep_with_cases(by, log)
        details = {"revision": revision.number, "sha256": revision.sha256, "accepted": accept}
        _log(by, Action.USER_LOG_CHECKED, log, Clause.VII_h_2, details, words=said)


def late_logs(policy: Policy, *, at: datetime) -> list[DailyUserLog]:
    """Return the logs that were left open, incomplete, unforwarded or unchecked for too long, the oldest first."""
    fill = tours_a_log(policy)
    return [log for log in unfinished_logs() if waits_too_long(facts_of(log, fill=fill, at=at), at=at)]


def remind(*, at: datetime) -> int:
    """Remind of logs that wait too long, once a day and when another falls behind; return how many there are.

    The pages show the reminder for as long as it is due; the ledger says that it was given, and to whom: to the member, or
    to whoever checks logs now. Where nobody holds that duty, and of logs whose member is gone, supervisors are reminded.
    """
    policy = in_force(at=at)
    late = late_logs(policy, at=at)
    numbers = [log.pk for log in late]
    last = LedgerEntry.objects.filter(action=Action.USER_LOGS_REMINDED, at__gt=at - _AGAIN).order_by("-index").first()
    if not late or (last is not None and set(numbers) <= set(last.content()["details"]["logs"])):
        return 0
    names = sorted({name for log in late for name in _reminded(log, policy, at=at)})
    with transaction.atomic():
        append(
            at=at, by=SYSTEM, action=Action.USER_LOGS_REMINDED, clause=Clause.VII_h_1,
            details={"logs": numbers, "people": len(names)}, sealed={"to": ", ".join(names)}, policy=policy.stamp,
        )  # fmt: skip
    return len(late)


def _reminded(log: DailyUserLog, policy: Policy, *, at: datetime) -> list[str]:
    today = at.astimezone(policy.zone).date()

    def holding(key: str) -> list[str]:
        return [person.name for person in holders(policy.positions(key), at=at, today=today)]

    if facts_of(log, fill=tours_a_log(policy), at=at).state is State.FORWARDED:
        return holding(CHECKER) or holding("VII.e.supervisors")
    return [log.member.name, *holding("VII.e.supervisors")]


def _is_own(by: Footing, log: DailyUserLog) -> bool:
    return log.member_id == by.person.pk


def _subject(log: DailyUserLog) -> str:
    return f"log:{log.pk}"


def _log(
    by: Footing, action: Action, log: DailyUserLog, clause: Clause, details: dict[str, object], *, words: str = ""
) -> None:
    append(
        at=by.at, by=by.actor, action=action, clause=clause, subject=_subject(log), details=details,
        sealed={"words": words}, policy=by.policy.stamp,
    )  # fmt: skip
