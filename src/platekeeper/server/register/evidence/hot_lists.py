"""Hot lists from outside: where they come from, and how fresh they are (III, IV.e, V.a, VII.d)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import reduce
from operator import attrgetter, or_
from typing import Any

from django.db.models import Q, QuerySet

from platekeeper.core.categories import Source
from platekeeper.core.rules.decision import Refused
from platekeeper.core.rules.freshness import is_of_today
from platekeeper.core.rules.lists import ListRules, is_fresh
from platekeeper.server.equipment.models import LPR
from platekeeper.server.hits.models import Hit
from platekeeper.server.hotlist.models import HotList, HotListDelivery
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.register.evidence import search_requests, tours
from platekeeper.server.register.evidence.basis import Evidence, Fault, acts, judged, unfit, vacant
from platekeeper.server.register.evidence.counts import acted, once, stop_sums
from platekeeper.server.register.history import holds
from platekeeper.server.register.period import Period
from platekeeper.server.register.questions import Of, Sought, Times, asked
from platekeeper.server.register.sums import Makers, makers, tally
from platekeeper.server.register.words import Joined, Said, many, some

_CHANGES = (Action.HOTLIST_ADDED, Action.HOTLIST_CHANGED)
_A_YEAR = timedelta(days=366)


def sources(period: Period) -> Evidence:
    """Judge III.hot_list: does every hit rest on an entry of a hot list that the department keeps?"""
    sums = _raised(period)
    elsewhere, delivered, count = sums["elsewhere"], _deliverers(period).total(), sums["all"]
    return judged(
        many(count, "hit", "hits"),
        Fault(elsewhere, "on a list that the department does not keep"),
        many(delivered, "delivery of hot lists", "deliveries of hot lists"),
        activity=count + delivered,
    )


def maintained(period: Period) -> Evidence:
    """Judge IV.e: are lists as young as their rules say, and do they and requests for searches go to who keeps the data?"""
    newest = _newest_by_list(period)
    ages = [(rules, newest.get(number)) for number, rules in _lists_in_use(period).items()]
    stale = sum(
        isinstance(is_fresh(rules, delivery.delivered_at, at=period.at, zone=period.zone), Refused)
        for rules, delivery in ages
        if delivery is not None
    )
    keeps, by, changed = holds("IV.e.custodian"), _deliverers(period), acted(period, *_CHANGES)
    improper = unfit(period, _delivered, keeps, by="delivered_by", moment="delivered_at", made=by)
    improper += unfit(period, acts(*_CHANGES), keeps, by="person", moment="at", made=changed)
    delivered = by.total()
    wrongly, decided = search_requests.wrongly_decided(period, mutual_aid=False)
    return judged(
        many(len(ages), "list in use", "lists in use"),
        Fault(stale, "stale"),
        Said(
            "{0} and {1}",
            many(delivered, "delivery", "deliveries"),
            many(changed.total(), "change of a list's rules", "changes of a list's rules"),
        ),
        Fault(improper, "by somebody who does not keep the lists"),
        *wrongly,
        vacant(period, "IV.e.custodian", Said("keeping the lists")),
        activity=sum(delivery is not None for _rules, delivery in ages) + delivered + decided,
    )


def of_the_day(period: Period) -> Evidence:
    """Judge V.a: was the portal's list of the day loaded, and before mobile LPRs were used?"""
    words, late = _portal(period)
    sums = tours.sums(period)
    begun = sums["begun"]
    return judged(
        words,
        late,
        many(begun, "tour begun", "tours begun"),
        Fault(sums["old_list"], "with a list that was not of the day"),
        *tours.overridden(period, "V.a"),
        Fault(_raised(period)["early"], "of the hits of mobile LPRs on a list that was out of date"),
        activity=begun + int(_newest(period) is not None),
    )


def no_outdated_stops(period: Period) -> Evidence:
    """Judge VII.d: is the list of the day loaded, on each LPR that was used, and was no stop made on an outdated one?"""
    words, late = _portal(period)
    sums, of_tours = stop_sums(period), tours.sums(period)
    begun = of_tours["begun"]
    return judged(
        words,
        late,
        Joined(
            many(begun, "tour begun", "tours begun"),
            some(of_tours["attested"], "on the member's word for a list on the unit"),
        ),
        Fault(of_tours["old_list"], "with a list that was not of the day"),
        *tours.overridden(period, "V.a"),
        many(sums["made"], "stop", "stops"),
        Fault(sums["outdated"], "on a list that was out of date"),
        activity=sums["made"] + begun + int(_newest(period) is not None),
    )


