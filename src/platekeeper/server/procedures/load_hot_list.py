"""A hot list file is delivered (IV.e, V.a, VII.d): a whole list or changes of one, accepted whole or not at all."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from platekeeper.core.actor import SYSTEM, Actor
from platekeeper.core.clauses import Clause
from platekeeper.core.formats.hotlists import HOT_LIST_FORMATS, incremental
from platekeeper.core.formats.hotlists.delimited import Delimited
from platekeeper.core.formats.hotlists.rows import HotListFormatError, HotListLine, ParsedHotList, Progress
from platekeeper.core.formats.reads import storable
from platekeeper.core.hotlists.loaded import CHANGES, Layout, format_of
from platekeeper.core.hotlists.standing import Missing, Standing, shown
from platekeeper.core.policy import Policy
from platekeeper.core.rules.access import has_duty
from platekeeper.core.rules.decision import Refused
from platekeeper.server.hotlist import changes, lookups
from platekeeper.server.hotlist.loaded import make
from platekeeper.server.hotlist.models import HotList, HotListDelivery
from platekeeper.server.hotlist.standing import standing_of
from platekeeper.server.ledger.actions import Action, Outcome
from platekeeper.server.ledger.changes import append
from platekeeper.server.policy.lookups import in_force
from platekeeper.server.procedures.authority import Footing, RefusedAction
from platekeeper.server.procedures.recall import recall_open_hits
from platekeeper.server.storage import indexes, snapshots
from platekeeper.server.storage.locks import held

LARGEST_FILE = 512 * 1024 * 1024
"""Bytes of a file as delivered; what it unpacks to is limited by its format."""
CHANGES_SHOWN = 500
"""Plates added, and plates removed, that a delivery's page lists; the counts are whole."""
_REASONS = 50
_SHRUNK_FROM = 1_000
_REPLACED_FROM = 20
"""In place of a list of fewer plates any other may come."""
_DUTY = "IV.e.custodian"

log = logging.getLogger(__name__)


class HotListRefused(Exception):
    """The file was not accepted and nothing has changed. The message says why and what to do; it is in the ledger."""


class HotListShrunk(HotListRefused):
    """The file holds less than half of the list in force, `before`: cut off perhaps, or that of another list. It can be
    accepted in its place, knowingly."""

    def __init__(self, words: str, before: HotListDelivery) -> None:
        super().__init__(words)
        self.before = before


@dataclass(frozen=True, slots=True)
class _Loading:
    by: Actor
    policy: Policy
    hot_list: HotList
    file_name: str
    content: bytes
    format: str
    at: datetime
    progress: Progress

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @property
    def layout(self) -> Layout:
        """How the file is read: by the list's template, its times in the department's zone of today."""
        return {**self.hot_list.layout, "times": {"zone": self.policy.zone.key}}


@dataclass(frozen=True, slots=True)
class _Read:
    """A file that was understood: what the list comes to with it, and what a delivery records of it."""

    standing: Standing
    parsed: ParsedHotList
    facts: dict[str, Any]


def load_hot_list(
    by: Footing | None,
    *,
    file_name: str,
    content: bytes,
    at: datetime,
    hot_list: HotList | None = None,
    format: str = "",
    accept_shorter: bool = False,
    in_place_of: HotListDelivery | None = None,
    progress: Progress = lambda _done, _of: None,
) -> HotListDelivery:
    """Accept a file and return its delivery; alarms of entries that are gone are recalled.

    `hot_list` is the portal's unless another is named, `format` the list's own: another one is for files of changes. A much
    shorter file is accepted in the place of any, or of the one delivery in whose place somebody wants it.
    `by` is None for the watched folder and the command line, which the system acts for. The same bytes delivered again
    are a new delivery of a new day, without changes. Raises `RefusedAction` (who may), `HotListRefused` (the file).
    """
    chosen = hot_list or changes.ensure_portal_list(at=at)
    loading = _Loading(
        by=by.actor if by else SYSTEM,
        policy=by.policy if by else in_force(at=at),
        hot_list=chosen,
        file_name=storable(file_name)[:160] or "unnamed",
        content=content,
        format=format or chosen.format,
        at=at,
        progress=progress,
    )
    _demand_authority(by, loading)
    try:
        _demand_readable(loading)
        # one file at a time, whoever loads it: each is compared with the one before
        with held(settings.HOME.hot_list_lock):
            return _load(loading, accept_shorter=accept_shorter, in_place_of=in_place_of)
    except HotListRefused as refusal:
        _log_refusal(
            by=loading.by, policy=loading.policy, hot_list=chosen, file_name=loading.file_name, format=loading.format,
            reason=str(refusal), at=at, sha256=loading.digest, bytes=len(content),
        )  # fmt: skip
        raise


