"""Read the Query Log."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    Max,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce, Concat

from platekeeper.core.case_numbers import fold
from platekeeper.core.rules.log_keeping import LogEntryFacts, Matter
from platekeeper.core.search.asked import plates_of
from platekeeper.server.casefiles.lookups import preserved
from platekeeper.server.casefiles.models import CaseFile, Preserved
from platekeeper.server.hotlist.models import HotListEntry
from platekeeper.server.personnel.models import Person
from platekeeper.server.querylog.models import Approval, CaseCorrection, KnownCase, QueryLogEntry

REMEMBERED = 50
"""How many of a person's newest queries a reason is compared with."""


def entries() -> QuerySet[QueryLogEntry]:
    """Return the whole log, newest first."""
    return QueryLogEntry.objects.select_related("by", "approval__decided_by").prefetch_related(
        corrections_of("corrections")
    )


def corrections_of(path: str) -> Prefetch[Any, Any, Any]:
    """Return the prefetch of a query's corrections, each with who made it; `path` leads to them."""
    return Prefetch(path, CaseCorrection.objects.select_related("by"))


def ran() -> QuerySet[QueryLogEntry]:
    """Return the queries that ran, whatever came of them."""
    return entries().exclude(state__in=QueryLogEntry.NEVER_RAN)


def own(person: Person) -> QuerySet[QueryLogEntry]:
    """Return a person's own queries, newest first."""
    return entries().filter(by=person)


