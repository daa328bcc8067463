"""How data is kept safe (IV.h, VI.e): nothing through an account that was not active, and a ledger that is whole."""

from __future__ import annotations

import json
from datetime import date, timedelta

from django.db.models import F, Q, QuerySet

from platekeeper.core.policy import Policy
from platekeeper.core.rules.access import Authority, may_act
from platekeeper.core.rules.decision import Allowed, Decision
from platekeeper.server.ledger.actions import Action, Outcome
from platekeeper.server.ledger.models import LedgerEntry, is_whole
from platekeeper.server.personnel.models import Person, Seal
from platekeeper.server.register.evidence.basis import Evidence, Fault, Status, judged, unfit
from platekeeper.server.register.evidence.counts import happened, inquirers
from platekeeper.server.register.period import Period
from platekeeper.server.register.questions import Of, Row, Sought, Times, asked
from platekeeper.server.register.sums import Makers, counted, first, makers, rows
from platekeeper.server.register.words import Joined, Said, many, some

_LEAVES_COUNTED = 20_000
_LEAVES_HASHED = 100
_ANSWER = timedelta(days=1)
"""How soon a use of the sealed account is answered for."""
# what happens to an account rather than through it
_PASSIVE = (Action.SIGNED_OUT, Action.SESSION_ENDED)


def security(period: Period) -> Evidence:
    """Judge IV.h: did nothing happen through an account that was not active, did nobody outside search by themselves, and
    was each use of the sealed account answered for?"""
    people = tuple(_not_always_active(period))
    ended = unfit(
        period, lambda of: _acts_of(of, people), _is_active, by="person", moment="at", made=_through(period, people)
    )
    outside = inquirers(period, Person.Kind.OUTSIDE).total()
    signed_in, failed = (happened(period, action) for action in (Action.SIGNED_IN, Action.SIGN_IN_FAILED))
    refused = period.refusals.total()
    return judged(
        Joined(
            many(signed_in, "sign-in", "sign-ins"),
            some(failed, "failed"),
            many(refused, "refusal under all clauses", "refusals under all clauses"),
        ),
        Fault(ended, "of all acts through an account that was not active"),
        Fault(outside, "of the searches by another agency itself"),
        Fault(_unanswered(period), "of the uses of the sealed account not answered for within a day"),
        activity=signed_in + failed + refused,
    )


def _acts_of(of: Of, people: tuple[int, ...]) -> QuerySet[LedgerEntry]:
    taken = LedgerEntry.objects.filter(of.within("at"), person__in=people).exclude(action__in=_PASSIVE)
    return taken.exclude(outcome=Outcome.REFUSED)


@asked
def _through(of: Times, people: tuple[int, ...]) -> Sought[Makers]:
    """How many acts were done through each of these accounts."""
    return makers(_acts_of(of, people), "person")


@asked
def _unanswered(of: Times) -> Sought[int]:
    """How many seals were broken whose answer was due in the period and did not come in time, or not at all."""
    due = Q(broken_at__gt=of.since - _ANSWER, broken_at__lte=of.at - _ANSWER)
    late = Q(ended_at=None) | Q(answer="") | Q(ended_at__gt=F("broken_at") + _ANSWER)
    return counted(Seal.objects.filter(due, late))


def ledger(period: Period) -> Evidence:
    """Judge VI.e: is the ledger whole? Its newest leaves are counted and hashed; the auditors' check takes all of them."""
    leaves = _newest_leaves(period)
    if not leaves:
        return Evidence(Status.IDLE, Said("Nothing is in the ledger yet"))
    newest = leaves[0][0]
    first = max(0, newest - _LEAVES_COUNTED + 1)
    missing = newest - first + 1 - LedgerEntry.objects.filter(index__gte=first, index__lte=newest).count()
    hashed = [is_whole(body, leaf_hash) for _index, body, leaf_hash in leaves]
    last = _last_check(period)
    wrong = hashed.count(False)
    return judged(
        Said("the newest {0} leaves of the ledger counted", f"{newest - first + 1:,}"),
        Fault(missing, "missing"),
        Said("the newest {0} hashed again", f"{len(hashed):,}"),
        Fault(wrong, "other than recorded"),
        *_told(last, period),
        activity=1,
    )


def _told(check: Row | None, period: Period) -> tuple[Said | Fault, ...]:
    if check is None:
        return (Said("the auditors have not checked all leaves yet"),)
    at, body = check
    wrong = json.loads(bytes(body))["details"]["faults"]
    return Said("all leaves last checked {0}", period.day_of(at)), Fault(wrong, "found wrong in that check")


@asked
def _newest_leaves(of: Times) -> Sought[list[Row]]:
    there = LedgerEntry.objects.filter(at__lte=of.at).order_by("-at", "-index")
    return rows(there[:_LEAVES_HASHED], "index", "body", "leaf_hash")


@asked
def _last_check(of: Times) -> Sought[Row | None]:
    """When the auditors last checked all leaves, to the end, and the leaf that says what came of it."""
    checked = LedgerEntry.objects.filter(action=Action.LEDGER_CHECKED, outcome=Outcome.DONE, at__lte=of.at)
    return first(checked.order_by("-index"), "at", "body")


def _not_always_active(period: Period) -> list[int]:
    """Return the accounts that began in the period, end by themselves or were ever disabled; the others were active."""
    disabled = period.history.ever_disabled
    return [
        number
        for number, person in period.history.people.items()
        if number in disabled or person.ends_at is not None or person.added_at > period.since
    ]


def _is_active(who: Authority, policy: Policy, today: date) -> Decision:
    return Allowed() if who.active else may_act(who)