def refuse_unread(*, file_name: str, reason: str, at: datetime, hot_list: HotList | None = None) -> None:
    """Log that a file of the watched folder was refused for what it is, before anything in it was read."""
    chosen = hot_list or changes.ensure_portal_list(at=at)
    _log_refusal(
        by=SYSTEM, policy=in_force(at=at), hot_list=chosen, file_name=storable(file_name)[:160] or "unnamed",
        format=chosen.format, reason=reason, at=at,
    )  # fmt: skip


def _load(loading: _Loading, *, accept_shorter: bool, in_place_of: HotListDelivery | None) -> HotListDelivery:
    before = lookups.deliveries_of(loading.hot_list).first()
    read, earlier = _read(loading, before), _earlier(before)
    removed = earlier.missing_in(read.standing)
    if before is not None and not accept_shorter and before != in_place_of:
        _demand_whole(loading, read, before, gone=removed[0])
    delivery = _record(loading, read, earlier=earlier, removed=removed)
    indexes.forget_others(settings.HOME.hot_list_indexes, _needed())
    return delivery


def _demand_authority(by: Footing | None, loading: _Loading) -> None:
    if by is not None:
        duty = has_duty(by.authority, by.policy, _DUTY)
        by.demand(duty, attempted=Action.HOTLIST_DELIVERED)
        return
    unfilled = loading.policy.needs(_DUTY)
    if isinstance(unfilled, Refused):
        with transaction.atomic():
            append(
                at=loading.at, by=loading.by, action=Action.ACTION_REFUSED, outcome=Outcome.REFUSED,
                clause=unfilled.clause, policy=loading.policy.stamp,
                details={"attempted": Action.HOTLIST_DELIVERED.value, "reason": unfilled.reason},
            )  # fmt: skip
        raise RefusedAction(unfilled)


def _demand_readable(loading: _Loading) -> None:
    size = len(loading.content)
    if size > LARGEST_FILE:
        raise HotListRefused(f"The file has {size} bytes; {LARGEST_FILE} are the most.")
    if loading.format not in HOT_LIST_FORMATS:
        known = ", ".join(sorted(HOT_LIST_FORMATS))
        raise HotListRefused(f"There is no hot list format {loading.format!r}; choose one of: {known}.")


def _read(loading: _Loading, before: HotListDelivery | None) -> _Read:
    try:
        if format_of(loading.format, loading.layout).is_incremental:
            return _read_changes(loading, before)
        loaded, parsed = make(
            loading.content, digest=loading.digest, format=loading.format, layout=loading.layout,
            progress=loading.progress,
        )  # fmt: skip
    except HotListFormatError as error:
        raise HotListRefused(str(error)) from error
    return _Read(Standing(whole=loaded), parsed, {"base": None, "sum_digest": ""})


def _read_changes(loading: _Loading, before: HotListDelivery | None) -> _Read:
    """Add a file of changes to those before it: a list is never more than a whole file and one sum of changes."""
    reader = format_of(loading.format, loading.layout)
    assert isinstance(reader, Delimited)
    rows = reader.rows(loading.content)
    parsed = reader.parse(rows, progress=loading.progress)
    whole = before.base if before and before.is_changes else before
    base = standing_of(whole).whole
    known = snapshots.read(settings.HOME.hot_lists, before.sum_digest) if before and before.is_changes else None
    summed = incremental.summed(known, (line for _, _, line in reader.lines(rows) if isinstance(line, HotListLine)))
    sum_digest = snapshots.keep(settings.HOME.hot_lists, summed)
    loaded, _ = make(summed, digest=sum_digest, format=CHANGES, layout={}, base=base, progress=loading.progress)
    return _Read(Standing(whole=base, changed=loaded), parsed, {"base": whole, "sum_digest": sum_digest})


