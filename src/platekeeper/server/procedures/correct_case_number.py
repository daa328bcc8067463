"""A query that was made under a wrong case or call number gets the right one beside it (VIII.c)."""

from __future__ import annotations

from platekeeper.core.clauses import Clause
from platekeeper.core.rules.decision import Decision
from platekeeper.core.rules.inquiries import may_correct_case
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.procedures.authority import Footing, demanded
from platekeeper.server.querylog import changes, lookups
from platekeeper.server.querylog.models import QueryLogEntry
from platekeeper.server.storage.holding import hold


def correct_case_number(by: Footing, entry: QueryLogEntry, *, number: str, why: str) -> None:
    """Say under which number a query belongs; the one that it was made under stays beside it."""
    subject, now, is_own = f"query:{entry.pk}", number.strip()[:40], entry.by_id == by.person.pk

    def decision(was: str) -> Decision:
        return may_correct_case(by.authority, by.policy, is_own=is_own, now=was, number=now, why=why)

    by.demand(decision(entry.case_now), attempted=Action.QUERY_CASE_CORRECTED, subject=subject)
    with by.act(Action.QUERY_CASE_CORRECTED, subject=subject):
        hold(entry)
        demanded(decision(was := entry.case_now))  # somebody may have corrected it meanwhile
        said, known = why.strip()[:240], lookups.known_for(now, by=entry.by, purpose=entry.purpose)
        changes.correct_case(entry, number=now, known=known, why=said, at=by.at, by=by.person)
        append(
            at=by.at, by=by.actor, action=Action.QUERY_CASE_CORRECTED, clause=Clause.VIII_c, subject=subject,
            details={"was": was, "number": now, "case_known": known}, sealed={"why": said}, case=now, policy=by.policy.stamp,
        )  # fmt: skip
