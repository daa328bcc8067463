"""The LPR Daily User Log is completed, forwarded, checked and kept (VII.h.1-4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from platekeeper.core.clauses import Clause
from platekeeper.core.policy import Policy
from platekeeper.core.rules.access import Authority, has_any_duty, has_duty, may_act
from platekeeper.core.rules.cases import Keeping, Reason
from platekeeper.core.rules.decision import Allowed, Decision, Refused, first_refusal
from platekeeper.core.rules.log_keeping import Matter
from platekeeper.core.rules.tours import CHECKERS, LONGEST

CHECKER, RECEIVER = "VII.h.2.checker", "VII.h.1.to"
READERS = (CHECKER, RECEIVER, "VII.e.supervisors", "VI.e.auditors")
"""Who reads logs besides their members."""
FORWARDED_WITHIN = timedelta(days=1)
CHECKED_WITHIN = timedelta(days=3)
UNFILLED_FOR = timedelta(days=7)
"""After how long a log waits too long: for its member, for who checks it, and for the tours that would fill it."""


def tours_a_log(policy: Policy) -> int:
    """Return how many tours fill a log (VII.h.1); one, while the policy does not say."""
    return policy.whole("VII.h.1.tours") if policy.needs("VII.h.1.tours") else 1


class State(StrEnum):
    """Where a log is."""

    OPEN = "open"
    FORWARDED = "forwarded"
    SENT_BACK = "sent_back"
    ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True)
class LogFacts:
    """A log as it stands. `since` is when it came into this state, or its last tour ended, or began while one is open.

    `unworked` are alarms of its tours without an outcome, `unsaid` tours that ended without a word on where the LPR is.
    """

    state: State
    since: datetime
    on_tour: bool = False
    filled: bool = True
    unworked: int = 0
    unsaid: int = 0

    @property
    def waits_for_member(self) -> bool:
        """Whether its member has something to do."""
        return self.state in {State.OPEN, State.SENT_BACK}


def missing(log: LogFacts) -> list[str]:
    """Say what a log lacks to be complete (VII.h.2)."""
    found = []
    if log.on_tour:
        found.append("a tour has not ended")
    if log.unworked:
        count = log.unworked
        found.append(f"{count} hit has no outcome" if count == 1 else f"{count} hits have no outcome")
    if log.unsaid:
        found.append("nobody said whether the vehicle was secured")
    return found


def may_see_log(who: Authority, policy: Policy, *, is_own: bool) -> Decision:
    """Decide who reads a log: its member, who receives or checks it, supervisors and auditors."""
    return may_act(who) if is_own else has_any_duty(who, policy, *READERS)


def may_forward(who: Authority, policy: Policy, log: LogFacts, *, is_own: bool, remark: str) -> Decision:
    """Decide whether a log may be forwarded: by its member, or by who checks logs where its member cannot.

    What it lacks is said in words; a log that waits for ever helps nobody.
    """
    return first_refusal(
        may_act(who) if is_own else has_any_duty(who, policy, *CHECKERS),
        policy.needs(RECEIVER),
        Allowed() if log.waits_for_member else Refused(Clause.VII_h_1, "This log has been forwarded already."),
        Refused(Clause.VII_h_1, "A tour of this log has not ended. End it first.") if log.on_tour else Allowed(),
        _explained(log, is_own=is_own, remark=remark),
    )


def may_check(who: Authority, policy: Policy, log: LogFacts, *, is_own: bool, accept: bool, reason: str) -> Decision:
    """Decide whether somebody may accept a log or send it back: who checks logs, never their own (VII.h.2)."""
    return first_refusal(
        has_duty(who, policy, CHECKER),
        Refused(Clause.VII_h_2, "Somebody else checks your own log.") if is_own else Allowed(),
        Allowed() if log.state is State.FORWARDED else Refused(Clause.VII_h_2, "This log does not wait for a check."),
        Allowed() if accept or reason.strip() else Refused(Clause.VII_h_2, "Say what its member is to complete."),
    )


def may_name_arrest(who: Authority, policy: Policy, *, is_own: bool) -> Decision:
    """Decide who says that an arrest came out of a log's tours: its member, and who checks logs (VII.h.3)."""
    return may_act(who) if is_own else has_any_duty(who, policy, *CHECKERS)


def may_withdraw_arrest(who: Authority, policy: Policy, *, is_own: bool, stands: bool, why: str) -> Decision:
    """Decide who says that an arrest was named wrongly: whoever may name one, with the reason (VII.h.3)."""
    return first_refusal(
        may_name_arrest(who, policy, is_own=is_own),
        Allowed() if stands else WITHDRAWN,
        Allowed() if why.strip() else Refused(Clause.VII_h_3, "Say why the log does not go with this case."),
    )


WITHDRAWN = Refused(Clause.VII_h_3, "The log names this case no more.")
"""What is said to who withdraws an arrest twice."""


def waits_too_long(log: LogFacts, *, at: datetime) -> bool:
    """Say whether a log was left open, incomplete, unforwarded or unchecked for too long."""
    if log.state is State.ACCEPTED:
        return False
    if log.state is State.FORWARDED:
        allowed = CHECKED_WITHIN
    elif log.on_tour:
        allowed = LONGEST
    elif log.filled or log.state is State.SENT_BACK:
        allowed = FORWARDED_WITHIN
    else:
        allowed = UNFILLED_FOR
    return at - log.since > allowed


def user_log_kept_until(matters: Sequence[Matter]) -> Keeping:
    """Return until when a log is kept: until every arrest in it has reached its final disposition (VII.h.4).

    The policy names no end for a log without an arrest, so it is kept without one.
    """
    reasons = tuple(map(_of_the_arrest, matters)) or (_NO_ARREST,)
    ends = [reason.until for reason in reasons]
    return Keeping(None if None in ends else max(end for end in ends if end is not None), reasons)


_NO_ARREST = Reason(Clause.VII_h_4, None, "No arrest came out of it, and the policy names no other end.")


def _of_the_arrest(matter: Matter) -> Reason:
    if matter.disposed_on is None:
        return Reason(Clause.VII_h_4, None, f"The arrest in case {matter.number} waits for its final disposition.")
    words = f"The arrest in case {matter.number} has reached its final disposition."
    return Reason(Clause.VII_h_4, matter.disposed_on, words)


def _explained(log: LogFacts, *, is_own: bool, remark: str) -> Decision:
    if remark.strip():
        return Allowed()
    if lacks := missing(log):
        return Refused(Clause.VII_h_2, f"This log is not complete: {'; '.join(lacks)}. Complete it, or say why not.")
    return Allowed() if is_own else Refused(Clause.VII_h_1, "Say why its member does not forward it.")
