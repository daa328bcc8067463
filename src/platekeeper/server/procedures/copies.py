"""What a case file copies of each thing, as plain data: it must still say everything once the thing itself is gone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from platekeeper.core.clauses import Clause
from platekeeper.core.investigations.terms import describe, headline
from platekeeper.core.ledger import canonical
from platekeeper.server.casefiles.models import Preserved
from platekeeper.server.hits.models import Hit
from platekeeper.server.procedures.prove_reads import Proof
from platekeeper.server.procedures.raise_hits import read_copy
from platekeeper.server.procedures.rows_of_reads import moment_of
from platekeeper.server.querylog.models import QueryLogEntry, SearchRequest
from platekeeper.server.storage.rows import StoredRead
from platekeeper.server.userlog.models import LogRevision, Tour

Image = tuple[bytes, str]
"""Content and media type."""


@dataclass(frozen=True, slots=True)
class Copy:
    """One thing on its way into a case. `key` is what it was copied from."""

    kind: Preserved.Kind
    key: str
    title: str
    clause: Clause
    content: dict[str, Any] = field(repr=False)
    image: Image | None = field(default=None, repr=False)

    @property
    def text(self) -> bytes:
        """What is preserved: canonical JSON of the content and its title."""
        return canonical(plain({"title": self.title, **self.content}))


def picture_of(record: Hit | Preserved) -> Image | None:
    """Return the picture that was copied with a hit, or into a case, None without one."""
    picture = getattr(record, "image", None)
    return (bytes(picture.content), picture.media_type) if picture is not None else None


def of_hit(hit: Hit, *, image: Image | None, proof: Proof | None) -> Copy:
    """Return a hit as it is now: read, entry, image, and every step of its verification (V.c)."""
    steps = [
        {
            "kind": step.kind, "at": step.at, "by": step.by.name if step.by else "", "outcome": step.outcome,
            "remark": step.remark, "self_attested": step.self_attested, "led_on": step.led_on,
            "policy": [step.policy_number, step.policy_digest],
        }
        for step in hit.steps.select_related("by")
    ]  # fmt: skip
    departures = [
        {"clause": each.clause, "reason": each.reason, "at": each.at, "member": each.member.name, "review": each.review}
        for each in hit.departures.select_related("member")
    ]
    content = {
        "hit": hit.pk, "read_id": hit.read_id, "entry_key": hit.entry_key, "lpr": hit.lpr.name, "plate": hit.plate,
        "read": hit.read, "proof": proof, "entry": hit.entry, "category": hit.category, "how": hit.how,
        "action": hit.action, "state_agreement": hit.state_agreement, "list_stale": hit.list_stale,
        "seen_at": hit.seen_at, "raised_at": hit.raised_at, "policy": [hit.policy_number, hit.policy_digest],
        "steps": steps, "departures": departures,
    }  # fmt: skip
    title = f"{hit.plate}, {hit.category.replace('_', ' ')}, seen {hit.seen_at:%Y-%m-%d %H:%M} UTC"
    return Copy(Preserved.Kind.HIT, f"hit:{hit.pk}", title, Clause.V_c, content, image)


def of_read(
    read: StoredRead,
    *,
    lpr: str,
    query: int | None = None,
    directive: int | None = None,
    image: Image | None,
    proof: Proof | None,
) -> Copy:
    """Return a stored read that a query found (VI.h), or that command directs to be kept (VI.k.4)."""
    row, seen_at = read.row, moment_of(read.row)
    content = {
        "read": read_copy(row), "proof": proof, "lpr": lpr, "plate": row.plate or row.raw, "seen_at": seen_at,
        "revision": read.revision, "corrected": read.corrected, "query": query,
        "directive": directive,
    }  # fmt: skip
    title = f"{row.plate or row.raw}, read at {lpr}, {seen_at:%Y-%m-%d %H:%M} UTC"
    key = f"read:{row.id.hex()[:24]}.{row.digest.hex()[:10]}"  # which revision, too
    return Copy(Preserved.Kind.READ, key, title, Clause.VI_h if directive is None else Clause.VI_k_4, content, image)


def of_query(entry: QueryLogEntry) -> Copy:
    """Return a Query Log entry (VI.d, VI.h)."""
    content = {
        "query": entry.pk, "by": entry.by.name, "agency": entry.agency, "requestor": entry.requestor,
        "requestor_agency": entry.requestor_agency, "recipients": entry.recipients, "begun_at": entry.begun_at,
        "ended_at": entry.ended_at, "terms": entry.terms, "purpose": entry.purpose, "offense": entry.offense,
        "case_number": entry.case_number, "justification": entry.justification, "state": entry.state,
        "found": entry.found, "case_known": entry.case_known, "none_prohibited": entry.none_prohibited,
        "exigent": entry.exigent, "flags": entry.flags, "policy": [entry.policy_number, entry.policy_digest],
    }  # fmt: skip
    if corrected := entry.corrections.select_related("by"):
        content["corrections"] = [
            {"number": each.number, "known": each.known, "why": each.why, "at": each.at, "by": each.by.name}
            for each in corrected
        ]
    title = f"Query of {entry.begun_at:%Y-%m-%d %H:%M} UTC by {entry.by.name}"
    return Copy(Preserved.Kind.QUERY, f"query:{entry.pk}", title, Clause.VI_d, content)


def of_search_request(request: SearchRequest) -> Copy:
    """Return a request for a search with every step taken on it (VI.h)."""
    steps = [
        {
            "kind": step.kind, "at": step.at, "by": step.by.name, "words": step.words, "clause": step.clause,
            "query": step.query_id, "how": step.how, "recipients": step.recipients,
            "policy": [step.policy_number, step.policy_digest],
        }
        for step in request.steps.select_related("by")
    ]  # fmt: skip
    content = {
        "search": request.pk, "asked_at": request.asked_at, "name": request.name, "agency": request.agency_name,
        "contact": request.contact, "way": request.way, "entered_by": request.entered_by.name, "plate": request.plate,
        "description": request.description, "since": request.since, "until": request.until, "lprs": request.lprs,
        "purpose": request.purpose, "offense": request.offense, "case_number": request.case_number,
        "justification": request.justification, "mutual_aid": request.mutual_aid, "urgent": request.urgent,
        "due_at": request.due_at, "steps": steps, "policy": [request.policy_number, request.policy_digest],
    }  # fmt: skip
    title = f"Request for a search of {request.asked_at:%Y-%m-%d %H:%M} UTC by {request.name}"
    return Copy(Preserved.Kind.SEARCH, f"search:{request.pk}", title, Clause.VI_h, content)


def of_investigation(entry: QueryLogEntry, found: Sequence[Any], *, names: Mapping[int, str]) -> Copy:
    """Return a Query Log entry of a tool with what it found, plain rows: no search finds it again once the reads are gone."""
    told = of_query(entry)
    title = f"{headline(entry.terms)}, asked {entry.begun_at:%Y-%m-%d %H:%M} UTC by {entry.by.name}"
    result = {"asked": describe(entry.terms, names), "result": list(found)}
    return replace(told, title=title, clause=Clause.VI_h, content={**told.content, **result})


def of_tour(tour: Tour, *, hits: list[Hit], revision: LogRevision | None) -> Copy:
    """Return the user log of a tour that has ended, as it was accepted, with its hits (VII.h.3)."""
    content = {
        "tour": tour.pk, "member": tour.member.name, "lpr": tour.lpr.name, "purpose": tour.purpose,
        "hot_list": {"delivered_at": tour.hot_list.delivered_at, "digest": tour.hot_list.digest} if tour.hot_list else None,
        "begun_at": tour.begun_at, "ended_at": tour.ended_at, "ended_by": tour.ended_by.name if tour.ended_by else "",
        "policy": [tour.policy_number, tour.policy_digest],
        "hits": [
            {"hit": hit.pk, "plate": hit.plate, "category": hit.category, "seen_at": hit.seen_at} for hit in hits
        ],
        "log": _of_revision(revision) if revision else None,
    }  # fmt: skip
    title = f"User log of {tour.member.name} with {tour.lpr.name}, {tour.begun_at:%Y-%m-%d %H:%M} UTC"
    return Copy(Preserved.Kind.TOUR, f"tour:{tour.pk}", title, Clause.VII_h_3, content)


def _of_revision(revision: LogRevision) -> dict[str, Any]:
    """Return a Daily User Log word for word as it was forwarded, and what the checking position said to it."""
    return {
        "revision": revision.number, "sha256": revision.sha256, "forwarded": bytes(revision.content).decode(),
        "forwarded_at": revision.forwarded_at, "forwarded_by": revision.forwarded_by.name, "remark": revision.remark,
        "accepted_at": revision.decided_at, "accepted_by": revision.decided_by.name if revision.decided_by else "",
    }  # fmt: skip


def plain(data: dict[str, Any]) -> dict[str, Any]:
    """Return data as canonical JSON takes it: days and moments as ISO 8601, fractions as their shortest decimals."""
    return {key: _plain(value) for key, value in data.items()}


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return plain(value)
        case list() | tuple():
            return [_plain(item) for item in value]
        case date():  # a datetime is one, too
            return value.isoformat()
        case float():
            return repr(value)
    return value
