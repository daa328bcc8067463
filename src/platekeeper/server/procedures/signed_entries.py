"""Entries that were signed where there was no network are handed in, once each, and their keys are kept (VII.f-g)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from platekeeper.core.actor import SYSTEM
from platekeeper.core.clauses import Clause
from platekeeper.core.formats.signed_entries import SignedEntry, read_entry
from platekeeper.core.rules.access import has_duty
from platekeeper.core.rules.decision import Decision
from platekeeper.core.rules.field_entries import REQUIRED, USUAL
from platekeeper.core.transfer import Bundle, TransferError, fingerprint, lines, opened
from platekeeper.core.transfer import check as check_signature
from platekeeper.server.equipment.models import LPR
from platekeeper.server.hotlist import changes, lookups
from platekeeper.server.hotlist.models import EntryKey, HotListEntry, SignedLine
from platekeeper.server.ledger.actions import Action, Outcome
from platekeeper.server.ledger.changes import append
from platekeeper.server.personnel.models import Person
from platekeeper.server.policy.lookups import in_force
from platekeeper.server.procedures.authority import Footing, RefusedAction, footing
from platekeeper.server.procedures.enter_in_field import FieldEntry, check, put_on_list
from platekeeper.server.procedures.entries import DuplicateEntry, EntryResult, UnclearEntry, with_prior_reads

KEEPER = "IV.f.inventory"
CLOCKS = timedelta(minutes=5)
"""How far a unit's clock may be ahead of ours."""
State = SignedLine.State


@dataclass(frozen=True, slots=True)
class HandedIn:
    """A line and what became of it; `result` is there if it was entered just now, with its prior reads."""

    line: SignedLine
    result: EntryResult | None = None


@dataclass(frozen=True, slots=True)
class _Read:
    """A line whose signature holds: by which key, who made it, what they were then."""

    bundle: Bundle
    key: EntryKey
    entry: SignedEntry
    then: Footing


def may_keep_keys(by: Footing) -> Decision:
    """Decide who enrolls and ends keys: who keeps the inventory of LPRs, whose keys they issue already (IV.f)."""
    return has_duty(by.authority, by.policy, KEEPER)


def enroll_key(by: Footing, *, public: str, member: Person | None = None, lpr: LPR | None = None) -> EntryKey:
    """Enroll the public key (64 hexadecimal digits) of a member or a unit. Raises `RefusedAction`, ValidationError."""
    by.demand(may_keep_keys(by), attempted=Action.ENTRY_KEY_ENROLLED)
    try:
        key = bytes.fromhex(public.strip())
    except ValueError as error:
        raise ValidationError("A public key is 64 hexadecimal digits.") from error
    if len(key) != 32:
        raise ValidationError("A public key is 64 hexadecimal digits.")
    if (member is None) == (lpr is None):
        raise ValidationError("A key is a member's or a unit's: choose one of them.")
    try:
        with transaction.atomic():
            enrolled = changes.enroll_key(
                public=key, fingerprint=fingerprint(key), member=member, lpr=lpr, at=by.at, by=by.person
            )
            _log_key(by, enrolled, Action.ENTRY_KEY_ENROLLED)
    except IntegrityError as there:
        raise ValidationError(
            "This key is enrolled already, or was once: a key that has ended is not taken again. Make another one."
        ) from there
    return enrolled


def end_key(by: Footing, key: EntryKey) -> None:
    """End a key: nothing that it signed is taken from now on. Who holds it may write any time into what it signs."""
    by.demand(may_keep_keys(by), attempted=Action.ENTRY_KEY_ENDED, subject=f"entry-key:{key.pk}")
    with transaction.atomic():
        if changes.end_key(key, at=by.at, by=by.person):
            _log_key(by, key, Action.ENTRY_KEY_ENDED)


def hand_in(by: Footing | None, content: bytes, *, at: datetime, via: str = "") -> list[HandedIn]:
    """Enter what a file of signed entries holds, each line by itself; a line that came before changes nothing.

    `by` is None where nobody is signed in: the command, or a unit itself (`via` says which). Raises `TransferError` for a
    file that is larger than such files are.
    """
    return [_line(by, line, at=at, via=via) for line in lines(content)]


def _line(by: Footing | None, line: bytes, *, at: datetime, via: str) -> HandedIn:
    digest = hashlib.sha256(line).hexdigest()
    if known := lookups.signed_lines().filter(sha256=digest).first():
        return HandedIn(known)
    facts: dict[str, Any] = {"content": line, "sha256": digest, "at": at, "by": by.person if by else None}
    try:
        return _taken(by, line, facts, via=via)
    except IntegrityError:  # the same line, or number, was handed in by somebody else at the same moment
        if known := lookups.signed_lines().filter(sha256=digest).first():
            return HandedIn(known)
        return HandedIn(
            _keep(by, facts, State.REFUSED, via=via, reason="An entry of this number was handed in already.")
        )


