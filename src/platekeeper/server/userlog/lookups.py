"""Find tours of duty, and where Daily User Logs are."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from platekeeper.core.categories import HitAction
from platekeeper.core.clauses import Clause
from platekeeper.core.rules.log_keeping import Matter
from platekeeper.core.rules.tours import Answer, Phase, Question
from platekeeper.core.rules.user_logs import LogFacts, State
from platekeeper.server.casefiles.lookups import preserved
from platekeeper.server.casefiles.models import CaseFile
from platekeeper.server.hits.lookups import WORKED, open_alarms, seen_or_worked, taken_back
from platekeeper.server.hits.models import Hit, HitStep
from platekeeper.server.personnel.models import Person
from platekeeper.server.userlog.models import DailyUserLog, LogArrest, LogRevision, Tour, TourCheck, TourOverride


def tours() -> QuerySet[Tour]:
    """Return every tour, newest first."""
    return Tour.objects.select_related("log", "member", "lpr", "hot_list", "ended_by")


def open_tours() -> QuerySet[Tour]:
    """Return the tours that have not ended: at most one a member and one an LPR."""
    return tours().filter(ended_at=None)


def tours_of_hits(hits: QuerySet[Hit]) -> QuerySet[Any, tuple[int, int]]:
    """Return which of some hits came out of which tours that have ended by now, by number: the tour's LPR saw it, or its
    member worked it; of those that raise no alarm only what the member stopped on."""
    seen = Q(lpr__tours__begun_at__lte=F("seen_at"), lpr__tours__ended_at__gte=F("seen_at"))
    alarm = ~Q(hit__action=HitAction.SILENT) | Q(kind=HitStep.Kind.STOPPED)
    worked = Q(
        alarm, ~taken_back(), by__tours__begun_at__lte=F("at"), by__tours__ended_at__gte=F("at"), kind__in=WORKED,
        hit__in=hits.values("pk"),
    )  # fmt: skip
    of_members: QuerySet[Any, tuple[int, int]] = (
        HitStep.objects.filter(worked).order_by().values_list("hit", "by__tours")
    )
    return (
        hits.filter(seen).exclude(action=HitAction.SILENT).order_by().values_list("pk", "lpr__tours").union(of_members)
    )


def tours_of(member: Person) -> QuerySet[Tour]:
    """Return a member's tours, newest first."""
    return tours().filter(member=member)


def hits_of(tour: Tour, *, at: datetime) -> QuerySet[Hit]:
    """Return the hits of a tour up to its end or `at`, the earliest first: the alarms that its LPR saw, and those of any LPR,
    a fixed one say, that its member worked; of those that raise no alarm only what the member stopped on."""
    return seen_or_worked(tour.lpr, tour.member, since=tour.begun_at, until=tour.ended_at or at)


def overrides(*, since: datetime) -> QuerySet[TourOverride]:
    """Return the overrides asked for or decided since a moment, and those that wait, the newest first."""
    found = TourOverride.objects.select_related("member", "decided_by", "withdrawn_by")
    return found.filter(Q(asked_at__gte=since) | Q(decided_at__gte=since) | Q(granted=None))


def granted_overrides(member: Person, *, since: datetime) -> dict[Clause, TourOverride]:
    """Return what a supervisor has overridden for a member since a moment, by clause."""
    granted = TourOverride.objects.filter(member=member, granted=True, withdrawn_at=None, decided_at__gte=since)
    return {Clause.by_number(each.clause): each for each in granted.order_by("decided_at")}


def attested_since(moment: datetime) -> dict[int, datetime]:
    """Return when a member last gave their word for the list on a unit, since a moment, by the LPR's number."""
    said = TourCheck.objects.filter(question=Question.HOT_LIST, answer=Answer.ATTESTED, at__gte=moment)
    return dict(said.order_by("at").values_list("tour__lpr", "at"))


def logs() -> QuerySet[DailyUserLog]:
    """Return every Daily User Log with its tours and revisions, the newest first."""
    found = DailyUserLog.objects.select_related("member")
    return found.prefetch_related(
        "tours__lpr", "tours__member", "tours__checks", "revisions__decided_by", "revisions__forwarded_by"
    )


