"""Read the Query Log under review: rounds, entries in them, and how far each is, which follows from its last step."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from platekeeper.core.rules.audits import DONE, ENDS, EVERY, ReviewFacts, Step
from platekeeper.core.rules.query_audit import HIGH
from platekeeper.core.search.asked import plates_of
from platekeeper.server.oversight.lookups import asking_for
from platekeeper.server.oversight.models import AuditItem, AuditRound, AuditStep
from platekeeper.server.personnel.models import Person
from platekeeper.server.querylog.lookups import entries, ran
from platekeeper.server.querylog.models import CaseCorrection, QueryLogEntry
from platekeeper.server.querylog.requests import wished, wished_by

LAG = timedelta(minutes=10)
"""A round ends so long before it is drawn: every query begun until then is in the log by now, so none slips between two."""
Items = QuerySet[Any]
"""Of `AuditItem`, with the kind of its last step as `last`, its moment as `since` and its words, which types do not know."""
_LAST = {"last": "kind", "since": "at", "words": "words"}
_AROUND = timedelta(days=30)
_MOST_SHOWN = 50


def rounds() -> QuerySet[AuditRound]:
    """Return every round, the newest first."""
    return AuditRound.objects.select_related("drawn_by")


def items() -> Items:
    """Return every entry under review."""
    steps = AuditStep.objects.filter(item=OuterRef("pk")).order_by("-at", "-pk")
    found = AuditItem.objects.select_related("round", "entry__by")
    last = {name: Subquery(steps.values(field)[:1]) for name, field in _LAST.items()}
    return found.annotate(**last)


def to_review() -> Items:
    """Return what is not signed off, the weightiest first: nobody looked yet, an explanation was asked, or one has come."""
    return items().filter(Q(last=None) | Q(last__in=(Step.ASKED, Step.ANSWERED))).order_by("-score", "pk")


def to_explain(person: Person) -> Items:
    """Return the queries of a person that they are asked to explain."""
    return items().filter(entry__by=person, last=Step.ASKED).prefetch_related("entry__corrections")


def findings() -> Items:
    """Return what was found to be misuse, whether it has ended or not, the newest first."""
    return items().filter(last__in=(Step.MISUSE, *ENDS)).prefetch_related("steps__by").order_by("-since", "-pk")


def of(person: Person) -> Q:
    """Return the condition that an entry under review is a person's own, or answers a request that they asked or entered:
    somebody else reviews it, and ends what was found in it."""
    return Q(entry__by=person) | Q(entry__in=wished_by(person).values("query"))


def waiting_count(reviewer: Person) -> int:
    """Return how many entries wait for a reviewer: those nobody looked at, and explanations that came; not their own."""
    waiting = to_review().filter(Q(last=None) | Q(last=Step.ANSWERED))
    return waiting.exclude(of(reviewer)).count()


def misuse_count(person: Person) -> int:
    """Return how many findings of misuse wait for an end, not of a person's own queries."""
    return findings().filter(last=Step.MISUSE).exclude(of(person)).count()


def facts_of(item: AuditItem, *, person: Person) -> ReviewFacts:
    """Return how far an entry under review is, as a person before it meets it."""
    last = item.steps.order_by("-at", "-pk").values_list("kind", flat=True).first()
    return ReviewFacts(
        is_own=item.entry.by_id == person.pk,
        asked_for=bool(wished(person, [item.entry_id])),
        last=Step(last) if last else None,
    )


def due(*, at: datetime) -> tuple[datetime | None, QuerySet[QueryLogEntry]] | None:
    """Return since when, and which, queries are due for a weekly review at `at`; None while none are."""
    last = rounds().filter(kind=AuditRound.Kind.WEEKLY).order_by("-until").first()
    waiting = ran().filter(begun_at__lte=at - LAG)
    if last is not None:
        waiting = waiting.filter(begun_at__gt=last.until)
    first = waiting.order_by("begun_at").first()
    if first is None or at - (last.until if last else first.begun_at) < EVERY:
        return None
    return last.until if last else None, waiting


def corrected(*, since: datetime, until: datetime) -> QuerySet[QueryLogEntry]:
    """Return the queries of rounds before `since` whose case number who made them corrected from then until `until`."""
    theirs = CaseCorrection.objects.filter(at__gt=since, at__lte=until, by=F("entry__by"))
    return ran().filter(begun_at__lte=since, pk__in=theirs.values("entry"))


def outcomes(drawn: AuditRound) -> dict[str, int]:
    """Return how many entries of a round stand where: by the kind of their last step, "" for not looked at yet."""
    counts = Counter(item.last or "" for item in items().filter(round=drawn))
    return {kind: counts[kind] for kind in ("", *Step)}


def misused(drawn: AuditRound) -> int:
    """Return in how many entries of a round misuse was found, whether that has ended or not, and stands."""
    return drawn.items.filter(steps__kind=Step.MISUSE).exclude(steps__kind=Step.UNFOUNDED).distinct().count()


def is_done(last: str | None) -> bool:
    """Say whether there is nothing more to do after a step."""
    return last in DONE


def flagged(found: QuerySet[QueryLogEntry]) -> QuerySet[QueryLogEntry]:
    """Return those entries that a review found reasons against, or asked about."""
    audited = AuditItem.objects.filter(entry=OuterRef("pk"))
    asked = audited.filter(steps__kind__in=(Step.ASKED, Step.MISUSE))
    return found.filter(Exists(audited.filter(score__gte=HIGH)) | Exists(asked))


def around(entry: QueryLogEntry) -> tuple[list[QueryLogEntry], list[QueryLogEntry]]:
    """Return the other queries within 30 days of one: of the same member, and of its plates by others; newest first."""
    near = entries().filter(begun_at__gte=entry.begun_at - _AROUND, begun_at__lte=entry.begun_at + _AROUND)
    others = near.exclude(pk=entry.pk)
    of_plate = asking_for(others.exclude(by=entry.by_id), plates_of(entry.terms))
    return list(others.filter(by=entry.by_id)[:_MOST_SHOWN]), list(islice(of_plate, _MOST_SHOWN))
