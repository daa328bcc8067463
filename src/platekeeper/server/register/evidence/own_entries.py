"""The department's own hot list entries (VI.a, VII.f-g): asked for, decided, ended, looked up."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from typing import NamedTuple

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
from platekeeper.server.register.evidence.counts import queries
from platekeeper.server.register.history import holds
from platekeeper.server.register.period import Period
from platekeeper.server.register.questions import (
    Makers,
    Of,
    Row,
    Sought,
    Times,
    asked,
    counted,
    grouped,
    makers,
    rows,
    tally,
)
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
    put_on = [each for each in _put_on(period) if not each.ground]
    by = {True: Counter[int | None](), False: Counter[int | None]()}
    for each in put_on:
        by[each.category in _URGENT][each.decided_by] += 1
    improper = sum(
        unfit(period, found, rule, by="decided_by", moment="decided_at", made=by[is_urgent])
        for is_urgent, found, rule in ((False, _not_urgent, holds("VI.a.decider")), (True, _urgent, _decides_urgent))
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
        unfit(period, found, rule, by="requested_by", moment="requested_at", made=by)
        for found, rule, by in ((_requests, may_request_entry, requests), (_in_field, may_enter_in_field, made))
    )
    signed = _signed(period)
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
    asked, by = _asked_for(period), _directed(period)
    at_once, count = asked["at_once"], asked["requests"].total() + asked["made"].total()
    improper = unfit(period, _at_once, _decides_urgent, by="decided_by", moment="decided_at", made=at_once)
    improper += unfit(
        period, _on_direction, holds("VII.f.directors"), by="directed_by", moment="requested_at", made=by["all"]
    )
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
    sums, unseen = _bulletins(period), _unseen(period)
    received, missed, waiting = sums["received"], sums["missed"], sums["waiting"]
    if not (received or missed or waiting or unseen):
        return Evidence(Status.IDLE, "")
    return judged(
        many(received, "bulletin that must be entered", "bulletins that must be entered"),
        Fault(missed, "that nobody looked at before it ended"),
        Concern(waiting, "that wait to be looked at"),
        Concern(unseen, "sent to a member on duty and not seen within an hour"),
        activity=received + missed,
    )


@asked
def _bulletins(of: Times) -> Sought[dict[str, int]]:
    """What is said of the bulletins that must be entered, in numbers."""
    due = AlertBulletin.objects.filter(must_enter=True, received_at__lte=of.at)
    return tally(
        due.annotate(ends=Coalesce("expires_at", F("received_at") + _A_DAY)).filter(ends__gt=of.since),
        received=of.within("received_at"),
        missed=Q(ends__lte=of.at, received_at__lt=F("ends")) & (Q(settled_at=None) | Q(settled_at__gt=F("ends"))),
        waiting=(Q(settled_at=None) | Q(settled_at__gt=of.at)) & Q(ends__gt=of.at),
    )


@asked
def _unseen(of: Times) -> Sought[int]:
    """How many sendings were not seen in time."""
    return counted(
        EntrySending.objects.filter(
            of.within("sent_at"), Q(seen_at=None) | Q(seen_at__gt=of.at), sent_at__lte=of.at - _AN_HOUR,
            entry__category__in=_MANDATORY,
        )
    )  # fmt: skip


def _decides_urgent(who: Authority, policy: Policy, today: date) -> Decision:
    """An urgent entry is decided by who decides, or by the position that directs entries in the field."""
    directs = holds("VII.f.directors")(who, policy, today)
    return Allowed() if directs else holds("VI.a.decider")(who, policy, today)


def _requested(of: Of) -> QuerySet[HotListEntry]:
    return HotListEntry.objects.filter(of.within("requested_at"))


def _requests(of: Of) -> QuerySet[HotListEntry]:
    return _requested(of).filter(_ASKED_FOR)


def _in_field(of: Of) -> QuerySet[HotListEntry]:
    return _requested(of).filter(~_ASKED_FOR)


def _at_once(of: Of) -> QuerySet[HotListEntry]:
    return _requested(of).filter(_AT_ONCE)


def _on_direction(of: Of) -> QuerySet[HotListEntry]:
    return _requested(of).filter(ground=Ground.DIRECTED)


@asked
def _directed(of: Times) -> Sought[dict[str, Makers]]:
    """How many entries each person directed, and how many of these nobody named has confirmed in time."""
    waits = Q(direction_confirmed_at=None) | Q(direction_confirmed_at__gt=of.at)
    over = Q(directed_by__isnull=False, canceled_at=None, requested_at__lte=of.at - _A_DAY)
    return grouped(_on_direction(of), "directed_by", all=Q(), unconfirmed=waits & over)


@asked
def _signed(of: Times) -> Sought[dict[str, int]]:
    """How many signed entries were handed in late, and how many refused."""
    return tally(
        SignedLine.objects.filter(of.within("handed_in_at")),
        late=Q(state=SignedLine.State.ENTERED, handed_in_at__gt=F("made_at") + _A_DAY),
        refused=Q(state=SignedLine.State.REFUSED),
    )


@asked
def _asked_for(of: Times) -> Sought[dict[str, Makers]]:
    """What is said of the entries asked for in the period, by who asked for them."""
    heard = Q(ground__in=[Ground.DISPATCH, Ground.BOLO]) | Q(ground="", category__in=_URGENT)
    too_long = Q(ground="", expires_at__gt=F("effective_at") + LONGEST)
    too_long_in_field = ~_ASKED_FOR & Q(expires_at__gt=F("effective_at") + LONGEST_IN_FIELD, bulletin=None)
    return grouped(
        _requested(of), "requested_by", requests=_ASKED_FOR, made=~_ASKED_FOR, bare=Q(reason=""),
        endless=too_long | too_long_in_field, heard=heard, heard_unnamed=heard & Q(authority=""),
        unnamed=Q(authority=""), at_once=_AT_ONCE,
    )  # fmt: skip


@asked
def _waiting(of: Times) -> Sought[dict[str, int]]:
    """How many requests waited for their decision at the end of the period."""
    since_then = Q(decided_at__gt=of.at) | Q(decided_at=None, canceled_at__gt=of.at)
    found = HotListEntry.objects.filter(Q(state=_State.REQUESTED) | since_then, requested_at__lte=of.at)
    return tally(found, all=Q(), mandatory=Q(category__in=_MANDATORY))


def _decided(of: Of) -> QuerySet[HotListEntry]:
    """Return the entries put on the list in the period."""
    return HotListEntry.objects.filter(of.within("decided_at")).exclude(state=_State.REFUSED)


def _urgent(of: Of) -> QuerySet[HotListEntry]:
    return _decided(of).filter(_ASKED_FOR, category__in=_URGENT)


def _not_urgent(of: Of) -> QuerySet[HotListEntry]:
    return _decided(of).filter(_ASKED_FOR, ~Q(category__in=_URGENT))


class _PutOn(NamedTuple):
    """An entry put on the list; by whom is a person's number."""

    plate: str
    category: str
    ground: str
    decided_by: int | None
    decided_at: datetime | None