def _portal(period: Period) -> tuple[Said, str | Fault]:
    """Return in words how the portal's list stood at the end of the period, and the fault if it was not of that day."""
    newest = _newest(period)
    if newest is None:
        return Said("no hot list has been loaded yet"), ""
    decision = is_of_today(newest.delivered_at, at=period.at, zone=period.zone)
    when = f"{newest.delivered_at.astimezone(period.zone):%Y-%m-%d %H:%M}"
    loaded = Said("loaded {0}, {1}", when, many(newest.lines, "plate", "plates"))
    return loaded, Fault(1, "list not of this day") if isinstance(decision, Refused) else ""


def _raised(period: Period) -> dict[str, int]:
    """Return what is said of the hits raised in the period, in numbers: on lists that are not ours, `early` of a mobile LPR
    on a list that was out of date."""
    return _hits(period, tuple(hot_list.prefix for hot_list in _lists(period)))


@asked
def _hits(of: Times, prefixes: tuple[str, ...]) -> Sought[dict[str, int]]:
    ours = reduce(or_, (Q(entry_key__startswith=prefix) for prefix in ("own:", *prefixes)))
    early = Q(list_stale=True, lpr__kind=LPR.Kind.MOBILE)
    return tally(Hit.objects.filter(of.within("raised_at")), all=Q(), elsewhere=~ours, early=early)


def _delivered(of: Of) -> QuerySet[HotListDelivery]:
    return HotListDelivery.objects.filter(of.within("delivered_at"))


@asked
def _deliverers(of: Times) -> Sought[Makers]:
    return makers(_delivered(of), "delivered_by")


def _newest(period: Period) -> HotListDelivery | None:
    """Return the portal's delivery in force at the end of the period."""

    newest = _newest_by_list(period)
    found = [newest[number] for number in _lists_in_use(period, source=Source.PORTAL) if number in newest]
    return max(found, key=attrgetter("pk"), default=None)


def _newest_by_list(period: Period) -> dict[int, HotListDelivery]:
    """Return the delivery in force of each list at the end of the period, by the list's number: of the year the one taken in
    last, since the clock may have been ahead at an earlier one; one that began anew was years behind."""

    def look() -> dict[int, HotListDelivery]:
        found = HotListDelivery.objects.filter(delivered_at__lte=period.at).defer("skipped", "changes", "counts")
        by_list = {each.pk: newest(found.filter(hot_list=each)) for each in _lists(period)}
        return {number: delivery for number, delivery in by_list.items() if delivery is not None}

    def newest(found: QuerySet[HotListDelivery]) -> HotListDelivery | None:
        lately = found.filter(delivered_at__gt=period.at - _A_YEAR).order_by("-pk").first()
        return lately or found.order_by("-delivered_at", "-pk").first()

    return once(period, "newest deliveries", look)


def _lists(period: Period) -> list[HotList]:
    return once(period, "lists", lambda: list(HotList.objects.all()))


def _lists_in_use(period: Period, *, source: Source | None = None) -> dict[int, ListRules]:
    """Return the lists in use at the end of the period, with their rules as they stood then.

    The record holds the rules of today; the ledger says what each change made of them.
    """

    def look() -> dict[str, list[LedgerEntry]]:
        told: dict[str, list[LedgerEntry]] = {}
        for entry in LedgerEntry.objects.filter(action__in=_CHANGES):
            told.setdefault(entry.subject, []).append(entry)
        return told

    told, found = once(period, "changes of lists", look), dict[int, ListRules]()
    for hot_list in _lists(period):
        if hot_list.added_at > period.at:
            continue
        in_use, hours = hot_list.in_use, hot_list.stale_after
        changes = told.get(f"list:{hot_list.slug}", [])
        if changes:
            before = [entry for entry in changes if entry.at <= period.at]
            # the portal's list was there before its first change: in use, and stale the next day
            settings: dict[str, Any] = before[-1].content()["details"] if before else {}
            in_use, hours = settings.get("in_use", True), settings.get("stale_after")
        if in_use and source in (None, hot_list.source):
            stale_after = None if hours is None else timedelta(hours=hours)
            found[hot_list.pk] = replace(hot_list.rules, stale_after=stale_after)
    return found