def unfinished_logs(*, at: datetime | None = None) -> QuerySet[DailyUserLog]:
    """Return the logs that nobody has accepted by `at` or by now, whoever is to do something about them, the oldest first."""
    accepted = LogRevision.objects.filter(log=OuterRef("pk"), accepted=True)
    if at is None:
        return logs().filter(~Exists(accepted)).order_by("opened_at", "pk")
    return logs().filter(~Exists(accepted.filter(decided_at__lte=at)), opened_at__lte=at).order_by("opened_at", "pk")


def newest_revision(log: DailyUserLog) -> LogRevision | None:
    """Return a log as it was forwarded last, None before."""
    return max(log.revisions.all(), key=lambda revision: revision.number, default=None)


def accepted_revision(log: DailyUserLog) -> LogRevision | None:
    """Return a log as it was accepted, None before."""
    return LogRevision.objects.select_related("forwarded_by", "decided_by").filter(log=log, accepted=True).first()


def facts_of(log: DailyUserLog, *, fill: int, at: datetime) -> LogFacts:
    """Return a log as it stood at `at`, out of what had happened by then; `fill` tours fill it."""
    on_it = [tour for tour in log.tours.all() if tour.begun_at <= at]
    running = [tour for tour in on_it if tour.ended_at is None or tour.ended_at > at]
    forwarded = [revision for revision in log.revisions.all() if revision.forwarded_at <= at]
    revision = max(forwarded, key=lambda each: each.number, default=None)
    decided_at = revision.decided_at if revision and revision.decided_at and revision.decided_at <= at else None
    ends = [tour.begun_at if tour in running or tour.ended_at is None else tour.ended_at for tour in running or on_it]
    state = _state(revision, is_decided=decided_at is not None)
    return LogFacts(
        state=state,
        since=max([log.opened_at, *ends, *([decided_at or revision.forwarded_at] if revision else [])]),
        on_tour=bool(running),
        filled=revision is not None or len(on_it) >= fill,
        unsaid=0 if revision and revision.accepted else sum(map(_is_unsaid, on_it)),
    )


def unworked_hits(log: DailyUserLog, *, at: datetime) -> int:
    """Count the hits of a log's tours that have no outcome, repeats left out."""
    alarms = open_alarms().filter(repeat_of=None)
    return sum(alarms.filter(pk__in=hits_of(tour, at=at).values("pk")).count() for tour in log.tours.all())


def named_in(log: DailyUserLog) -> QuerySet[LogArrest]:
    """Return the arrests that a log names, those left out that were withdrawn."""
    return log.arrests.filter(withdrawn_at=None)


def arrests_of(log: DailyUserLog, *, at: datetime) -> list[CaseFile]:
    """Return the cases with an arrest that came out of a log's tours: named in it, or preserving one of their hits."""
    named = Q(pk__in=named_in(log).values("case"))
    keys = [f"hit:{number}" for tour in log.tours.all() for number in hits_of(tour, at=at).values_list("pk", flat=True)]
    arrested = Q(pk__in=preserved().filter(key__in=keys).values("case"), arrested_on__isnull=False)
    return list(CaseFile.objects.filter(named | arrested).order_by("number"))


def matters_of(cases: Iterable[CaseFile]) -> list[Matter]:
    """Return cases as what a log is kept for (VII.h.4)."""
    return [Matter(case.number, case.disposed_on) for case in cases]


def _state(revision: LogRevision | None, *, is_decided: bool) -> State:
    if revision is None:
        return State.OPEN
    if not is_decided:
        return State.FORWARDED
    return State.ACCEPTED if revision.accepted else State.SENT_BACK


def _is_unsaid(tour: Tour) -> bool:
    """Say whether a tour ended without a word on where the vehicle is."""
    return tour.ended_at is not None and not any(_says_where(check) for check in tour.checks.all())


def _says_where(check: TourCheck) -> bool:
    return check.phase == Phase.END and check.question == Question.PARKED and check.answer != Answer.UNSAID
