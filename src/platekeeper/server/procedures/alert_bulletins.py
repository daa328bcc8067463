"""Alert bulletins (CAP 1.2) are kept whole and looked at; then plates are entered, corrected or withdrawn (VII.g)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import IntegrityError, transaction

from platekeeper.core.actor import SYSTEM
from platekeeper.core.clauses import Clause
from platekeeper.core.formats.cap import LARGEST, Alert, CapError, MessageType, Status, parse_cap
from platekeeper.core.formats.cap_vehicles import Proposal, ground_of, proposals
from platekeeper.core.formats.reads import storable
from platekeeper.core.rules.decision import Allowed, Decision, Refused
from platekeeper.core.rules.field_entries import LONGEST_IN_FIELD, REQUIRED, USUAL, may_enter_in_field
from platekeeper.server.hotlist import changes, lookups
from platekeeper.server.hotlist.models import AlertBulletin, HotListEntry
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.policy.lookups import in_force
from platekeeper.server.procedures.authority import Footing, RefusedAction
from platekeeper.server.procedures.enter_in_field import FieldEntry, check, put_on_list
from platekeeper.server.procedures.entries import EntryResult, UnclearEntry, log_entry, not_over, with_prior_reads
from platekeeper.server.procedures.recall import recall_open_hits

_SETTLED = Refused(Clause.VII_g, "This bulletin has been looked at and settled already.")
_UNCLEAR = Refused(Clause.VII_g, "This file was not understood, so nothing follows from it. Enter its plates by hand.")


@dataclass(frozen=True, slots=True)
class Look:
    """A bulletin as a person looks at it. `alert` is None where the file was not understood.

    `proposed` leaves out plates that `standing`, the entries of the bulletins it refers to, have on the list already.
    """

    bulletin: AlertBulletin
    alert: Alert | None
    proposed: tuple[Proposal, ...] = ()
    standing: tuple[HotListEntry, ...] = ()


def may_settle(by: Footing) -> Decision:
    """Decide who takes bulletins in and looks at them: whoever may enter what they ask for (VII.f-g)."""
    return may_enter_in_field(by.authority, by.policy, by.today)


def take_in(by: Footing | None, content: bytes, *, file_name: str, at: datetime) -> AlertBulletin:
    """Keep a bulletin, understood or not, under its digest; the same bytes are kept once. Nothing is entered by it.

    `by` is None for the watched folder. Raises `RefusedAction`, and `CapError` for a file too large to be one.
    """
    if by is not None:
        by.demand(may_settle(by), attempted=Action.ALERT_RECEIVED)
    if len(content) > LARGEST:
        raise CapError(f"The file is larger than the {LARGEST // 1024} KB that a bulletin may have.")
    digest = hashlib.sha256(content).hexdigest()
    return _keep(by, content, sha256=digest, file_name=file_name, at=at, facts=_facts(content))


def note_unread(*, file_name: str, sha256: str | None, reason: str, at: datetime) -> AlertBulletin:
    """Note that a file of the watched folder could not be taken in, so that somebody reads it elsewhere.

    Nothing of it is kept; `sha256` is None where not even its digest is known: then it is noted once by its name.
    """
    if sha256 is None and (noted := lookups.unread_bulletin(storable(file_name)[:160])):
        return noted
    facts = {"state": AlertBulletin.State.UNCLEAR, "reason": reason[:240]}
    return _keep(None, b"", sha256=sha256, file_name=file_name, at=at, facts=facts)


def look_at(by: Footing, bulletin_id: int) -> Look:
    """Return a bulletin as it was read, what is proposed and what stands; the look is logged.

    Raises `RefusedAction`, `AlertBulletin.DoesNotExist`.
    """
    by.demand(may_settle(by), attempted=Action.ALERT_VIEWED, subject=f"alert:{bulletin_id}")
    bulletin = AlertBulletin.objects.select_related("received_by", "settled_by").get(pk=bulletin_id)
    with transaction.atomic():
        append(
            at=by.at, by=by.actor, action=Action.ALERT_VIEWED, clause=Clause.IV_h, subject=f"alert:{bulletin_id}",
            policy=by.policy.stamp,
        )  # fmt: skip
    return look(bulletin, at=by.at)


def look(bulletin: AlertBulletin, *, at: datetime) -> Look:
    """Return a bulletin with what follows from its bytes and from the entries that stand."""
    if bulletin.state == AlertBulletin.State.UNCLEAR:
        return Look(bulletin, None)
    alert = parse_cap(bytes(bulletin.content))
    standing = tuple(lookups.entries_from(_earlier(alert)).filter(expires_at__gt=at))
    known = {entry.plate for entry in standing}
    proposed = () if alert.message_type is MessageType.CANCEL else proposals(alert)
    return Look(bulletin, alert, tuple(each for each in proposed if each.plate not in known), standing)


def ends_at(alert: Alert, *, at: datetime) -> datetime:
    """Return until when an entry from a bulletin stands unless somebody says otherwise: as it says, or what is usual."""
    usual = at + USUAL[ground_of(alert)].stands
    said = alert.expires
    return usual if said is None or said <= at else min(said, at + LONGEST_IN_FIELD)


def settle(
    by: Footing,
    bulletin_id: int,
    *,
    enter: Sequence[FieldEntry],
    withdraw: Sequence[int] = (),
    move_ends: Mapping[int, datetime] | None = None,
    remark: str = "",
) -> list[EntryResult]:
    """Do what a person decided on a bulletin, all of it or nothing: enter, withdraw entries of it, move their ends.

    Return the new entries with their prior reads. Raises `RefusedAction`, `DuplicateEntry`, `UnclearEntry`,
    `AlertBulletin.DoesNotExist`.
    """
    attempted, subject, ends = Action.ALERT_SETTLED, f"alert:{bulletin_id}", move_ends or {}
    by.demand(may_settle(by), attempted=attempted, subject=subject)
    seen = look(AlertBulletin.objects.get(pk=bulletin_id), at=by.at)
    by.demand(_may_follow(seen, enters=bool(enter)), attempted=attempted, subject=subject)
    standing = {entry.pk: entry for entry in seen.standing}
    if seen.alert is None and not remark.strip():
        raise UnclearEntry("remark", "Say what was entered by hand, or why nothing.")
    if not (enter or withdraw or ends or remark.strip()) and (seen.proposed or standing):
        raise UnclearEntry("remark", "Say why nothing is entered or withdrawn.")
    if not {*withdraw, *ends} <= set(standing):
        raise UnclearEntry("remark", "What stands on the list has changed since this page was shown. Look again.")
    for number in ends:
        by.demand(_within_the_field(standing[number], ends[number], at=by.at), attempted=attempted, subject=subject)
    facts = {"bulletin": seen.bulletin}
    checked = [check(by, replace(each, facts=facts)) for each in enter]
    with by.act(attempted, subject=subject):
        changes.move_version(at=by.at)
        if not changes.settle_bulletin(seen.bulletin, remark=remark.strip()[:240], at=by.at, by=by.person):
            raise RefusedAction(_SETTLED)
        recalled = [_withdraw(by, standing[number], seen.bulletin) for number in withdraw]
        for number, end in ends.items():
            _move_end(by, standing[number], end, seen.bulletin)
        entered = [put_on_list(by, each, logged={"bulletin": seen.bulletin.pk}) for each in checked]
        append(
            at=by.at, by=by.actor, action=attempted, clause=Clause.VII_g, subject=subject,
            details={
                "entered": [entry.pk for entry in entered], "withdrawn": list(withdraw), "prolonged": list(ends),
                "recalled": sum(recalled), "sha256": seen.bulletin.sha256,
            },
            sealed={"remark": remark.strip()}, policy=by.policy.stamp,
        )  # fmt: skip
    return [with_prior_reads(by, entry) for entry in entered]


def _keep(
    by: Footing | None, content: bytes, *, sha256: str | None, file_name: str, at: datetime, facts: Mapping[str, object]
) -> AlertBulletin:
    policy = by.policy if by else in_force(at=at)
    try:
        with transaction.atomic():
            kept = changes.keep_bulletin(
                content, sha256=sha256, at=at, by=by.person if by else None, policy=policy.stamp,
                file_name=storable(file_name)[:160], **facts,
            )  # fmt: skip
            append(
                at=at, by=by.actor if by else SYSTEM, action=Action.ALERT_RECEIVED, clause=Clause.VII_g,
                subject=f"alert:{kept.pk}",
                details={"sha256": sha256, "state": str(kept.state), "type": kept.message_type, "status": kept.status},
                sealed={"identifier": kept.identifier, "sender": kept.sender}, policy=policy.stamp,
            )  # fmt: skip
    except IntegrityError:
        return lookups.bulletins().get(sha256=sha256)
    return kept


def _facts(content: bytes) -> dict[str, object]:
    """Return what the record says of a bulletin's bytes."""
    try:
        alert = parse_cap(content)
    except CapError as error:
        return {"state": AlertBulletin.State.UNCLEAR, "reason": str(error)[:240]}
    main = alert.main
    required = ground_of(alert) in REQUIRED and alert.message_type in (MessageType.ALERT, MessageType.UPDATE)
    return {
        "state": AlertBulletin.State.WAITING,
        "sender": alert.sender[:200],
        "identifier": alert.identifier[:200],
        "sent_at": alert.sent,
        "message_type": alert.message_type,
        "status": alert.status,
        "headline": ((main.headline or main.event) if main else alert.note)[:240],
        "must_enter": required and alert.status is Status.ACTUAL and bool(proposals(alert)),
        "expires_at": alert.expires,
    }


