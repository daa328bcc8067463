"""Live evidence: what the records say about a clause. Without activity it is idle, never kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from platekeeper.core.policy import Policy
from platekeeper.core.rules.access import is_trained
from platekeeper.core.rules.decision import Refused
from platekeeper.core.rules.freshness import is_of_today
from platekeeper.core.rules.lists import is_fresh
from platekeeper.core.rules.retention import last_day_disposed_of
from platekeeper.server.equipment.models import LPR
from platekeeper.server.hits.lookups import departures
from platekeeper.server.hits.models import HitStep
from platekeeper.server.hotlist.lookups import deliveries_of, entries, hot_lists, newest_delivery
from platekeeper.server.hotlist.models import HotListEntry
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.personnel.lookups import authority_of, holders
from platekeeper.server.querylog.models import QueryLogEntry
from platekeeper.server.reads.models import DeadLetter, ReadBatch
from platekeeper.server.retention.lookups import is_backup_due, newest_backup
from platekeeper.server.retention.models import Disposal

_LETTERS_WAIT = timedelta(hours=24)


class Status(StrEnum):
    """What the evidence comes to."""

    KEPT = "kept"
    BREACH = "breach"
    IDLE = "idle"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A status, and the counts behind it in words."""

    status: Status
    words: str


def judged(words: str, *, breaches: int, activity: int) -> Evidence:
    """Return a breach if there is one, kept if anything happened at all, else idle."""
    status = Status.BREACH if breaches else Status.KEPT if activity else Status.IDLE
    return Evidence(status, words)


def training(policy: Policy, at: datetime) -> Evidence:
    """IV.a, IV.i, VII.b: are those who may use LPRs trained?"""
    today = at.astimezone(policy.zone).date()
    people = list(holders(policy.positions("IV.a.users"), today))
    lapsed = [who for who in people if isinstance(is_trained(authority_of(who, today), policy, today), Refused)]
    # Somebody untrained is no breach by itself: the rule keeps them from LPRs. It is shown, not counted against.
    return judged(f"{len(people) - len(lapsed)} of {len(people)} holders are trained", breaches=0, activity=len(people))


def refusals(clauses: tuple[str, ...], policy: Policy, at: datetime) -> Evidence:
    """IV.b-c, VI.b, VIII.a-b: what was refused under these clauses, and what was allowed."""
    refused = LedgerEntry.objects.filter(outcome="refused", clause__in=clauses).count()
    completed = QueryLogEntry.objects.filter(state=QueryLogEntry.State.COMPLETED).count()
    return judged(f"{completed} queries allowed, {refused} refused here", breaches=0, activity=completed + refused)


def hot_list(policy: Policy, at: datetime) -> Evidence:
    """V.a, VII.d: is the list in force of today?"""
    newest = newest_delivery()
    decision = is_of_today(newest.delivered_at if newest else None, at=at, zone=policy.zone)
    if newest is None:
        return Evidence(Status.IDLE, "no hot list has been loaded yet")
    if isinstance(decision, Refused):
        return Evidence(Status.BREACH, decision.reason)
    return Evidence(
        Status.KEPT, f"loaded {newest.delivered_at.astimezone(policy.zone):%H:%M} today, {newest.lines} plates"
    )


def lists(policy: Policy, at: datetime) -> Evidence:
    """IV.e: are the lists in use as young as their own rules say?"""
    newest = [(each.rules, deliveries_of(each).first()) for each in hot_lists().filter(in_use=True)]
    delivered = [(rules, delivery.delivered_at) for rules, delivery in newest if delivery is not None]
    stale = sum(not is_fresh(rules, moment, at=at, zone=policy.zone) for rules, moment in delivered)
    words = f"{len(newest)} lists in use, {len(delivered)} delivered, {stale} of them stale"
    return judged(words, breaches=stale, activity=len(delivered))


def uploads(policy: Policy, at: datetime) -> Evidence:
    """V.b: do reads arrive?"""
    today = ReadBatch.objects.filter(received_at__gte=at - timedelta(days=1)).count()
    return judged(f"{today} batches in 24 hours", breaches=0, activity=today)


def inventory(policy: Policy, at: datetime) -> Evidence:
    """IV.f: what is in the inventory?"""
    count = LPR.objects.count()
    return judged(f"{count} LPRs in the inventory", breaches=0, activity=count)