@asked
def _put_on(of: Times) -> Sought[list[_PutOn]]:
    """The entries put on the list in the period."""
    return Sought(rows(_decided(of), *_PutOn._fields).found, lambda found: [_PutOn(*each) for each in found])


def _listed(period: Period, *categories: Category) -> Counter[str]:
    """Return what is said, in numbers, of the entries that stood on the list at some time in the period: of all of them, or
    of some categories."""
    sums: Counter[str] = Counter()
    for said, counts in {**_standing(period), "outlived": _outlived(period)}.items():
        sums[said] = sum(count for category, count in counts.items() if not categories or category in categories)
    return sums


@asked
def _standing(of: Times) -> Sought[dict[str, Counter[str]]]:
    approved = Q(state=_State.ACTIVE) | Q(state=_State.CANCELED, decided_at__isnull=False)
    begun = HotListEntry.objects.annotate(listed_at=Coalesce("decided_at", "effective_at"))
    standing = begun.filter(approved, listed_at__lte=of.at, effective_at__lte=of.at)
    standing = standing.filter(expires_at__gt=of.since).exclude(canceled_at__lte=of.since)
    # urgent entries may be put in force by who asks for them (VII.f.2, VII.g); whether they might is judged from history
    own = Q(ground="", decided_by=F("requested_by")) & ~Q(category__in=_URGENT)
    return grouped(standing, "category", all=Q(), nameless=Q(decided_by=None), own=own, unnamed=Q(authority=""))


def _wrong(period: Period, *categories: Category) -> tuple[Fault, ...]:
    """Return what may be wrong with the entries on the list."""
    sums = _listed(period, *categories)
    return (
        Fault(sums["nameless"], "decided by nobody"),
        Fault(sums["own"], "decided by who asked for it"),
        Fault(sums["unnamed"], "without an authority"),
        Fault(sums["outlived"], "that raised a hit after its end"),
    )


@asked
def _outlived(of: Times) -> Sought[Counter[str]]:
    """How many entries there are, by category, on which a hit was raised of a car seen after their end or cancellation."""
    key = Concat(Value("own:"), Cast(OuterRef("pk"), CharField()))
    over = Q(seen_at__gte=OuterRef("expires_at")) | Q(seen_at__gte=OuterRef("canceled_at"))
    raised = Hit.objects.filter(over, of.within("raised_at"), entry_key=key)
    return makers(HotListEntry.objects.filter(Exists(raised)), "category")


@asked
def _looks(of: Times) -> Sought[dict[str, list[datetime]]]:
    """By plate when it was looked up for a new entry, the oldest look first."""

    def read(found: list[Row]) -> dict[str, list[datetime]]:
        looks: defaultdict[str, list[datetime]] = defaultdict(list)
        for terms, begun_at in found:
            looks[str(terms.get("plate", ""))].append(begun_at)
        return looks

    looked = queries(of).filter(purpose=QueryLogEntry.Purpose.ALERT).order_by("begun_at")
    return Sought(rows(looked, "terms", "begun_at").found, read)


def _looked_up(period: Period, *categories: Category, waiting: int = 0) -> Evidence:
    put_on = [
        (each.plate, each.decided_at) for each in _put_on(period) if not categories or each.category in categories
    ]
    looks = _looks(period) if put_on else {}
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