def filtered(
    *,
    person: str = "",
    agency: str = "",
    plate: str = "",
    case_number: str = "",
    purpose: str = "",
    state: str = "",
    words: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> QuerySet[QueryLogEntry]:
    """Return the entries an auditor asks for; what is left empty does not narrow. A person searched, or it was for them."""
    asked = {"purpose": purpose, "state": state,
             "justification__icontains": words, "begun_at__gte": since, "begun_at__lt": until}  # fmt: skip
    found = entries().filter(**{name: value for name, value in asked.items() if value})
    if case_number:  # whether it was made under it, or belongs under it as a correction says
        corrected = CaseCorrection.objects.filter(number__icontains=case_number).values("entry")
        found = found.filter(Q(case_number__icontains=case_number) | Q(pk__in=corrected))
    if person:
        found = found.filter(Q(by__name__icontains=person) | Q(requestor__icontains=person))
    if agency:
        found = found.filter(Q(agency__icontains=agency) | Q(requestor_agency__icontains=agency))
    if plate:
        found = found.filter(Q(terms__plate__icontains=plate) | Q(terms__plates__icontains=plate))
    return found


def earlier_reasons(person: Person, *, but: frozenset[str]) -> list[str]:
    """Return the reasons of a person's newest queries, those of any of the plates `but` left out."""
    newest = own(person).values_list("terms", "justification")[:REMEMBERED]
    return [justification for terms, justification in newest if plates_of(terms).isdisjoint(but)]


def case_known(number: str) -> QueryLogEntry.CaseKnown:
    """Say whether a case or call number is on the department's list, or is that of a case file."""
    if CaseFile.objects.filter(number=number.strip()).exists():
        return QueryLogEntry.CaseKnown.YES
    if not KnownCase.objects.exists():
        return QueryLogEntry.CaseKnown.NO_LIST
    listed = KnownCase.objects.filter(folded=fold(number)).exists()
    return QueryLogEntry.CaseKnown.YES if listed else QueryLogEntry.CaseKnown.NO


def known_for(number: str, *, by: Person, purpose: str) -> str:
    """Say so of a query's number, and nothing where there is none, of a look among prior reads (VII.f.3), and of another
    agency's query: its case numbers are on no list of ours."""
    is_asked = number.strip() and purpose != QueryLogEntry.Purpose.ALERT and by.agency.is_department
    return case_known(number) if is_asked else ""


def unlisted(*, at: Any) -> Q:
    """Return the condition that the number that counted at a moment is on no list of the department's."""
    corrected = CaseCorrection.objects.filter(at__lte=at).order_by()
    newest = corrected.values("entry").annotate(newest=Max("pk")).values("newest")
    wrong = CaseCorrection.objects.filter(pk__in=newest, known=QueryLogEntry.CaseKnown.NO)
    as_made = Q(case_known=QueryLogEntry.CaseKnown.NO) & ~Q(pk__in=corrected.values("entry"))
    return as_made | Q(pk__in=wrong.order_by().values("entry"))


def known_cases() -> tuple[int, datetime | None]:
    """Return how many numbers are on the list, and when it was last added to."""
    found = KnownCase.objects.aggregate(count=Count("pk"), listed_at=Max("listed_at"))
    return found["count"], found["listed_at"]


def waiting(kind: Approval.Kind) -> QuerySet[Approval]:
    """Return what waits for a second person's word, the oldest first."""
    found = Approval.objects.filter(kind=kind, decided_at=None).select_related("entry__by")
    return found.prefetch_related(corrections_of("entry__corrections"))


def to_run(person: Person, *, since: datetime) -> QuerySet[QueryLogEntry]:
    """Return a person's own queries approved after `since`, for the case number that counts, and not run yet."""
    corrected = CaseCorrection.objects.filter(entry=OuterRef("pk"), at__gt=OuterRef("approval__decided_at"))
    approved = own(person).filter(state=QueryLogEntry.State.APPROVED, approval__decided_at__gte=since)
    return approved.exclude(Exists(corrected))


def unpreserved() -> QuerySet[QueryLogEntry]:
    """Return the queries made under the number of an open case that does not preserve them (VI.d, VI.h)."""
    return _made_for(_open_cases(), but=preserved())


def unpreserved_in(case: CaseFile) -> QuerySet[QueryLogEntry]:
    """Return those of them that belong under the number of one case, the oldest first."""
    return _made_for(_open_cases().filter(pk=case.pk), but=preserved()).order_by("pk")


def unpreserved_then(*, at: datetime, today: date) -> QuerySet[QueryLogEntry]:
    """Return what `unpreserved` would have returned at a moment of a day."""
    then = Q(ended_at=None) | Q(ended_at__gt=at), Q(sealed_on=None) | Q(sealed_on__gt=today)
    cases = CaseFile.objects.filter(*then, opened_at__lte=at)
    return _made_for(cases, but=preserved(at=at), at=at).filter(begun_at__lte=at)


def cases_to_preserve_in() -> QuerySet[CaseFile]:
    """Return the open cases whose queries are not all preserved, with how many; those with an arrest first."""
    waiting: Any = unpreserved()
    found = _open_cases().filter(number__in=waiting.values("about"))
    return found.order_by(F("arrested_on").desc(nulls_last=True), "number")


def unpreserved_counts(cases: QuerySet[CaseFile]) -> dict[str, int]:
    """Return by case number how many queries made under it the case does not preserve."""
    found: Any = _made_for(_open_cases().filter(pk__in=[case.pk for case in cases]), but=preserved()).order_by()
    return dict(found.values_list("about").annotate(Count("pk")))


def facts_of(entry: QueryLogEntry, *, zone: ZoneInfo) -> LogEntryFacts:
    """Return an entry as the rule of its keeping sees it: it belongs to the case it names, and to every case that has it."""
    keeping = Q(pk__in=preserved().filter(key=f"query:{entry.pk}").values("case"))
    cases = CaseFile.objects.filter(Q(number=entry.case_now) | keeping)
    matters = tuple(Matter(case.number, case.disposed_on) for case in cases.order_by("number"))
    return LogEntryFacts(made_on=entry.begun_at.astimezone(zone).date(), matters=matters)


def not_looked_up(entries: QuerySet[HotListEntry]) -> QuerySet[HotListEntry]:
    """Return those of entries whose plate was not looked up since they were put on the list (VII.f.3): a look that failed or
    was cut off is none."""
    states = (HotListEntry.State.ACTIVE, HotListEntry.State.CANCELED)
    looks = QueryLogEntry.objects.annotate(looked_up=KT("terms__plate")).filter(
        begun_at__gte=OuterRef("decided_at"), looked_up=OuterRef("plate"),
        purpose=QueryLogEntry.Purpose.ALERT, state=QueryLogEntry.State.COMPLETED,
    )  # fmt: skip
    return entries.filter(~Exists(looks.order_by()), decided_at__isnull=False, state__in=states)


def under(found: QuerySet[QueryLogEntry], *, at: Any = None) -> QuerySet[QueryLogEntry]:
    """Return entries with the number that counts, or counted at a moment, as `about`, and when it first did, as `since`."""
    corrected = CaseCorrection.objects.filter(Q() if at is None else Q(at__lte=at), entry=OuterRef("pk"))
    newest = Subquery(corrected.order_by("-pk").values("number")[:1])
    first = Subquery(corrected.filter(number=OuterRef("about")).order_by("pk").values("at")[:1])
    return found.annotate(
        about=Coalesce(newest, F("case_number"), output_field=CharField()),
        since=Case(When(case_number=F("about"), then=F("begun_at")), default=first),
    )


def _made_for(cases: QuerySet[CaseFile], *, but: QuerySet[Preserved], at: Any = None) -> QuerySet[QueryLogEntry]:
    """Return the queries that ran under the numbers of cases, those left out that are copied into their own."""
    numbers = cases.order_by().values("number")
    key = Concat(Value("query:"), Cast(OuterRef("pk"), CharField()))
    kept = but.filter(case__number=OuterRef("about"), key=key)
    corrected = CaseCorrection.objects.filter(number__in=numbers).values("entry")
    found = ran().filter(Q(case_number__in=numbers) | Q(pk__in=corrected))  # by their indexes; few were corrected since
    return under(found, at=at).filter(~Exists(kept), Q(about__in=numbers))


def _open_cases() -> QuerySet[CaseFile]:
    return CaseFile.objects.filter(ended_at=None, sealed_on=None)