def _taken(by: Footing | None, line: bytes, facts: dict[str, Any], *, via: str) -> HandedIn:
    """Enter what a line holds, or keep it with the reason why not; `facts` learn what it says of itself."""
    try:
        bundle = opened(line)
        facts |= {"uid": bundle.uid, "made_at": bundle.made_at}
        read = _read(bundle, at=facts["at"])
        facts["key"] = read.key
        return _enter(by, read, facts, via=via)
    except (TransferError, UnclearEntry) as error:
        return HandedIn(_keep(by, facts, State.REFUSED, via=via, reason=str(error)))
    except DuplicateEntry as twice:
        return HandedIn(_keep(by, facts, State.KNOWN, via=via, entry=twice.entry, reason=str(twice)))
    except RefusedAction as refused:
        clause = refused.refusal.clause.number
        return HandedIn(_keep(by, facts, State.REFUSED, via=via, clause=clause, reason=str(refused)))


def _read(bundle: Bundle, *, at: datetime) -> _Read:
    """Return what a bundle holds, once its key and times are seen to be in order. Raises `TransferError`."""
    key = lookups.entry_keys().filter(fingerprint=bundle.key).first()
    if key is None:
        raise TransferError("No key of this fingerprint is enrolled, so nobody can say who signed it.")
    check_signature(bundle, bytes.fromhex(key.public))
    if bundle.made_at < key.enrolled_at or (key.ended_at is not None and at >= key.ended_at):
        raise TransferError("The key was not enrolled when it signed this, or has ended since.")
    if bundle.made_at > at + CLOCKS:
        raise TransferError("It was made in the future: the unit's clock is wrong.")
    if at >= bundle.expires_at:
        raise TransferError("It was handed in too late: a signed entry is good for seven days.")
    if SignedLine.objects.filter(uid=bundle.uid).exclude(state=State.REFUSED).exists():
        raise TransferError("An entry of this number was handed in already, with something else in it.")
    entry = read_entry(bundle)
    member = Person.objects.filter(username=entry.member).first()
    if member is None or (key.member is not None and key.member != member):
        raise TransferError("The key is not that of the member whom it names.")
    return _Read(bundle, key, entry, footing(member, at=min(bundle.made_at, at)))


def _enter(by: Footing | None, read: _Read, facts: dict[str, Any], *, via: str) -> HandedIn:
    entry, at = read.entry, facts["at"]
    now, made_at = footing(read.then.person, at=at), read.then.at
    begins = made_at if entry.ground in REQUIRED else at
    stands = USUAL[entry.ground].stands if entry.stands is None else entry.stands
    if begins + stands <= at:
        return HandedIn(_keep(by, facts, State.OVER, via=via, reason="It ended before it was handed in."))
    director = Person.objects.filter(username=entry.director).first() if entry.director else None
    given = FieldEntry(
        plate=entry.plate, ground=entry.ground, jurisdiction=entry.jurisdiction, reason=entry.reason,
        authority=entry.authority, case_number=entry.case_number[:40], stands=stands, director=director, begins=begins,
    )  # fmt: skip
    checked = check(now, given, then=read.then)
    with transaction.atomic():
        changes.move_version(at=at)
        logged = {"made_at": made_at.isoformat(), "signed": read.bundle.uid}
        made = put_on_list(now, checked, then=read.then, logged=logged)
        kept = _keep(by, facts, State.ENTERED, via=via, entry=made)
    return HandedIn(kept, with_prior_reads(now, made))


def _keep(
    by: Footing | None,
    facts: dict[str, Any],
    state: SignedLine.State,
    *,
    via: str,
    clause: str = "",
    reason: str = "",
    entry: HotListEntry | None = None,
) -> SignedLine:
    """Keep a line with what became of it, and log both times: when it was made, and when it came."""
    policy = by.policy if by else in_force(at=facts["at"])
    with transaction.atomic():
        kept = changes.keep_signed_line(**facts, state=state, clause=clause, reason=reason[:240], entry=entry)
        append(
            at=kept.handed_in_at, by=by.actor if by else SYSTEM, action=Action.ENTRY_HANDED_IN,
            outcome=Outcome.REFUSED if state == State.REFUSED else Outcome.DONE, clause=Clause.VII_f,
            subject=f"entry:{entry.pk}" if entry else f"signed-line:{kept.pk}",
            details={
                "state": state.value, "uid": kept.uid, "sha256": kept.sha256, "via": via, "reason": reason[:240],
                "made_at": kept.made_at.isoformat() if kept.made_at else "", "key": kept.key_id or 0,
            },
            policy=policy.stamp,
        )  # fmt: skip
    return kept


def _log_key(by: Footing, key: EntryKey, action: Action) -> None:
    append(
        at=by.at, by=by.actor, action=action, clause=Clause.VII_f, subject=f"entry-key:{key.pk}",
        details={"fingerprint": key.fingerprint, "member": key.member_id or 0, "lpr": key.lpr_id or 0},
        policy=by.policy.stamp,
    )  # fmt: skip
