"""Read hits. A hit's state is nothing but its steps."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest

from platekeeper.core.categories import HitAction
from platekeeper.core.matching import StateAgreement
from platekeeper.core.rules.hits import OVERDUE_AFTER, HitFacts
from platekeeper.server.casefiles.lookups import numbers_of, preserved
from platekeeper.server.equipment.models import LPR
from platekeeper.server.hits.ended import ended
from platekeeper.server.hits.models import Departure, Hit, HitStep
from platekeeper.server.hotlist.lookups import change_version
from platekeeper.server.personnel.models import Person

Kind = HitStep.Kind
WORKED = (Kind.IMAGE_VERIFIED, Kind.IMAGE_DIFFERS, Kind.CONFIRMATION_ASKED, Kind.STOPPED, Kind.OUTCOME)
"""What a member does about a hit; dispatch's answers and recalls are not theirs."""
RECALLS_SHOWN = timedelta(days=1)
_TAKES_BACK = {
    Kind.IMAGE_VERIFIED: Kind.IMAGE_DIFFERS,
    Kind.IMAGE_DIFFERS: Kind.IMAGE_VERIFIED,
    Kind.CONFIRMED: Kind.NOT_CONFIRMED,
    Kind.NOT_CONFIRMED: Kind.CONFIRMED,
    Kind.STOP_TAKEN_BACK: Kind.STOPPED,
    Kind.REOPENED: Kind.OUTCOME,
}
"""A step of a kind takes back what was said before with one of the other."""
_LEADING: dict[str, tuple[Kind, dict[str, Any]]] = {
    "stop": (Kind.STOPPED, {}),
    "stop_back": (Kind.STOP_TAKEN_BACK, {}),
    "end": (Kind.OUTCOME, {}),
    "end_led_on": (Kind.OUTCOME, {"led_on": True}),
    "end_correct": (Kind.OUTCOME, {"outcome": HitStep.Outcome.CORRECT}),
    "end_back": (Kind.REOPENED, {}),
}
"""The steps that say whether a hit led on, each with what it says."""


def standing(hit: Hit) -> dict[str, HitStep]:
    """Return the steps of a hit that count, by kind: the last of each, and none that a later one took back. Which is later
    their numbers say, since their times are of several clocks."""
    found: dict[str, HitStep] = {}
    for step in sorted(hit.steps.all(), key=attrgetter("pk")):
        found.pop(_TAKES_BACK.get(Kind(step.kind), ""), None)
        found[step.kind] = step
    return found


def standing_steps(kind: Kind) -> QuerySet[HitStep]:
    """Return the steps of a kind that count: of each hit the last, unless a later one took it back."""
    return HitStep.objects.filter(~Exists(_later(kind)), kind=kind)


def stands(kind: Kind, *, hit: str, by: str = "") -> Exists:
    """Return the condition that a step of a kind counts, or did by a moment: `hit` and `by` are fields of what is asked."""
    later = _later(kind)
    found = HitStep.objects.filter(hit=OuterRef(hit), kind=kind)
    if by:
        found, later = found.filter(at__lte=OuterRef(by)), later.filter(at__lte=OuterRef(OuterRef(by)))
    return Exists(found.filter(~Exists(later)))


def taken_back(*, by: Any = None) -> Q:
    """Return the condition that a step is a stop which was taken back, by a moment or ever."""
    back = HitStep.objects.filter(hit=OuterRef("hit"), kind=Kind.STOP_TAKEN_BACK, pk__gt=OuterRef("pk"))
    return Q(Exists(back if by is None else back.filter(at__lte=by)), kind=Kind.STOPPED)


def facts_of(hit: Hit, *, at: datetime) -> HitFacts:
    """Return how far a hit has been worked, and whether its entry is in force at `at`; of a closed one nobody asks that."""
    steps = standing(hit)
    verified, confirmed, stopped = (steps.get(kind) for kind in (Kind.IMAGE_VERIFIED, Kind.CONFIRMED, Kind.STOPPED))
    facts = HitFacts(
        image_verified_at=verified.at if verified else None,
        image_differs=Kind.IMAGE_DIFFERS in steps,
        confirmed_at=confirmed.at if confirmed else None,
        not_confirmed=Kind.NOT_CONFIRMED in steps,
        stopped_at=stopped.at if stopped else None,
        recalled=Kind.RECALLED in steps,
        outcome=steps[Kind.OUTCOME].outcome if Kind.OUTCOME in steps else "",
        state_agreement=StateAgreement(hit.state_agreement),
        wanted_state=hit.entry.get("state", ""),
    )
    return facts if facts.is_closed else replace(facts, entry_ended=ended([hit], at=at).get(hit.pk, ""))


