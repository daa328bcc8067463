"""The department's own hot list entries (VI.a, VII.f-g): asked for, decided, canceled."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from platekeeper.core.categories import MANDATORY_ENTRY, Category, HitAction
from platekeeper.core.clauses import Clause
from platekeeper.core.partial import PlatePattern
from platekeeper.core.rules.alerts import (
    DecisionFacts,
    may_cancel_entry,
    may_decide_entry,
    may_enter_at_once,
    may_look_up_prior_reads,
    may_request_entry,
    may_see_hot_lists,
    sees_to_prior_reads,
)
from platekeeper.core.rules.decision import Allowed, Decision, Refused, first_refusal
from platekeeper.core.rules.entries import EntryFacts, may_enter
from platekeeper.core.rules.retention import oldest_shown
from platekeeper.server.hotlist import changes, lookups
from platekeeper.server.hotlist.models import HotListEntry
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.entries import (
    EntryResult,
    UnclearEntry,
    demand_no_duplicate,
    is_narrow,
    log_entry,
    may_see_entry,
    not_over,
    one_entry,
    seen_entries,
    state_of,
    subject_of,
    wanted_plate,
    with_prior_reads,
)
from platekeeper.server.procedures.recall import recall_open_hits
from platekeeper.server.querylog.lookups import not_looked_up


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
        attempted=Action.ENTRY_CANCELED,
        subject=subject,
    )
    if not reason.strip():
        raise UnclearEntry("reason", "Say why: recovered, withdrawn, entered by mistake.")
    with one_entry(by, attempted=Action.ENTRY_CANCELED):
        changes.move_version(at=by.at)
        moved = changes.cancel_entry(entry, reason=reason.strip(), at=by.at, by=by.person)
        if moved:
            recalled = recall_open_hits(
                prefix=entry.key, still_wanted=lambda key: key != entry.key,
                reason=f"Hot list entry canceled: {reason.strip()}"[:240], at=by.at, by=by.actor, policy=by.policy,
            )  # fmt: skip
            log_entry(by, entry, Action.ENTRY_CANCELED, clause=Clause.VI_a, recalled=recalled, remark=reason)
    if not moved:
        by.demand(_still(entry, *standing), attempted=Action.ENTRY_CANCELED, subject=subject)
    return entry


def look_up_prior_reads(by: Footing, entry_id: int, *, back: timedelta | None = None) -> EntryResult:
    """Look up the reads that came before an entry (VII.f.3, VII.g), `back`: no further than that; it is in the Query Log.

    Raises `RefusedAction`, `HotListEntry.DoesNotExist`.
    """
    entry = lookups.entries().get(pk=entry_id)
    by.demand(
        may_look_up(by, entry),
        may_see_entry(by, entry),
        attempted=Action.QUERY_BEGUN,
        subject=subject_of(entry),
    )
    return with_prior_reads(by, entry, back=back)


def view_entry(by: Footing, entry_id: int) -> HotListEntry:
    """Show one entry; that it was looked at is logged (IV.h). Raises `RefusedAction`, `HotListEntry.DoesNotExist`."""
    may_see = may_see_hot_lists(by.authority, by.policy, by.today)
    by.demand(may_see, attempted=Action.ENTRY_VIEWED, subject=f"entry:{entry_id}")
    entry = lookups.entries().get(pk=entry_id)
    by.demand(may_see_entry(by, entry), attempted=Action.ENTRY_VIEWED, subject=subject_of(entry))
    with transaction.atomic():
        append(
            at=by.at, by=by.actor, action=Action.ENTRY_VIEWED, clause=Clause.IV_h, subject=subject_of(entry),
            policy=by.policy.stamp,
        )  # fmt: skip
    return entry


def facts_of(entry: HotListEntry, *, by: Footing) -> DecisionFacts:
    """Return what the rules ask about an entry and the person before it."""
    return DecisionFacts(
        category=Category(entry.category),
        is_own_request=entry.requested_by_id == by.person.pk,
        is_own_direction=entry.directed_by_id == by.person.pk,
    )


def owed_looks(by: Footing) -> QuerySet[HotListEntry]:
    """Return the entries whose prior reads were not looked up (VII.f.3), while there are reads of their time to look at."""
    oldest, found = oldest_shown(by.policy, at=by.at), seen_entries(by)
    if oldest is not None:
        found = found.filter(Q(canceled_at=None) | Q(canceled_at__gt=oldest), expires_at__gt=oldest)
    return not_looked_up(found)


def to_look_up(by: Footing) -> QuerySet[HotListEntry]:
    """Return those of the entries whose prior reads were not looked up that this person sees to."""
    if not may_see_hot_lists(by.authority, by.policy, by.today):
        return HotListEntry.objects.none()
    owed = owed_looks(by)
    return owed if sees_to_prior_reads(by.authority, by.policy) else owed.filter(decided_by=by.person)


def may_look_up(by: Footing, entry: HotListEntry) -> Decision:
    """Decide whether this person may look up the prior reads of an entry (VII.f.3): while it stands, and as long as that is
    owed."""
    decided_it, is_owed = entry.decided_by_id == by.person.pk, owed_looks(by).filter(pk=entry.pk).exists()
    may = may_look_up_prior_reads(by.authority, by.policy, by.today, decided_it=decided_it, is_owed=is_owed)
    if is_owed:
        return may
    return first_refusal(
        may,
        _still(entry, HotListEntry.State.ACTIVE),
        Allowed() if entry.expires_at > by.at else _ENDED,
    )


_ENDED = Refused(Clause.VII_f_3, "This entry has ended. Ask for a search, or search with the reasons of today.")


def _still(entry: HotListEntry, *states: HotListEntry.State) -> Decision:
    if entry.state in states:
        return Allowed()
    return Refused(Clause.VI_a, f"Too late: this entry is {entry.get_state_display()} by now.")


def _clause_of(category: Category, *, at_once: bool) -> Clause:
    if category in MANDATORY_ENTRY:
        return Clause.VII_g
    return Clause.VII_f_2 if at_once else Clause.VI_a
