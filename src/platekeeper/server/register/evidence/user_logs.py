"""The LPR Daily User Log (VII.h.1-4): is it forwarded, checked, kept with the case of an arrest, and there still?"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from datetime import date, datetime

from django.db.models import BigIntegerField, Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Cast, Coalesce, Substr

from platekeeper.core.policy import Policy
from platekeeper.core.rules.access import Authority
from platekeeper.core.rules.decision import Decision
from platekeeper.core.rules.tours import may_end
from platekeeper.core.rules.user_logs import LogFacts, State, tours_a_log, waits_too_long
from platekeeper.server.casefiles.lookups import numbers_of, preserved
from platekeeper.server.casefiles.models import CaseFile, Preserved
from platekeeper.server.hits.models import Hit
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.register.evidence.basis import Concern, Evidence, Fault, judged, unfit, vacant
from platekeeper.server.register.evidence.cases import GRACE
from platekeeper.server.register.evidence.counts import once
from platekeeper.server.register.history import holds
from platekeeper.server.register.period import Period
from platekeeper.server.register.questions import Of, Row, Sought, Times, asked
from platekeeper.server.register.sums import Makers, counted, grouped, rows
from platekeeper.server.register.words import Joined, Said, many, some
from platekeeper.server.userlog.lookups import facts_of, tours_of_hits, unfinished_logs
from platekeeper.server.userlog.models import LogArrest, LogRevision

_OF_OTHERS = ~Q(forwarded_by=F("log__member"))
_TAKING = CaseFile.objects.filter(sealed_on=None, ended_at=None)
"""Cases that still take something in."""


def forwarded(period: Period) -> Evidence:
    """Judge VII.h.1: was every log forwarded in time, by its member or by who checks logs?"""
    by = _forwarders(period)
    improper = unfit(
        period,
        _forwarded_by_others,
        _may_forward_anothers,
        by="forwarded_by",
        moment="forwarded_at",
        made=by["others"],
    )
    count = by["all"].total()
    waiting = [facts for facts in _unfinished(period) if facts.waits_for_member and facts.filled and not facts.on_tour]
    late = sum(waits_too_long(facts, at=period.at) for facts in waiting)
    return judged(
        many(count, "log forwarded", "logs forwarded"),
        Fault(late, "not forwarded within a day"),
        Fault(improper, "by somebody who could not"),
        Concern(len(waiting) - late, "waiting to be forwarded"),
        vacant(period, "VII.h.1.to", Said("receiving Daily User Logs")),
        activity=count + len(waiting),
    )


@asked
def _forwarders(of: Times) -> Sought[dict[str, Makers]]:
    """How many logs each person forwarded, and how many of these of somebody else."""
    return grouped(_forwarded(of), "forwarded_by", all=Q(), others=_OF_OTHERS)


def _forwarded(of: Of) -> QuerySet[LogRevision]:
    return LogRevision.objects.filter(of.within("forwarded_at"))


def _forwarded_by_others(of: Of) -> QuerySet[LogRevision]:
    return _forwarded(of).filter(_OF_OTHERS)


def checked(period: Period) -> Evidence:
    """Judge VII.h.2: was every forwarded log checked in time, by the designated position and never by its own member?"""
    by = _checkers(period)
    improper = unfit(period, _decided, holds("VII.h.2.checker"), by="decided_by", moment="decided_at", made=by["all"])
    count, own, back = (by[said].total() for said in ("all", "own", "back"))
    waiting = [facts for facts in _unfinished(period) if facts.state is State.FORWARDED]
    late = sum(waits_too_long(facts, at=period.at) for facts in waiting)
    return judged(
        Joined(many(count, "log checked", "logs checked"), some(back, "sent back")),
        Fault(improper, "by somebody who does not check logs"),
        Fault(own, "by their own member"),
        Fault(late, "forwarded and not checked within three days"),
        Concern(len(waiting) - late, "waiting for a check"),
        vacant(period, "VII.h.2.checker", Said("checking Daily User Logs")),
        activity=count + len(waiting),
    )


def _decided(of: Of) -> QuerySet[LogRevision]:
    return LogRevision.objects.filter(of.within("decided_at"))


@asked
def _checkers(of: Times) -> Sought[dict[str, Makers]]:
    """How many logs each person checked, `own` of them their own, and how many they sent back."""
    return grouped(_decided(of), "decided_by", all=Q(), own=Q(decided_by=F("log__member")), back=Q(accepted=False))


def with_the_case(period: Period) -> Evidence:
    """Judge VII.h.3: is the log in the case wherever an arrest came out of its tours?"""
    wanted = _belonging(period)
    kept = set(_kept(period))
    missing = [since for (case, tour), since in wanted.items() if (case, f"tour:{tour}") not in kept]
    late = sum(since < period.at - GRACE for since in missing)
    return judged(
        many(len(wanted), "log of tours with an arrest", "logs of tours with an arrest"),
        Fault(late, "not in the case folder within {1} days", GRACE.days),
        Concern(len(missing) - late, "waiting to go into the case folder"),
        activity=len(wanted),
    )


@asked
def _kept(of: Times) -> Sought[list[Row]]:
    """Which logs are in which cases."""
    return rows(preserved(at=of.at).filter(key__startswith="tour:").order_by(), "case", "key")


def retained(period: Period) -> Evidence:
    """Judge VII.h.4: is every log there that was ever forwarded, word for word, and which wait for a disposition?"""
    told, there = _told(period), _there(period)
    return judged(
        many(told, "log ever forwarded", "logs ever forwarded"),
        Fault(_lost(period), "no longer there"),
        Fault(_altered(period), "no longer what was forwarded"),
        many(
            _awaited(period),
            "log waiting for a final disposition",
            "logs waiting for a final disposition",
        ),
        activity=told + there,
    )


@asked
def _told(of: Times) -> Sought[int]:
    """How often the ledger says that a log was forwarded."""
    return counted(_leaves(of))


@asked
def _there(of: Times) -> Sought[int]:
    """How many revisions of logs there are."""
    return counted(_revisions(of))


@asked
def _lost(of: Times) -> Sought[int]:
    """How many revisions that the ledger tells of are not there, counted log by log."""
    by_log = _leaves(of).order_by().annotate(log=Cast(Substr("subject", len("log:") + 1), BigIntegerField()))
    told = by_log.values("log").annotate(told=Count("pk"))
    kept = (
        _revisions(of).filter(log=OuterRef("log")).order_by().values("log").annotate(count=Count("pk")).values("count")
    )
    lost = told.annotate(there=Coalesce(Subquery(kept), 0)).filter(told__gt=F("there"))
    return Sought(lost.values_list("told", "there"), lambda rows: sum(told - there for told, there in rows))


def _leaves(of: Of) -> QuerySet[LedgerEntry]:
    return LedgerEntry.objects.filter(action=Action.USER_LOG_FORWARDED, at__lte=of.at)


def _revisions(of: Of) -> QuerySet[LogRevision]:
    return LogRevision.objects.filter(forwarded_at__lte=of.at)


@asked
def _awaited(of: Times) -> Sought[int]:
    """How many logs wait for a final disposition."""
    return counted(_arrests(of).exclude(case__disposed_on__lte=of.today), distinct="log")


def _unfinished(period: Period) -> list[LogFacts]:
    """Return the logs that nobody had accepted by the end of the period, as they stood then."""

    def look() -> list[LogFacts]:
        fill, logs = tours_a_log(period.policy), unfinished_logs(at=period.at)
        return [facts_of(log, fill=fill, at=period.at) for log in logs]

    return once(period, "unfinished logs", look)


def _belonging(period: Period) -> dict[tuple[int, int], datetime]:
    """Return (case, tour) of every arrest that came out of a tour, with the moment since when it was known: as its log
    names it, or since a hit of the tour was preserved in a case with an arrest. Sealed cases take nothing more."""
    found = {(case, tour): at for case, tour, at in _named(period)}
    toured: defaultdict[str, list[int]] = defaultdict(list)
    for hit, tour in _toured(period):
        toured[f"hit:{hit}"].append(tour)
    for case, key, at in _with_an_arrest(period):
        found |= {(case, tour): found.get((case, tour), at) for tour in toured[key]}
    return found


@asked
def _named(of: Times) -> Sought[list[Row]]:
    """Which cases and tours logs name, and since when."""
    return rows(_arrests(of).filter(case__in=_TAKING.all()).order_by(), "case", "log__tours", "at")


@asked
def _with_an_arrest(of: Times) -> Sought[list[Row]]:
    """The hits in cases with an arrest, and since when they are there."""
    return rows(_of_arrests(of).filter(kind=Preserved.Kind.HIT).order_by(), "case", "key", "preserved_at")


@asked
def _toured(of: Times) -> Sought[list[Row]]:
    """Which of these hits came out of which tours."""
    return Sought(tours_of_hits(Hit.objects.filter(pk__in=numbers_of(_of_arrests(of), "hit:"))), list)


def _arrests(of: Of) -> QuerySet[LogArrest]:
    """Return the arrests that logs named and that nobody had withdrawn."""
    return LogArrest.objects.filter(Q(withdrawn_at=None) | Q(withdrawn_at__gt=of.at), at__lte=of.at)


def _of_arrests(of: Of) -> QuerySet[Preserved]:
    arrested = _TAKING.filter(arrested_on__lte=of.today)
    return preserved(at=of.at).filter(case__in=arrested)


def _altered(period: Period) -> int:
    """Count the logs forwarded in the period whose content is not what the ledger's leaf of it names."""
    leaves = LedgerEntry.objects.filter(period.within("at"), action=Action.USER_LOG_FORWARDED).only("subject", "body")
    named = {
        (leaf.subject, details["revision"]): details["sha256"]
        for leaf in leaves.iterator()
        for details in [leaf.content()["details"]]
    }
    revisions = _forwarded(period).values_list("log", "number", "content")
    return sum(
        named.get((f"log:{log}", number)) != hashlib.sha256(bytes(content)).hexdigest()
        for log, number, content in revisions.iterator()
    )


def _may_forward_anothers(who: Authority, policy: Policy, today: date) -> Decision:
    return may_end(who, policy, is_own=False)
