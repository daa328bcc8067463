"""What several clauses rest on: people's acts, steps on hits, queries and LPRs, each counted once for a period."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from operator import itemgetter
from typing import TypeVar

from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from platekeeper.server.equipment.models import LPR
from platekeeper.server.hits.lookups import stands, taken_back
from platekeeper.server.hits.models import Departure, HitStep
from platekeeper.server.ledger.actions import Action, Outcome
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.personnel.models import Person
from platekeeper.server.querylog.lookups import unlisted
from platekeeper.server.querylog.models import QueryLogEntry
from platekeeper.server.register.period import Period
from platekeeper.server.register.questions import Of, Row, Sought, Times, asked
from platekeeper.server.register.sums import Alike, Makers, alike, counted, makers, rows, total

T = TypeVar("T")
_Kind = HitStep.Kind
MEMBERS_STEPS = frozenset({_Kind.IMAGE_VERIFIED, _Kind.IMAGE_DIFFERS, _Kind.CONFIRMATION_ASKED, _Kind.STOPPED})
"""Steps that a member takes with the LPR, besides answers on the member's own word."""
ANSWERS = frozenset({_Kind.CONFIRMED, _Kind.NOT_CONFIRMED})
_COUNTED = (*MEMBERS_STEPS, *ANSWERS, _Kind.OUTCOME)
_IS_INQUIRY = ~Q(purpose=QueryLogEntry.Purpose.ALERT) & Q(by__partner=None)
_OF_A_QUERY = {
    "bare": Q(purpose="") | Q(offense="") | Q(justification=""),
    "caseless": Q(case_number=""),
    "for_others": ~Q(requestor=""),
    "for_nobody": Q(requestor="") & ~Q(requestor_agency=""),
    "passed_on": ~Q(recipients=""),
    "flagged": ~Q(flags=[]),
}
"""What is said of a query, or is not."""
_SUBJECT = Concat(Value("query:"), Cast("pk", CharField()))
"""What the ledger calls a query."""
WORKING = Q(kind__in=MEMBERS_STEPS) | Q(kind__in=ANSWERS, self_attested=True)
"""The condition that a step is a member's work."""


def queries(of: Of) -> QuerySet[QueryLogEntry]:
    """Return the queries of the period that ran, whatever came of them."""
    return QueryLogEntry.objects.filter(of.within("begun_at")).exclude(state__in=QueryLogEntry.NEVER_RAN)


def inquiries(of: Of) -> QuerySet[QueryLogEntry]:
    """Return the queries that somebody made who needs access to inquiries: not the look of a new hot list entry (VII.f.3),
    and not those of partners, which an MOU lets run (VI.l)."""
    return queries(of).filter(_IS_INQUIRY)


def inquirers(period: Period, kind: Person.Kind | None = None) -> Counter[int]:
    """Return how many inquiries each person made, those of one kind of person if one is given."""

    found: Counter[int] = Counter()
    for row in _ran(period):
        if row["inquiry"]:
            found[row["by"]] += row["alike"]
    people = period.history.people
    return found if kind is None else Counter({who: n for who, n in found.items() if people[who].kind == kind})


def query_sums(period: Period) -> dict[str, int]:
    """Return what is said of the queries that ran, in numbers."""
    names = {period.history.policy(moment).department for moment in (period.since, period.at)}
    ran = _ran(period)
    by_another = total(ran, lambda row: not row["told_of_whom"])
    return {
        **{name: total(ran, itemgetter(name)) for name in _OF_A_QUERY},
        "unlisted": total(ran, itemgetter("unlisted")),
        "own": total(ran, itemgetter("own")),
        "misnamed": total(ran, lambda row: row["own"] and row["agency"] not in names),
        "ran": total(ran),
        "leafless": _leafless(period) if by_another else 0,
        "by_another": by_another,
    }


@asked
def _ran(of: Times) -> Sought[Alike]:
    """The queries that ran, by who made them for which agency, what is said in them, and whether the ledger tells of them by
    this person."""
    # as a list: a look into the ledger for each query would take longer than all else
    leaves = _leaves(of).annotate(of_whom=_with("person", F("subject"))).values("of_whom")
    ran = queries(of).annotate(of_whom=_with("by_id", _SUBJECT))
    return alike(
        ran, "by", "agency", **_OF_A_QUERY, own=~Q(by__kind=Person.Kind.OUTSIDE), inquiry=_IS_INQUIRY,
        unlisted=unlisted(at=of.at), told_of_whom=Q(of_whom__in=leaves),
    )  # fmt: skip


