"""The department's own hot list entries (VI.a, VII.f-g): asked for, decided, cancelled."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from platekeeper.core.categories import MANDATORY_ENTRY, Category, HitAction
from platekeeper.core.clauses import Clause
from platekeeper.core.partial import PatternError, PlatePattern, parse_pattern
from platekeeper.core.plates import Plate, is_junk, parse_state
from platekeeper.core.rules.alerts import (
    DecisionFacts,
    is_narrow_enough,
    may_cancel_entry,
    may_decide_entry,
    may_enter_at_once,
    may_look_up_prior_reads,
    may_request_entry,
    may_see_hot_lists,
)
from platekeeper.core.rules.decision import Allowed, Decision, Refused
from platekeeper.core.rules.entries import EntryFacts, may_enter
from platekeeper.server.hotlist import changes, lookups
from platekeeper.server.hotlist.models import HotListEntry
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.procedures.authority import Footing, RefusedAction
from platekeeper.server.procedures.recall import recall_open_hits
from platekeeper.server.procedures.search_lpr_data import QueryResult, prior_reads
from platekeeper.server.procedures.stores import read_store

LOOKED_AT = 5_000
"""The newest stored reads that a partial plate is tried against before it may alarm."""
_LONGEST_PATTERN = 20


@dataclass(frozen=True, slots=True)
class EntryResult:
    """An entry as it stands now and, once it is on the list, the prior reads of its plate (VII.f.3, VII.g).

    `prior_reads` is None while the entry is not on the list.
    """

    entry: HotListEntry
    prior_reads: QueryResult | None = None


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


def request_entry(
    by: Footing,
    *,
    plate: str,
    jurisdiction: str,
    category: Category,
    reason: str,
    authority: str,
    case_number: str,
    hit_action: HitAction,
    effective_at: datetime,
    expires_at: datetime,
) -> EntryResult:
    """Ask for a plate, complete or partial, to be put on the list; urgent ones by the right position are on it at once.

    Raises `UnclearEntry` (what was written), `DuplicateEntry`, `RefusedAction`.
    """
    by.demand(may_request_entry(by.authority, by.policy, by.today), attempted=Action.ENTRY_REQUESTED)
    pattern, state = wanted_plate(plate), state_of(jurisdiction)
    facts = EntryFacts(
        is_partial=not pattern.is_complete, known_characters=pattern.known, reason=reason, authority=authority,
        effective_at=effective_at, expires_at=expires_at,
    )  # fmt: skip
    by.demand(may_enter(facts, by.policy), not_over(expires_at, at=by.at), attempted=Action.ENTRY_REQUESTED)
    at_once = bool(may_enter_at_once(by.authority, by.policy, category))
    if at_once:
        by.demand(is_narrow(pattern), attempted=Action.ENTRY_REQUESTED)
    with one_entry(by, attempted=Action.ENTRY_REQUESTED):
        if at_once:
            changes.move_version(at=by.at)
        demand_no_duplicate(plate=pattern.text, jurisdiction=state, category=category, at=by.at)
        entry = changes.add_entry(
            plate=pattern.text,
            is_partial=not pattern.is_complete,
            jurisdiction=state,
            category=category,
            reason=reason.strip(),
            authority=authority.strip(),
            case_number=case_number.strip(),
            hit_action=hit_action,
            effective_at=effective_at,
            expires_at=expires_at,
            at=by.at,
            by=by.person,
            policy=by.policy.stamp,
        )
        if at_once:
            changes.decide_entry(entry, approve=True, remark="", at=by.at, by=by.person)
        log_entry(
            by, entry, Action.ENTRY_REQUESTED, clause=_clause_of(category, at_once=at_once), decision=str(entry.state)
        )
    return with_prior_reads(by, entry) if at_once else EntryResult(entry)


def decide_entry(by: Footing, entry_id: int, *, approve: bool, remark: str = "") -> EntryResult:
    """Put an entry that waits on the list, or refuse it. Raises `RefusedAction`, `HotListEntry.DoesNotExist`."""
    entry = lookups.entries().get(pk=entry_id)
    subject = subject_of(entry)
    by.demand(
        may_decide_entry(by.authority, by.policy, facts_of(entry, by=by)),
        _still(entry, HotListEntry.State.REQUESTED),
        attempted=Action.ENTRY_DECIDED,
        subject=subject,
    )
    if approve:
        facts = EntryFacts(
            is_partial=entry.is_partial, known_characters=PlatePattern(entry.plate).known, reason=entry.reason,
            authority=entry.authority, effective_at=entry.effective_at, expires_at=entry.expires_at,
        )  # fmt: skip
        by.demand(
            may_enter(facts, by.policy),
            not_over(entry.expires_at, at=by.at),
            is_narrow(PlatePattern(entry.plate)),
            attempted=Action.ENTRY_DECIDED,
            subject=subject,
        )
    elif not remark.strip():
        raise UnclearEntry("remark", "Say why the entry is refused; whoever asked for it will read this.")
    with one_entry(by, attempted=Action.ENTRY_DECIDED):
        changes.move_version(at=by.at)
        if approve:
            demand_no_duplicate(plate=entry.plate, jurisdiction=entry.jurisdiction, category=entry.category, at=by.at)
        moved = changes.decide_entry(entry, approve=approve, remark=remark.strip(), at=by.at, by=by.person)
        if moved:
            clause = _clause_of(Category(entry.category), at_once=False)
            log_entry(by, entry, Action.ENTRY_DECIDED, clause=clause, decision=str(entry.state), remark=remark)
    if not moved:
        by.demand(_still(entry, HotListEntry.State.REQUESTED), attempted=Action.ENTRY_DECIDED, subject=subject)
    return with_prior_reads(by, entry) if approve else EntryResult(entry)


def cancel_entry(by: Footing, entry_id: int, *, reason: str) -> HotListEntry:
    """Take an entry off the list, or withdraw one that waits; its open alarms are recalled at once.

    Raises `RefusedAction`, `UnclearEntry`, `HotListEntry.DoesNotExist`.
    """
    entry = lookups.entries().get(pk=entry_id)
    subject, standing = subject_of(entry), (HotListEntry.State.REQUESTED, HotListEntry.State.ACTIVE)
    by.demand(
        may_cancel_entry(by.authority, by.policy, facts_of(entry, by=by)),
        _still(entry, *standing),
        attempted=Action.ENTRY_CANCELLED,
        subject=subject,
    )
    if not reason.strip():
        raise UnclearEntry("reason", "Say why: recovered, withdrawn, entered by mistake.")
    with one_entry(by, attempted=Action.ENTRY_CANCELLED):
        changes.move_version(at=by.at)
        moved = changes.cancel_entry(entry, reason=reason.strip(), at=by.at, by=by.person)
        if moved:
            recalled = recall_open_hits(
                prefix=entry.key, still_wanted=lambda key: key != entry.key,
                reason=f"Hot list entry cancelled: {reason.strip()}"[:240], at=by.at, by=by.actor, policy=by.policy,
            )  # fmt: skip
            log_entry(by, entry, Action.ENTRY_CANCELLED, clause=Clause.VI_a, recalled=recalled, remark=reason)
    if not moved:
        by.demand(_still(entry, *standing), attempted=Action.ENTRY_CANCELLED, subject=subject)
    return entry


def look_up_prior_reads(by: Footing, entry_id: int) -> EntryResult:
    """Look up the reads that came before an entry on the list (VII.f.3, VII.g); the look is in the Query Log."""
    entry = lookups.entries().get(pk=entry_id)
    by.demand(
        may_look_up(by, entry),
        _still(entry, HotListEntry.State.ACTIVE),
        attempted=Action.QUERY_BEGUN,
        subject=subject_of(entry),
    )
    return with_prior_reads(by, entry)


def view_entry(by: Footing, entry_id: int) -> HotListEntry:
    """Show one entry; that it was looked at is logged (IV.h). Raises `RefusedAction`, `HotListEntry.DoesNotExist`."""
    may_see = may_see_hot_lists(by.authority, by.policy, by.today)
    by.demand(may_see, attempted=Action.ENTRY_VIEWED, subject=f"entry:{entry_id}")
    entry = lookups.entries().get(pk=entry_id)
    with transaction.atomic():
        append(
            at=by.at, by=by.actor, action=Action.ENTRY_VIEWED, clause=Clause.IV_h, subject=subject_of(entry),
            policy=by.policy.stamp,
        )  # fmt: skip
    return entry


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


def facts_of(entry: HotListEntry, *, by: Footing) -> DecisionFacts:
    """Return what the rules ask about an entry and the person before it."""
    return DecisionFacts(
        category=Category(entry.category),
        is_own_request=entry.requested_by_id == by.person.pk,
        is_own_direction=entry.directed_by_id == by.person.pk,
    )


def may_look_up(by: Footing, entry: HotListEntry) -> Decision:
    """Decide whether this person may look up the prior reads of an entry (VII.f.3)."""
    decided_it = entry.decided_by_id == by.person.pk
    return may_look_up_prior_reads(by.authority, by.policy, by.today, decided_it=decided_it)


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


def _still(entry: HotListEntry, *states: HotListEntry.State) -> Decision:
    if entry.state in states:
        return Allowed()
    return Refused(Clause.VI_a, f"Too late: this entry is {entry.get_state_display()} by now.")


def with_prior_reads(by: Footing, entry: HotListEntry) -> EntryResult:
    """Look up the prior reads of an entry that is on the list now (VII.f.3, VII.g)."""
    found = prior_reads(by, pattern=entry.plate, reason=entry.reason, case_number=entry.case_number, at=by.at)
    return EntryResult(entry, prior_reads=found)


def _clause_of(category: Category, *, at_once: bool) -> Clause:
    if category in MANDATORY_ENTRY:
        return Clause.VII_g
    return Clause.VII_f_2 if at_once else Clause.VI_a


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
