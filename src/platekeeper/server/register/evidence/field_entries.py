"""The department's own hot list entries as they are made (VII.f-g): by whom, why, and whether their plates were looked up."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from datetime import datetime, timedelta
from operator import attrgetter
from typing import NamedTuple

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from platekeeper.core.categories import MANDATORY_ENTRY, Category
from platekeeper.core.rules.alerts import may_request_entry, prior_reads_since
from platekeeper.core.rules.field_entries import Ground, may_enter_in_field
from platekeeper.server.hotlist.models import AlertBulletin, EntrySending, HotListEntry, SignedLine
from platekeeper.server.querylog.models import QueryLogEntry
from platekeeper.server.register.evidence.basis import (
    Concern,
    Evidence,
    Fault,
    Status,
    both,
    judged,
    refusals,
    unfit,
)
from platekeeper.server.register.evidence.counts import queries
from platekeeper.server.register.evidence.entered import (
    ASKED_FOR,
    AT_ONCE,
    MANDATORY,
    asked_for,
    decides_urgent,
    put_on,
    requested,
    waiting,
)
from platekeeper.server.register.history import holds
from platekeeper.server.register.period import Period
from platekeeper.server.register.questions import Of, Row, Sought, Times, asked
from platekeeper.server.register.sums import Makers, counted, makers, rows, tally
from platekeeper.server.register.words import Joined, many, some

_A_DAY, _AN_HOUR = timedelta(days=1), timedelta(hours=1)


def purpose(period: Period) -> Evidence:
    """Judge VII.f: does every entry say why, was it made by who may, and does it end in time?"""
    told = asked_for(period)
    requests, made = told["requests"], told["made"]
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
        Fault(told["bare"].total(), "without a reason"),
        Fault(told["endless"].total(), "for longer than it may stand"),
        Fault(improper, "by somebody who may not"),
        many(refused, "signed entry refused", "signed entries refused") if refused else "",
        Concern(signed["late"], "handed in more than a day after it was signed"),
        refusals(period, "VII.f"),
        activity=count + refused + period.refusals["VII.f"],
    )


def broadcasts(period: Period) -> Evidence:
    """Judge VII.f.1: does every entry after a report or bulletin name it?"""
    told = asked_for(period)
    count, bare = told["heard"].total(), told["heard_unnamed"].total()
    words = many(count, "entry after dispatch reports and bulletins", "entries after dispatch reports and bulletins")
    return judged(words, Fault(bare, "without naming it"), activity=count)


def directed(period: Period) -> Evidence:
    """Judge VII.f.2: does every entry name its authority, and was what was directed, directed by who may?"""
    told, by = asked_for(period), _directors(period)
    at_once, count = told["at_once"], told["requests"].total() + told["made"].total()
    improper = unfit(period, _at_once, decides_urgent, by="decided_by", moment="decided_at", made=at_once)
    improper += unfit(period, _on_direction, holds("VII.f.directors"), by="directed_by", moment="requested_at", made=by)
    return judged(
        many(count, "request", "requests"),
        Fault(told["unnamed"].total(), "without an authority"),
        Joined(some(at_once.total(), "in force at once"), some(by.total(), "directed")),
        Fault(by[None], "without who directed it"),
        Fault(improper, "by somebody who may not direct it"),
        Concern(_unconfirmed(period), "not confirmed by who is named within a day"),
        refusals(period, "VII.f.2"),
        activity=count + period.refusals["VII.f.2"],
    )


def looked_up(period: Period) -> Evidence:
    """Judge VII.f.3: was every entry put on the list looked up among the prior reads?"""
    return _looked_up(period)


def mandatory(period: Period) -> Evidence:
    """Judge VII.g: were AMBER and missing person alerts put on the list and looked up, and was every bulletin followed?"""
    return both(
        _looked_up(period, *MANDATORY_ENTRY, waiting=waiting(period)["mandatory"]),
        _followed(period),
    )


def _looked_up(period: Period, *categories: Category, waiting: int = 0) -> Evidence:
    entered = [
        (each.plate, each.decided_at) for each in put_on(period) if not categories or each.category in categories
    ]
    looks = _looks(period) if entered else {}
    since = [_from(looks.get(plate, []), decided_at) for plate, decided_at in entered if decided_at is not None]
    short = sum(bool(found) and all(_is_short(period, each) for each in found) for found in since)
    return judged(
        many(len(entered), "entry put on the list", "entries put on the list"),
        Fault(sum(not found for found in since), "not looked up among the prior reads"),
        Concern(short, "looked up among the newest prior reads alone"),
        Concern(waiting, "waiting for a decision"),
        activity=len(entered),
    )


class _Look(NamedTuple):
    """When a plate was looked up, and from when on its reads were."""

    begun_at: datetime
    earliest: datetime | None


def _from(looks: list[_Look], moment: datetime) -> list[_Look]:
    return looks[bisect_left(looks, moment, key=attrgetter("begun_at")) :]


def _is_short(period: Period, look: _Look) -> bool:
    """Say whether somebody looked no further back than they chose to, which is less far than the policy kept reads then."""
    whole = prior_reads_since(period.history.policy(look.begun_at), at=look.begun_at)
    return look.earliest is not None and look.earliest > whole


@asked
def _looks(of: Times) -> Sought[dict[str, list[_Look]]]:
    """By plate when it was looked up for a new entry, the oldest look first; a look that failed or was cut off is none."""

    def read(found: list[Row]) -> dict[str, list[_Look]]:
        looks: defaultdict[str, list[_Look]] = defaultdict(list)
        for terms, *look in found:
            looks[str(terms.get("plate", ""))].append(_Look(*look))
        return looks

    looked = queries(of).filter(purpose=QueryLogEntry.Purpose.ALERT, state=QueryLogEntry.State.COMPLETED)
    return Sought(rows(looked.order_by("begun_at"), "terms", "begun_at", "earliest").found, read)


def _followed(period: Period) -> Evidence:
    """Judge whether bulletins that must be entered were looked at before they ended, and sendings seen."""
    sums, unseen, unread = _bulletins(period), _unseen(period), _unread(period)
    received, missed, waiting = sums["received"], sums["missed"], sums["waiting"]
    if not (received or missed or waiting or sums["bare"] or unseen or unread):
        return Evidence(Status.IDLE, "")
    return judged(
        many(received, "bulletin that must be entered", "bulletins that must be entered"),
        Fault(missed, "that nobody looked at before it ended"),
        Concern(waiting, "that wait to be looked at"),
        Concern(sums["bare"], "settled with a reason and without an entry"),
        Concern(unseen, "sent to a member on duty and not seen within an hour"),
        Concern(unread, "not understood and not looked at within a day"),
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
        # without a reason nothing was left to enter, or what stands was prolonged
        bare=Q(of.within("settled_at"), ~Q(remark=""), ~Exists(HotListEntry.objects.filter(bulletin=OuterRef("pk")))),
    )


@asked
def _unread(of: Times) -> Sought[int]:
    """How many files were not understood, which may be such bulletins, and nobody has looked at since."""
    unclear = AlertBulletin.objects.filter(state=AlertBulletin.State.UNCLEAR, received_at__lte=of.at - _A_DAY)
    return counted(unclear.filter(Q(settled_at=None) | Q(settled_at__gt=of.at)))


@asked
def _unseen(of: Times) -> Sought[int]:
    """How many sendings were to be seen by a moment of the period, of entries that stood then, and were not."""
    due = F("sent_at") + _AN_HOUR
    stood = Q(entry__canceled_at=None) | Q(entry__canceled_at__gt=due)
    return counted(
        EntrySending.objects.filter(
            Q(seen_at=None) | Q(seen_at__gt=due), stood,
            sent_at__gt=of.since - _AN_HOUR, sent_at__lte=of.at - _AN_HOUR, entry__category__in=MANDATORY,
        )
    )  # fmt: skip


@asked
def _signed(of: Times) -> Sought[dict[str, int]]:
    """How many signed entries were handed in late, and how many refused."""
    return tally(
        SignedLine.objects.filter(of.within("handed_in_at")),
        late=Q(state=SignedLine.State.ENTERED, handed_in_at__gt=F("made_at") + _A_DAY),
        refused=Q(state=SignedLine.State.REFUSED),
    )


@asked
def _directors(of: Times) -> Sought[Makers]:
    """How many entries each person directed."""
    return makers(_on_direction(of), "directed_by")


@asked
def _unconfirmed(of: Times) -> Sought[int]:
    """How many directions were to be confirmed by a moment of the period, of entries that stood then, and were not."""
    due = F("requested_at") + _A_DAY
    waited = Q(direction_confirmed_at=None) | Q(direction_confirmed_at__gt=due)
    stood = Q(canceled_at=None) | Q(canceled_at__gt=due)
    return counted(
        HotListEntry.objects.filter(
            waited, stood, ground=Ground.DIRECTED, directed_by__isnull=False,
            requested_at__gt=of.since - _A_DAY, requested_at__lte=of.at - _A_DAY,
        )
    )  # fmt: skip


def _requests(of: Of) -> QuerySet[HotListEntry]:
    return requested(of).filter(ASKED_FOR)


def _in_field(of: Of) -> QuerySet[HotListEntry]:
    return requested(of).filter(~ASKED_FOR)


def _at_once(of: Of) -> QuerySet[HotListEntry]:
    return requested(of).filter(AT_ONCE)


def _on_direction(of: Of) -> QuerySet[HotListEntry]:
    return requested(of).filter(ground=Ground.DIRECTED)