@asked
def _leafless(of: Times) -> Sought[int]:
    """How many queries ran that the ledger tells nothing of."""
    return counted(queries(of).annotate(subject=_SUBJECT).exclude(subject__in=_leaves(of).values("subject")))


def _leaves(of: Of) -> QuerySet[LedgerEntry]:
    begun = LedgerEntry.objects.filter(of.within("at"), action=Action.QUERY_BEGUN, outcome=Outcome.BEGUN)
    return begun.order_by()


def _with(person: str, subject: Concat | F) -> Concat:
    return Concat(subject, Value(" "), Cast(person, CharField()))


def steps(
    period: Period, kinds: Collection[HitStep.Kind], *, attested: bool | None = None, mobile: bool = False
) -> Counter[int]:
    """Return how many steps of some kinds each person took: of all of them, or on a member's own word, or not;
    `mobile`: on hits of mobile LPRs alone."""

    found: Counter[int] = Counter()
    for row in _taken(period):
        is_its_lpr = not mobile or row["hit__lpr__kind"] == LPR.Kind.MOBILE
        if row["kind"] in kinds and attested in (None, row["self_attested"]) and is_its_lpr:
            found[row["by"]] += row["alike"]
    return found


@asked
def _taken(of: Times) -> Sought[Alike]:
    """The steps that people took, by kind, person and what they were on."""
    taken = HitStep.objects.filter(of.within("at"), kind__in=_COUNTED, by__isnull=False)
    return alike(taken, "kind", "by", "self_attested", "hit__lpr__kind")


@asked
def lprs(of: Times) -> Sought[Counter[str]]:
    """How many LPRs of each kind the inventory held at the end of the period."""
    return makers(LPR.objects.filter(added_at__lte=of.at), "kind")


def stop_sums(period: Period) -> dict[str, int]:
    """Return what came before the stops, in numbers; a stop that is a recorded departure lacks nothing."""
    not_compared, not_confirmed = (set(_without(period, kind)) for kind in (_Kind.IMAGE_VERIFIED, _Kind.CONFIRMED))
    return {
        "made": _made(period),
        "not_compared": len(not_compared),
        "not_confirmed": len(not_confirmed),
        "bare": len(not_compared | not_confirmed),
        "outdated": _outdated(period),
    }


@asked
def _made(of: Times) -> Sought[int]:
    """How many stops were made."""
    return counted(_stops(of))


@asked
def _outdated(of: Times) -> Sought[int]:
    """How many stops were made on a list that was not of that day."""
    return counted(_stops(of).filter(hit__list_stale=True))


@asked
def _without(of: Times, kind: HitStep.Kind) -> Sought[list[Row]]:
    """The stops, no departures, before which a step was not taken, or was taken back."""
    departed = Departure.objects.filter(hit=OuterRef("hit"), at=OuterRef("at"))
    return rows(_stops(of).filter(~stands(kind, hit="hit", by="at"), ~Exists(departed)).order_by(), "pk")


def _stops(of: Of) -> QuerySet[HitStep]:
    return HitStep.objects.filter(of.within("at"), ~taken_back(by=of.at), kind=_Kind.STOPPED)


def acted(period: Period, *actions: Action, clause: str | None = None) -> Makers:
    """Return how often each person did one of these acts in the period, under a clause if one is given, as the ledger has
    it; the system's own acts are left out."""
    found: Makers = Counter()
    for each in period.acts(*actions):
        if clause in (None, each.clause) and each.person:
            found[each.person] += each.times
    return found


def happened(period: Period, *actions: Action, outcome: Outcome | None = None) -> int:
    """Return how often one of these acts happened in the period, as the ledger has it, whoever did it, and, if one is given,
    with which outcome."""
    return sum(each.times for each in period.acts(*actions) if outcome in (None, each.outcome))


def once(period: Period, name: str, look: Callable[[], T]) -> T:
    """Return what was looked up under a name for another clause of the period, or look."""
    if name not in period.known:
        period.known[name] = look()
    found: T = period.known[name]
    return found
