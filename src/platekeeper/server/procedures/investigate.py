"""Investigations over stored reads (VI.b-h, VIII): several scenes, and who travels with a plate.

Each is one inquiry: decided, logged and committed, then run, then completed, as any search. What is found is never kept:
another look is logged, and asks the store again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from platekeeper.core.investigations import words
from platekeeper.core.investigations.companions import Judged, Wanted, companions, judged
from platekeeper.core.investigations.scenes import BEFORE, AtScenes, days_before, in_several, ranked, usual_of
from platekeeper.core.investigations.sightings import DAY, MINUTE, Sightings, Window, merged, numbers_of
from platekeeper.core.investigations.terms import Scene, Scenes, TravelsWith
from platekeeper.core.moments import microseconds, moment_of
from platekeeper.core.plates import fold
from platekeeper.core.rules.inquiries import AGE
from platekeeper.core.rules.retention import oldest_shown, shown_from
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.inquire import answer, begin, begin_approved, look_again
from platekeeper.server.procedures.question import AHEAD, Question
from platekeeper.server.procedures.stores import read_store
from platekeeper.server.querylog.lookups import own
from platekeeper.server.querylog.models import Approval, QueryLogEntry
from platekeeper.server.storage.deadline import Deadline
from platekeeper.server.storage.rows import StoredRead
from platekeeper.server.storage.terms import SearchTerms

TOOLS = ("scenes", "travels_with")
MOST_CANDIDATES = 5_000
"""More plates than this in common say nothing: the question is too wide."""
MOST_SHOWN = 100
MOST_SIGHTINGS = 500
"""So many of the given plate's sightings are looked at, the newest."""
REFERENCE = 28 * DAY
"""How far back from its end a span tells how often another plate is there anyway."""
SECONDS = 20.0
"""How long all the scans of a question may take together: then it ends with `SearchTooWide`, and holds nobody else up."""


