"""Counts that several clauses rest on, each taken once for a period in as few passes over the records as can be."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator
from operator import itemgetter
from typing import Any, TypeVar

from django.db.models import (
    BooleanField,
    CharField,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Value,
)
from django.db.models.functions import Cast, Concat

from platekeeper.server.equipment.models import LPR
from platekeeper.server.hits.models import Departure, HitStep
from platekeeper.server.ledger.actions import Action, Outcome
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.personnel.models import Person
from platekeeper.server.querylog.models import QueryLogEntry
from platekeeper.server.register.period import Period

T = TypeVar("T")
Alike = list[dict[str, Any]]
"""Records alike in some respects, a row for each kind, with how many there are."""
Makers = Counter[int | None]
"""How many records each person made; None where nobody did."""
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
    "unlisted": Q(case_known=QueryLogEntry.CaseKnown.NO),
    "flagged": ~Q(flags=[]),
}
"""What is said of a query, or is not."""
WORKING = Q(kind__in=MEMBERS_STEPS) | Q(kind__in=ANSWERS, self_attested=True)
"""The condition that a step is a member's work."""


def queries(period: Period) -> QuerySet[QueryLogEntry]:
    """Return the queries of the period that ran, whatever came of them."""
    return QueryLogEntry.objects.filter(period.within("begun_at")).exclude(state__in=QueryLogEntry.NEVER_RAN)


def inquiries(period: Period) -> QuerySet[QueryLogEntry]:
    """Return the queries that somebody made who needs access to inquiries: not the look of a new hot list entry (VII.f.3),
    and not those of partners, which an MOU lets run (VI.l)."""
    return queries(period).filter(_IS_INQUIRY)


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
    rows = _ran(period)
    return {
        **{name: total(rows, itemgetter(name)) for name in _OF_A_QUERY},
        "own": total(rows, itemgetter("own")),
        "misnamed": total(rows, itemgetter("misnamed")),
        "ran": total(rows),
        "leafless": total(rows, lambda row: not row["told"]),
        "by_another": total(rows, lambda row: not row["told_of_whom"]),
    }


def _ran(period: Period) -> Alike:
    """Return the queries that ran, by who made them, what is said in them, and whether the ledger tells of them and of whom."""

    def look() -> Alike:
        names = {period.history.policy(moment).department for moment in (period.since, period.at)}
        own, subject = ~Q(by__kind=Person.Kind.OUTSIDE), Concat(Value("query:"), Cast("pk", CharField()))
        ran = queries(period).annotate(subject=subject, of_whom=_with("by_id", subject))
        # as lists: a look into the ledger for each query would take longer than all else
        leaves = LedgerEntry.objects.filter(period.within("at"), action=Action.QUERY_BEGUN, outcome=Outcome.BEGUN)
        leaves = leaves.order_by().annotate(of_whom=_with("person", F("subject")))
        return alike(
            ran, "by", **_OF_A_QUERY, own=own, misnamed=own & ~Q(agency__in=names), inquiry=_IS_INQUIRY,
            told=Q(subject__in=leaves.values("subject")), told_of_whom=Q(of_whom__in=leaves.values("of_whom")),
        )  # fmt: skip

    return once(period, "ran", look)


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


def _taken(period: Period) -> Alike:
    """Return the steps that people took, by kind, person and what they were on."""
    taken = HitStep.objects.filter(period.within("at"), kind__in=_COUNTED, by__isnull=False)
    fields = ("kind", "by", "self_attested", "hit__lpr__kind", "hit__list_stale")
    return once(period, "steps", lambda: alike(taken, *fields))


def lprs(period: Period) -> Counter[str]:
    """Return how many LPRs of each kind the inventory held at the end of the period."""
    return once(period, "lprs", lambda: grouped(LPR.objects.filter(added_at__lte=period.at), "kind", all=Q())["all"])


