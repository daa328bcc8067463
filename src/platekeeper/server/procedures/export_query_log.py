"""The Query Log leaves the department (VI.e, VIII.c): line by line, logged before it begins and once it has ended."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.db.models import Max, QuerySet

from platekeeper.core.clauses import Clause
from platekeeper.core.ledger import canonical
from platekeeper.core.rules.decision import Allowed, Refused
from platekeeper.core.rules.sharing import Share
from platekeeper.core.tables import csv_lines
from platekeeper.server.ledger.actions import Action, Outcome
from platekeeper.server.ledger.changes import append
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.personnel.models import Agency
from platekeeper.server.procedures.authority import Footing, RefusedAction
from platekeeper.server.procedures.grounds import UNADDRESSED, Ground, ground_for, record_leaving
from platekeeper.server.procedures.view_logs import may_view_query_log
from platekeeper.server.querylog.models import QueryLogEntry
from platekeeper.server.sharing import changes
from platekeeper.server.sharing.models import Dissemination, Order

COLUMNS = (
    "query", "by", "agency", "requestor", "requestor_agency", "begun_at", "ended_at", "plate", "since", "until", "lprs",
    "terms", "purpose", "offense", "case_number", "case_now", "case_known", "known_now", "justification", "recipients",
    "exigent", "flags", "state", "clause", "approval", "decided_by", "decided_at", "granted", "found", "pages", "policy",
)  # fmt: skip
WITHHELD = "withheld"
_SEALED = ("plate", "terms", "justification", "recipients", "exigent")
"""What may name plates, people and places: their commitment in the ledger's leaf stands in their place."""
_ENTERED = (Action.QUERY_ASKED, Action.QUERY_BEGUN, Action.QUERY_REFUSED)
"""What a query's first leaf says of it; one that asked for approval began later, or never."""
_LISTS = ("lprs", "flags")
_AT_ONCE = 500
_PURPOSE = QueryLogEntry.Purpose.AUDIT.value


class Format(StrEnum):
    """How the log is written."""

    CSV = "csv"
    JSONL = "jsonl"


def export_query_log(
    by: Footing,
    found: QuerySet[QueryLogEntry],
    *,
    filters: Mapping[str, str],
    form: Format,
    whole: bool,
    to: str = "",
    why: str = "",
    agency: Agency | None = None,
    order: Order | None = None,
) -> Iterator[bytes]:
    """Return the lines of the entries found, as they stand now, the oldest first.

    Redacted, what is sealed in the query's own leaf is its commitment there: whoever is shown the value later can check it,
    and nobody can guess it. Whole, it goes to somebody for a reason, and the ledger says so; to another agency on a ground
    (VI.l), for an audit.
    """
    unsaid = Refused(Clause.VI_e, "Say to whom the whole log goes, and why.")
    by.demand(
        may_view_query_log(by),
        unsaid if whole and not (to.strip() and why.strip()) else Allowed(),
        attempted=Action.QUERY_LOG_EXPORTED,
    )
    ground = _ground(by, agency, order)
    last = found.order_by().aggregate(last=Max("pk"))["last"] or 0
    named = {
        "to": to.strip()[:160],
        "why": why.strip()[:240],
        **{name: value for name, value in filters.items() if value},
    }
    told = {"format": form.value, "whole": whole, "last": last}
    with transaction.atomic():
        gone = _recorded(by, ground, to=to, why=why, last=last) if whole else None
        _log(by, Outcome.BEGUN, told, sealed={name: value for name, value in named.items() if value})
    return _told(by, _lines(rows(found.filter(pk__lte=last), whole=whole), form), told, gone)


def _ground(by: Footing, agency: Agency | None, order: Order | None) -> Ground | None:
    if agency is None and order is None:
        return None
    ground: Ground | Refused = UNADDRESSED
    if agency is not None:
        ground = ground_for(agency, what=Share.SEARCHES, purpose=_PURPOSE, at=by.at, policy=by.policy, order=order)
    if isinstance(ground, Refused):
        by.log_refusal(ground, attempted=Action.QUERY_LOG_EXPORTED)
        raise RefusedAction(ground)
    return ground


