"""Read complaints. How far one is follows from its steps."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet

from platekeeper.core.partial import PlatePattern
from platekeeper.core.plates import Plate
from platekeeper.core.rules.complaints import ComplaintFacts, Finding
from platekeeper.core.search.asked import plates_of
from platekeeper.server.hits.lookups import hits
from platekeeper.server.hits.models import Hit, HitStep
from platekeeper.server.hotlist.lookups import entries, suppressed
from platekeeper.server.hotlist.matcher import current
from platekeeper.server.hotlist.models import HotListEntry
from platekeeper.server.oversight.models import Complaint, ComplaintStep, Correction, Notice
from platekeeper.server.personnel.models import Person
from platekeeper.server.querylog.models import QueryLogEntry

NEAR = timedelta(hours=2)
"""How far from the time that a complainant remembers a hit is looked for."""
_MOST_FOUND = 50


def complaints() -> QuerySet[Complaint]:
    """Return every complaint, the newest first, with its steps."""
    return Complaint.objects.select_related("about", "hit__lpr").prefetch_related("steps__by", "steps__to")


def facts_of(complaint: Complaint, *, person: Person, at: datetime) -> ComplaintFacts:
    """Return how far a complaint is, as a person before it meets it at `at`."""
    steps = list(complaint.steps.order_by("at", "pk"))
    kinds = {step.kind for step in steps}
    found = [step.findings for step in steps if step.kind == ComplaintStep.Kind.FINDING]
    return ComplaintFacts(
        is_own_stop=person.pk in stopping(complaint),
        has_hit=complaint.hit is not None,
        findings=frozenset(Finding(each) for each in found[-1]) if found else frozenset(),
        corrected=complaint.hit is not None and is_corrected(complaint.hit.entry_key, at=at),
        answered=ComplaintStep.Kind.ANSWERED in kinds,
        closed=ComplaintStep.Kind.CLOSED in kinds,
    )


def is_corrected(entry_key: str, *, at: datetime) -> bool:
    """Say whether an entry was corrected, for whichever complaint, and raises no alarm now."""
    return Correction.objects.filter(entry_key=entry_key).exists() and not still_alarms(entry_key, at=at)


def still_alarms(entry_key: str, *, at: datetime) -> bool:
    """Say whether a read of the plate would raise an alarm on this entry at `at`."""
    entry = own_entry(entry_key)
    if entry is not None:
        return entry.state == HotListEntry.State.ACTIVE and entry.expires_at > at
    until = suppressed().get(entry_key)
    return current().holds(entry_key) and not (until is not None and until > at)


def own_entry(entry_key: str) -> HotListEntry | None:
    """Return the department's own entry of a key, None for a line of a list."""
    slug, _, number = entry_key.partition(":")
    return entries().filter(pk=int(number)).first() if slug == "own" and number.isdecimal() else None


def hits_near(pattern: PlatePattern, *, at: datetime) -> list[Hit]:
    """Return the hits within two hours of a time whose read, or whose entry, fits a plate; the nearest first."""
    near = hits().select_related("repeat_of").filter(seen_at__gte=at - NEAR, seen_at__lte=at + NEAR)
    fitting = [hit for hit in near if any(pattern.matches(Plate(text)) for text in (hit.plate, hit.entry["plate"]))]
    return sorted(fitting, key=lambda hit: abs(hit.seen_at - at))[:_MOST_FOUND]


def corrections_of(complaint: Complaint) -> QuerySet[Correction]:
    """Return the corrections made for a complaint, each with its notices and whether they were seen."""
    made = Correction.objects.filter(step__complaint=complaint).select_related("step__by", "suppression__ended_by")
    return made.prefetch_related("notices__person").order_by("pk")


def open_notices(person: Person) -> QuerySet[Notice]:
    """Return the notices of correction that a person has not seen."""
    return Notice.objects.filter(person=person, seen_at=None).select_related("correction__step")


def stopping(complaint: Complaint) -> set[int]:
    """Return who made the stop that a complaint is about, by account number; also one that was taken back since, which who
    made it may do alone."""
    named = {complaint.about_id} if complaint.about_id else set()
    if complaint.hit is None:
        return named
    alarm = complaint.hit.repeat_of_id or complaint.hit.pk
    # as a list of hits: asked for either of the two, the database looks at every step there is
    alike = Hit.objects.filter(Q(pk=alarm) | Q(repeat_of=alarm)).order_by()
    stops = HitStep.objects.filter(kind=HitStep.Kind.STOPPED, hit__in=alike.values("pk"))
    return named | {step.by_id for step in stops if step.by_id is not None}


def asking_for(found: QuerySet[QueryLogEntry], plates: Collection[str]) -> Iterator[QueryLogEntry]:
    """Give those queries that ask for one of these plates, among others or alone."""
    if not plates:
        return
    near = reduce(or_, (Q(terms__plate__icontains=plate) for plate in sorted(plates)))  # every plate stands there, too
    yield from (
        each for each in found.filter(near).iterator(chunk_size=200) if not plates_of(each.terms).isdisjoint(plates)
    )
