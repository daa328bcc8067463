"""What an inquiry must say before it may run (VI.c, VI.f, VIII.c-d)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from platekeeper.core.clauses import Clause
from platekeeper.core.rules.decision import Allowed, Decision, Refused


@dataclass(frozen=True, slots=True)
class Inquiry:
    """The reasons given for a query of stored LPR data, and the span of time it asks for."""

    purpose: str
    offence: str
    case_number: str
    justification: str
    since: datetime
    until: datetime


def may_run(inquiry: Inquiry) -> Decision:
    """Refuse a query without purpose, offence type, case or call number and a few words why."""
    demands = (
        (inquiry.purpose, Clause.VI_f, "Choose the purpose of this query."),
        (inquiry.offence, Clause.VI_f, "Name the offence or incident type."),
        (inquiry.case_number, Clause.VIII_c, "Give the case or call number."),
        (inquiry.justification, Clause.VI_f, "Say in a few words why this look is needed."),
    )
    for given, clause, reason in demands:
        if not given.strip():
            return Refused(clause, reason)
    if inquiry.since >= inquiry.until:
        return Refused(Clause.VI_c, "The time span ends before it begins.")
    return Allowed()
