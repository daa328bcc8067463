"""Entries made in the field are in force at once, looked up among prior reads, and sent to everybody on duty (VII.f-g)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from platekeeper.core.categories import Category, usual_action
from platekeeper.core.clauses import Clause
from platekeeper.core.partial import PlatePattern
from platekeeper.core.rules.access import Authority
from platekeeper.core.rules.decision import Refused
from platekeeper.core.rules.entries import EntryFacts, may_enter
from platekeeper.core.rules.field_entries import DIRECTORS, USUAL, Ground, may_enter_in_field, may_stand_in_field
from platekeeper.server.hotlist import changes, lookups
from platekeeper.server.hotlist.field import GROUNDS
from platekeeper.server.hotlist.models import EntrySending, HotListEntry
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.personnel.lookups import authority_of, holders
from platekeeper.server.personnel.models import Person
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.entries import (
    EntryResult,
    demand_no_duplicate,
    is_narrow,
    log_entry,
    not_over,
    one_entry,
    state_of,
    subject_of,
    wanted_plate,
    with_prior_reads,
)
from platekeeper.server.userlog.lookups import open_tours


@dataclass(frozen=True, slots=True)
class FieldEntry:
    """What is entered in the field: a plate and a ground are enough, the rest is what is usual on that ground.

    `facts` is what the record keeps beside (a bulletin, when it was made offline), `begins` is None for at once.
    """

    plate: str
    ground: Ground
    jurisdiction: str = ""
    category: Category | None = None
    reason: str = ""
    authority: str = ""
    case_number: str = ""
    stands: timedelta | None = None
    director: Person | None = None
    begins: datetime | None = None
    facts: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """An entry that the rules allow, ready to be put on the list."""

    pattern: PlatePattern
    state: str
    given: FieldEntry
    category: Category
    reason: str
    authority: str
    begins: datetime
    ends: datetime


def enter_in_field(by: Footing, given: FieldEntry) -> EntryResult:
    """Put a plate on the list at once, tell everybody on duty, and look its prior reads up.

    Raises `UnclearEntry` (what was written), `DuplicateEntry`, `RefusedAction`.
    """
    checked = check(by, given)
    with one_entry(by, attempted=Action.ENTRY_REQUESTED):
        changes.move_version(at=by.at)
        entry = put_on_list(by, checked)
    return with_prior_reads(by, entry)


def check(by: Footing, given: FieldEntry, *, then: Footing | None = None) -> Checked:
    """Return an entry as it will stand, once every rule allows it. Raises as `enter_in_field`.

    `then` is what the person stood on when it was made, where that was earlier than now: by that it is judged.
    """
    now, by, attempted = by, then or by, Action.ENTRY_REQUESTED
    now.demand(may_enter_in_field(by.authority, by.policy, by.today), attempted=attempted)
    pattern, usual = wanted_plate(given.plate), USUAL[given.ground]
    begins = given.begins or by.at
    stands = usual.stands if given.stands is None else given.stands
    checked = Checked(
        pattern=pattern,
        state=state_of(given.jurisdiction),
        given=given,
        category=given.category or usual.category,
        reason=given.reason.strip() or str(GROUNDS[given.ground]),
        authority=given.authority.strip() or _usual_authority(by, given),
        begins=begins,
        ends=begins + stands,
    )
    facts = EntryFacts(
        is_partial=not pattern.is_complete, known_characters=pattern.known, reason=checked.reason,
        authority=checked.authority, effective_at=begins, expires_at=checked.ends,
    )  # fmt: skip
    now.demand(
        may_stand_in_field(given.ground, _authority_of(given.director, by), by.policy, stands=stands),
        may_enter(facts, by.policy),
        not_over(checked.ends, at=now.at),
        is_narrow(pattern),
        attempted=attempted,
    )
    return checked


def put_on_list(
    by: Footing, checked: Checked, *, then: Footing | None = None, logged: dict[str, Any] | None = None
) -> HotListEntry:
    """Put a checked entry on the list and send it to everybody on duty, within a transaction that moved the version.

    The entry was asked for when it was made (`then`) and is in force from when it came here.
    Raises `DuplicateEntry`, which undoes the transaction.
    """
    given, made = checked.given, then or by
    demand_no_duplicate(
        plate=checked.pattern.text, jurisdiction=checked.state, category=checked.category, at=by.at
    )  # fmt: skip
    own_word = given.director is not None and given.director == by.person
    entry = changes.add_entry(
        plate=checked.pattern.text, is_partial=not checked.pattern.is_complete, jurisdiction=checked.state,
        category=checked.category, reason=checked.reason[:240], authority=checked.authority[:160],
        case_number=given.case_number.strip(), hit_action=usual_action(checked.category),
        effective_at=checked.begins, expires_at=checked.ends, at=made.at, by=by.person, policy=made.policy.stamp,
        ground=given.ground, directed_by=given.director, direction_confirmed_at=by.at if own_word else None,
        **(given.facts or {}),
    )  # fmt: skip
    changes.decide_entry(entry, approve=True, remark="", at=by.at, by=by.person)
    sent = changes.send(entry, on_duty=[(tour.lpr, tour.member) for tour in open_tours()], at=by.at)
    told: dict[str, Any] = {"ground": given.ground.value, "sent_to": [each.lpr_id for each in sent], **(logged or {})}
    if given.director is not None:
        told["directed_by"] = given.director.pk
    log_entry(by, entry, Action.ENTRY_REQUESTED, clause=USUAL[given.ground].clause, decision=str(entry.state), **told)
    return entry


def directors(by: Footing) -> list[Person]:
    """Return who may direct entries (VII.f.2) at the moment, the person's own self first."""
    if not by.policy.needs(DIRECTORS):
        return []
    found = holders(by.policy.positions(DIRECTORS), at=by.at, today=by.today).order_by("name")
    return sorted(found, key=lambda each: each != by.person)