@dataclass(frozen=True, slots=True)
class AtSeveral:
    """The plates at several scenes, at most `MOST_SHOWN` of `total`; none are told where there are too many to tell apart.

    How usual they are is told from so many `days` before.
    """

    asked: Scenes
    total: int
    plates: list[AtScenes] = field(default_factory=list)
    days: int = BEFORE

    @property
    def is_too_wide(self) -> bool:
        """Whether too many plates are common to the scenes."""
        return self.total > MOST_CANDIDATES

    @property
    def clipped(self) -> str:
        """In words how far back the usual counts look, "" if as far as they should."""
        return words.of_reference(self.days, wanted=BEFORE)

    def rows(self) -> list[dict[str, Any]]:
        """Return what was found as plain data, as a case file keeps it."""
        return [
            {"plate": each.plate, "scenes": each.scenes, "sightings": list(each.counts), "first": moment_of(each.first),
             "last": moment_of(each.last), "common": each.is_common, "words": words.of_scenes(each, days=self.days)}
            for each in self.plates
        ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Traveling:
    """The plates that travel with the given one, at most `MOST_SHOWN` of `total`.

    The given one was seen `seen` times; of these the newest `looked_at` were looked around. `days`: how far back from the end
    of the span it is looked how usual the others are.
    """

    asked: TravelsWith
    seen: int
    looked_at: int
    total: int
    plates: list[Judged] = field(default_factory=list)
    days: int = REFERENCE // DAY

    @property
    def clipped(self) -> str:
        """In words how far back the usual counts look, "" if as far as they should."""
        return words.of_reference(self.days, wanted=REFERENCE // DAY)

    def words(self, found: Judged) -> str:
        """Explain one of them."""
        return words.of_companion(found, sightings=self.looked_at, minutes=self.asked.minutes)

    def rows(self) -> list[dict[str, Any]]:
        """Return what was found as plain data, as a case file keeps it."""
        return [
            {"plate": each.companion.plate, "together": len(each.companion.together), "places": each.companion.places,
             "occasions": each.companion.occasions, "otherwise": each.otherwise, "days": each.days,
             "expected_by_chance": f"{each.expected:.4g}", "first": moment_of(int(each.companion.together.ats[0])),
             "last": moment_of(int(each.companion.together.ats[-1])), "words": self.words(each)}
            for each in self.plates
        ]  # fmt: skip


Answer = AtSeveral | Traveling


def investigate(by: Footing, question: Question) -> QueryLogEntry:
    """Ask what `question.tool` says; return the entry, which may wait for approval (VIII.b).

    Raises `UnclearTerms` before anything is decided, `RefusedAction`, and `SearchTooWide` once its entry says that it failed.
    """
    _asked(question.tool or {})
    entry = begin(by, question)
    return entry if entry.state == QueryLogEntry.State.WAITING else _answered(by, entry)


def investigate_approved(by: Footing, entry_id: int) -> QueryLogEntry:
    """Run one's own investigation once somebody else has approved it. Raises as `begin_approved`; no stake-out runs so."""
    if not own(by.person).filter(pk=entry_id, terms__tool__in=TOOLS).exists():
        raise QueryLogEntry.DoesNotExist
    return _answered(by, begin_approved(by, entry_id))


def _answered(by: Footing, entry: QueryLogEntry) -> QueryLogEntry:
    answer(by, entry, lambda: _run(by, entry), count=lambda found: len(found.plates))
    return entry


def found_by(by: Footing, entry_id: int) -> tuple[QueryLogEntry, Answer]:
    """Return what one's own entry found, asked anew; the look is logged first. Raises as `look_again`."""
    entry = look_again(by, entry_id, tools=TOOLS)
    return entry, _run(by, entry)


def last_read(found: AtScenes | Judged, asked: Scenes | TravelsWith) -> StoredRead | None:
    """Return the last of the reads that a plate was found by: for its picture, and for its text as it was read."""
    if isinstance(found, AtScenes):
        plate, window = found.plate, Window(found.last, found.last + 1)
    else:
        together, within = found.companion.together, (asked.minutes if isinstance(asked, TravelsWith) else 0) * MINUTE
        plate, at, lpr = found.companion.plate, int(together.ats[-1]), int(together.lprs[-1])
        window = Window(max(0, at - within), at + within + 1, (lpr,))
    terms = SearchTerms(since=window.since, until=window.until, plates=(plate,), lprs=window.lprs)
    return next(iter(read_store().search(terms, limit=1).reads), None)


def _asked(terms: Mapping[str, Any]) -> Scenes | TravelsWith:
    return Scenes.of(terms) if terms["tool"] == "scenes" else TravelsWith.of(terms)


def _run(by: Footing, entry: QueryLogEntry) -> Answer:
    asked, not_before, latest = _asked(entry.terms), _not_before(by, entry), entry.begun_at + AHEAD
    oldest = oldest_shown(by.policy, at=by.at)
    if isinstance(asked, Scenes):
        return at_scenes(asked, not_before=not_before, latest=latest, oldest=oldest)
    return traveling_with(asked, not_before=not_before, latest=latest, oldest=oldest)


def _not_before(by: Footing, entry: QueryLogEntry) -> datetime | None:
    """Return from when on reads may be looked at beside those that are asked for; None: all, as where that was approved."""
    age = by.policy.period(AGE) if by.policy.needs(AGE) else timedelta()
    is_approved = Approval.objects.filter(entry=entry, kind=Approval.Kind.BEFORE, granted=True).exists()
    return None if age is None or is_approved else entry.begun_at - age


def at_scenes(
    asked: Scenes, *, not_before: datetime | None = None, latest: datetime | None = None, oldest: datetime | None = None
) -> AtSeveral:
    """Return the plates at several scenes, up to `latest`; how usual they are there is told from no read before a moment.

    No read before `oldest` is looked at for anything: its time is over.
    """
    deadline, not_before = Deadline(SECONDS), _later(not_before, oldest)
    windows = [Window(*_span(each, oldest, latest), each.lprs) for each in asked.scenes]
    found = in_several([_seen([window], deadline) for window in windows], least=asked.least)
    if len(found) > MOST_CANDIDATES:
        return AtSeveral(asked, len(found))
    first = min(window.since for window in windows)
    lprs = tuple({lpr for window in windows for lpr in window.lprs})
    days = days_before(first, not_before=as_stored(not_before) if not_before else 0)
    before = [Window(first - days * DAY, first, lprs)] if days else []
    usual = usual_of(_seen(before, deadline, plates=[each.plate for each in found]), first=first)
    return AtSeveral(asked, len(found), ranked(found, usual)[:MOST_SHOWN], days)


def traveling_with(
    asked: TravelsWith, *, not_before: datetime | None = None, latest: datetime | None = None,
    oldest: datetime | None = None,
) -> Traveling:  # fmt: skip
    """Return the plates that travel with one, up to `latest`; how usual they are is told from no read before a moment, unless
    asked for. No read before `oldest` is looked at for anything."""
    deadline, not_before = Deadline(SECONDS), _later(not_before, oldest)
    (since, until), within = _span(asked, oldest, latest), asked.minutes * MINUTE
    first = as_stored(oldest) if oldest else 0
    plate = fold(asked.plate)
    all_seen = _seen([Window(since, until, asked.lprs)], deadline, plates=[plate])
    seen = all_seen.where(np.argsort(all_seen.ats)[-MOST_SIGHTINGS:])
    around = merged(
        Window(max(first, at - within), at + within + 1, (lpr,))
        for lpr, at in zip(seen.lprs.tolist(), seen.ats.tolist(), strict=True)
    )
    near = _seen(around, deadline)
    # Looked at beside the other revisions of its reads, which may say that it was another plate.
    given = near.where((near.plates == numbers_of([plate])) & (near.ats >= since) & (near.ats < until))
    wanted = Wanted(within=within, occasions=asked.occasions, places=asked.places)
    found = sorted(companions(given, near, wanted), key=lambda each: -len(each.together))[:MOST_CANDIDATES]
    span = (min(since, max(until - REFERENCE, as_stored(not_before) if not_before else 0)), until)
    lprs = tuple(sorted(set(given.lprs.tolist())))
    usual = _seen([Window(*span, lprs)], deadline, plates=[each.plate for each in found])
    told = judged(given, found, usual, within=within, span=span)
    days = -((span[0] - until) // DAY)
    return Traveling(asked, len(all_seen), len(given), len(told), told[:MOST_SHOWN], days)


def _seen(windows: Sequence[Window], deadline: Deadline, *, plates: Sequence[str] | None = None) -> Sightings:
    return Sightings.joined(read_store().scan(windows, plates=plates, seconds=deadline.left))


def _span(asked: Scene | TravelsWith, oldest: datetime | None, latest: datetime | None) -> tuple[int, int]:
    """Return from when to when is looked: what is past its time is left out, and what is still to come, so that another look
    finds nothing newer."""
    until = max(asked.since, asked.until if latest is None else min(asked.until, latest))
    return as_stored(shown_from(asked.since, until, oldest=oldest)), as_stored(until)


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((each for each in (one, other) if each is not None), default=None)


def as_stored(moment: datetime) -> int:
    """Return a moment as the store counts time, which begins in 1970."""
    return max(0, microseconds(moment))
