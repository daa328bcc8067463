"""The LPR Data Query Log (III, VI.c, VI.f-g, VIII.c-e): is each query there, whole, and in the ledger as well?"""

from __future__ import annotations

from django.db.models import F, Q

from platekeeper.core.rules.inquiries import AGE, REVIEWED_WITHIN, needs_approval
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.querylog.models import Approval, QueryLogEntry
from platekeeper.server.register.evidence.basis import Concern, Evidence, Fault, judged, refusals
from platekeeper.server.register.evidence.counts import happened, queries, query_sums
from platekeeper.server.register.period import Period
from platekeeper.server.register.questions import Row, Sought, Times, asked
from platekeeper.server.register.sums import counted, rows, tally
from platekeeper.server.register.words import Counted, many
from platekeeper.server.storage.seconds import Seconds


def logged(period: Period) -> Evidence:
    """Judge VI.c: does every entry of the Query Log stand in the ledger, so that neither can be changed alone?"""
    sums = query_sums(period)
    missing = Fault(sums["leafless"], "missing from the ledger")
    return judged(_ran(sums), missing, refusals(period, "VI.c"), activity=sums["ran"])


def log_of_queries(period: Period) -> Evidence:
    """Judge III.query_log: has every query of the ledger its entry in the Query Log?"""
    begun, ran = happened(period, Action.QUERY_BEGUN), query_sums(period)["ran"]
    return _without_entry(begun, ran, many(ran, "entry in the Query Log", "entries in the Query Log"))


def retained(period: Period) -> Evidence:
    """Judge VIII.e: is every Query Log entry kept that was ever made?"""
    ran = _ever_ran(period)
    kept = many(ran, "entry in the Query Log since the beginning", "entries in the Query Log since the beginning")
    return _without_entry(_ever_begun(period), ran, kept)


@asked
def _ever_begun(of: Times) -> Sought[int]:
    return counted(LedgerEntry.objects.filter(action=Action.QUERY_BEGUN, at__lte=of.at))


@asked
def _ever_ran(of: Times) -> Sought[int]:
    return counted(QueryLogEntry.objects.filter(begun_at__lte=of.at).exclude(state__in=QueryLogEntry.NEVER_RAN))


def purposes(period: Period) -> Evidence:
    """Judge VI.f: does every query that ran give purpose, type of offense and justification?"""
    sums = query_sums(period)
    return judged(
        _ran(sums),
        Fault(sums["bare"], "without a purpose, type of offense or justification"),
        many(sums["flagged"], "query flagged for the reviewer", "queries flagged for the reviewer")
        if sums["flagged"]
        else "",
        refusals(period, "VI.f"),
        activity=sums["ran"] + period.refusals["VI.f"],
    )


def on_behalf(period: Period) -> Evidence:
    """Judge VI.g: do queries for somebody else say for whom?"""
    sums = query_sums(period)
    return judged(
        many(
            sums["for_others"],
            "query on behalf of a named requestor",
            "queries on behalf of a named requestor",
        ),
        Fault(sums["for_nobody"], "for somebody not named"),
        many(sums["passed_on"], "result passed on to named recipients", "results passed on to named recipients")
        if sums["passed_on"]
        else "",
        refusals(period, "VI.g"),
        activity=sums["for_others"] + sums["passed_on"] + period.refusals["VI.g"],
    )


def recorded(period: Period) -> Evidence:
    """Judge VIII.c: does every query that ran carry a case or call number, as criminal history requests do?"""
    sums = query_sums(period)
    return judged(
        _ran(sums),
        Fault(sums["caseless"], "without a case or call number"),
        Concern(sums["unlisted"], "under a number that the department's list does not have"),
        refusals(period, "VIII.c"),
        activity=sums["ran"] + period.refusals["VIII.c"],
    )


def without_second_word(period: Period) -> tuple[Fault, Fault, Fault]:
    """Return what VIII.b lacks: approval of searches of older reads, review of exigent ones, and their being exigent."""
    exigent = _exigent(period)
    return (
        Fault(_of_older_reads(period), "of older reads without approval"),
        Fault(exigent["overdue"], "exigent and not reviewed within a day"),
        Fault(exigent["unfounded"], "found not to have been exigent"),
    )


@asked
def _exigent(of: Times) -> Sought[dict[str, int]]:
    """How many exigent queries nobody reviewed in time, and how many were found not to have been exigent."""
    due = Q(asked_at__gt=of.since - REVIEWED_WITHIN, asked_at__lte=of.at - REVIEWED_WITHIN)
    return tally(
        Approval.objects.filter(kind=Approval.Kind.AFTER),
        overdue=due & ~Q(decided_at__lte=F("asked_at") + REVIEWED_WITHIN),
        unfounded=of.within("decided_at") & Q(granted=False),
    )


def by_who_asked(period: Period) -> Evidence:
    """Judge VIII.d: does the Query Log name the person whom the ledger saw asking?"""
    sums = query_sums(period)
    other = Fault(sums["by_another"], "entered by another person than the ledger saw asking")
    return judged(_ran(sums), other, activity=sums["ran"])


def _without_entry(begun: int, ran: int, kept: Counted) -> Evidence:
    missing = max(0, begun - ran)
    return judged(kept, Fault(missing, "of the ledger's queries without one"), activity=ran)


def _of_older_reads(period: Period) -> int:
    """Count the queries without a second person's word that reached beyond the age that the policy of their day named."""
    policies = [policy for policy in period.history.policies if policy.needs(AGE)]
    shortest = min((age for policy in policies if (age := policy.period(AGE)) is not None), default=None)
    if shortest is None:
        return 0
    far = _far(period, shortest.total_seconds() - 1)  # by the least age of any, and seconds are rounded
    judged_by = ((since, at, period.history.policy(at)) for since, at in far if since is not None)
    return sum(bool(policy.needs(AGE)) and needs_approval(since, policy, at=at) for since, at, policy in judged_by)


@asked
def _far(of: Times, seconds: float) -> Sought[list[Row]]:
    """Since when, and at what moment, queries asked that reached further back and had no second person's word."""
    approved = Q(approval__kind=Approval.Kind.BEFORE, approval__granted=True, approval__decided_at__lte=F("begun_at"))
    ran = queries(of).exclude(purpose=QueryLogEntry.Purpose.ALERT)
    alone = ran.exclude(approved | Q(approval__kind=Approval.Kind.AFTER)).order_by()
    reach = Seconds("begun_at") - Seconds("earliest")
    return rows(alone.annotate(reach=reach).filter(reach__gt=seconds), "earliest", "begun_at")


def _ran(sums: dict[str, int]) -> Counted:
    return many(sums["ran"], "query ran", "queries ran")
