"""What every way onto the hot list shares (VI.a, VII.f-g): what may be written, one entry a plate and reason, its leaf."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from platekeeper.core.categories import Category, HitAction
from platekeeper.core.clauses import Clause
from platekeeper.core.partial import PatternError, PlatePattern, parse_pattern
from platekeeper.core.plates import Plate, is_junk, parse_state
from platekeeper.core.rules.access import has_any_duty, has_duty
from platekeeper.core.rules.alerts import URGENT_ENTRY, is_narrow_enough
from platekeeper.core.rules.decision import Allowed, Decision, Refused
from platekeeper.server.hotlist import lookups
from platekeeper.server.hotlist.models import HotListEntry
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.procedures.answer_hit import SEES_SILENT
from platekeeper.server.procedures.authority import Footing, RefusedAction
from platekeeper.server.procedures.question import AHEAD
from platekeeper.server.procedures.search_lpr_data import QueryResult, prior_reads
from platekeeper.server.procedures.stores import read_store
from platekeeper.server.storage.errors import SearchTooWide

LOOKED_AT = 5_000
"""The newest stored reads that a partial plate is tried against before it may alarm."""
_LONGEST_PATTERN = 20
_SILENT = Refused(Clause.VI_j, "The hits of this entry raise no alarm: who asked for it or reviews those sees it.")


@dataclass(frozen=True, slots=True)
class EntryResult:
    """An entry as it stands now and, once it is on the list, the prior reads of its plate (VII.f.3, VII.g).

    `prior_reads` is None while the entry is not on the list, and where the look ended before its time: `stopped` says why.
    """

    entry: HotListEntry
    prior_reads: QueryResult | None = None
    stopped: str = ""


class DuplicateEntry(RefusedAction):
    """The plate is on the list for the same reason already: `entry` is where."""

    def __init__(self, entry: HotListEntry) -> None:
        super().__init__(Refused(Clause.VI_a, f"{entry.plate} is on the hot list under this category already."))
        self.entry = entry


class UnclearEntry(ValueError):
    """What was written is not an entry; the message says what would be, `field` where."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def seen_entries(by: Footing) -> QuerySet[HotListEntry]:
    """Return the own entries that somebody sees who sees the hot lists: one whose hits raise no alarm only whoever asked for
    it, directed or decided it, and whoever decides on it or sees such hits."""
    if has_any_duty(by.authority, by.policy, *SEES_SILENT, "VI.a.decider"):
        return lookups.entries()
    seen = ~Q(hit_action=HitAction.SILENT)
    seen |= Q(requested_by=by.person) | Q(directed_by=by.person) | Q(decided_by=by.person)
    if has_duty(by.authority, by.policy, "VII.f.directors"):
        seen |= Q(state=HotListEntry.State.REQUESTED, category__in=URGENT_ENTRY)
    return lookups.entries().filter(seen)


def may_see_entry(by: Footing, entry: HotListEntry) -> Decision:
    """Decide whether somebody who sees the hot lists sees this entry."""
    return Allowed() if seen_entries(by).filter(pk=entry.pk).exists() else _SILENT


def wanted_plate(text: str) -> PlatePattern:
    """Return the plate or partial plate that somebody wrote. Raises `UnclearEntry`."""
    try:
        pattern = parse_pattern(text)
    except PatternError as error:
        raise UnclearEntry("plate", str(error)) from error
    if len(pattern.text) > _LONGEST_PATTERN:
        raise UnclearEntry("plate", f"Write it with {_LONGEST_PATTERN} characters at most, ? and * included.")
    if pattern.is_complete and is_junk(Plate(pattern.text)):
        raise UnclearEntry("plate", f"{pattern.text} is what is written for want of a plate; give the plate itself.")
    return pattern


def state_of(text: str) -> str:
    """Return the two letters of a state that somebody wrote, empty for none. Raises `UnclearEntry`."""
    if not text.strip():
        return ""
    state = parse_state(text)
    if state is None:
        raise UnclearEntry("jurisdiction", "Give a state or province by its two letters, or leave it empty.")
    return state


def not_over(expires_at: datetime, *, at: datetime) -> Decision:
    """Refuse an entry that has ended before it begins."""
    return Allowed() if expires_at > at else Refused(Clause.VI_a, "The entry would be over already.")


def is_narrow(pattern: PlatePattern) -> Decision:
    """Try a partial plate against recent traffic (VI.a); only counts leave this look at the store."""
    if pattern.is_complete:
        return Allowed()
    recent = read_store().recent(LOOKED_AT)
    matched = sum(pattern.matches(Plate(read.row.plate)) for read in recent if read.row.plate)
    return is_narrow_enough(matched=matched, looked_at=len(recent))


@contextmanager
def one_entry(by: Footing, *, attempted: Action) -> Iterator[None]:
    """Open the transaction of an act. A duplicate found inside is logged once everything else is undone."""
    try:
        with transaction.atomic():
            yield
    except DuplicateEntry as duplicate:
        by.log_refusal(duplicate.refusal, attempted=attempted, subject=subject_of(duplicate.entry))
        raise


def demand_no_duplicate(*, plate: str, jurisdiction: str, category: Category | str, at: datetime) -> None:
    """Raise `DuplicateEntry` if the plate is on the list already. Call it once `move_version` holds the lists."""
    duplicate = lookups.same_entry(plate=plate, jurisdiction=jurisdiction, category=category, at=at)
    if duplicate is not None:
        raise DuplicateEntry(duplicate)


def with_prior_reads(by: Footing, entry: HotListEntry, *, back: timedelta | None = None) -> EntryResult:
    """Look up the prior reads of an entry that was put on the list (VII.f.3, VII.g), none from after its end.

    A look that takes too long is owed still; the entry stands, and so does what is done beside it.
    """
    until = min(filter(None, (by.at + AHEAD, entry.expires_at, entry.canceled_at)))
    try:
        found = prior_reads(
            by, pattern=entry.plate, reason=entry.reason, case_number=entry.case_number, until=until, back=back
        )  # fmt: skip
    except SearchTooWide as stopped:
        return EntryResult(entry, stopped=str(stopped))
    return EntryResult(entry, prior_reads=found)


def subject_of(entry: HotListEntry) -> str:
    """Return how the ledger names an entry."""
    return f"entry:{entry.pk}"


def log_entry(
    by: Footing, entry: HotListEntry, action: Action, *, clause: Clause, remark: str = "", **details: Any
) -> None:
    """Append what happened to an entry to the ledger: the last statement of its transaction."""
    append(
        at=by.at,
        by=by.actor,
        action=action,
        clause=clause,
        subject=subject_of(entry),
        details={
            "category": entry.category,
            "is_partial": entry.is_partial,
            "hit_action": entry.hit_action,
            "effective_at": entry.effective_at.astimezone(UTC).isoformat(timespec="microseconds"),
            "expires_at": entry.expires_at.astimezone(UTC).isoformat(timespec="microseconds"),
            **details,
        },
        sealed={
            "plate": entry.plate,
            "jurisdiction": entry.jurisdiction,
            "reason": entry.reason,
            "authority": entry.authority,
            "remark": remark,
        },
        purpose=entry.category,
        case=entry.case_number,
        policy=by.policy.stamp,
    )
