"""What was copied into the wrong case is set aside: the copy and its hash stay, and it is asked for where it belongs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime

from platekeeper.core.categories import HitAction
from platekeeper.core.clauses import Clause
from platekeeper.core.policy import Policy
from platekeeper.core.rules.cases import CaseFacts, may_set_aside, may_work
from platekeeper.core.rules.decision import Decision
from platekeeper.server.casefiles import changes
from platekeeper.server.casefiles.lookups import copies_of, facts_of, preserved, subject_of, thing_of
from platekeeper.server.casefiles.models import CaseFile, Preserved
from platekeeper.server.ledger.actions import Action
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.follow_directives import standing
from platekeeper.server.procedures.keep_cases import Rule, demand_now, log_case, may_work_cases
from platekeeper.server.procedures.preserve import tours_to
from platekeeper.server.userlog.models import DailyUserLog


def set_aside(by: Footing, copy: Preserved, *, why: str) -> None:
    """Set a copy aside as not of its case, with every other copy of the same thing there."""
    case = copy.case
    by.demand(
        may_work_cases(by),
        _rule(by, copy, why=why)(facts_of(case)),
        attempted=Action.SET_ASIDE,
        subject=subject_of(case),
    )
    with by.act(Action.SET_ASIDE, subject=subject_of(case)):
        demand_now(case, _rule(by, copy, why=why))
        aside(by, case, copies_of(case, thing_of(copy.key)), why=why)


def aside(by: Footing, case: CaseFile, copies: Iterable[Preserved], *, why: str) -> None:
    """Set copies of a case, which is held, aside within the caller's transaction, each with its leaf."""
    said, found = why.strip()[:240], list(copies)
    for copy in found:
        changes.set_aside(copy, why=said, at=by.at, by=by.person)
    for copy in found:
        details = {"kind": copy.kind, "key": copy.key, "sha256": copy.sha256}
        log_case(by, Action.SET_ASIDE, case, Clause.VI_h, details, sealed={"why": said})


def aside_with_arrest(by: Footing, case: CaseFile, log: DailyUserLog, *, why: str) -> None:
    """Set the copies of a log aside in a case, which is held, to which none of its tours belongs any more, within the
    caller's transaction.

    A case that is sealed or emptied is passed over, as where it would take one.
    """
    if may_work(facts_of(case)):
        strange = set(log.tours.values_list("pk", flat=True)) - set(tours_to(case).values_list("pk", flat=True))
        aside(by, case, [copy for tour in sorted(strange) for copy in copies_of(case, f"tour:{tour}")], why=why)


def _rule(by: Footing, copy: Preserved, *, why: str) -> Rule:
    """Return the rule that decides whether a copy is set aside, as it stands when it is asked."""

    def rule(facts: CaseFacts) -> Decision:
        gone = not preserved().filter(pk=copy.pk).exists()
        return may_set_aside(facts, aside=gone, directed=_is_directed(copy, by.policy, at=by.at), why=why)

    return rule


def _is_directed(copy: Preserved, policy: Policy, *, at: datetime) -> bool:
    """Say whether a standing directive names what was copied, and so has it kept in this case, whoever copied it."""
    over = [named for directive, named in standing(policy, at=at) if directive.case_id == copy.case_id]
    if not over or copy.seen_at is None:
        return False
    content = json.loads(bytes(copy.content))
    read, seen_at = content["read"], copy.seen_at
    latitude, longitude = (None if read.get(name) is None else float(read[name]) for name in ("latitude", "longitude"))
    return content.get("action") != HitAction.SILENT and any(
        each.covers(read["folded"], lpr=read["lpr"], at=seen_at, latitude=latitude, longitude=longitude)
        for each in over
    )
