"""What is known of queries when they are scored for review (VI.e), gathered for many at once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, QuerySet
from django.db.models.functions import ExtractHour

from platekeeper.core.rules.query_audit import WINDOW, QueryFacts, is_placeholder
from platekeeper.core.rules.reasons import same_words
from platekeeper.core.search.asked import plates_of
from platekeeper.server.casefiles.lookups import preserved
from platekeeper.server.casefiles.models import CaseFile
from platekeeper.server.querylog.lookups import ran, under
from platekeeper.server.querylog.models import Approval, CaseCorrection, QueryLogEntry

IDLE_AFTER = timedelta(days=60)
"""A case in which nothing came of anything for so long is idle."""
_BEFORE = timedelta(days=WINDOW)
_STAKE_OUT = "stake_out"
"""A term of the daily entries of a stake-out alone."""
_HOURS_OF = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Another query of the same person."""

    number: int
    at: datetime
    plates: frozenset[str]
    words: str
    numbers: tuple[str, str]
    """The case number that it was under before that person corrected it, if they did, and the one that counts."""


def facts_for(entries: Collection[QueryLogEntry], *, zone: ZoneInfo, at: datetime) -> dict[int, QueryFacts]:
    """Return the facts of each entry by its number: out of what its person asked before, and of its case as it is now.

    What a stake-out found on a day is entered by the clock: it counts for nothing here, and its hour is nobody's.
    Whose plates are whose is not recorded, so neither own nor colleagues' plates are known here.
    """
    if not entries:
        return {}
    people = {entry.by_id for entry in entries}
    times = [entry.begun_at for entry in entries]
    since, until = min(times), max(times)
    hours = _hours(people, since=since - _HOURS_OF, until=until, zone=zone)
    corrected = _corrected(people)
    earlier = _earlier(people, since=since - _BEFORE, until=until, corrected=corrected)
    known, idle = _cases({entry.case_now for entry in entries}, at=at)
    keeps_cases = CaseFile.objects.exists()
    reviewed = set(Approval.objects.filter(entry__in=entries, decided_at__isnull=False).values_list("entry", flat=True))
    found = {}
    for entry in entries:
        asked = _asked(entry, corrected)
        was, now = asked.numbers
        others = [
            other for other in earlier[entry.by_id]
            if asked.at - _BEFORE < other.at <= asked.at and other.number < asked.number
        ]  # fmt: skip
        by_clock = _STAKE_OUT in entry.terms
        hour = None if by_clock else asked.at.astimezone(zone).hour
        found[entry.pk] = QueryFacts(
            justification=entry.justification,
            offense=entry.offense,
            case_number=now,
            corrected_from=None if was == now else was,
            same_words=sum(other.words == asked.words != "" and other.numbers != asked.numbers for other in others),
            same_plate=0 if by_clock else _most_of_a_plate(asked, others) + 1,
            caseless=0 if by_clock else sum(any(map(is_placeholder, other.numbers)) for other in others) + 1,
            hour=hour,
            hours=tuple(hours[entry.by_id][each] - (each == hour) for each in range(24)),
            case_known=_case_known(entry, known, checked=keeps_cases),
            case_idle=now in idle,
            exigent=bool(entry.exigent),
            exigent_reviewed=entry.pk in reviewed,
        )
    return found


def _case_known(entry: QueryLogEntry, known: set[str], *, checked: bool) -> bool | None:
    """As it was found when the number was given; one that has become that of a case since is known by now."""
    if not _names_a_case(entry):
        return None
    if entry.known_now in {QueryLogEntry.CaseKnown.YES, QueryLogEntry.CaseKnown.NO}:
        return entry.known_now == QueryLogEntry.CaseKnown.YES or entry.case_now in known
    return entry.case_now in known if checked else None


def _names_a_case(entry: QueryLogEntry) -> bool:
    """A look for prior reads of a new hot list entry stands on that entry (VII.f.3)."""
    return entry.purpose not in {QueryLogEntry.Purpose.ALERT, QueryLogEntry.Purpose.AUDIT}


def _asked(entry: QueryLogEntry, corrected: Mapping[int, str]) -> _Asked:
    now = entry.case_now
    numbers = corrected.get(entry.pk, now), now
    return _Asked(entry.pk, entry.begun_at, plates_of(entry.terms), same_words(entry.justification), numbers)


def _corrected(people: set[int]) -> dict[int, str]:
    """Return which queries are under a number that who made them gave them later, and the last that was not their word: what
    they were made under, or what an auditor had said."""
    found: dict[int, str] = {}
    was: dict[int, str] = {}
    corrections = CaseCorrection.objects.filter(entry__by__in=people).order_by("pk")
    for each in corrections.select_related("entry"):
        if each.by_id == each.entry.by_id:
            found[each.entry_id] = was.get(each.entry_id, each.entry.case_number)
        else:
            was[each.entry_id] = each.number
            found.pop(each.entry_id, None)
    return found


def _most_of_a_plate(asked: _Asked, others: Collection[_Asked]) -> int:
    """Return how many other queries ask for the same plate: of several plates, for that which most ask for."""
    return max(Counter(plate for other in others for plate in asked.plates & other.plates).values(), default=0)


def _made(people: set[int], *, since: datetime, until: datetime) -> QuerySet[QueryLogEntry]:
    """Return what people asked themselves."""
    return ran().filter(by__in=people, begun_at__gt=since, begun_at__lte=until).exclude(terms__has_key=_STAKE_OUT)


def _earlier(
    people: set[int], *, since: datetime, until: datetime, corrected: Mapping[int, str]
) -> defaultdict[int, list[_Asked]]:
    """Return what people asked; of many queries, so no records are made of them, and words are looked at once."""
    found: defaultdict[int, list[_Asked]] = defaultdict(list)
    words: dict[str, str] = {}
    asked: Any = under(_made(people, since=since, until=until)).order_by()
    made = asked.values_list("by", "pk", "begun_at", "terms", "justification", "about")
    for by, number, at, terms, justification, now in made.iterator(chunk_size=1000):
        if justification not in words:
            words[justification] = same_words(justification)
        numbers = corrected.get(number, now), now
        found[by].append(_Asked(number, at, plates_of(terms), words[justification], numbers))
    return found


def _hours(people: set[int], *, since: datetime, until: datetime, zone: ZoneInfo) -> defaultdict[int, Counter[int]]:
    found: defaultdict[int, Counter[int]] = defaultdict(Counter)
    made = _made(people, since=since, until=until).annotate(hour=ExtractHour("begun_at", tzinfo=zone)).order_by()
    for person, hour, count in made.values_list("by", "hour").annotate(Count("pk")):
        found[person][hour] = count
    return found


def _cases(numbers: set[str], *, at: datetime) -> tuple[set[str], set[str]]:
    """Return which numbers are of cases, and which of these are idle."""
    cases = CaseFile.objects.filter(number__in=numbers)
    old = cases.filter(opened_at__lt=at - IDLE_AFTER, arrested_on=None, disposed_on=None, ended_at=None)
    filled = set(preserved().filter(case__in=old).values_list("case__number", flat=True))
    return set(cases.values_list("number", flat=True)), set(old.values_list("number", flat=True)) - filled