def _demand_whole(loading: _Loading, read: _Read, before: HotListDelivery, *, gone: int) -> None:
    """Refuse a file without most of the list in force, of which `gone` entries would go. What changes take off is meant, and
    a file read in another way than the one before may say of every plate something else."""
    lines = len(read.standing)
    if before.lines >= _SHRUNK_FROM and lines * 2 < before.lines:
        raise HotListShrunk(
            f"The file holds {lines} plates, the list in force {before.lines}: it may be cut off. "
            "Fetch it again, or accept the shorter list if the portal says it is right.",
            before,
        )
    if read.standing.changed is not None or before.lines < _REPLACED_FROM or gone * 2 <= before.lines:
        return
    whole = before.base or before
    if (whole.format, whole.layout) == (loading.format, loading.layout):
        raise HotListShrunk(
            f"Of {before.lines} plates in force {gone} are not in the file: it may be that of another list. "
            "Look which file it is, or accept it as it is if the sender says it is right.",
            before,
        )


def _log_refusal(
    *, by: Actor, policy: Policy, hot_list: HotList, file_name: str, format: str, reason: str, at: datetime, **read: Any
) -> None:
    """Log a refused file in a transaction of its own. The reason is sealed, since it may quote the file."""
    with transaction.atomic():
        append(
            at=at, by=by, action=Action.HOTLIST_REFUSED, outcome=Outcome.REFUSED, clause=Clause.V_a,
            details={"list": hot_list.slug, "format": format[:40], **read},
            sealed={"file_name": file_name, "reason": storable(reason)}, policy=policy.stamp,
        )  # fmt: skip


def _record(loading: _Loading, read: _Read, *, earlier: Standing, removed: Missing) -> HotListDelivery:
    digest = snapshots.keep(settings.HOME.hot_lists, loading.content)
    standing, parsed = read.standing, read.parsed
    added, new = standing.missing_in(earlier)
    differences = {"added": shown(new, CHANGES_SHOWN), "removed": shown(removed[1], CHANGES_SHOWN)}
    with transaction.atomic():
        changes.move_version(at=loading.at)
        delivery = changes.record_delivery(
            hot_list=loading.hot_list,
            at=loading.at,
            by=loading.by.person,
            policy=loading.policy.stamp,
            format=loading.format,
            layout=loading.layout,
            file_name=loading.file_name,
            digest=digest,
            lines=len(standing),
            counts={category.value: count for category, count in standing.counts().items()},
            skipped=[(line.number, storable(line.reason), storable(line.text)) for line in parsed.skipped],
            left_out={
                storable(reason): count for reason, count in parsed.left_out.reasons.most_common(_REASONS) if count
            },
            added=added,
            removed=removed[0],
            changes=differences,
            **read.facts,
        )
        recalled = recall_open_hits(
            prefix=loading.hot_list.prefix,
            still_wanted=lambda key: standing.holds(key.removeprefix(loading.hot_list.prefix)),
            reason="No longer on the delivered hot list.", at=loading.at, by=loading.by, policy=loading.policy,
        )  # fmt: skip
        lifted = _lift_suppressions(loading, standing)
        append(
            at=loading.at,
            by=loading.by,
            action=Action.HOTLIST_DELIVERED,
            clause=Clause.V_a,
            subject=f"hotlist:{delivery.pk}",
            details={
                "list": loading.hot_list.slug,
                "sha256": digest,
                "format": loading.format,
                "lines": delivery.lines,
                "skipped": parsed.left_out.reasons.total(),
                "counts": delivery.counts,
                "added": delivery.added,
                "removed": delivery.removed,
                "recalled": recalled,
                "suppressions_lifted": lifted,
            },
            sealed={"file_name": loading.file_name},
            policy=loading.policy.stamp,
        )
    return delivery


def _lift_suppressions(loading: _Loading, standing: Standing) -> int:
    """Lift what was suppressed of lines that their source has taken off: should it enter one anew, that is a new reason."""
    prefix = loading.hot_list.prefix
    held = lookups.suppressions(at=loading.at, prefix=prefix).values_list("entry_key", flat=True)
    gone = [key for key in held if not standing.holds(key.removeprefix(prefix))]
    return changes.end_suppressions(gone, at=loading.at, by=None)


def _earlier(before: HotListDelivery | None) -> Standing:
    try:
        return standing_of(before)
    except (snapshots.SnapshotDamaged, HotListFormatError):
        # Today's list must not wait for yesterday's file; everything in it counts as new.
        log.exception("The kept file of delivery %s cannot be read; its differences are unknown.", before and before.pk)
        return Standing()


def _needed() -> set[str]:
    """Return the names of the indexes in force on any list."""
    found: set[str] = set()
    for hot_list in lookups.hot_lists():
        found |= _earlier(lookups.deliveries_of(hot_list).first()).names
    return found
