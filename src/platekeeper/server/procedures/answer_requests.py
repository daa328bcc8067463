"""Somebody asks for records (VI.h, IV.e): received, acknowledged, answered within its time, each step recorded."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

from django.db import transaction

from platekeeper.core.clauses import Clause
from platekeeper.core.rules.access import has_any_duty, has_duty
from platekeeper.core.rules.cases import has_records
from platekeeper.core.rules.decision import Allowed, Decision, Refused
from platekeeper.core.rules.requests import (
    RequestFacts,
    may_answer,
    may_correct_day,
    may_extend,
    may_reopen,
    may_step,
)
from platekeeper.server.casefiles import changes
from platekeeper.server.casefiles.lookups import ANSWERS, request_facts, requests
from platekeeper.server.casefiles.models import RecordsRequest, RequestStep
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.personnel.models import Agency
from platekeeper.server.procedures.authority import Footing, demanded
from platekeeper.server.procedures.export_packet import Exported, export_packet
from platekeeper.server.procedures.keep_cases import KEEPER, demand_now, may_open
from platekeeper.server.sharing.models import Order
from platekeeper.server.storage.holding import hold

Kind = RequestStep.Kind
Rule = Callable[[RequestFacts], Decision]
_READING = (KEEPER, "VI.e.auditors", "signature.authority")


def may_see_requests(by: Footing) -> Decision:
    """Decide who reads the requests for records: who answers them, who signs, and the auditors."""
    return has_any_duty(by.authority, by.policy, *_READING)


def may_answer_requests(by: Footing) -> Decision:
    """Decide who answers requests: the LPR Data Custodian, whom IV.e makes responsible for them."""
    return has_duty(by.authority, by.policy, KEEPER)


def view_requests(by: Footing, *, request: RecordsRequest | None = None) -> None:
    """Log that somebody looks at the requests, or at one of them, before they are shown."""
    subject = "" if request is None else subject_of(request)
    case = None if request is None else request.case
    by.demand(
        may_see_requests(by),
        Allowed() if case is None else may_open(by, case),
        attempted=Action.REQUESTS_VIEWED,
        subject=subject,
    )
    with transaction.atomic():
        _append(by, Action.REQUESTS_VIEWED, subject, {}, sealed={})


def record_request(by: Footing, **facts: Any) -> RecordsRequest:
    """Record a request as it came: kind, asked_by, contact, what, case (or None), received_on, due_on."""
    late = Refused(Clause.VI_h, "A request is recorded once it has come, and is answered after that.")
    unfit = facts["received_on"] > by.today or facts["due_on"] < facts["received_on"]
    by.demand(may_answer_requests(by), late if unfit else Allowed(), attempted=Action.REQUEST_RECORDED)
    with by.act(Action.REQUEST_RECORDED):
        if facts["case"] is not None:
            demand_now(facts["case"], has_records)
        request = changes.record_request(at=by.at, by=by.person, policy=by.policy.stamp, **facts)
        sealed = {"asked_by": request.asked_by, "what": request.what}
        _append(by, Action.REQUEST_RECORDED, subject_of(request), {"kind": request.kind}, sealed=sealed, of=request)
    return request


def acknowledge(by: Footing, request: RecordsRequest, *, words: str = "") -> None:
    """Record that the requester was told that the request has come."""
    _step(by, request, Kind.ACKNOWLEDGED, may_step, words=words)


def extend(by: Footing, request: RecordsRequest, *, until: date, why: str) -> None:
    """Move the day by which a request is answered; the requester is told why."""
    _step(by, request, Kind.EXTENDED, partial(may_extend, until=until, why=why), words=why, due_on=until)


def correct_day(by: Footing, request: RecordsRequest, *, until: date, why: str) -> None:
    """Put the day right by which a request is answered, where it was written wrongly."""
    _step(by, request, Kind.CORRECTED, partial(may_correct_day, until=until, why=why), words=why, due_on=until)


def hand_over(
    by: Footing, request: RecordsRequest, *, agency: Agency | None = None, order: Order | None = None
) -> Exported:
    """Return the evidence packet of the request's case, its digest recorded with the request.

    `agency` is the other one for which it is asked, if for one: then it leaves on a ground (VI.l).
    """
    facts = request_facts(request)
    no_case = Refused(Clause.VI_h, "This request is of no case: there is no packet to hand over.")
    by.demand(
        may_answer_requests(by),
        may_step(facts),
        Allowed() if request.case is not None else no_case,
        attempted=Action.REQUEST_STEP,
        subject=subject_of(request),
    )
    assert request.case is not None  # or it had been refused
    packed = export_packet(
        by, request.case, to=request.asked_by, why=f"{request.get_kind_display()}, request {request.pk}", agency=agency,
        order=order,
    )  # fmt: skip
    try:
        _step(by, request, Kind.PACKET, may_step, sha256=packed.sha256)
    except BaseException:
        packed.file.close()
        raise
    return packed


def answer(by: Footing, request: RecordsRequest, *, kind: RequestStep.Kind, words: str) -> None:
    """End a request: granted, in part, denied, nothing found, or withdrawn."""
    if kind not in ANSWERS:
        raise ValueError(f"{kind} is no answer")
    whole = kind in {Kind.GRANTED, Kind.WITHDRAWN}
    _step(by, request, kind, partial(may_answer, grants=kind == Kind.GRANTED, whole=whole, words=words), words=words)


def reopen(by: Footing, request: RecordsRequest, *, why: str) -> None:
    """Let a request that was answered by mistake wait again."""
    _step(by, request, Kind.REOPENED, partial(may_reopen, why=why), words=why)


def subject_of(request: RecordsRequest) -> str:
    """Return what the ledger calls a request."""
    return f"request:{request.pk}"


def _step(by: Footing, request: RecordsRequest, kind: RequestStep.Kind, rule: Rule, **told: Any) -> None:
    subject = subject_of(request)
    by.demand(may_answer_requests(by), attempted=Action.REQUEST_STEP, subject=subject)
    told["words"] = told.get("words", "").strip()[:400]
    with by.act(Action.REQUEST_STEP, subject=subject):
        if kind == Kind.REOPENED and request.case is not None:
            demand_now(request.case, has_records)
        hold(request)
        demanded(rule(request_facts(requests().get(pk=request.pk))))
        changes.add_step(request, kind=kind, at=by.at, by=by.person, **told)
        details = {"step": kind.value, "sha256": told.get("sha256", "")}
        _append(by, Action.REQUEST_STEP, subject, details, sealed={"words": told["words"]}, of=request)


def _append(
    by: Footing,
    action: Action,
    subject: str,
    details: dict[str, object],
    *,
    sealed: dict[str, str],
    of: RecordsRequest | None = None,
) -> None:
    append(
        at=by.at, by=by.actor, action=action, clause=Clause.VI_h, subject=subject, details=details, sealed=sealed,
        case=of.case.number if of is not None and of.case is not None else "", policy=by.policy.stamp,
    )  # fmt: skip
