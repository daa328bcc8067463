"""The department's own hot list entries (VI.a, VII.f-g): asked for, decided, ended, looked up."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from datetime import date, datetime, timedelta

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
    many,
    refusals,
    unfit,
)
from platekeeper.server.register.history import holds
from platekeeper.server.register.period import Period

_State = HotListEntry.State
_URGENT = [category.value for category in URGENT_ENTRY]
_MANDATORY = [category.value for category in MANDATORY_ENTRY]
_ASKED_FOR = Q(ground="")
"""Of entries asked for under VI.a; the others were made in the field and are judged by VII.f-g."""
_A_DAY, _AN_HOUR = timedelta(days=1), timedelta(hours=1)


def entries(period: Period) -> Evidence:
    """Judge VI.a: was every entry on the list decided by who decides, not by who asked, and did it end in time?"""
    decided = _decided(period).filter(_ASKED_FOR)
    improper = unfit(
        period, decided.exclude(category__in=_URGENT), holds("VI.a.decider"), by="decided_by", moment="decided_at"
    )
    improper += unfit(
        period, decided.filter(category__in=_URGENT), _decides_urgent, by="decided_by", moment="decided_at"
    )
    asked = _asked(period).filter(_ASKED_FOR).count()
    waiting, count = _waiting(period).count(), _listed(period, Q()).count()
    wrong = _wrong(period, Q())
    return judged(
        f"{many(count, 'entry', 'entries')} on the list, {many(asked, 'request')}, {waiting or 'none'} waiting still",
        *wrong,
        Fault(improper, "decided by somebody who does not decide"),
        refusals(period, "VI.a"),
        activity=count + asked + period.refusals["VI.a"],
    )


def of_category(*categories: Category) -> Look:
    """Judge VI.a.1-5: are entries of a category on the list properly?"""

    def look(period: Period) -> Evidence:
        chosen = Q(category__in=categories)
        count = _listed(period, chosen).count()
        on_the_list = f"{many(count, 'entry', 'entries')} of this category on the list"
        return judged(on_the_list, *_wrong(period, chosen), activity=count)

    return look


def purpose(period: Period) -> Evidence:
    """Judge VII.f: does every entry say why, was it made by who may, and does it end in time?"""
    asked, made = _asked(period).filter(_ASKED_FOR), _asked(period).exclude(_ASKED_FOR)
    bare = _asked(period).filter(reason="").count()
    endless = asked.filter(expires_at__gt=F("effective_at") + LONGEST).count()
    endless += made.filter(expires_at__gt=F("effective_at") + LONGEST_IN_FIELD, bulletin=None).count()
    improper = unfit(period, asked, may_request_entry, by="requested_by", moment="requested_at")
    improper += unfit(period, made, may_enter_in_field, by="requested_by", moment="requested_at")
    signed = SignedLine.objects.filter(period.within("handed_in_at"))
    late = signed.filter(state=SignedLine.State.ENTERED, handed_in_at__gt=F("made_at") + _A_DAY).count()
    count, refused = asked.count() + made.count(), signed.filter(state=SignedLine.State.REFUSED).count()
    return judged(
        f"{many(asked.count(), 'request')}, {many(made.count(), 'entry', 'entries')} made in the field",
        Fault(bare, "without a reason"),
        Fault(endless, "for longer than it may stand"),
        Fault(improper, "by somebody who may not"),
        f"{many(refused, 'signed entry', 'signed entries')} refused" if refused else "",
        Concern(late, "handed in more than a day after it was signed"),
        refusals(period, "VII.f"),
        activity=count + refused + period.refusals["VII.f"],
    )


def broadcasts(period: Period) -> Evidence:
    """Judge VII.f.1: does every entry after a report or bulletin name it?"""
    heard = Q(ground__in=[Ground.DISPATCH, Ground.BOLO]) | Q(ground="", category__in=_URGENT)
    asked = _asked(period).filter(heard)
    count, bare = asked.count(), asked.filter(authority="").count()
    words = f"{many(count, 'entry', 'entries')} after dispatch reports and bulletins"
    return judged(words, Fault(bare, "without naming it"), activity=count)


def directed(period: Period) -> Evidence:
    """Judge VII.f.2: does every entry name its authority, and was what was directed, directed by who may?"""
    asked, named = _asked(period), _asked(period).filter(ground=Ground.DIRECTED)
    bare, count = asked.filter(authority="").count(), asked.count()
    nameless = named.filter(directed_by=None).count()
    at_once = asked.filter(_ASKED_FOR, decided_at=F("requested_at"), decided_by=F("requested_by"))
    improper = unfit(period, at_once, _decides_urgent, by="decided_by", moment="decided_at")
    improper += unfit(
        period, named.exclude(directed_by=None), holds("VII.f.directors"), by="directed_by", moment="requested_at"
    )
    unconfirmed = named.exclude(directed_by=None).filter(
        Q(direction_confirmed_at=None) | Q(direction_confirmed_at__gt=period.at), cancelled_at=None,
        requested_at__lte=period.at - _A_DAY,
    )  # fmt: skip
    return judged(
        many(count, "request"),
        Fault(bare, "without an authority"),
        f"{at_once.count() or 'none'} in force at once, {named.count() or 'none'} directed",
        Fault(nameless, "without who directed it"),
        Fault(improper, "by somebody who may not direct it"),
        Concern(unconfirmed.count(), "not confirmed by who is named within a day"),
        refusals(period, "VII.f.2"),
        activity=count + period.refusals["VII.f.2"],
    )


def looked_up(period: Period) -> Evidence:
    """Judge VII.f.3: was every entry put on the list looked up among the prior reads?"""
    return _looked_up(period, _decided(period))


def mandatory(period: Period) -> Evidence:
    """Judge VII.g: were AMBER and missing person alerts put on the list and looked up, and was every bulletin followed?"""
    alerts = Q(category__in=_MANDATORY)
    return both(
        _looked_up(period, _decided(period).filter(alerts), waiting=_waiting(period).filter(alerts).count()),
        _followed(period),
    )


def _followed(period: Period) -> Evidence:
    """Judge whether bulletins that must be entered were looked at before they ended, and sendings seen."""
    due = AlertBulletin.objects.filter(must_enter=True, received_at__lte=period.at)
    due = due.annotate(ends=Coalesce("expires_at", F("received_at") + _A_DAY)).filter(ends__gt=period.since)
    in_time = Q(settled_at__isnull=False, settled_at__lte=F("ends"))
    missed = due.filter(ends__lte=period.at, received_at__lt=F("ends")).exclude(in_time).count()
    waiting = due.filter(Q(settled_at=None) | Q(settled_at__gt=period.at), ends__gt=period.at).count()
    unseen = EntrySending.objects.filter(
        period.within("sent_at"), Q(seen_at=None) | Q(seen_at__gt=period.at), sent_at__lte=period.at - _AN_HOUR,
        entry__category__in=_MANDATORY,
    )  # fmt: skip
    received = due.filter(period.within("received_at")).count()
    if not received and not missed and not waiting and not unseen.exists():
        return Evidence(Status.IDLE, "")
    return judged(
        many(received, "bulletin that must be entered", "bulletins that must be entered"),
        Fault(missed, "that nobody looked at before it ended"),
        Concern(waiting, "that wait to be looked at"),
        Concern(unseen.count(), "sent to a member on duty and not seen within an hour"),
        activity=received + missed,
    )


def _decides_urgent(who: Authority, policy: Policy, today: date) -> Decision:
    """An urgent entry is decided by who decides, or by the position that directs entries in the field."""
    directs = holds("VII.f.directors")(who, policy, today)
    return Allowed() if directs else holds("VI.a.decider")(who, policy, today)


def _asked(period: Period) -> QuerySet[HotListEntry]:
    return HotListEntry.objects.filter(period.within("requested_at"))


def _waiting(period: Period) -> QuerySet[HotListEntry]:
    """Return the requests that waited for their decision at the end of the period."""
    since_then = Q(decided_at__gt=period.at) | Q(decided_at=None, cancelled_at__gt=period.at)
    return HotListEntry.objects.filter(Q(state=_State.REQUESTED) | since_then, requested_at__lte=period.at)


def _decided(period: Period) -> QuerySet[HotListEntry]:
    """Return the entries put on the list in the period."""
    return HotListEntry.objects.filter(period.within("decided_at")).exclude(state=_State.REFUSED)


def _listed(period: Period, categories: Q) -> QuerySet[HotListEntry]:
    """Return the entries that stood on the list at some time in the period."""
    approved = Q(state=_State.ACTIVE) | Q(state=_State.CANCELLED, decided_at__isnull=False)
    begun = HotListEntry.objects.annotate(listed_at=Coalesce("decided_at", "effective_at"))
    standing = begun.filter(categories, approved, listed_at__lte=period.at, effective_at__lte=period.at)
    return standing.filter(expires_at__gt=period.since).exclude(cancelled_at__lte=period.since)


def _wrong(period: Period, categories: Q) -> tuple[Fault, ...]:
    """Return what may be wrong with the entries on the list."""
    listed = _listed(period, categories)
    nameless, bare = listed.filter(decided_by=None).count(), listed.filter(authority="").count()
    # urgent entries may be put in force by who asks for them (VII.f.2, VII.g); whether they might is judged from history
    own = listed.filter(_ASKED_FOR, decided_by=F("requested_by")).exclude(category__in=_URGENT).count()
    outlived = _outlived(period, categories).count()
    return (
        Fault(nameless, "decided by nobody"),
        Fault(own, "decided by who asked for it"),
        Fault(bare, "without an authority"),
        Fault(outlived, "that raised a hit after its end"),
    )


def _outlived(period: Period, categories: Q) -> QuerySet[HotListEntry]:
    """Return the entries on which a hit was raised in the period of a car seen after their end or cancellation."""
    key = Concat(Value("own:"), Cast(OuterRef("pk"), CharField()))
    over = Q(seen_at__gte=OuterRef("expires_at")) | Q(seen_at__gte=OuterRef("cancelled_at"))
    return HotListEntry.objects.filter(categories).filter(
        Exists(Hit.objects.filter(over, period.within("raised_at"), entry_key=key))
    )


def _looked_up(period: Period, decided: QuerySet[HotListEntry], *, waiting: int = 0) -> Evidence:
    looks: defaultdict[str, list[datetime]] = defaultdict(list)
    asked = QueryLogEntry.objects.filter(
        begun_at__gt=period.since, begun_at__lte=period.at, purpose=QueryLogEntry.Purpose.ALERT
    ).exclude(state__in=QueryLogEntry.NEVER_RAN)
    for terms, begun_at in asked.order_by("begun_at").values_list("terms", "begun_at").iterator():
        looks[str(terms.get("plate", ""))].append(begun_at)
    put_on = list(decided.values_list("plate", "decided_at"))
    missing = sum(
        decided_at is not None and bisect_left(looks[plate], decided_at) == len(looks[plate])
        for plate, decided_at in put_on
    )
    return judged(
        f"{many(len(put_on), 'entry', 'entries')} put on the list",
        Fault(missing, "not looked up among the prior reads"),
        Concern(waiting, "waiting for a decision"),
        activity=len(put_on),
    )