def _earlier(alert: Alert) -> set[tuple[str, str]]:
    """Return whom a bulletin refers to, and to whom those referred in turn, as far as they were received."""
    if alert.message_type not in (MessageType.UPDATE, MessageType.CANCEL):
        return set()
    found: set[tuple[str, str]] = set()
    waiting = {(each.sender[:200], each.identifier[:200]) for each in alert.references}
    while waiting:
        found |= waiting
        kept = AlertBulletin.objects.filter(identifier__in=[identifier for _, identifier in waiting])
        named = [each for each in kept if (each.sender, each.identifier) in waiting]
        before = {
            (each.sender[:200], each.identifier[:200])
            for bulletin in named
            for each in parse_cap(bytes(bulletin.content)).references
        }
        waiting = before - found
    return found


def _may_follow(seen: Look, *, enters: bool) -> Decision:
    if seen.bulletin.settled_at is not None:
        return _SETTLED
    if seen.alert is None:
        return _UNCLEAR if enters else Allowed()
    if enters and seen.alert.status is not Status.ACTUAL:
        return Refused(Clause.VII_g, f"This bulletin is not meant ({seen.alert.status}); nothing is entered from it.")
    if enters and seen.alert.message_type not in (MessageType.ALERT, MessageType.UPDATE):
        return Refused(Clause.VII_g, f"A bulletin of type {seen.alert.message_type} asks for no entry.")
    return Allowed()