def hits() -> QuerySet[Hit]:
    """Return hits with what a screen shows of each, newest first."""
    return (
        Hit.objects.select_related("lpr")
        .prefetch_related("steps__by")
        .annotate(repeated=Count("repeats", distinct=True), last_seen=Max("repeats__seen_at"))
        .order_by("-raised_at", "-pk")  # said here: with a count on it, a query forgets the order of its model
    )


def alarms() -> QuerySet[Hit]:
    """Return every hit that raised an alarm, repeats left out."""
    return Hit.objects.filter(repeat_of=None).exclude(action=HitAction.SILENT)


def board() -> QuerySet[Hit]:
    """Return open alarms: urgent ones first, then the newest."""
    return _open(hits()).exclude(action=HitAction.SILENT).order_by("-urgent", "-raised_at", "-pk")


def open_hits() -> QuerySet[Hit]:
    """Return open alarms for who supervises them, the one open longest first, and what raised none but was stopped on."""
    worked = ~Q(action=HitAction.SILENT) | Q(stands(Kind.STOPPED, hit="pk"))
    return _open(hits()).filter(worked).order_by("raised_at", "pk")


def overdue_count(*, at: datetime) -> int:
    """Return how many alarms have been open for too long."""
    return board().filter(raised_at__lt=at - OVERDUE_AFTER).count()


def led_on(*, by: Any = None) -> Q:
    """Return the condition that a hit had led on to enforcement, an investigation or a prosecution by a moment, or ever
    (V.c): its last outcome says so, or a stop was made, and the read was correct or nobody has said since how it was."""
    steps = HitStep.objects.all() if by is None else HitStep.objects.filter(at__lte=by)
    # of each hit the last of these at once: what is joined step by step a database may look through for each hit
    worked = steps.filter(kind__in={kind for kind, _more in _LEADING.values()}).order_by().values("hit")
    told: QuerySet[Any, Any] = worked.annotate(
        **{name: Coalesce(Max("pk", filter=Q(kind=kind, **more)), 0) for name, (kind, more) in _LEADING.items()}
    )
    stopped, ended = Q(stop__gt=F("stop_back")), Q(end__gt=F("end_back"))
    says_so = ended & (Q(end=F("end_led_on")) | Q(end=F("end_correct")) & stopped)
    unsaid = stopped & ~Q(end__gt=Greatest("end_back", "stop"))
    return Q(pk__in=told.filter(says_so | unsaid).values("hit"))


def hits_to_preserve(*, at: Any) -> QuerySet[Hit]:
    """Return the hits that had led on by a moment and that no case had taken, the oldest first (V.c)."""
    return Hit.objects.filter(led_on(by=at), ~is_taken(by=at)).order_by("raised_at", "pk")


def is_taken(*, by: Any) -> Q:
    """Return the condition that a case had taken a hit by a moment."""
    return Q(pk__in=numbers_of(preserved(at=by), "hit:"))


def recalled(*, at: datetime) -> QuerySet[HitStep]:
    """Return the recalls of alarms in the day before `at`, whose members must be told, the newest first."""
    lately = HitStep.objects.filter(kind=Kind.RECALLED, at__gt=at - RECALLS_SHOWN, hit__repeat_of=None)
    return lately.exclude(hit__action=HitAction.SILENT).select_related("hit").order_by("-at", "-pk")


def silent() -> QuerySet[Hit]:
    """Return open hits that raise no alarm and wait for review, the newest first. How a stop ended its member says."""
    waiting = _open(hits()).filter(action=HitAction.SILENT).exclude(stands(Kind.STOPPED, hit="pk"))
    return waiting.order_by("-raised_at", "-pk")


def confirmations() -> QuerySet[Hit]:
    """Return hits whose confirmation was asked of dispatch and not answered yet; none whose picture turned out to differ."""
    waiting = _open(hits()).filter(_has(Kind.CONFIRMATION_ASKED)).exclude(stands(Kind.IMAGE_DIFFERS, hit="pk"))
    return waiting.exclude(_has(Kind.CONFIRMED)).exclude(_has(Kind.NOT_CONFIRMED)).order_by("-urgent", "raised_at")


def last_step(person: Person, *kinds: Kind) -> HitStep | None:
    """Return the last step of some kinds that a person took, with its hit."""
    return HitStep.objects.filter(by=person, kind__in=kinds).select_related("hit").order_by("-pk").first()


def departures(*, open_only: bool = True) -> QuerySet[Departure]:
    """Return stops made without both steps, newest first, each with why it was taken back, if it was."""
    back = HitStep.objects.filter(
        hit=OuterRef("hit"), kind=Kind.STOP_TAKEN_BACK, hit__steps__kind=Kind.STOPPED, hit__steps__pk__lt=F("pk"),
        hit__steps__by=OuterRef("member"), hit__steps__at=OuterRef("at"),
    ).order_by("pk")  # fmt: skip
    found = Departure.objects.select_related("hit__lpr", "member", "reviewed_by")
    found = found.annotate(taken_back=Subquery(back.values("remark")[:1]))
    return found.filter(reviewed_at=None) if open_only else found


