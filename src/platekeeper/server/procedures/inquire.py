"""An inquiry into stored reads (VI.c-g, VIII), whatever asks it: decided, entered in the Query Log, run, completed.

A search, an investigation and a stake-out go this one way. What needs a second person's word (VIII.b) is entered, and waits.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import timedelta
from typing import TypeVar

from django.db import transaction
from django.utils import timezone

from platekeeper.core.clauses import Clause
from platekeeper.core.ledger import canonical
from platekeeper.core.rules.access import may_inquire
from platekeeper.core.rules.alerts import may_see_hot_lists
from platekeeper.core.rules.decision import Allowed, Decision, Refused, first_refusal
from platekeeper.core.rules.inquiries import may_run, may_run_approved, needs_approval
from platekeeper.core.rules.reasons import Flag, is_repeated, suggestions
from platekeeper.core.rules.search_requests import may_run_request
from platekeeper.core.search.asked import plates_of
from platekeeper.server.ledger.actions import Action, Outcome
from platekeeper.server.ledger.changes import append
from platekeeper.server.procedures.authority import Footing, RefusedAction, demanded
from platekeeper.server.procedures.question import Question
from platekeeper.server.querylog import changes, lookups
from platekeeper.server.querylog.models import Approval, QueryLogEntry, SearchStep
from platekeeper.server.querylog.requests import facts_of as request_facts
from platekeeper.server.storage.deadline import stoppable
from platekeeper.server.storage.holding import hold

PAGES_OPEN_FOR = timedelta(hours=12)
"""Later pages belong to the same working day; after that the search is asked anew, with its reason."""

Linked = Callable[[QueryLogEntry], None]
"""Told a Query Log entry within the transaction that enters it, before its leaf; it may stop the inquiry by raising."""
State = QueryLogEntry.State
T = TypeVar("T")


def decide(by: Footing, question: Question) -> Decision:
    """Decide whether somebody may inquire, with these reasons."""
    return first_refusal(may_inquire(by.authority, by.policy, by.today), may_run(question.inquiry(), by.policy))


def begin(by: Footing, question: Question, *, linked: Linked | None = None) -> QueryLogEntry:
    """Enter an inquiry in the Query Log, committed before it runs; one that is refused is logged, and refused.

    One of older reads that cannot do without a second person's word is WAITING, and does not run yet.
    """
    decision = decide(by, question)
    if isinstance(decision, Refused):
        raise refuse(by, question, decision)
    if needs_approval(question.since, by.policy, at=by.at) and not question.is_exigent:
        return _ask(by, question, linked=linked)
    return enter(by, question, linked=linked)


def enter(by: Footing, question: Question, *, linked: Linked | None = None) -> QueryLogEntry:
    """Enter an inquiry that was decided for, and is run next."""
    with transaction.atomic():
        entry = _entered(by, question)
        if question.is_exigent:
            changes.ask_for_approval(entry, kind=Approval.Kind.AFTER, at=by.at)
        if linked is not None:
            linked(entry)
        log_query(by, entry, Action.QUERY_BEGUN, Outcome.BEGUN)
    return entry


def begin_approved(by: Footing, entry_id: int) -> QueryLogEntry:
    """Let one's own inquiry run once somebody else has approved it (VIII.b). Raises `QueryLogEntry.DoesNotExist`."""
    entry = lookups.own(by.person).get(pk=entry_id, state=State.APPROVED)
    decided_at = entry.approval.decided_at or entry.approval.asked_at
    by.demand(
        may_inquire(by.authority, by.policy, by.today),
        may_run_approved(decided_at, corrected_at=entry.corrected_at, at=by.at),
        _still_asked_for(by, entry),
        attempted=Action.QUERY_BEGUN,
        subject=f"query:{entry.pk}",
    )
    with by.act(Action.QUERY_BEGUN, subject=f"query:{entry.pk}"):
        hold(entry)
        demanded(may_run_approved(decided_at, corrected_at=entry.corrected_at, at=by.at))
        if not changes.begin(entry, at=by.at, policy=by.policy.stamp):
            raise QueryLogEntry.DoesNotExist
        log_query(by, entry, Action.QUERY_BEGUN, Outcome.BEGUN)
    return entry


def _still_asked_for(by: Footing, entry: QueryLogEntry) -> Decision:
    """What answers somebody's request runs only while the request is approved."""
    step = SearchStep.objects.filter(query=entry).select_related("request").first()
    if step is None:
        return Allowed()
    facts = request_facts(step.request, person=by.person)
    return may_run_request(by.authority, by.policy, facts, by.today, at=by.at)


def answer(by: Footing, entry: QueryLogEntry, work: Callable[[], T], *, count: Callable[[T], int]) -> T:
    """Do what an entry asks and complete it with how much was found; if that fails or is stopped, the entry says so."""
    try:
        with stoppable(by.person.pk):
            found = work()
    except BaseException:
        end(by, entry, found=None)
        raise
    end(by, entry, found=count(found))
    return found


def end(by: Footing, entry: QueryLogEntry, *, found: int | None) -> None:
    """Complete an entry with how much was found, or mark it failed (None)."""
    state, action, outcome = (
        (State.FAILED, Action.QUERY_FAILED, Outcome.FAILED)
        if found is None
        else (State.COMPLETED, Action.QUERY_COMPLETED, Outcome.DONE)
    )
    with transaction.atomic():
        changes.end(entry, state=state, at=timezone.now(), found=found)
        log_query(by, entry, action, outcome, found=found)


