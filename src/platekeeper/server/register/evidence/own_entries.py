"""The department's own hot list entries (VI.a, VII.f-g): asked for, decided, ended, looked up."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Coalesce, Concat

from platekeeper.core.categories import MANDATORY_ENTRY, Category
from platekeeper.core.policy import Policy
from platekeeper.core.rules.access import Authority
from platekeeper.core.rules.alerts import URGENT_ENTRY, may_request_entry
from platekeeper.core.rules.decision import Allowed, Decision
from platekeeper.core.rules.entries import LONGEST
from platekeeper.core.rules.field_entries import LONGEST_IN_FIELD, Ground, may_enter_in_field
from platekeeper.server.hits.models import Hit
from platekeeper.server.hotlist.models import AlertBulletin, EntrySending, HotListEntry, SignedLine
from platekeeper.server.querylog.models import QueryLogEntry
from platekeeper.server.register.evidence.basis import (
    Concern,
    Evidence,
    Fault,
    Look,
    Status,
    both,
    judged,
    refusals,
    unfit,
)
from platekeeper.server.register.evidence.counts import Makers, grouped, once, tally
from platekeeper.server.register.history import holds
from platekeeper.server.register.period import Period
from platekeeper.server.register.words import Joined, many, some

_State = HotListEntry.State
_URGENT = [category.value for category in URGENT_ENTRY]
_MANDATORY = [category.value for category in MANDATORY_ENTRY]
_ASKED_FOR = Q(ground="")
"""Of entries asked for under VI.a; the others were made in the field and are judged by VII.f-g."""
_AT_ONCE = Q(ground="", decided_at=F("requested_at"), decided_by=F("requested_by"))
"""Of entries that were in force at the word of who asked for them."""
_A_DAY, _AN_HOUR = timedelta(days=1), timedelta(hours=1)


def entries(period: Period) -> Evidence:
    """Judge VI.a: was every entry on the list decided by who decides, not by who asked, and did it end in time?"""
    decided, urgent = _decided(period).filter(_ASKED_FOR), Q(category__in=_URGENT)
    put_on = [each for each in _put_on(period) if not each.ground]
    by = {True: Counter[int | None](), False: Counter[int | None]()}
    for each in put_on:
        by[each.category in _URGENT][each.decided_by] += 1
    improper = sum(
        unfit(period, decided.filter(which), rule, by="decided_by", moment="decided_at", made=by[is_urgent])
        for is_urgent, which, rule in ((False, ~urgent, holds("VI.a.decider")), (True, urgent, _decides_urgent))
    )
    asked, waiting, count = _asked_for(period)["requests"].total(), _waiting(period)["all"], _listed(period)["all"]
    return judged(
        Joined(
            many(count, "entry on the list", "entries on the list"),
            many(asked, "request", "requests"),
            some(waiting, "waiting still"),
        ),
        *_wrong(period),
        Fault(improper, "decided by somebody who does not decide"),
        refusals(period, "VI.a"),
        activity=count + asked + period.refusals["VI.a"],
    )


def of_category(*categories: Category) -> Look:
    """Judge VI.a.1-5: are entries of a category on the list properly?"""

    def look(period: Period) -> Evidence:
        count = _listed(period, *categories)["all"]
        on_the_list = many(count, "entry of this category on the list", "entries of this category on the list")
        return judged(on_the_list, *_wrong(period, *categories), activity=count)

    return look


def purpose(period: Period) -> Evidence:
    """Judge VII.f: does every entry say why, was it made by who may, and does it end in time?"""
    asked = _asked_for(period)
    requests, made = asked["requests"], asked["made"]
    improper = sum(
        unfit(period, _asked(period).filter(which), rule, by="requested_by", moment="requested_at", made=by)
        for which, rule, by in ((_ASKED_FOR, may_request_entry, requests), (~_ASKED_FOR, may_enter_in_field, made))
    )
    signed = tally(
        SignedLine.objects.filter(period.within("handed_in_at")),
        late=Q(state=SignedLine.State.ENTERED, handed_in_at__gt=F("made_at") + _A_DAY),
        refused=Q(state=SignedLine.State.REFUSED),
    )
    count, refused = requests.total() + made.total(), signed["refused"]
    return judged(
        Joined(
            many(requests.total(), "request", "requests"),
            many(made.total(), "entry made in the field", "entries made in the field"),
        ),
        Fault(asked["bare"].total(), "without a reason"),
        Fault(asked["endless"].total(), "for longer than it may stand"),
        Fault(improper, "by somebody who may not"),
        many(refused, "signed entry refused", "signed entries refused") if refused else "",
        Concern(signed["late"], "handed in more than a day after it was signed"),
        refusals(period, "VII.f"),
        activity=count + refused + period.refusals["VII.f"],
    )


def broadcasts(period: Period) -> Evidence:
    """Judge VII.f.1: does every entry after a report or bulletin name it?"""
    asked = _asked_for(period)
    count, bare = asked["heard"].total(), asked["heard_unnamed"].total()
    words = many(count, "entry after dispatch reports and bulletins", "entries after dispatch reports and bulletins")
    return judged(words, Fault(bare, "without naming it"), activity=count)


def directed(period: Period) -> Evidence:
    """Judge VII.f.2: does every entry name its authority, and was what was directed, directed by who may?"""
    asked, named = _asked_for(period), _asked(period).filter(ground=Ground.DIRECTED)
    at_once, count = asked["at_once"], asked["requests"].total() + asked["made"].total()
    improper = unfit(
        period, _asked(period).filter(_AT_ONCE), _decides_urgent, by="decided_by", moment="decided_at", made=at_once
    )
    waits = Q(direction_confirmed_at=None) | Q(direction_confirmed_at__gt=period.at)
    over = Q(directed_by__isnull=False, canceled_at=None, requested_at__lte=period.at - _A_DAY)
    by = grouped(named, "directed_by", all=Q(), unconfirmed=waits & over)
    improper += unfit(period, named, holds("VII.f.directors"), by="directed_by", moment="requested_at", made=by["all"])
    return judged(
        many(count, "request", "requests"),
        Fault(asked["unnamed"].total(), "without an authority"),
        Joined(some(at_once.total(), "in force at once"), some(by["all"].total(), "directed")),
        Fault(by["all"][None], "without who directed it"),
        Fault(improper, "by somebody who may not direct it"),
        Concern(by["unconfirmed"].total(), "not confirmed by who is named within a day"),
        refusals(period, "VII.f.2"),
        activity=count + period.refusals["VII.f.2"],
    )


def looked_up(period: Period) -> Evidence:
    """Judge VII.f.3: was every entry put on the list looked up among the prior reads?"""
    return _looked_up(period)


def mandatory(period: Period) -> Evidence:
    """Judge VII.g: were AMBER and missing person alerts put on the list and looked up, and was every bulletin followed?"""
    return both(
        _looked_up(period, *MANDATORY_ENTRY, waiting=_waiting(period)["mandatory"]),
        _followed(period),
    )


def _followed(period: Period) -> Evidence:
    """Judge whether bulletins that must be entered were looked at before they ended, and sendings seen."""
    due = AlertBulletin.objects.filter(must_enter=True, received_at__lte=period.at)
    sums = tally(
        due.annotate(ends=Coalesce("expires_at", F("received_at") + _A_DAY)).filter(ends__gt=period.since),
        received=period.within("received_at"),
        missed=Q(ends__lte=period.at, received_at__lt=F("ends")) & (Q(settled_at=None) | Q(settled_at__gt=F("ends"))),
        waiting=(Q(settled_at=None) | Q(settled_at__gt=period.at)) & Q(ends__gt=period.at),
    )
    received, missed, waiting = sums["received"], sums["missed"], sums["waiting"]
    unseen = EntrySending.objects.filter(
        period.within("sent_at"), Q(seen_at=None) | Q(seen_at__gt=period.at), sent_at__lte=period.at - _AN_HOUR,
        entry__category__in=_MANDATORY,
    ).count()  # fmt: skip
    if not (received or missed or waiting or unseen):
        return Evidence(Status.IDLE, "")
    return judged(
        many(received, "bulletin that must be entered", "bulletins that must be entered"),
        Fault(missed, "that nobody looked at before it ended"),
        Concern(waiting, "that wait to be looked at"),
        Concern(unseen, "sent to a member on duty and not seen within an hour"),
        activity=received + missed,
    )


def _decides_urgent(who: Authority, policy: Policy, today: date) -> Decision:
    """An urgent entry is decided by who decides, or by the position that directs entries in the field."""
    directs = holds("VII.f.directors")(who, policy, today)
    return Allowed() if directs else holds("VI.a.decider")(who, policy, today)


def _asked(period: Period) -> QuerySet[HotListEntry]:
    return HotListEntry.objects.filter(period.within("requested_at"))


def _asked_for(period: Period) -> dict[str, Makers]:
    """Return what is said of the entries asked for in the period, by who asked for them."""
    heard = Q(ground__in=[Ground.DISPATCH, Ground.BOLO]) | Q(ground="", category__in=_URGENT)
    too_long = Q(ground="", expires_at__gt=F("effective_at") + LONGEST)
    too_long_in_field = ~_ASKED_FOR & Q(expires_at__gt=F("effective_at") + LONGEST_IN_FIELD, bulletin=None)

    def look() -> dict[str, Makers]:
        return grouped(
            _asked(period), "requested_by", requests=_ASKED_FOR, made=~_ASKED_FOR, bare=Q(reason=""),
            endless=too_long | too_long_in_field, heard=heard, heard_unnamed=heard & Q(authority=""),
            unnamed=Q(authority=""), at_once=_AT_ONCE,
        )  # fmt: skip

    return once(period, "entries asked for", look)


def _waiting(period: Period) -> dict[str, int]:
    """Return how many requests waited for their decision at the end of the period."""
    since_then = Q(decided_at__gt=period.at) | Q(decided_at=None, canceled_at__gt=period.at)
    found = HotListEntry.objects.filter(Q(state=_State.REQUESTED) | since_then, requested_at__lte=period.at)
    return once(period, "entries waiting", lambda: tally(found, all=Q(), mandatory=Q(category__in=_MANDATORY)))


def _decided(period: Period) -> QuerySet[HotListEntry]:
    """Return the entries put on the list in the period."""
    return HotListEntry.objects.filter(period.within("decided_at")).exclude(state=_State.REFUSED)


def _put_on(period: Period) -> list[Any]:
    """Return the entries put on the list in the period, each with `plate`, `category`, `ground`, `decided_by` (the person's
    number) and `decided_at`."""
    fields = ("plate", "category", "ground", "decided_by", "decided_at")
    return once(period, "entries put on", lambda: list(_decided(period).values_list(*fields, named=True)))


def _listed(period: Period, *categories: Category) -> Counter[str]:
    """Return what is said, in numbers, of the entries that stood on the list at some time in the period: of all of them, or
    of some categories."""
    sums: Counter[str] = Counter()
    for category, said in once(period, "entries listed", lambda: _listed_by_category(period)).items():
        if not categories or category in categories:
            sums.update(said)
    return sums


def _listed_by_category(period: Period) -> dict[str, Counter[str]]:
    approved = Q(state=_State.ACTIVE) | Q(state=_State.CANCELED, decided_at__isnull=False)
    begun = HotListEntry.objects.annotate(listed_at=Coalesce("decided_at", "effective_at"))
    standing = begun.filter(approved, listed_at__lte=period.at, effective_at__lte=period.at)
    standing = standing.filter(expires_at__gt=period.since).exclude(canceled_at__lte=period.since)
    # urgent entries may be put in force by who asks for them (VII.f.2, VII.g); whether they might is judged from history
    own = Q(ground="", decided_by=F("requested_by")) & ~Q(category__in=_URGENT)
    sums = grouped(standing, "category", all=Q(), nameless=Q(decided_by=None), own=own, unnamed=Q(authority=""))
    sums["outlived"] = grouped(_outlived(period), "category", all=Q())["all"]
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for said, counts in sums.items():
        for category, count in counts.items():
            found[category][said] = count
    return found


def _wrong(period: Period, *categories: Category) -> tuple[Fault, ...]:
    """Return what may be wrong with the entries on the list."""
    sums = _listed(period, *categories)
    return (
        Fault(sums["nameless"], "decided by nobody"),
        Fault(sums["own"], "decided by who asked for it"),
        Fault(sums["unnamed"], "without an authority"),
        Fault(sums["outlived"], "that raised a hit after its end"),
    )


def _outlived(period: Period) -> QuerySet[HotListEntry]:
    """Return the entries on which a hit was raised in the period of a car seen after their end or cancellation."""
    key = Concat(Value("own:"), Cast(OuterRef("pk"), CharField()))
    over = Q(seen_at__gte=OuterRef("expires_at")) | Q(seen_at__gte=OuterRef("canceled_at"))
    return HotListEntry.objects.filter(Exists(Hit.objects.filter(over, period.within("raised_at"), entry_key=key)))


def _looks(period: Period) -> dict[str, list[datetime]]:
    """Return by plate when it was looked up for a new entry, the oldest look first."""
    looks: defaultdict[str, list[datetime]] = defaultdict(list)
    asked = QueryLogEntry.objects.filter(
        begun_at__gt=period.since, begun_at__lte=period.at, purpose=QueryLogEntry.Purpose.ALERT
    ).exclude(state__in=QueryLogEntry.NEVER_RAN)
    for terms, begun_at in asked.order_by("begun_at").values_list("terms", "begun_at").iterator():
        looks[str(terms.get("plate", ""))].append(begun_at)
    return looks


def _looked_up(period: Period, *categories: Category, waiting: int = 0) -> Evidence:
    put_on = [
        (each.plate, each.decided_at) for each in _put_on(period) if not categories or each.category in categories
    ]
    looks = once(period, "looks", lambda: _looks(period)) if put_on else {}
    missing = sum(
        decided_at is not None and bisect_left(looks.get(plate, ()), decided_at) == len(looks.get(plate, ()))
        for plate, decided_at in put_on
    )
    return judged(
        many(len(put_on), "entry put on the list", "entries put on the list"),
        Fault(missing, "not looked up among the prior reads"),
        Concern(waiting, "waiting for a decision"),
        activity=len(put_on),
    )
