"""Routine transfers (VI.i), and whether all that left for other agencies had a ground when it left (VI.l)."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import F, Q, QuerySet

from platekeeper.core.rules.sharing import DIRECTOR, Share, is_ordered, may_share
from platekeeper.core.rules.transfers import RECEIVED_WITHIN, RESPONSIBLE, SENT_WITHIN
from platekeeper.server.register.evidence import search_requests, uploads
from platekeeper.server.register.evidence.basis import Concern, Evidence, Fault, both, judged, unfit
from platekeeper.server.register.history import holds
from platekeeper.server.register.period import Period
from platekeeper.server.register.questions import Of
from platekeeper.server.register.words import many
from platekeeper.server.sharing.lookups import disseminations, facts_of, order_facts
from platekeeper.server.sharing.models import Dissemination, MouStep, Routine, Transfer

_UNCLEAR_AFTER = timedelta(hours=1)
_OVER = Q(routine__ended_at=None) | Q(routine__ended_at__gt=F("given_up_at"))
"""Of what was given up: while its routine went on, since its data was past its time. Whether it ended later says nothing."""


def transfers(period: Period) -> Evidence:
    """Judge VI.i: was every LPR heard from in time, and every routine transfer sent in time?"""
    heard = uploads.transfers(period)
    if not Routine.objects.filter(begun_at__lte=period.at).exists():
        return heard
    began, ended = period.since, period.at
    due = Transfer.objects.filter(due_at__gt=began - SENT_WITHIN, due_at__lte=ended - SENT_WITHIN)
    late = due.filter(Q(sent_at=None) | Q(sent_at__gt=F("due_at") + SENT_WITHIN)).exclude(
        Q(given_up_at__lte=ended) & (_OVER | Q(routine__ended_at__lte=F("due_at") + SENT_WITHIN))
    )
    given_up = Transfer.objects.filter(period.within("given_up_at")).filter(_OVER)
    sent = Transfer.objects.filter(period.within("sent_at"))
    waiting = Transfer.objects.filter(sent_at__lte=ended - RECEIVED_WITHIN).exclude(received_at__lte=ended)
    routines = _routines(period)
    return both(
        heard,
        judged(
            many(sent.count(), "routine transfer sent", "routine transfers sent"),
            Fault(late.count(), "not sent within a day of their period"),
            Fault(given_up.count(), "given up: their data was past its time"),
            Fault(
                unfit(period, _routines, holds(RESPONSIBLE), by="begun_by", moment="begun_at"),
                "begun by somebody not responsible",
            ),
            Concern(waiting.count(), "sent without a receipt"),
            activity=sent.count() + due.count() + routines.count(),
        ),
    )


def shared(period: Period) -> Evidence:
    """Judge VI.l: were answers directed as the policy says, and did nothing leave without an MOU in force or an order?"""
    gone = disseminations().filter(period.within("begun_at")).exclude(agency=None).prefetch_related("mou__steps")
    improper = unfit(period, _attested, holds(DIRECTOR), by="by", moment="at")
    over = period.at - _UNCLEAR_AFTER
    unclear = sum(each.ended_at is None and not each.failure and each.begun_at < over for each in gone)
    count = len(gone)
    return both(
        search_requests.shared(period),
        judged(
            many(count, "time LPR data left for another agency", "times LPR data left for other agencies"),
            Fault(sum(not _was_let(period, each) for each in gone), "without an MOU in force or an order"),
            Fault(improper, "MOUs attested by somebody who did not hold the position"),
            Concern(unclear, "begun, and nobody knows whether it left"),
            activity=count,
        ),
    )


def _routines(of: Of) -> QuerySet[Routine]:
    return Routine.objects.filter(of.within("begun_at"))


def _attested(of: Of) -> QuerySet[MouStep]:
    return MouStep.objects.filter(of.within("at"), kind=MouStep.Kind.OURS)


def _was_let(period: Period, gone: Dissemination) -> bool:
    at, what = gone.begun_at, Share(gone.what)
    zone = period.history.policy(at).zone
    if gone.order is not None:
        return bool(is_ordered(order_facts(gone.order, at=at, zone=zone), what=what, at=at))
    if gone.mou is None:
        return False
    facts = facts_of(gone.mou, at=at, zone=zone)
    return bool(may_share(facts, what=what, purpose=gone.purpose, at=at))