def _within_the_field(entry: HotListEntry, end: datetime, *, at: datetime) -> Decision:
    if end - at > LONGEST_IN_FIELD:
        return Refused(Clause.VII_f, f"An entry of the field stands for {LONGEST_IN_FIELD.days} days at most.")
    if end <= entry.effective_at:
        return Refused(Clause.VI_a, "The entry ends before it begins.")
    return not_over(end, at=at)


def _withdraw(by: Footing, entry: HotListEntry, bulletin: AlertBulletin) -> int:
    """Take an entry off the list because a bulletin withdraws it; return how many open alarms were recalled."""
    reason = f"{bulletin.message_type} {bulletin.identifier}"[:200]
    if not changes.cancel_entry(entry, reason=reason, at=by.at, by=by.person):
        return 0
    recalled = recall_open_hits(
        prefix=entry.key, still_wanted=lambda key: key != entry.key, reason=f"Hot list entry withdrawn: {reason}"[:240],
        at=by.at, by=by.actor, policy=by.policy,
    )  # fmt: skip
    log_entry(
        by, entry, Action.ENTRY_CANCELED, clause=Clause.VII_g, recalled=recalled, bulletin=bulletin.pk, remark=reason
    )
    return recalled


def _move_end(by: Footing, entry: HotListEntry, end: datetime, bulletin: AlertBulletin) -> None:
    if entry.expires_at != end and changes.move_end(entry, expires_at=end):
        log_entry(by, entry, Action.ENTRY_END_MOVED, clause=Clause.VII_g, bulletin=bulletin.pk)