def stop_sums(period: Period) -> dict[str, int]:
    """Return what came before the stops, in numbers; a stop that is a recorded departure lacks nothing."""

    def look() -> dict[str, int]:
        def before(kind: HitStep.Kind) -> Exists:
            return Exists(HitStep.objects.filter(hit=OuterRef("hit"), kind=kind, at__lte=OuterRef("at")))

        stops = HitStep.objects.filter(period.within("at"), kind=_Kind.STOPPED).annotate(
            compared=before(_Kind.IMAGE_VERIFIED),
            confirmed=before(_Kind.CONFIRMED),
            departed=Exists(Departure.objects.filter(hit=OuterRef("hit"))),
        )
        rows = alike(stops, "compared", "confirmed", "departed")
        lacking = [row for row in rows if not row["departed"]]
        return {
            "made": total(rows),
            "not_compared": total(lacking, lambda row: not row["compared"]),
            "not_confirmed": total(lacking, lambda row: not row["confirmed"]),
            "bare": total(lacking, lambda row: not (row["compared"] and row["confirmed"])),
            "outdated": total(_taken(period), lambda row: row["kind"] == _Kind.STOPPED and row["hit__list_stale"]),
        }

    return once(period, "stop_sums", look)


def alike(found: QuerySet[Any], /, *fields: str, **which: Q) -> Alike:
    """Count in one pass the records that are alike in these fields and conditions: a row for each kind, `total` adds them up.

    Where `tally` looks into a record for every count that it is in, and a subquery is asked as often, this does so once.
    """
    held = {name: ExpressionWrapper(condition, BooleanField()) for name, condition in which.items()}
    rows = found.order_by().annotate(**held).values(*fields, *which)
    return list(rows.annotate(alike=Count("pk")))


def total(rows: Alike, met: Callable[[dict[str, Any]], bool] = lambda _row: True) -> int:
    """Return how many records of such rows meet a condition."""
    return sum(row["alike"] for row in rows if met(row))


def tally(found: QuerySet[Any], /, **which: Q) -> dict[str, int]:
    """Count in one pass how many of the records meet each condition; `Q()` is met by all."""
    sums: dict[str, int] = found.order_by().aggregate(**_counts(which))
    return sums


def grouped(found: QuerySet[Any], by: str, /, **which: Q) -> dict[str, Counter[Any]]:
    """Count in one pass how many of the records meet each condition, for each value of a field."""
    sums: dict[str, Counter[Any]] = {name: Counter() for name in which}
    for (value,), name, count in _counted(found, (by,), which):
        sums[name][value] = count
    return sums


def parted(found: QuerySet[Any], into: str, by: str, /, **which: Q) -> dict[Any, dict[str, Makers]]:
    """Count as `grouped` does, for each value of `into` apart; for a value that no record has, every count is none."""
    sums: defaultdict[Any, dict[str, Makers]] = defaultdict(lambda: {name: Counter() for name in which})
    for (part, maker), name, count in _counted(found, (into, by), which):
        sums[part][name][maker] = count
    return sums


def _counted(
    found: QuerySet[Any], fields: tuple[str, ...], which: dict[str, Q]
) -> Iterator[tuple[tuple[Any, ...], str, int]]:
    for row in found.order_by().values_list(*fields).annotate(**_counts(which)):
        values, counts = row[: len(fields)], row[len(fields) :]
        yield from ((values, name, count) for name, count in zip(which, counts, strict=True) if count)


def makers(found: QuerySet[Any], by: str) -> Makers:
    """Count in one pass how many of the records each person made."""
    return grouped(found, by, all=Q())["all"]


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


def _counts(which: dict[str, Q]) -> dict[str, Count]:
    return {name: Count("pk", filter=condition or None) for name, condition in which.items()}


def once(period: Period, name: str, look: Callable[[], T]) -> T:
    """Return what was looked up under a name for another clause of the period, or look."""
    if name not in period.known:
        period.known[name] = look()
    found: T = period.known[name]
    return found
