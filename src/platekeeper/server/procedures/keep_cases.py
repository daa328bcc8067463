"""Case files are opened, kept and filled with copies (V.c, VI.d, VI.h, VI.k.1-4)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from platekeeper.core.clauses import Clause
from platekeeper.core.ledger import canonical
from platekeeper.core.rules.access import has_duty, may_inquire, may_use_lpr
from platekeeper.core.rules.decision import Allowed, Decision, Refused
from platekeeper.server.casefiles import changes
from platekeeper.server.casefiles.models import CaseFile, Preserved
from platekeeper.server.hits.models import Hit
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.procedures.authority import Footing, RefusedAction
from platekeeper.server.querylog.models import QueryLogEntry

_READING = ("VI.e.auditors", "IV.e.custodian", "VII.e.supervisors", "VI.k.4.director")
DIRECTOR = "VI.k.4.director"


@dataclass(frozen=True, slots=True)
class _Copied:
    """What goes into a case: plain data, and the image that belongs to it."""

    kind: Preserved.Kind
    key: str
    title: str
    content: dict[str, Any]
    image: tuple[bytes, str] | None = None


def may_work_cases(by: Footing) -> Decision:
    """Decide who opens cases and preserves in them: members who use LPRs, and whoever may inquire."""
    if may_use_lpr(by.authority, by.policy, by.today):
        return Allowed()
    return may_inquire(by.authority, by.policy, by.today)


def may_see_cases(by: Footing) -> Decision:
    """Decide who reads case files: who works them, and those who keep, check or command."""
    if any(has_duty(by.authority, by.policy, key) for key in _READING):
        return Allowed()
    return may_work_cases(by)


def view_case(by: Footing, case: CaseFile) -> None:
    """Log that somebody looks into a case, before it is shown: what it preserves is LPR data (VI.b)."""
    by.demand(may_see_cases(by), attempted=Action.CASE_VIEWED, subject=subject_of(case))
    with transaction.atomic():
        _log(by, Action.CASE_VIEWED, case, Clause.VI_b, {})


def open_case(by: Footing, *, number: str, title: str, offence_class: str, is_felony: bool) -> CaseFile:
    """Open a case. Raises ValidationError when there is one of that number."""
    by.demand(may_work_cases(by), attempted=Action.CASE_OPENED)
    try:
        with transaction.atomic():
            case = changes.open_case(
                number=number, title=title, offence_class=offence_class, is_felony=is_felony, at=by.at,
                today=by.today, by=by.person,
            )  # fmt: skip
            facts = {"offence_class": offence_class, "is_felony": is_felony}
            _log(by, Action.CASE_OPENED, case, Clause.V_c, facts)
    except IntegrityError as taken:
        raise ValidationError("There is a case of this number already.") from taken
    return case


def change_case(by: Footing, case: CaseFile, **facts: Any) -> None:
    """Change what decides how long a case is kept: offence, arrest, charges, final disposition (VI.k.1-3)."""
    late = [day for name in ("arrested_on", "disposed_on") if (day := facts.get(name)) is not None and day > by.today]
    by.demand(
        may_work_cases(by),
        Refused(Clause.VI_k_1, "An arrest and a disposition are recorded once they were.") if late else Allowed(),
        attempted=Action.CASE_CHANGED,
        subject=subject_of(case),
    )
    _change(by, case, Clause.VI_k_1, {name: value for name, value in facts.items() if not name.startswith("directed")})


def direct_keeping(by: Footing, case: CaseFile, *, until: date | None, why: str) -> None:
    """Let command direct that a case be kept until a day, or take that back (VI.k.4)."""
    unsaid = Refused(Clause.VI_k_4, "Say why it is to be kept.")
    by.demand(
        has_duty(by.authority, by.policy, DIRECTOR),
        unsaid if until is not None and not why.strip() else Allowed(),
        attempted=Action.CASE_CHANGED,
        subject=subject_of(case),
    )
    _change(by, case, Clause.VI_k_4, {"directed_until": until, "directed_why": why.strip()[:240]})


def preserve_hit(by: Footing, hit: Hit, *, case: CaseFile) -> Preserved:
    """Copy a hit into a case as it is now: read, entry, image, and every step of its verification (V.c)."""
    by.demand(may_work_cases(by), attempted=Action.PRESERVED, subject=subject_of(case))
    picture = getattr(hit, "image", None)
    image = (bytes(picture.content), picture.media_type) if picture is not None else None
    title = f"{hit.plate}, {hit.get_category_display()}, seen {hit.seen_at:%Y-%m-%d %H:%M} UTC"
    copied = _Copied(Preserved.Kind.HIT, f"hit:{hit.pk}", title, _of_hit(hit), image)
    return _preserve(by, case, copied, Clause.V_c)


def preserve_query(by: Footing, entry: QueryLogEntry, *, case: CaseFile) -> Preserved:
    """Copy a Query Log entry into a case (VI.d, VI.h)."""
    by.demand(may_work_cases(by), attempted=Action.PRESERVED, subject=subject_of(case))
    title = f"Query of {entry.begun_at:%Y-%m-%d %H:%M} UTC by {entry.by.name}"
    return _preserve(by, case, _Copied(Preserved.Kind.QUERY, f"query:{entry.pk}", title, _of_query(entry)), Clause.VI_d)


def _preserve(by: Footing, case: CaseFile, copied: _Copied, clause: Clause) -> Preserved:
    try:
        with transaction.atomic():
            kept = changes.preserve(
                case, kind=copied.kind, key=copied.key, title=copied.title[:160], content=canonical(copied.content),
                image=copied.image, at=by.at, by=by.person, policy=by.policy.stamp,
            )  # fmt: skip
            details = {"kind": copied.kind.value, "key": copied.key, "sha256": kept.sha256}
            if copied.image is not None:
                details["image_sha256"] = hashlib.sha256(copied.image[0]).hexdigest()
            _log(by, Action.PRESERVED, case, clause, details)
    except IntegrityError as twice:
        refusal = Refused(clause, "This case preserves it already.")
        by.log_refusal(refusal, attempted=Action.PRESERVED, subject=subject_of(case))
        raise RefusedAction(refusal) from twice
    return kept


def _change(by: Footing, case: CaseFile, clause: Clause, facts: dict[str, Any]) -> None:
    with transaction.atomic():
        changes.change_case(case, facts)
        told = {name: value for name, value in facts.items() if name not in {"title", "charges", "disposition"}}
        _log(by, Action.CASE_CHANGED, case, clause, _plain(told))


def _of_hit(hit: Hit) -> dict[str, Any]:
    steps = [
        {
            "kind": step.kind, "at": step.at, "by": step.by.name if step.by else "", "outcome": step.outcome,
            "remark": step.remark, "self_attested": step.self_attested,
            "policy": [step.policy_number, step.policy_digest],
        }
        for step in hit.steps.select_related("by")
    ]  # fmt: skip
    departures = [
        {"clause": each.clause, "reason": each.reason, "at": each.at, "member": each.member.name, "review": each.review}
        for each in hit.departures.select_related("member")
    ]
    return _plain({
        "hit": hit.pk, "read_id": hit.read_id, "entry_key": hit.entry_key, "lpr": hit.lpr.name, "plate": hit.plate,
        "read": hit.read, "entry": hit.entry, "category": hit.category, "how": hit.how, "action": hit.action,
        "state_agreement": hit.state_agreement, "list_stale": hit.list_stale, "seen_at": hit.seen_at,
        "raised_at": hit.raised_at, "policy": [hit.policy_number, hit.policy_digest], "steps": steps,
        "departures": departures,
    })  # fmt: skip


def _of_query(entry: QueryLogEntry) -> dict[str, Any]:
    return _plain({
        "query": entry.pk, "by": entry.by.name, "agency": entry.agency, "requestor": entry.requestor,
        "requestor_agency": entry.requestor_agency, "begun_at": entry.begun_at, "ended_at": entry.ended_at,
        "terms": entry.terms, "purpose": entry.purpose, "offence": entry.offence, "case_number": entry.case_number,
        "justification": entry.justification, "state": entry.state, "found": entry.found,
        "policy": [entry.policy_number, entry.policy_digest],
    })  # fmt: skip


def _plain(data: dict[str, Any]) -> dict[str, Any]:
    """Return data as canonical JSON takes it: days and moments as ISO 8601, fractions as their shortest decimals."""
    return {key: _plain_value(value) for key, value in data.items()}


def _plain_value(value: Any) -> Any:
    match value:
        case dict():
            return _plain(value)
        case list() | tuple():
            return [_plain_value(item) for item in value]
        case date():  # a datetime is one, too
            return value.isoformat()
        case float():
            return repr(value)
    return value


def subject_of(case: CaseFile) -> str:
    """Return what the ledger calls a case."""
    return f"case:{case.pk}"


def _log(by: Footing, action: Action, case: CaseFile, clause: Clause, details: dict[str, Any]) -> None:
    append(
        at=by.at, by=by.actor, action=action, clause=clause, subject=subject_of(case), details=details,
        sealed={"title": case.title}, case=case.number, policy=by.policy.stamp,
    )  # fmt: skip