def _recorded(by: Footing, ground: Ground | None, *, to: str, why: str, last: int) -> Dissemination:
    return record_leaving(
        ground, to=to, what=Share.SEARCHES, purpose=_PURPOSE, why=why, form=Dissemination.Form.LOG,
        source=f"queries up to {last}", by=by.person, at=by.at, policy=by.policy,
    )  # fmt: skip


def _told(by: Footing, lines: Iterator[str], told: dict[str, Any], gone: Dissemination | None) -> Iterator[bytes]:
    """Give the lines, and say in the ledger, and in the record of what left, what went out, or how far it came."""
    digest, count, size = hashlib.sha256(), 0, 0

    def ended(outcome: Outcome) -> None:
        measured = {"sha256": digest.hexdigest(), "records": count, "size": size}
        with transaction.atomic():
            if gone is not None:
                failure = "" if outcome is Outcome.DONE else f"broke off after {count} lines"
                changes.end_dissemination(gone, at=None if failure else by.at, failure=failure, measured=measured)
            _log(by, outcome, {**told, "lines": count, "sha256": digest.hexdigest()})

    try:
        for line in lines:
            content = line.encode()
            digest.update(content)
            count, size = count + 1, size + len(content)
            yield content
    except BaseException:
        ended(Outcome.FAILED)
        raise
    ended(Outcome.DONE)


def _lines(found: Iterator[dict[str, Any]], form: Format) -> Iterator[str]:
    if form is Format.CSV:
        return csv_lines(COLUMNS, (row | {name: " ".join(map(str, row[name])) for name in _LISTS} for row in found))
    return (json.dumps(row, ensure_ascii=False) + "\n" for row in found)


def rows(found: QuerySet[QueryLogEntry], *, whole: bool) -> Iterator[dict[str, Any]]:
    """Give the entries in short reads: no read of the records stays open while somebody downloads slowly."""
    found, last = found.order_by("pk"), 0
    while some := list(found.filter(pk__gt=last)[:_AT_ONCE]):
        last = some[-1].pk
        sealed = {} if whole else _commitments(some)
        for entry in some:
            row, told = _row(entry), sealed.get(entry.pk, {})
            yield row if whole else row | {name: told.get(name, WITHHELD) for name in _SEALED if row[name]}


def _row(entry: QueryLogEntry) -> dict[str, Any]:
    terms, approval = entry.terms, getattr(entry, "approval", None)
    word = approval if approval is not None and approval.decided_at else None
    return {
        "query": entry.pk, "by": entry.by.name, "agency": entry.agency, "requestor": entry.requestor,
        "requestor_agency": entry.requestor_agency, "begun_at": entry.begun_at.isoformat(),
        "ended_at": entry.ended_at.isoformat() if entry.ended_at else "", "plate": terms.get("plate", ""),
        "since": terms.get("since", ""), "until": terms.get("until", ""), "lprs": terms.get("lprs", []),
        "terms": canonical(terms).decode(), "purpose": entry.purpose, "offense": entry.offense,
        "case_number": entry.case_number, "case_now": entry.case_now, "case_known": entry.case_known,
        "known_now": entry.known_now,
        "justification": entry.justification, "recipients": entry.recipients, "exigent": entry.exigent,
        "flags": entry.flags, "state": entry.state, "clause": entry.clause, "approval": approval.kind if approval else "",
        "decided_by": word.decided_by.name if word and word.decided_by else "",
        "decided_at": word.decided_at.isoformat() if word and word.decided_at else "",
        "granted": word.granted if word else "", "found": entry.found, "pages": entry.pages, "policy": entry.policy_number,
    }  # fmt: skip


def _commitments(some: list[QueryLogEntry]) -> dict[int, dict[str, str]]:
    """Return by entry what its first leaf says in place of the sealed fields."""
    subjects = {f"query:{entry.pk}": entry.pk for entry in some}
    leaves = LedgerEntry.objects.filter(subject__in=subjects, action__in=_ENTERED).order_by("-index")
    return {subjects[leaf.subject]: leaf.content()["sealed"] for leaf in leaves}


def _log(by: Footing, outcome: Outcome, details: dict[str, Any], *, sealed: Mapping[str, str] | None = None) -> None:
    with transaction.atomic():
        append(
            at=by.at, by=by.actor, action=Action.QUERY_LOG_EXPORTED, outcome=outcome, clause=Clause.VI_e, details=details,
            sealed=sealed, policy=by.policy.stamp,
        )  # fmt: skip
