"""Searches of stored reads are asked for (IV.e, IV.h, V.e), decided, run by a member, answered; each step is recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction

from platekeeper.core.blanks import BLANKS
from platekeeper.core.clauses import Clause
from platekeeper.core.partial import parse_pattern
from platekeeper.core.rules import search_requests as rules
from platekeeper.core.rules.access import Standing, may_inquire
from platekeeper.core.rules.decision import Allowed, Decision, Refused, first_refusal
from platekeeper.core.rules.sharing import Share
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.procedures.authority import Footing, RefusedAction, demanded
from platekeeper.server.procedures.grounds import known_agency
from platekeeper.server.procedures.question import Question
from platekeeper.server.procedures.search_lpr_data import QueryResult, search
from platekeeper.server.querylog import changes
from platekeeper.server.querylog.models import QueryLogEntry, SearchRequest, SearchStep
from platekeeper.server.querylog.requests import approved, asked, facts_of, undecided, undirected
from platekeeper.server.sharing.lookups import covering
from platekeeper.server.storage.holding import hold

Kind = SearchStep.Kind
Decide = Callable[[rules.RequestFacts], Decision]
SEARCH_REQUEST = "search:"
"""What the ledger calls requests, before their number."""


@dataclass(frozen=True, slots=True)
class Outsider:
    """Somebody of another agency who asks; the agency is named in words, whether or not it is among those known."""

    name: str
    agency: str
    contact: str = ""
    way: str = SearchRequest.Way.PHONE


def ask(
    by: Footing, wanted: rules.Asked, *, of: Outsider | None = None, mutual_aid: bool = False, **more: Any
) -> SearchRequest:
    """Enter a request, one's own or an outsider's; `more` are `urgent` and `due_at`. Raises `PatternError`."""
    wanted = replace(wanted, plate=parse_pattern(wanted.plate).text if wanted.plate.strip() else "")
    asking = of or Outsider(by.person.name, by.person.agency.name, by.person.email, SearchRequest.Way.HERE)
    is_ours = of is None and by.authority.standing is not Standing.OUTSIDE
    agency = "" if is_ours else asking.agency
    by.demand(
        rules.may_ask(by.authority, by.policy, for_another=of is not None, agency=agency, mutual_aid=mutual_aid),
        rules.may_be_asked(wanted, at=by.at),
        _is_shared(by, wanted) if of is None and not is_ours else Allowed(),
        attempted=Action.SEARCH_REQUESTED,
    )
    known = by.person.agency if of is None else known_agency(asking.agency)
    with transaction.atomic():
        request = changes.ask(
            at=by.at, entered_by=by.person, policy=by.policy.stamp, asked_by=by.person if of is None else None,
            name=asking.name, agency=known, agency_name=known.name if known else asking.agency.strip(),
            contact=asking.contact, way=asking.way, plate=wanted.plate, description=wanted.description.strip(),
            since=wanted.since, until=wanted.until, lprs=sorted(wanted.lprs), purpose=wanted.purpose,
            offense=wanted.offense.strip(), case_number=wanted.case_number.strip(),
            justification=wanted.justification.strip(), mutual_aid=mutual_aid, **more,
        )  # fmt: skip
        sealed = {"asked_by": request.name, "contact": request.contact, "plate": request.plate,
                  "description": request.description, "justification": request.justification}  # fmt: skip
        details = {"agency": request.agency_name, "mutual_aid": mutual_aid, "urgent": request.urgent}
        clause = Clause.V_e if mutual_aid else Clause.IV_h
        log(by, Action.SEARCH_REQUESTED, request, clause, details, sealed=sealed)
    return request


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for a person, urgent ones first: requests to decide, to direct (VI.l), and to run and answer."""

    to_decide: list[SearchRequest]
    to_direct: list[SearchRequest]
    to_run: list[SearchRequest]


def waiting_requests(by: Footing) -> Waiting:
    """Return the open requests on which a person can take the next step."""

    def where(found: Iterable[SearchRequest], decide: Decide) -> list[SearchRequest]:
        return [each for each in found if decide(facts_of(each, person=by.person))]

    def runs(facts: rules.RequestFacts) -> Decision:
        # who has seen the results can answer, whether or not the approval holds still
        if facts.ran:
            return may_inquire(who, policy, by.today)
        return rules.may_run_request(who, policy, facts, by.today, at=by.at)

    who, policy, open_now = by.authority, by.policy, list(undecided(at=by.at))
    return Waiting(
        where(open_now, lambda facts: rules.may_decide(who, policy, facts)),
        where(undirected(), lambda facts: rules.may_direct(who, policy, facts)),
        where([*approved(at=by.at), *open_now], runs),
    )


def view_request(by: Footing, request: SearchRequest) -> rules.RequestFacts:
    """Log that somebody looks into a request, before it is shown; return how far it is."""
    facts = facts_of(request, person=by.person)
    decision = rules.may_see(by.authority, by.policy, facts, by.today)
    by.demand(decision, attempted=Action.SEARCH_REQUEST_VIEWED, subject=subject_of(request))
    with transaction.atomic():
        log(by, Action.SEARCH_REQUEST_VIEWED, request, Clause.VI_h, {})
    return facts


def approve(by: Footing, request: SearchRequest, *, words: str = "") -> None:
    """Approve a request: it may be run within 72 hours."""
    take(
        by, request, Kind.APPROVED, lambda facts: rules.may_approve(by.authority, by.policy, facts, at=by.at),
        clause=_deciding(request), words=words,
    )  # fmt: skip