def refuse(by: Footing, question: Question, refusal: Refused) -> RefusedAction:
    """Log an inquiry that is refused; return what to raise."""
    enter_refused(by, question, refusal)
    return RefusedAction(refusal)


def enter_refused(by: Footing, question: Question, refusal: Refused) -> QueryLogEntry:
    """Enter an inquiry that is refused, and never runs."""
    with transaction.atomic():
        entry = _entered(by, question, refusal=refusal)
        log_query(by, entry, Action.QUERY_REFUSED, Outcome.REFUSED, clause=refusal.clause)
    return entry


def open_results(by: Footing, entry_id: int, *, tools: Collection[str] = ("",)) -> QueryLogEntry:
    """Return one's own query whose results are open still; "" is the tool of a plain search.

    Raises `QueryLogEntry.DoesNotExist`, and `RefusedAction` once the results are closed.
    """
    entry = QueryLogEntry.objects.get(pk=entry_id, by=by.person, state=State.COMPLETED)
    if entry.terms.get("tool", "") not in tools:
        raise QueryLogEntry.DoesNotExist
    # the prior reads of an entry: whoever put it on the list needs no access to inquiries (VII.f.3)
    rests_on = may_see_hot_lists if entry.purpose == QueryLogEntry.Purpose.ALERT else may_inquire
    over = Refused(Clause.VI_f, "These results are closed. Ask again, with the reason of today.")
    by.demand(
        rests_on(by.authority, by.policy, by.today),
        over if by.at - entry.begun_at > PAGES_OPEN_FOR else Allowed(),
        attempted=Action.QUERY_PAGE_VIEWED,
        subject=f"query:{entry.pk}",
    )
    return entry


def look_again(by: Footing, entry_id: int, *, tools: Collection[str] = ("",)) -> QueryLogEntry:
    """Log another look at the results of one's own query, before they are fetched. Raises as `open_results`."""
    entry = open_results(by, entry_id, tools=tools)
    with transaction.atomic():
        log_query(by, entry, Action.QUERY_PAGE_VIEWED, Outcome.DONE)
    return entry


def log_query(
    by: Footing,
    entry: QueryLogEntry,
    action: Action,
    outcome: Outcome,
    *,
    clause: Clause = Clause.VI_c,
    found: int | None = None,
) -> None:
    """Append to the ledger what became of a query."""
    tool = {"tool": entry.terms["tool"]} if "tool" in entry.terms else {}
    has_more = bool(entry.terms.keys() - {"plate", "lprs", "since", "until"})
    append(
        at=by.at,
        by=by.actor.serving(entry.requestor),
        action=action,
        outcome=outcome,
        clause=clause,
        subject=f"query:{entry.pk}",
        details={
            "lprs": entry.terms["lprs"],
            "since": entry.terms["since"],
            "until": entry.terms["until"],
            "found": found,
            "none_prohibited": entry.none_prohibited,
            "case_known": entry.known_now,
            "flags": entry.flags,
            **tool,
        },
        sealed={
            "plate": entry.terms["plate"],
            "justification": entry.justification,
            "requestor_agency": entry.requestor_agency,
            "recipients": entry.recipients,
            "exigent": entry.exigent,
            "terms": canonical(entry.terms).decode() if has_more else "",
        },
        purpose=entry.purpose,
        case=entry.case_now,
        policy=by.policy.stamp,
    )


def _ask(by: Footing, question: Question, *, linked: Linked | None) -> QueryLogEntry:
    with transaction.atomic():
        entry = _entered(by, question, waits=True)
        changes.ask_for_approval(entry, kind=Approval.Kind.BEFORE, at=by.at)
        if linked is not None:
            linked(entry)
        log_query(by, entry, Action.QUERY_ASKED, Outcome.DONE, clause=Clause.VIII_b)
    return entry


def _entered(by: Footing, question: Question, *, refusal: Refused | None = None, waits: bool = False) -> QueryLogEntry:
    terms = question.terms()
    looked_up = question.purpose != QueryLogEntry.Purpose.ALERT
    return changes.enter(
        by=by.person,
        at=by.at,
        terms=terms,
        purpose=question.purpose,
        offense=question.offense,
        case_number=question.case_number,
        justification=question.justification,
        requestor=question.requestor,
        requestor_agency=question.requestor_agency,
        recipients=question.recipients,
        case_known=lookups.known_for(question.case_number, by=by.person, purpose=question.purpose),
        none_prohibited=question.none_prohibited,
        exigent=question.exigent if question.is_exigent else "",
        flags=_flags(by, question, plates=plates_of(terms)) if looked_up else (),
        policy=by.policy.stamp,
        refusal=refusal,
        waits=waits,
    )


def _flags(by: Footing, question: Question, *, plates: frozenset[str]) -> list[str]:
    earlier = lookups.earlier_reasons(by.person, but=plates)
    raised = {
        Flag.REPEATED: bool(question.justification.strip()) and is_repeated(question.justification, earlier),
        Flag.EXIGENT: question.is_exigent,
        Flag.BULK: question.is_bulk,
    }
    own = [flag.value for flag, is_raised in raised.items() if is_raised]
    return [*own, *suggestions(question.justification, question.offense, question.exigent)]
