"""Requests for records: discovery, subpoenas, and the public's (VI.h, IV.e)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from platekeeper.core.clauses import Clause
from platekeeper.core.rules.decision import Allowed, Decision, Refused

_WEEKEND = 5  # Saturday, as `date.weekday` counts


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """A request as it stands. `of_a_case`: it asks for a case's records; `handed_over`: a packet of it went out for this."""

    received_on: date
    due_on: date
    of_a_case: bool = False
    handed_over: bool = False
    answered: bool = False


def usual_answer(received_on: date, *, business_days: int = 5) -> date:
    """Return the day that comes so many business days after a request (holidays not counted out)."""
    day = received_on
    while business_days:
        day += timedelta(days=1)
        business_days -= day.weekday() < _WEEKEND
    return day


def may_step(request: RequestFacts) -> Decision:
    """Decide whether anything can still be done about a request."""
    return Refused(Clause.VI_h, "This request has been answered already.") if request.answered else Allowed()


def may_extend(request: RequestFacts, *, until: date, why: str) -> Decision:
    """Decide whether a request's day may be moved."""
    if not why.strip():
        return Refused(Clause.VI_h, "Say why more time is needed, as the requester will be told.")
    if until <= request.due_on:
        return Refused(Clause.VI_h, f"The new day comes after {request.due_on}.")
    return may_step(request)


def may_correct_day(request: RequestFacts, *, until: date, why: str) -> Decision:
    """Decide whether a day that was written wrongly may be put right, be it forward or back."""
    if not why.strip():
        return Refused(Clause.VI_h, "Say why the day was wrong.")
    if until < request.received_on:
        return Refused(Clause.VI_h, f"It came on {request.received_on}: it is not to be answered before that.")
    return may_step(request)


def may_reopen(request: RequestFacts, *, why: str) -> Decision:
    """Decide whether a request that was answered by mistake waits again; that answer stays on record."""
    if not request.answered:
        return Refused(Clause.VI_h, "This request has not been answered: there is nothing to take up again.")
    return Allowed() if why.strip() else Refused(Clause.VI_h, "Say why the answer does not stand.")


def may_answer(request: RequestFacts, *, grants: bool, whole: bool, words: str) -> Decision:
    """Decide whether a request may be answered so. `grants`: all is handed over; `whole`: nothing that was asked for is
    withheld."""
    if grants and request.of_a_case and not request.handed_over:
        return Refused(
            Clause.VI_h, "Hand over the evidence packet of the case first: its digest belongs to the answer."
        )
    if not whole and not words.strip():
        return Refused(Clause.VI_h, "Say what is withheld, or why nothing is given, and on which ground.")
    return may_step(request)