def refuse(by: Footing, request: SearchRequest, *, why: str, under: Clause) -> None:
    """Refuse a request, or take an approval back, under the clause that speaks against it."""
    take(
        by, request, Kind.REFUSED,
        lambda facts: rules.may_refuse(by.authority, by.policy, facts, why=why, clause=under),
        clause=_deciding(request), words=why, told={"clause": under.number},
    )  # fmt: skip


def direct(by: Footing, request: SearchRequest, *, words: str = "") -> None:
    """Direct that the answer may be shared with other agencies that the policy names (VI.l)."""
    take(
        by, request, Kind.DIRECTED, lambda facts: rules.may_direct(by.authority, by.policy, facts),
        clause=Clause.VI_l, words=words,
    )  # fmt: skip


def withdraw(by: Footing, request: SearchRequest, *, words: str = "") -> None:
    """Withdraw a request."""
    take(
        by, request, Kind.WITHDRAWN, lambda facts: rules.may_withdraw(by.authority, facts),
        clause=Clause.IV_h, words=words,
    )  # fmt: skip


def run(by: Footing, request: SearchRequest, question: Question) -> QueryResult:
    """Run a search that was approved, on behalf of who asked: the request and the Query Log entry point at each other."""
    terms = question.terms()
    own = request.asked_by_id == by.person.pk

    def decide(facts: rules.RequestFacts) -> Decision:
        return first_refusal(
            rules.may_run_request(by.authority, by.policy, facts, by.today, at=by.at),
            rules.is_within(
                asked(request), plate=terms["plate"], since=question.since, until=question.until,
                lprs=question.lprs, case_number=question.case_number, look_alikes=bool(terms.get("look_alikes")),
            ),
        )  # fmt: skip

    meanwhile: list[Refused] = []

    def link(entry: QueryLogEntry) -> None:
        try:
            add(by, request, Kind.RUN, decide, clause=Clause.VI_g, told={"query": entry})
        except RefusedAction as refused:
            meanwhile.append(refused.refusal)
            raise

    by.demand(
        decide(facts_of(request, person=by.person)), attempted=Action.SEARCH_REQUEST_STEP, subject=subject_of(request)
    )
    served = replace(
        question, requestor="" if own else request.name, requestor_agency="" if own else request.agency_name
    )
    try:
        return search(by, served, linked=link)
    except RefusedAction:
        for refusal in meanwhile:  # it was undone with the query; the search's own refusals are logged by it
            by.log_refusal(refusal, attempted=Action.SEARCH_REQUEST_STEP, subject=subject_of(request))
        raise


def take(
    by: Footing, request: SearchRequest, kind: SearchStep.Kind, decide: Decide, *, clause: Clause, words: str = "",
    told: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    """Take a step on a request if the rule allows it."""
    facts = facts_of(request, person=by.person)
    by.demand(decide(facts), attempted=Action.SEARCH_REQUEST_STEP, subject=subject_of(request))
    with by.act(Action.SEARCH_REQUEST_STEP, subject=subject_of(request)):
        add(by, request, kind, decide, clause=clause, words=words, told=told)


def add(
    by: Footing, request: SearchRequest, kind: SearchStep.Kind, decide: Decide, *, clause: Clause, words: str = "",
    told: dict[str, Any] | None = None, then: Callable[[], object] | None = None,
) -> None:  # fmt: skip
    """Add a step within the caller's transaction, judged once more: somebody may have taken another one meanwhile.

    Raises `RefusedAction`, which the caller logs once the transaction is undone.

    `then` does what belongs to the step before it is logged.
    """
    hold(request)
    demanded(decide(facts_of(request, person=by.person)))
    words = words.strip()[:400]
    step = changes.add_step(
        request, kind=kind, at=by.at, by=by.person, policy=by.policy.stamp, words=words, **(told or {})
    )
    if then is not None:
        then()
    details = {"step": kind.value, "clause": step.clause, "query": step.query_id, "how": step.how}
    sealed = {"words": words, "recipients": spoken(step.recipients)}
    log(by, Action.SEARCH_REQUEST_STEP, request, clause, details, sealed=sealed)


def subject_of(request: SearchRequest) -> str:
    """Return what the ledger calls a request."""
    return f"{SEARCH_REQUEST}{request.pk}"


def spoken(recipients: Sequence[Sequence[str]]) -> str:
    """Return recipients in words: "Otto Outsider, Mill County Sheriff's Office; Sam Sergeant"."""
    return "; ".join(", ".join(filter(None, each)) for each in recipients)


def log(
    by: Footing, action: Action, request: SearchRequest, clause: Clause, details: dict[str, Any], *,
    sealed: dict[str, str] | None = None,
) -> None:  # fmt: skip
    """Append what was done to a request, as the last thing in its transaction."""
    append(
        at=by.at, by=by.actor.serving(request.name if request.asked_by_id != by.person.pk else ""), action=action,
        clause=clause, subject=subject_of(request), details=details, sealed=sealed, purpose=request.purpose,
        case=request.case_number, policy=by.policy.stamp,
    )  # fmt: skip


def _is_shared(by: Footing, wanted: rules.Asked) -> Decision:
    """Decide whether the MOU of a guest's agency shares answers for the purpose they ask it for (IV.h, VI.l)."""
    agency, zone = by.person.agency, by.policy.zone
    return covering(agency, what=Share.SEARCHES, purpose=wanted.purpose, at=by.at, zone=zone)[1]


def _deciding(request: SearchRequest) -> Clause:
    return BLANKS[rules.decider(mutual_aid=request.mutual_aid)].clause