def confirm_direction(by: Footing, entry_id: int) -> None:
    """Say that one directed an entry that somebody else made in one's name (VII.f.2).

    Raises `RefusedAction`, `HotListEntry.DoesNotExist`.
    """
    entry = lookups.entries().get(pk=entry_id)
    stranger = Refused(Clause.VII_f_2, "This entry was not made in your name.")
    answered = Refused(Clause.VII_f_2, "This entry is confirmed, or off the list, already.")
    if entry.directed_by != by.person:
        by.demand(stranger, attempted=Action.ENTRY_DIRECTION_CONFIRMED, subject=subject_of(entry))
    with transaction.atomic():
        confirmed = changes.confirm_direction(entry, at=by.at)
        if confirmed:
            log_entry(by, entry, Action.ENTRY_DIRECTION_CONFIRMED, clause=Clause.VII_f_2)
    if not confirmed:
        by.demand(answered, attempted=Action.ENTRY_DIRECTION_CONFIRMED, subject=subject_of(entry))


def note_seen(by: Footing, numbers: Sequence[int], *, canceled: Sequence[int] = ()) -> int:
    """Note that the person has seen the entries of these numbers, sent to them on duty, and that others, which they had seen,
    are canceled; return how many were new."""
    mine = EntrySending.objects.filter(member=by.person)
    with transaction.atomic():
        seen = changes.note_seen(mine.filter(entry__in=list(numbers)), at=by.at)
        gone = changes.note_cancel_seen(mine.filter(entry__in=list(canceled)), at=by.at)
        if both := [*seen, *gone]:
            append(
                at=by.at, by=by.actor, action=Action.ENTRY_SEEN, clause=Clause.VII_f,
                subject=f"entry:{both[0]}" if len(both) == 1 else "",
                details={"entries": seen, **({"canceled": gone} if gone else {})}, policy=by.policy.stamp,
            )  # fmt: skip
    return len(both)


def _authority_of(director: Person | None, by: Footing) -> Authority | None:
    return None if director is None else authority_of(director, at=by.at, today=by.today)


def _usual_authority(by: Footing, given: FieldEntry) -> str:
    """Name what an entry rests on where nobody wrote it: who directed it, or what was heard, and when."""
    if given.ground is Ground.DIRECTED:
        return f"directed by {given.director.name}" if given.director else ""
    heard = timezone.localtime(by.at, by.policy.zone)
    return f"{GROUNDS[given.ground]}, heard by {by.person.name} at {heard:%Y-%m-%d %H:%M}"