def open_alarms(*, prefix: str = "") -> QuerySet[Hit]:
    """Return open hits on entries whose key begins with `prefix`, repeats included."""
    return Hit.objects.filter(closed_at=None, entry_key__startswith=prefix)


def uncorrected(read_ids: Collection[str]) -> QuerySet[Hit]:
    """Return the hits of these reads that stand as they were read."""
    return _as_read(Hit.objects.filter(read_id__in=read_ids))


def raised(read_ids: Collection[str]) -> set[tuple[str, str]]:
    """Return which of these reads have a hit as they were read, each with the key of its entry."""
    return set(uncorrected(read_ids).values_list("read_id", "entry_key"))


def alarms_near(entry_keys: Collection[str], *, since: datetime, until: datetime) -> list[Hit]:
    """Return the open alarms on these entries, repeats left out, seen between two times; the earliest first."""
    near = _open(Hit.objects.filter(entry_key__in=entry_keys, seen_at__gte=since, seen_at__lte=until))
    return list(near.order_by("seen_at").defer("read", "entry"))


def open_count() -> int:
    """Return how many alarms are open."""
    return _open(Hit.objects.all()).exclude(action=HitAction.SILENT).count()


def seen_or_worked(lpr: LPR, member: Person, *, since: datetime, until: datetime) -> QuerySet[Hit]:
    """Return the alarms that an LPR saw between two times, and the hits of any LPR that a member worked then; the earliest
    seen first. One that raises no alarm is worked by a stop alone: its review is no part of a tour."""
    steps = HitStep.objects.filter(~taken_back(), by=member, kind__in=WORKED, at__gte=since, at__lte=until)
    steps = steps.exclude(~Q(kind=Kind.STOPPED), hit__action=HitAction.SILENT)
    # asked for first: with it inside, hits would be looked through whole
    worked = set(steps.values_list("hit", flat=True))
    seen = Q(lpr=lpr, seen_at__gte=since, seen_at__lte=until) & ~Q(action=HitAction.SILENT)
    return Hit.objects.filter(seen | Q(pk__in=worked) if worked else seen).order_by("seen_at")


def told() -> QuerySet[Hit]:
    """Return the alarms and repeats that somebody may be told of, the earliest capture first: silent hits are nobody's."""
    return Hit.objects.exclude(action=HitAction.SILENT).order_by("seen_at", "pk")


def told_of(read_ids: Collection[str]) -> QuerySet[Hit]:
    """Return those of some reads, as far as these are as they were read."""
    return _as_read(told().filter(read_id__in=read_ids))


def hits_between(since: datetime, until: datetime) -> QuerySet[Hit]:
    """Return those of a time of capture."""
    return told().filter(seen_at__gte=since, seen_at__lt=until)


def hit_reads(*, since: datetime, until: datetime) -> frozenset[bytes]:
    """Return the ids of the reads captured between two times that were such hits, and are as they were read."""
    ids = _as_read(hits_between(since, until)).order_by().values_list("read_id", flat=True)
    return frozenset(bytes.fromhex(each) for each in ids.iterator())


def board_version(*, at: datetime) -> str:
    """Return a token that changes whenever the board would; an entry's end moves nothing, so each minute does."""
    steps = HitStep.objects.exclude(kind=Kind.SHOWN).exclude(hit__action=HitAction.SILENT)
    # the first of the newest, since a greatest number of two tables is looked for in all of both
    newest = [found.order_by("-pk").values_list("pk", flat=True).first() for found in (told(), steps)]
    return f"{newest[0]}-{newest[1]}-{change_version()}-{at:%H%M}"


def _as_read(found: QuerySet[Hit]) -> QuerySet[Hit]:
    return found.filter(corrected_at=None)


def _open(found: QuerySet[Hit]) -> QuerySet[Hit]:
    return found.filter(repeat_of=None, closed_at=None)


def _later(kind: Kind) -> QuerySet[HitStep]:
    """Return the steps of the same hit that came in the place of one of a kind, which the query around this names."""
    over = [kind, *(each for each, taken_back in _TAKES_BACK.items() if taken_back == kind)]
    return HitStep.objects.filter(hit=OuterRef("hit"), kind__in=over, pk__gt=OuterRef("pk"))


def _has(kind: HitStep.Kind) -> Exists:
    return Exists(HitStep.objects.filter(hit=OuterRef("pk"), kind=kind))
