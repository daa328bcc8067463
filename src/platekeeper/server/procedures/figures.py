"""The figures of a period, counted out of the records: what a transparency report and a state's report are made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from django.db.models import Choices, Count, Exists, OuterRef, QuerySet, Sum
from django.db.models.functions import TruncMonth

from platekeeper.core.categories import Category
from platekeeper.core.figures import Figures, Tally
from platekeeper.core.rules.access import Authority, is_trained, may_inquire, may_reach_lpr_data, may_use_lpr
from platekeeper.core.rules.audits import REVIEWS
from platekeeper.core.rules.retention import CEILING
from platekeeper.server.equipment.models import LPR, DayCount
from platekeeper.server.hits.lookups import alarms, standing_steps
from platekeeper.server.hits.models import Departure, Hit, HitStep
from platekeeper.server.hits.reading import last_outcomes
from platekeeper.server.oversight.models import AuditStep, Complaint, Violation, ViolationStep
from platekeeper.server.personnel.lookups import agencies, authorities_of
from platekeeper.server.personnel.models import Person
from platekeeper.server.querylog.lookups import ran
from platekeeper.server.querylog.models import QueryLogEntry, SearchRequest, SearchStep
from platekeeper.server.reads.models import BarredCount, BarredPlace
from platekeeper.server.register.days import WRONG
from platekeeper.server.register.period import Period
from platekeeper.server.retention.models import Disposal
from platekeeper.server.sharing.lookups import disseminations

OWN, UNLISTED = "this department", "agencies not on its list"


def figures_of(period: Period) -> Figures:
    """Count. A table has all its rows, noughts too: which rows there are must not say what is in them."""
    raised, reads = alarms().filter(period.within("raised_at")), _reads(period)
    ended = _ended(raised)
    tallies = (
        _cameras(period),
        *([reads] if reads.counts else []),
        _hits(raised),
        _outcomes(ended),
        _misreads(ended),
        _stops(period),
        _queries(period),
        _shared(period),
        _left(period),
        _requests(period),
        _complaints(period),
        _violations(period),
        _reviewed(period),
        _users(period),
        _barred(period),
        _disposals(period),
        _days_disposed(period),
    )
    kept = period.policy.text(CEILING) or "not said yet"
    said = [("Reads without a hit are kept for", kept), ("Policy", f"version {period.policy.number}")]
    if not reads.counts:
        said.append(("Reads", "not counted: a day is counted once it is over, if its reads are kept until then"))
    return Figures(tallies, tuple(said))


def _shared(period: Period) -> Tally:
    """Count for whom queries ran, by agency.

    An agency that is not on the department's list is not named: what was typed there may name a person.
    """
    counts = Counter({OWN: 0, **_listed(), UNLISTED: 0})
    for name, count in _by(ran().filter(period.within("begun_at")), "requestor_agency").items():
        is_own = name in ("", period.policy.department)
        counts[OWN if is_own else name if name in counts else UNLISTED] += count
    words = "Queries of stored reads, by the agency that they were made for."
    return Tally("shared", "Searches for others", words, "queries", counts)


def _left(period: Period) -> Tally:
    """Count what left, by agency; what went to somebody of none is with those that are not listed."""
    counts = Counter({**_listed(), UNLISTED: 0})
    for name, count in _by(disseminations().filter(period.within("begun_at"), failure=""), "agency__name").items():
        counts[name if name in counts else UNLISTED] += count
    words = "Files, packets, answers and looks at hits that left under an agreement or an order, by agency."
    return Tally("left", "Sharing", words, "times", counts)


def _listed() -> dict[str, int]:
    return dict.fromkeys(agencies().values_list("name", flat=True), 0)


def _cameras(period: Period) -> Tally:
    kinds = _labeled(LPR.Kind, _by(LPR.objects.filter(added_at__lte=period.at, in_service=True), "kind"))
    return Tally("cameras", "Cameras", "License plate readers in service, by kind.", "LPRs", kinds, of_people=False)


def _reads(period: Period) -> Tally:
    """Count reads by month; there is no month where no day was counted, and nothing to say then."""
    counted = DayCount.objects.filter(day__gte=period.first_day, day__lte=period.today)
    months = counted.annotate(month=TruncMonth("day")).order_by("month").values_list("month").annotate(Sum("reads"))
    counts = {f"{month:%Y-%m}": reads for month, reads in months}
    words = "Plates read, by month, on days that are over (UTC)."
    return Tally("reads", "Reads", words, "reads", counts, of_people=False)


def _hits(raised: QuerySet[Hit]) -> Tally:
    counts = Counter(_by(raised, "category"))
    named = {each.value.replace("_", " "): counts[each.value] for each in Category}
    return Tally(
        "hits", "Hits", "Alarms, by why the plate was wanted; repeats of an alarm are not counted.", "alarms", named
    )


def _outcomes(ended: dict[str, int]) -> Tally:
    words = "Alarms, by the outcome that was recorded."
    return Tally("outcomes", "What became of the hits", words, "alarms", ended)


def _misreads(ended: dict[str, int]) -> Tally:
    wrong = {str(each.label): ended[str(each.label)] for each in WRONG}
    return Tally("misreads", "Misreads", "Alarms on a plate that was read wrongly.", "alarms", wrong, public=False)


def _ended(raised: QuerySet[Hit]) -> dict[str, int]:
    found = _labeled(HitStep.Outcome, _by(last_outcomes().filter(hit__in=raised), "outcome"))
    return found | {"none recorded": raised.count() - sum(found.values())}


def _stops(period: Period) -> Tally:
    made = standing_steps(HitStep.Kind.STOPPED).filter(period.within("at"))
    departed = made.filter(Exists(Departure.objects.filter(hit=OuterRef("hit"), at=OuterRef("at")))).count()
    counts = {"after both checks": made.count() - departed, "without one of them": departed}
    words = "Stops made on a hit; the plate is compared with the picture, and the hit confirmed, before one."
    return Tally("stops", "Stops", words, "stops", counts)


def _queries(period: Period) -> Tally:
    named = _labeled(QueryLogEntry.Purpose, _by(ran().filter(period.within("begun_at")), "purpose"))
    return Tally("queries", "Queries", "Queries of stored reads that ran, by purpose.", "queries", named)


def _requests(period: Period) -> Tally:
    answered = Exists(SearchStep.objects.filter(request=OuterRef("pk"), kind=SearchStep.Kind.ANSWERED))
    asked = SearchRequest.objects.filter(period.within("asked_at")).annotate(answered=answered)
    rows = Counter((agency is not None, done) for agency, done in asked.values_list("agency", "answered"))
    counts = {
        f"{'other agencies' if outside else 'own'}, {'answered' if done else 'not answered'}": rows[outside, done]
        for outside in (False, True)
        for done in (True, False)
    }
    words = "Requests to search stored reads: the department's own and those of other agencies."
    return Tally("requests", "Requests for searches", words, "requests", counts)


def _complaints(period: Period) -> Tally:
    named = _labeled(Complaint.Way, _by(Complaint.objects.filter(period.within("received_at")), "way"))
    return Tally("complaints", "Complaints", "Complaints received, by how they came.", "complaints", named)


def _violations(period: Period) -> Tally:
    opened = Violation.objects.filter(period.within("opened_at"))
    closed = ViolationStep.objects.filter(violation__in=opened, kind=ViolationStep.Kind.CLOSED, at__lte=period.at)
    named = _labeled(ViolationStep.Outcome, _by(closed, "outcome"))
    named["still open"] = opened.count() - sum(named.values())
    words = "Violations of the policy that were opened, by how they ended."
    return Tally("violations", "Violations", words, "violations", named)


def _reviewed(period: Period) -> Tally:
    steps = AuditStep.objects.filter(period.within("at"), kind__in=REVIEWS)
    seen = steps.values("item__entry").distinct().count()
    unfounded = AuditStep.objects.filter(kind=AuditStep.Kind.UNFOUNDED, at__lte=period.at).values("item")
    found = steps.filter(kind=AuditStep.Kind.MISUSE).exclude(item__in=unfounded)
    misuse = found.values("item__entry").distinct().count()
    counts = {"fine": seen - misuse, "misuse": misuse}
    return Tally(
        "reviewed", "Reviews", "Queries looked at by an auditor, and what was found.", "queries", counts, public=False
    )


def _users(period: Period) -> Tally:
    people = list(Person.objects.filter(added_at__lte=period.at))
    facts = authorities_of(people, at=period.at, today=period.today).values()
    authorized = [who for who in facts if _is_authorized(who, period)]
    trained = sum(bool(is_trained(who, period.policy, period.today)) for who in authorized)
    counts = {"trained": trained, "not trained": len(authorized) - trained}
    words = "People who are authorized to use LPRs or to reach LPR data at the end of the period."
    return Tally("users", "Authorized users", words, "people", counts, of_people=False)


def _is_authorized(who: Authority, period: Period) -> bool:
    """Say whether somebody may use LPRs or reach their data once they are trained."""
    as_trained = replace(who, trained_on=period.today, overdue=())
    rules = (may_use_lpr, may_reach_lpr_data, may_inquire)
    return any(rule(as_trained, period.policy, period.today) for rule in rules)


def _barred(period: Period) -> Tally:
    counted = BarredCount.objects.filter(day__gte=period.first_day, day__lte=period.today)
    named = _labeled(BarredPlace.Kind, dict(counted.order_by().values_list("place__kind").annotate(Sum("count"))))
    words = "Reads at places where collecting is barred: counted, and not kept."
    return Tally("barred", "Barred places", words, "reads", named, of_people=False)


def _disposals(period: Period) -> Tally:
    counts = _labeled(Disposal.Kind, _by(Disposal.objects.filter(period.within("completed_at")), "kind"))
    words = "Disposals of what was past its time, each with a certificate."
    return Tally("disposals", "Retention", words, "disposals", counts, of_people=False)


def _days_disposed(period: Period) -> Tally:
    gone = Disposal.objects.filter(period.within("completed_at"), kind=Disposal.Kind.READS)
    counts = {"days": gone.values("day").distinct().count()}
    words = "Days of which reads were disposed of."
    return Tally("days_disposed", "Days disposed of", words, "days", counts, of_people=False, public=False)


def _labeled(choices: type[Choices], counts: Mapping[str, int]) -> dict[str, int]:
    """Return the count of every choice under its label, noughts too."""
    return {str(each.label): counts.get(each.value, 0) for each in choices}


def _by(found: QuerySet[Any], field: str) -> dict[str, int]:
    rows: Iterable[tuple[str, int]] = found.order_by(field).values_list(field).annotate(Count("pk"))
    return dict(rows)
