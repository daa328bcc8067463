"""Whom a hot list entry reached: everybody who was alerted by it, worked its hits, or was sent what came of them.

What is traced is what was recorded. Who merely had the live board open was shown the alarm there, and nothing records it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from django.db.models import Q
from django.utils.translation import gettext as _

from platekeeper.server.casefiles.lookups import Sent, packets_of
from platekeeper.server.casefiles.models import Preserved
from platekeeper.server.hits.lookups import departures
from platekeeper.server.hits.models import Hit, HitStep
from platekeeper.server.hotlist.lookups import deliveries
from platekeeper.server.hotlist.models import HotListDelivery, HotListEntry
from platekeeper.server.oversight.lookups import asking_for, own_entry, still_alarms
from platekeeper.server.personnel.models import Person
from platekeeper.server.querylog.lookups import entries as queries
from platekeeper.server.querylog.models import QueryLogEntry
from platekeeper.server.userlog.lookups import tours

Kind = HitStep.Kind


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened because of the entry. `person` is an account's number, 0 for the system."""

    at: datetime
    what: str
    person: int = 0
    name: str = ""
    hit: int | None = None
    text: str = ""
    is_answer: bool = False
    is_departure: bool = False


@dataclass(frozen=True, slots=True)
class Reached:
    """A person whom the entry reached: since when, by which hits, and what they did."""

    person: int
    name: str
    first_at: datetime
    hits: tuple[int, ...]
    acts: tuple[str, ...]
    departed: bool


@dataclass(frozen=True, slots=True)
class KeptIn:
    """A case that preserves hits of the entry, and the packets that it was handed out in since."""

    case: int
    number: str
    since: datetime
    sent: tuple[Sent, ...]


@dataclass(frozen=True, slots=True)
class Trace:
    """Everything recorded of what an entry did; events and people in the order in which they came."""

    entry_key: str
    own: HotListEntry | None
    still_alarms: bool
    hits: tuple[Hit, ...]
    deliveries: tuple[HotListDelivery, ...]
    cases: tuple[KeptIn, ...]
    events: tuple[Event, ...]
    people: tuple[Reached, ...]

    @property
    def alarms(self) -> tuple[Hit, ...]:
        """The hits that were no repeats of another."""
        return tuple(hit for hit in self.hits if hit.repeat_of_id is None)

    @property
    def lprs(self) -> tuple[str, ...]:
        """The names of the LPRs that read the plate."""
        return tuple(sorted({hit.lpr.name for hit in self.hits}))

    @property
    def answers(self) -> tuple[Event, ...]:
        """What dispatch answered, or was said to have answered."""
        return tuple(event for event in self.events if event.is_answer)


def trace_of(entry_key: str, *, at: datetime) -> Trace:
    """Follow an entry to everybody it reached until `at`."""
    hits = tuple(Hit.objects.filter(entry_key=entry_key).select_related("lpr").order_by("raised_at", "pk"))
    own, cases = own_entry(entry_key), _cases(hits)
    numbers = {number for hit in hits if (number := hit.entry.get("delivery"))}
    found = [*_of_entry(own), *_of_hits(hits), *_of_tours(hits), *_of_queries(own, hits), *_of_cases(cases)]
    events = tuple(sorted(found, key=attrgetter("at")))
    return Trace(
        entry_key=entry_key,
        own=own,
        still_alarms=still_alarms(entry_key, at=at),
        hits=hits,
        deliveries=tuple(deliveries().filter(pk__in=numbers).reverse()),
        cases=cases,
        events=events,
        people=_people(events),
    )


def _of_entry(own: HotListEntry | None) -> Iterator[Event]:
    if own is None:
        return
    acts = (
        (own.requested_at, own.requested_by, _("asked for the entry"), own.reason),
        (own.decided_at, own.decided_by, _("decided on the entry"), own.decision_remark),
        (own.canceled_at, own.canceled_by, _("canceled the entry"), own.cancel_reason),
    )
    for when, person, what, text in acts:
        if when is not None and person is not None:
            yield _by(person, when, what, text=text)


