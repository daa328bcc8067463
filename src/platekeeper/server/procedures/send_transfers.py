"""Routine transfers are made and sent by the clock, a file a UTC day, and kept until their receipt is here (VI.i, VI.l).

What stands in the way (an MOU suspended or over, a folder not mounted, a server down) stops a transfer before its next file;
the next run goes on there, once it may.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from platekeeper.core.actor import SYSTEM, Actor
from platekeeper.core.clauses import Clause
from platekeeper.core.formats.transfer_files import checked_receipt
from platekeeper.core.policy import Policy
from platekeeper.core.rules.decision import Refused
from platekeeper.core.rules.retention import hits_raised_before, oldest_stored
from platekeeper.core.rules.sharing import Share, is_destination, may_share
from platekeeper.core.rules.transfers import Every, due_at, periods
from platekeeper.server.gateways.destinations import Destination, destination
from platekeeper.server.ledger.actions import Action, Outcome
from platekeeper.server.ledger.changes import append
from platekeeper.server.policy.lookups import in_force
from platekeeper.server.procedures.grounds import Ground, log_leaving, record_leaving, still_so
from platekeeper.server.procedures.transfer_files import (
    beginning_of,
    digest_of,
    drop_files,
    kept,
    make_file,
    signed_manifest,
)
from platekeeper.server.sharing import changes
from platekeeper.server.sharing.lookups import facts_of, mous, routines, subject_of, unfinished_transfers
from platekeeper.server.sharing.models import Dissemination, Routine, Transfer
from platekeeper.server.storage.files import write_durably

Clock = Callable[[], datetime]
_DAY = timedelta(days=1)
_PAST = Refused(Clause.VI_k, "Its data is past its time here: it can be sent no more.")


def send_transfers(*, clock: Clock) -> list[Transfer]:
    """Begin what is due and go on with what is unfinished; return the transfers that were sent or received now.

    What one routine fails of is raised once all the others have had their turn.
    """
    failed: Exception | None = None
    for routine in routines().filter(ended_at=None):
        try:
            _begin_due(routine, at=clock())
        except Exception as error:
            failed = failed or error
    done = [transfer for transfer in unfinished_transfers() if _go_on(transfer, clock)]
    if failed is not None:
        raise failed
    return done


def log_step(
    transfer: Transfer, step: str, *, at: datetime, by: Actor, policy: Policy, outcome: Outcome = Outcome.DONE,
    sealed: Mapping[str, str] | None = None,
) -> None:  # fmt: skip
    """Append how far a transfer is."""
    details = {"step": step, "since": transfer.since.isoformat(), "until": transfer.until.isoformat(),
               "routine": transfer.routine_id, "trouble": transfer.trouble}  # fmt: skip
    append(
        at=at, by=by, action=Action.TRANSFER_STEP, outcome=outcome, clause=Clause.VI_i, subject=subject_of(transfer),
        details=details, sealed=sealed, policy=policy.stamp,
    )  # fmt: skip


def _begin_due(routine: Routine, *, at: datetime) -> None:
    policy = in_force(at=at)
    last = routine.transfers.order_by("-until").values_list("until", flat=True).first()
    since = routine.begins_on if last is None else last + _DAY
    for begins, ends in periods(Every(routine.every), since=since, before=at.astimezone(UTC).date()):
        with transaction.atomic():
            begun = changes.begin_transfer(
                routine, since=begins, until=ends, due_at=due_at(ends), at=at, policy=policy.stamp
            )
            log_step(begun, "begun", at=at, by=SYSTEM, policy=policy, outcome=Outcome.BEGUN)


def _go_on(transfer: Transfer, clock: Clock) -> bool:
    """Send what is not sent, take the receipt; return whether either was done. What is in the way is kept and logged once."""
    try:
        place = _place(transfer.routine)
        if _is_past(transfer, at=clock()):
            drop_files(transfer)
            if transfer.sent_at is None:
                raise _Stopped(_PAST)
        if transfer.sent_at is None:
            _send(transfer, place, clock)
            return True
        return _take_receipt(transfer, place, clock)
    except _Stopped as stopped:
        _stop(transfer, stopped.refusal.reason, clock(), refusal=stopped.refusal)
    except Exception as error:  # whatever one comes to, the transfers behind it have their turn
        _stop(transfer, str(error) or type(error).__name__, clock())
    return False


def _is_past(transfer: Transfer, *, at: datetime) -> bool:
    """Say whether what a transfer holds is past its time here (VI.k): then its copies go, sent or not."""
    ends = hits_raised_before if transfer.routine.what == Share.HITS else oldest_stored
    oldest = ends(in_force(at=at), at=at)
    return oldest is not None and oldest > beginning_of(transfer.since)


class _Stopped(Exception):
    """Nothing more of a transfer may leave now."""

    def __init__(self, refusal: Refused) -> None:
        super().__init__(refusal.reason)
        self.refusal = refusal


def _send(transfer: Transfer, place: Destination, clock: Clock) -> None:
    days = [transfer.since + timedelta(days=n) for n in range((transfer.until - transfer.since).days + 1)]
    sent = set(transfer.files.exclude(ended_at=None).values_list("day", flat=True))
    for day in days:
        if day not in sent:
            _send_day(transfer, day, place, clock)
    at = clock()
    _ground(transfer, at)
    signed = signed_manifest(transfer, at=at)
    (folder := kept(transfer)).mkdir(mode=0o700, parents=True, exist_ok=True)
    write_durably(folder / "manifest.json", signed)
    place.put(transfer.uid, "manifest.json", folder / "manifest.json")
    with transaction.atomic():
        changes.note_transfer(transfer, sent_at=at, manifest=signed.decode(), trouble="")
        log_step(transfer, "sent", at=at, by=SYSTEM, policy=in_force(at=at))


def _send_day(transfer: Transfer, day: date, place: Destination, clock: Clock) -> None:
    """Make a day's file, log it with its digest, and deliver it; one that was made already is delivered as it is.

    What lets it leave is asked again once it is made, which may take its time.
    """
    at = clock()
    ground, policy = _ground(transfer, at), in_force(at=at)
    name = f"{transfer.routine.what}-{day}.{transfer.routine.form}"
    file, gone = kept(transfer) / name, transfer.files.filter(day=day).first()
    if gone is None or digest_of(file) != gone.sha256:
        records, withheld = make_file(file, transfer.routine, day, ground.terms)
        at = clock()
        if isinstance(changed := still_so(ground, _ground(transfer, at)), Refused):
            raise _Stopped(changed)
        policy = in_force(at=at)
        measured: dict[str, Any] = {
            "sha256": digest_of(file),
            "size": file.stat().st_size,
            "records": records,
            "withheld": withheld,
        }
        if gone is None:
            gone = _recorded(transfer, day, ground, at=at, policy=policy, measured=measured)
        else:
            changes.end_dissemination(gone, at=None, measured=measured)
    with transaction.atomic():
        log_leaving(gone, Outcome.BEGUN, at=at, by=SYSTEM, policy=policy)
    try:
        place.put(transfer.uid, name, file)
    except Exception as error:
        with transaction.atomic():
            changes.end_dissemination(gone, at=None, failure=str(error) or type(error).__name__)
            log_leaving(gone, Outcome.FAILED, at=clock(), by=SYSTEM, policy=policy)
        raise
    with transaction.atomic():
        changes.end_dissemination(gone, at=clock())
        log_leaving(gone, Outcome.DONE, at=clock(), by=SYSTEM, policy=policy)


def _recorded(
    transfer: Transfer, day: date, ground: Ground, *, at: datetime, policy: Policy, measured: dict[str, Any]
) -> Dissemination:
    routine = transfer.routine
    return record_leaving(
        ground, to=routine.place, what=Share(routine.what), purpose=routine.purpose, why="routine transfer (VI.i)",
        form=Dissemination.Form(routine.form), source=f"{subject_of(transfer)} {day}", by=None, at=at, policy=policy,
        transfer=transfer, day=day, **measured,
    )  # fmt: skip


def _ground(transfer: Transfer, at: datetime) -> Ground:
    """Return what lets the next file leave at this moment, asked anew before each. Raises `_Stopped`."""
    routine, policy = transfer.routine, in_force(at=at)
    routine.refresh_from_db(fields=["ended_at"])
    if routine.ended_at is not None:
        raise _Stopped(Refused(Clause.VI_i, "The routine transfer was ended."))
    mou = mous().get(pk=routine.mou_id)
    facts = facts_of(mou, at=at, zone=policy.zone)
    for decision in (
        is_destination(policy, mou.agency.name, ways=("routine",)),
        may_share(facts, what=Share(routine.what), purpose=routine.purpose, at=at),
    ):
        if isinstance(decision, Refused):
            raise _Stopped(decision)
    return Ground(mou.agency, mou, facts.terms)


def _stop(transfer: Transfer, why: str, at: datetime, *, refusal: Refused | None = None) -> None:
    """Keep why a transfer stands still; the ledger says it once, not with every try."""
    policy, trouble = in_force(at=at), why[:240]
    over = refusal is not None and refusal.clause is Clause.VI_k
    ended = refusal is not None and transfer.routine.ended_at is not None
    with transaction.atomic():
        is_new = trouble != transfer.trouble
        gone = {"given_up_at": at} if over or ended else {}
        changes.note_transfer(transfer, trouble=trouble, tries=transfer.tries + 1, **gone)
        if is_new:
            outcome = Outcome.FAILED if refusal is None else Outcome.REFUSED
            log_step(transfer, "given up" if gone else "stopped", at=at, by=SYSTEM, policy=policy, outcome=outcome)
    if gone:
        drop_files(transfer)


def _take_receipt(transfer: Transfer, place: Destination, clock: Clock) -> bool:
    """Take a signed receipt that lies at the destination. Raises `TransferError` for one that is not good."""
    key = transfer.routine.receiver_key
    line = place.receipt(transfer.uid) if key else None
    if line is None:
        return False
    checked_receipt(line, of=transfer.manifest.encode(), public=base64.b64decode(key))
    at = clock()
    with transaction.atomic():
        changes.note_transfer(transfer, received_at=at, receipt=line.decode().strip(), trouble="")
        log_step(transfer, "received", at=at, by=SYSTEM, policy=in_force(at=at))
    drop_files(transfer)
    return True


def _place(routine: Routine) -> Destination:
    token = settings.HOME.destination_tokens / f"{routine.pk}.token"
    return destination(routine.place, token=token.read_text().strip() if token.exists() else "")