def own_entries(policy: Policy, at: datetime) -> Evidence:
    """VI.a, VII.f: are entries decided by somebody other than whoever asked, and bounded in time?"""
    active = entries().filter(state=HotListEntry.State.ACTIVE)
    waiting = entries().filter(state=HotListEntry.State.REQUESTED).count()
    nameless = active.filter(decided_by=None).count()
    return judged(f"{active.count()} on the list, {waiting} waiting", breaches=nameless, activity=entries().count())


def prior_reads(policy: Policy, at: datetime) -> Evidence:
    """VII.f.3, VII.g: was every entry in force looked up among prior reads?"""
    decided = entries().exclude(decided_at=None).exclude(state=HotListEntry.State.REFUSED).count()
    looked = QueryLogEntry.objects.filter(purpose=QueryLogEntry.Purpose.ALERT).count()
    return judged(f"{looked} look-ups for {decided} entries", breaches=max(0, decided - looked), activity=decided)


def query_log(policy: Policy, at: datetime) -> Evidence:
    """VI.c-f, VIII.c-d: does every query that ran carry its reason and its ledger entry?"""
    ran = QueryLogEntry.objects.exclude(state=QueryLogEntry.State.REFUSED)
    bare = ran.filter(case_number="").count() + ran.exclude(case_number="").filter(purpose="").count()
    begun = LedgerEntry.objects.filter(action=Action.QUERY_BEGUN).count()
    unlogged = abs(ran.count() - begun)
    words = f"{ran.count()} queries ran, {bare} without a reason, {unlogged} not in the ledger"
    return judged(words, breaches=bare + unlogged, activity=ran.count())


def on_behalf(policy: Policy, at: datetime) -> Evidence:
    """VI.g: queries for somebody else."""
    count = QueryLogEntry.objects.exclude(requestor="").count()
    return judged(f"{count} queries on behalf of a requestor", breaches=0, activity=count)


def dead_letters(policy: Policy, at: datetime) -> Evidence:
    """VI.j: does the managing position work what was not understood within a day?"""
    waiting = DeadLetter.objects.filter(closed_at=None)
    late = waiting.filter(received_at__lt=at - _LETTERS_WAIT).count()
    words = f"{waiting.count()} open, {late} for more than a day"
    return judged(words, breaches=late, activity=DeadLetter.objects.count())


def retention(days_stored: list[str], policy: Policy, at: datetime) -> Evidence:
    """VI.k: is anything stored past its time?"""
    last = last_day_disposed_of(policy, at=at)
    if last is None:
        return Evidence(Status.IDLE, "the ceiling is not filled in")
    over = [day for day in days_stored if day <= last.isoformat()]
    done = Disposal.objects.exclude(completed_at=None).count()
    words = f"{len(days_stored)} days stored, {len(over)} past their time, {done} disposed of"
    return judged(words, breaches=len(over), activity=len(days_stored) + done)


def backups(policy: Policy, at: datetime) -> Evidence:
    """VI.m: is the newest backup as young as the policy says?"""
    newest = newest_backup()
    if newest is None:
        return Evidence(Status.IDLE, "no backup has been made yet")
    words = f"newest {newest.begun_at.astimezone(policy.zone):%Y-%m-%d %H:%M}"
    return judged(words, breaches=int(is_backup_due(policy, at=at)), activity=1)


def stops(policy: Policy, at: datetime) -> Evidence:
    """VII.e: were stops made after both steps? A departure that waits for review is a breach."""
    made = HitStep.objects.filter(kind=HitStep.Kind.STOPPED).count()
    all_departures, waiting = departures(open_only=False).count(), departures().count()
    words = f"{made} stops, {all_departures} departures, {waiting} of them not reviewed"
    return judged(words, breaches=waiting, activity=made)


def steps(kinds: tuple[str, ...], policy: Policy, at: datetime) -> Evidence:
    """VII.e.1-2: how often was the step taken?"""
    count = HitStep.objects.filter(kind__in=kinds).count()
    attested = HitStep.objects.filter(kind__in=kinds, self_attested=True).count()
    return judged(f"taken {count} times, {attested} on the member's own word", breaches=0, activity=count)
