"""How long what a case file preserves is kept, and why (VI.k.1-4, VII.h.4, VIII.e)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from platekeeper.core.blanks import BLANKS
from platekeeper.core.clauses import Clause
from platekeeper.core.durations import NEVER, length_of, spoken
from platekeeper.core.policy import Policy
from platekeeper.core.rules.decision import Allowed, Decision, Refused


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """A case as it stands. `offense_class` is one of the record schedule's; days are the department's own.

    `asked_for`: a request for its records waits for an answer. `ended`: nothing is kept in it any more.
    """

    opened_on: date
    is_felony: bool
    offense_class: str = ""
    arrested_on: date | None = None
    disposed_on: date | None = None
    directed_until: date | None = None
    sealed: bool = False
    ended: bool = False
    asked_for: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """One ground for keeping: until a day (inclusive), or without an end for now (`until` is None)."""

    clause: Clause
    until: date | None
    words: str


@dataclass(frozen=True, slots=True)
class Keeping:
    """Until when a case's records are kept, None for no end yet, and every ground that says so."""

    until: date | None
    reasons: tuple[Reason, ...]


def kept_until(case: CaseFacts, policy: Policy) -> Keeping:
    """Return until when a case's records are kept: the latest of all grounds that hold.

    An unfilled blank never ends anything: what the policy does not say is kept without an end, and says so.
    """
    reasons = [_of_the_case(case, policy)]
    if case.arrested_on is not None:
        reasons.append(_of_the_schedule(Clause.VI_k_2, "There was an arrest", case, policy))
    if case.is_felony:
        reasons.append(_of_the_schedule(Clause.VI_k_3, "It is a felony investigation", case, policy))
    if case.directed_until is not None:
        reasons.append(
            Reason(Clause.VI_k_4, case.directed_until, f"Command directed that it be kept until {case.directed_until}.")
        )
    ends = [reason.until for reason in reasons]
    return Keeping(None if None in ends else max(end for end in ends if end is not None), tuple(reasons))


def has_records(case: CaseFacts) -> Decision:
    """Decide whether a case still holds anything."""
    return Refused(Clause.VI_k_1, "Nothing is kept in this case any more.") if case.ended else Allowed()


def may_work(case: CaseFacts) -> Decision:
    """Decide whether a case may be changed, added to and handed out."""
    if case.ended:
        return has_records(case)
    if case.sealed:
        return Refused(Clause.IV_h, "This case is sealed. Only an order opens it.")
    return Allowed()


def may_set_aside(case: CaseFacts, *, aside: bool, directed: bool, why: str) -> Decision:
    """Decide whether a copy is set aside as not of its case: not what a standing directive has kept there (VI.k.4)."""
    if aside:
        return Refused(Clause.VI_h, "This copy was set aside already.")
    if directed:
        return Refused(Clause.VI_k_4, "A directive names it, and has it kept in this case. End the directive first.")
    if not why.strip():
        return Refused(Clause.VI_h, "Say why it does not belong into this case.")
    return may_work(case)


def may_seal(case: CaseFacts) -> Decision:
    """Decide whether a case may be sealed: once it was disposed of, such as by a dismissal."""
    if case.disposed_on is None:
        return Refused(Clause.VI_k_1, "Record the final disposition first.")
    return may_work(case)


def may_unseal(case: CaseFacts) -> Decision:
    """Decide whether a case may be opened again."""
    if case.ended or not case.sealed:
        return Refused(Clause.IV_h, "This case is not sealed.")
    return Allowed()


def may_expunge(case: CaseFacts) -> Decision:
    """Decide whether an order may empty a case before its time: only a sealed one that nobody waits for."""
    if case.ended:
        return may_work(case)
    if not case.sealed:
        return Refused(Clause.IV_h, "Seal the case first: sealing can be undone, this cannot.")
    return _unasked(case)


def may_end(case: CaseFacts, policy: Policy, *, today: date) -> Decision:
    """Decide whether a case's records may be disposed of today, their time being over."""
    if case.ended:
        return may_work(case)
    for reason in kept_until(case, policy).reasons:
        if reason.until is None or today <= reason.until:
            return Refused(reason.clause, reason.words)
    return _unasked(case)


def _unasked(case: CaseFacts) -> Decision:
    if case.asked_for:
        return Refused(Clause.VI_h, "A request for the records of this case waits for an answer.")
    return Allowed()


def _of_the_case(case: CaseFacts, policy: Policy) -> Reason:
    """VI.k.1: for a period and/or until final disposition, as the policy joins them."""
    clause = Clause.VI_k_1
    missing = policy.needs("VI.k.1.period", "VI.k.1.join")
    if isinstance(missing, Refused):
        return Reason(clause, None, f"Without an end: {missing.reason}")
    period = policy.period("VI.k.1.period")
    told = spoken(policy.text("VI.k.1.period"))
    ends = None if period is None else case.opened_on + period
    if policy.text("VI.k.1.join") == "and":
        if case.disposed_on is None:
            return Reason(clause, None, "The case waits for its final disposition.")
        if ends is None:
            return Reason(clause, None, "The policy never ends the records of a case.")
        return Reason(clause, max(ends, case.disposed_on), f"For {told}, and until the final disposition.")
    first = min((day for day in (ends, case.disposed_on) if day is not None), default=None)
    if first is None:
        return Reason(clause, None, "The policy names no period, and the case waits for its final disposition.")
    return Reason(clause, first, f"For {told} or until the final disposition, whichever came first.")


def _of_the_schedule(clause: Clause, why: str, case: CaseFacts, policy: Policy) -> Reason:
    """VI.k.2-3: the longest time of a case record of this class, counted from the final disposition."""
    missing = policy.needs("VI.k.2.schedule")
    if isinstance(missing, Refused):
        return Reason(clause, None, f"{why}. Without an end: {missing.reason}")
    schedule = {what.casefold(): period for what, period in policy.values["VI.k.2.schedule"]}
    period = schedule.get(case.offense_class.casefold())
    if period is None:
        classes = BLANKS["VI.k.2.schedule"].spoken(policy.values["VI.k.2.schedule"])
        return Reason(clause, None, f"{why}. The record schedule has no class “{case.offense_class}” ({classes}).")
    if period == NEVER:
        return Reason(clause, None, f"{why}: such a record never ends.")
    if case.disposed_on is None:
        return Reason(clause, None, f"{why}: {spoken(period)} from the final disposition, which is awaited.")
    length = length_of(period)
    until = case.disposed_on + length if length else None
    return Reason(clause, until, f"{why}: {spoken(period)} from the final disposition.")
