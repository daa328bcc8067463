"""What was looked into: accesses drawn at random, reviews, misuse, complaints."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from platekeeper.core.rules.audits import ENDS
from platekeeper.core.rules.query_audit import sample
from platekeeper.server.oversight import audits
from platekeeper.server.oversight.models import (
    FINDINGS,
    AuditItem,
    AuditRound,
    AuditStep,
    Complaint,
    ComplaintStep,
    ViolationStep,
)
from platekeeper.server.oversight.violations import violations as all_violations
from platekeeper.server.procedures.annual_chapters.chapter import Chapter, day, minute
from platekeeper.server.procedures.export_query_log import rows as query_rows
from platekeeper.server.querylog.lookups import ran
from platekeeper.server.register.period import Period

SURVEYED = 50
"""How many queries of the year are drawn at random."""


def survey(period: Period, *, seed: str) -> Chapter:
    """Give a random survey of the queries; the seed is handed in."""
    pool = ran().filter(period.within("begun_at"))
    numbers = list(pool.order_by().values_list("pk", flat=True))
    drawn = sample(numbers, seed=seed, size=SURVEYED)
    reviewed = dict(
        AuditItem.objects.filter(entry__in=drawn, steps__isnull=False)
        .values_list("entry", "steps__kind")
        .order_by("steps__at", "steps__pk")
    )
    rows = [
        row
        | {"review": reviewed.get(row["query"], ""), "made": minute(period, datetime.fromisoformat(row["begun_at"]))}
        for row in query_rows(pool.filter(pk__in=drawn), whole=False)
    ]
    return Chapter(
        "random-survey",
        "Random survey of accesses",
        (
            f"{len(drawn)} of the {len(numbers):,} queries of the period, drawn by the hash of a leaf of the ledger that "
            "nobody chose: with the seed anybody draws the same. Plates, places and justifications are withheld; what stands "
            "for them is their commitment in the query's own leaf, so that each can be laid open and held against it.",
        ),
        (
            ("query", "Query", 9),
            ("made", "When", 17),
            ("by", "By", 22),
            ("purpose", "Purpose", 16),
            ("case_now", "Case", 18),
            ("review", "Review", 12),
        ),
        rows,
        "Nobody made a query.",
        (("Seed", seed),),
    )


def reviews(period: Period) -> Chapter:
    """Give the rounds of review and how far they are."""
    rounds = AuditRound.objects.filter(period.within("drawn_at")).order_by("drawn_at")
    rows = []
    for each in rounds:
        stand = Counter(audits.outcomes(each))
        rows.append(
            {
                "drawn": day(period, each.drawn_at),
                "kind": each.get_kind_display(),
                "queries": each.entries,
                "drawn_at_random": each.sampled,
                "looked_at": sum(stand.values()) - stand[""],
                "open": stand[""],
                "misuse": audits.misused(each),
                "seed": each.seed,
                "leaf": each.leaf,
            }
        )
    return Chapter(
        "reviews",
        "Reviews of the Query Log",
        ("What was drawn within the period, and how far it is by now.",),
        (
            ("drawn", "Drawn", 16),
            ("kind", "Kind", 24),
            ("queries", "Out of", 14),
            ("looked_at", "Looked at", 14),
            ("open", "Open", 12),
            ("misuse", "Misuse found", 16),
        ),
        rows,
        "Nothing was drawn for review.",
    )


def misuse(period: Period) -> Chapter:
    """Give what was found to be misuse."""
    steps = AuditStep.objects.filter(period.within("at"), kind=AuditStep.Kind.MISUSE).select_related("item__entry__by")
    ended = {each.item_id: each for each in AuditStep.objects.filter(kind__in=ENDS, at__lte=period.at)}
    rows = [
        {
            "found": day(period, each.at),
            "query": each.item.entry_id,
            "by": each.item.entry.by.name,
            "clause": "VI.e",
            "ended": _ended(period, ended.get(each.item_id)),
        }
        for each in steps
    ]
    return Chapter(
        "findings-of-misuse",
        "Findings of misuse",
        ("What a review found to be misuse of a query, and whether it has an end.",),
        (("found", "Found", 20), ("query", "Query", 14), ("by", "Made by", 36), ("ended", "Ended", 30)),
        rows,
        "None was found.",
    )


def _ended(period: Period, end: AuditStep | None) -> str:
    """Say when a finding was ended, and whether as unfounded."""
    if end is None:
        return day(period, None)
    return day(period, end.at) + (", unfounded" if end.kind == AuditStep.Kind.UNFOUNDED else "")


def violations(period: Period) -> Chapter:
    """Give the violations opened, and how each ended."""
    found = all_violations().filter(period.within("opened_at"))
    rows = []
    for each in found.order_by("opened_at", "pk"):
        steps = [step for step in each.steps.all() if step.at <= period.at]
        ended = next((step for step in steps if step.kind == ViolationStep.Kind.CLOSED), None)
        rows.append(
            {
                "number": each.pk,
                "opened": day(period, each.opened_at),
                "clause": each.clause,
                "about": each.about.name if each.about else "",
                "query": each.item.entry_id if each.item else "",
                "complaint": each.complaint_id or "",
                "stands": str(steps[-1].get_kind_display()),
                "outcome": str(ended.get_outcome_display()) if ended else "",
                "closed": day(period, ended.at if ended else None),
            }
        )
    printed = (
        ("number", "No.", 8),
        ("opened", "Opened", 14),
        ("clause", "Clause", 10),
        ("about", "About", 22),
        ("stands", "Last step", 22),
        ("outcome", "Outcome", 24),
    )
    return Chapter(
        "violations",
        "Violations",
        ("Opened within the period: from a finding, from a complaint, or by hand. What happened is in the records.",),
        printed,
        rows,
        "None was opened.",
    )


def complaints(period: Period) -> Chapter:
    """Give the complaints received, without who complained."""
    found = (
        Complaint.objects.filter(period.within("received_at")).prefetch_related("steps").order_by("received_on", "pk")
    )
    rows = []
    for each in found:
        steps = {step.kind: step for step in each.steps.all() if step.at <= period.at}
        kinds = ComplaintStep.Kind
        finding, answered, closed = (steps.get(kind) for kind in (kinds.FINDING, kinds.ANSWERED, kinds.CLOSED))
        rows.append(
            {
                "number": each.pk,
                "received": each.received_on.isoformat(),
                "way": each.get_way_display(),
                "findings": [str(FINDINGS[one]) for one in finding.findings] if finding else [],
                "answered": day(period, answered.at if answered else None),
                "closed": day(period, closed.at if closed else None),
            }
        )
    return Chapter(
        "complaints",
        "Complaints",
        ("Received within the period. Who complained, and of what plate, is withheld.",),
        (
            ("number", "No.", 8),
            ("received", "Received", 16),
            ("way", "How it came", 18),
            ("findings", "Findings", 32),
            ("answered", "Answered", 14),
            ("closed", "Closed", 12),
        ),
        rows,
        "None was received.",
    )