def _of_hits(hits: Sequence[Hit]) -> Iterator[Event]:
    found = departures(open_only=False).filter(hit__in=hits)
    departed = {(each.hit_id, each.member_id, each.at) for each in found if vars(each)["taken_back"] is None}
    for hit in hits:
        if hit.repeat_of_id is None:
            yield Event(hit.raised_at, _("alarm raised"), hit=hit.pk, text=f"{hit.plate}, {hit.lpr.name}")
    for step in HitStep.objects.filter(hit__in=hits).select_related("by"):
        what, text = str(step.get_kind_display()), str(step.get_outcome_display()) if step.outcome else step.remark
        if step.by is None:
            yield Event(step.at, what, hit=step.hit_id, text=text)
            continue
        yield _by(
            step.by, step.at, what, hit=step.hit_id, text=text,
            is_answer=step.kind in (Kind.CONFIRMED, Kind.NOT_CONFIRMED),
            is_departure=step.kind == Kind.STOPPED and (step.hit_id, step.by.pk, step.at) in departed,
        )  # fmt: skip
    for each in found:
        if each.reviewed_at is not None and each.reviewed_by is not None:
            yield _by(each.reviewed_by, each.reviewed_at, _("departure reviewed"), hit=each.hit_id, text=each.review)


def _of_tours(hits: Sequence[Hit]) -> Iterator[Event]:
    """Give who was on tour with the LPR when an alarm was raised: it sounded beside them."""
    if not hits:
        return
    first, last = hits[0].raised_at, hits[-1].raised_at
    about = tours().filter(lpr__in={hit.lpr_id for hit in hits}, begun_at__lte=last)
    for tour in about.filter(Q(ended_at=None) | Q(ended_at__gte=first)):
        for hit in hits:
            during = tour.begun_at <= hit.raised_at and (tour.ended_at is None or hit.raised_at <= tour.ended_at)
            if hit.lpr_id == tour.lpr_id and hit.repeat_of_id is None and during:
                yield _by(tour.member, hit.raised_at, _("on tour with the LPR"), hit=hit.pk)


def _of_queries(own: HotListEntry | None, hits: Sequence[Hit]) -> Iterator[Event]:
    """Give the queries of the plate since the entry was there; prior reads of an entry are among them (VII.f.3)."""
    plates = {hit.plate for hit in hits} | {str(hit.entry["plate"]) for hit in hits if hit.entry.get("plate")}
    begun = [hit.seen_at for hit in hits]
    if own is not None:
        plates, begun = plates | {own.plate}, [*begun, own.requested_at]
    if not begun:
        return
    ran = queries().exclude(state__in=QueryLogEntry.NEVER_RAN)
    for query in asking_for(ran.filter(begun_at__gte=min(begun)), plates):
        what = _("looked up prior reads") if query.purpose == query.Purpose.ALERT else _("searched for the plate")
        yield _by(query.by, query.begun_at, what, text=query.case_now)


def _of_cases(cases: Sequence[KeptIn]) -> Iterator[Event]:
    senders = {sent.person for case in cases for sent in case.sent}
    names = dict(Person.objects.filter(pk__in=senders).values_list("pk", "name"))
    for case in cases:
        yield Event(case.since, _("preserved in a case"), text=case.number)
        for sent in case.sent:
            yield Event(sent.at, _("evidence packet sent"), sent.person, names.get(sent.person, ""), text=sent.to)


def _cases(hits: Sequence[Hit]) -> tuple[KeptIn, ...]:
    keys = [f"hit:{hit.pk}" for hit in hits]
    kept = Preserved.objects.filter(key__in=keys, case__sealed_on=None).select_related("case")
    found: dict[int, list[Preserved]] = {}
    for each in kept.order_by("preserved_at", "pk"):
        found.setdefault(each.case_id, []).append(each)
    return tuple(
        KeptIn(
            copies[0].case_id,
            copies[0].case.number,
            copies[0].preserved_at,
            tuple(sent for sent in packets_of(copies[0].case) if any(_is_in(sent, each) for each in copies)),
        )
        for copies in found.values()
    )


def _is_in(sent: Sent, copy: Preserved) -> bool:
    return copy.preserved_at <= sent.at and (copy.set_aside_at is None or sent.at < copy.set_aside_at)


def _people(events: Sequence[Event]) -> tuple[Reached, ...]:
    theirs: dict[int, list[Event]] = {}
    for event in events:
        if event.person:
            theirs.setdefault(event.person, []).append(event)
    return tuple(
        Reached(
            person=person,
            name=done[0].name,
            first_at=done[0].at,
            hits=tuple(dict.fromkeys(event.hit for event in done if event.hit is not None)),
            acts=tuple(dict.fromkeys(event.what for event in done)),
            departed=any(event.is_departure for event in done),
        )
        for person, done in theirs.items()
    )


def _by(
    person: Person,
    at: datetime,
    what: str,
    *,
    hit: int | None = None,
    text: str = "",
    is_answer: bool = False,
    is_departure: bool = False,
) -> Event:
    return Event(at, what, person.pk, person.name, hit, text, is_answer, is_departure)
