"""What was kept, disposed of and handed out."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q, Sum

from platekeeper.server.casefiles.lookups import sealed_subjects
from platekeeper.server.ledger.actions import Action, Outcome
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.procedures.annual_chapters.chapter import Chapter, day, minute
from platekeeper.server.reads.models import BarredPlace
from platekeeper.server.register.period import Period
from platekeeper.server.retention.models import Backup, Disposal, Drill

_HANDED_OUT = {
    Action.PACKET_EXPORTED: (Outcome.BEGUN, "evidence packet"),
    Action.QUERY_LOG_EXPORTED: (Outcome.BEGUN, "Query Log"),
    Action.LEDGER_EXPORTED: (Outcome.DONE, "ledger"),
    Action.AUDIT_PACKET_EXPORTED: (Outcome.BEGUN, "audit packet"),
    Action.CHECKPOINT_HANDED_OVER: (Outcome.DONE, "checkpoint"),
}
"""What leaves the department's records by an act of its own, and the outcome of the leaf that says to whom."""


def barred(period: Period) -> Chapter:
    """Give the places where collecting was barred, and how many reads were counted there."""
    inside = Q(counts__day__gte=period.first_day, counts__day__lte=period.today)
    found = BarredPlace.objects.filter(since__lte=period.at).annotate(counted=Sum("counts__count", filter=inside))
    rows = [
        {
            "name": each.name,
            "kind": str(each.get_kind_display()),
            "why": each.why,
            "since": minute(period, each.since),
            "until": minute(period, each.ended_at or each.until),
            "reads": each.counted or 0,
            "area": each.area,
        }
        for each in found.exclude(ended_at__lte=period.since).exclude(until__lte=period.since).order_by("name", "pk")
    ]
    return Chapter(
        "barred-places",
        "Places where collecting is barred",
        ("Reads inside are counted, and neither stored nor matched.",),
        (
            ("name", "Place", 26),
            ("kind", "Kind", 16),
            ("since", "From", 18),
            ("until", "Until", 18),
            ("reads", "Reads counted", 22),
        ),
        rows,
        "No place is barred.",
    )


def disposed(period: Period) -> Chapter:
    """Give the disposals and their certificates."""
    rows = [
        {
            "kind": each.get_kind_display(),
            "day": each.day.isoformat(),
            "completed": day(period, each.completed_at),
            "removed": sum(each.counts.values()),
            "leaf": each.leaf,
            "certificate": f"certificates/{each.pk}.txt" if each.note else "",
        }
        for each in disposals(period)
    ]
    removed = sum(row["removed"] for row in rows)
    return Chapter(
        "disposals",
        "Retention: what was disposed of",
        (
            f"Disposals within the period: {len(rows):,}; records removed: {removed:,}. Each certificate is signed with the "
            "ledger's key, and a leaf of the ledger names its digest.",
        ),
        (
            ("day", "Day of capture", 20),
            ("kind", "What", 12),
            ("removed", "Removed", 16),
            ("completed", "Disposed of", 18),
            ("leaf", "Leaf", 12),
            ("certificate", "Certificate", 22),
        ),
        rows,
        "Nothing was due.",
    )


def disposals(period: Period) -> Sequence[Disposal]:
    """Return the disposals completed within the period, the first first."""
    return list(Disposal.objects.filter(period.within("completed_at")).order_by("completed_at", "pk"))


def backups(period: Period) -> Chapter:
    """Give the backups."""
    found = Backup.objects.filter(period.within("begun_at")).order_by("begun_at")
    rows = [
        {
            "begun": minute(period, each.begun_at),
            "completed": minute(period, each.completed_at),
            "target": each.target,
            "files": each.files,
            "bytes": each.bytes,
            "failure": each.failure,
        }
        for each in found
    ]
    failed = found.filter(completed_at=None).count()
    return Chapter(
        "backups",
        "Backups",
        (f"Completed within the period: {len(rows) - failed:,}; not completed: {failed:,}.",),
        (("begun", "Begun", 22), ("completed", "Completed", 22), ("files", "Files", 12), ("failure", "Failure", 44)),
        rows,
        "None was made.",
    )


def drills(period: Period) -> Chapter:
    """Give the drills of the backups."""
    rows = [
        {"at": minute(period, each.at), "kind": each.get_kind_display(), "passed": each.passed, "said": each.said}
        for each in Drill.objects.filter(period.within("at")).order_by("at")
    ]
    return Chapter(
        "drills",
        "Drills: can the backups be trusted?",
        ("Every file checked, the key put together from its shares, a backup restored.",),
        (("at", "When", 20), ("kind", "What", 34), ("passed", "Passed", 10), ("said", "What was said", 36)),
        rows,
        "None was held.",
    )


def handed_out(period: Period) -> Chapter:
    """Give what left the department's records by an act of its own; not why, of a sealed case."""
    wanted = Q()
    for action, (outcome, _what) in _HANDED_OUT.items():
        wanted |= Q(action=action, outcome=outcome)
    found = LedgerEntry.objects.filter(wanted, period.within("at")).prefetch_related("openings").order_by("pk")
    rows, closed = [], sealed_subjects()
    for each in found:
        sealed = {opening.field: opening.value for opening in each.openings.all()}
        rows.append(
            {
                "leaf": each.pk,
                "at": minute(period, each.at),
                "what": _HANDED_OUT[Action(each.action)][1],
                "to": sealed.get("to", ""),
                "why": "" if each.subject in closed else sealed.get("why", ""),
            }
        )
    return Chapter(
        "handed-out",
        "What was handed out",
        (
            "Packets, logs and checkpoints that left the department's records within the period, as the ledger has it. "
            "What left for other agencies stands under disseminations.",
        ),
        (("at", "When", 20), ("what", "What", 22), ("to", "To whom", 28), ("why", "Why", 30)),
        rows,
        "Nothing was handed out.",
    )
