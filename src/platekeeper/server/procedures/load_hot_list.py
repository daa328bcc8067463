"""A hot list is delivered (IV.e, V.a, VII.d): the whole file, or nothing at all."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from platekeeper.core.actor import SYSTEM, Actor
from platekeeper.core.categories import Source
from platekeeper.core.clauses import Clause
from platekeeper.core.formats import HOT_LIST_FORMATS
from platekeeper.core.formats.hotlist import Changes, HotListFormatError, HotListLine, ParsedHotList, diff
from platekeeper.core.policy import Policy
from platekeeper.core.rules.access import has_duty
from platekeeper.core.rules.decision import Refused
from platekeeper.server.hotlist import changes, lookups
from platekeeper.server.hotlist.matcher import key_of
from platekeeper.server.hotlist.models import HotListDelivery
from platekeeper.server.ledger.actions import Action, Outcome
from platekeeper.server.ledger.changes import append
from platekeeper.server.policy.lookups import in_force
from platekeeper.server.procedures.authority import Footing, RefusedAction
from platekeeper.server.procedures.recall import recall_open_hits
from platekeeper.server.storage import snapshots

LARGEST_FILE = 128 * 1024 * 1024
"""Bytes of a file as delivered; what it unpacks to is limited by its format."""
CHANGES_SHOWN = 500
"""Plates added, and plates removed, that a delivery's page lists; the counts are whole."""
_SHRUNK_FROM = 1_000
_DUTY = "IV.e.custodian"

log = logging.getLogger(__name__)


class HotListRefused(Exception):
    """The file was not accepted and nothing has changed. The message says why and what to do; it is in the ledger."""


class HotListShrunk(HotListRefused):
    """The file holds less than half of the list in force: cut off perhaps. It can be accepted as it is, knowingly."""


class _Overtaken(Exception):
    """Another delivery was recorded meanwhile, so the differences must be worked out anew."""


@dataclass(frozen=True, slots=True)
class _Loading:
    by: Actor
    policy: Policy
    file_name: str
    content: bytes
    format: str
    at: datetime


def load_hot_list(
    by: Footing | None,
    *,
    file_name: str,
    content: bytes,
    at: datetime,
    format: str = "new_york",
    accept_shorter: bool = False,
) -> HotListDelivery:
    """Accept a file as today's hot list and return its delivery; alarms of entries that are gone are recalled.

    `by` is None for the watched folder and the command line, which the system acts for. The same bytes delivered again
    are a new delivery of a new day, without changes. Raises `RefusedAction` (who may), `HotListRefused` (the file).
    """
    loading = _Loading(
        by=by.actor if by else SYSTEM,
        policy=by.policy if by else in_force(),
        file_name=_storable(file_name)[:160] or "unnamed",
        content=content,
        format=format,
        at=at,
    )
    _demand_authority(by, loading)
    parsed = _parse(loading)
    if not accept_shorter:
        _demand_whole(loading, parsed)
    digest = snapshots.keep(settings.HOME.hot_lists, content)
    while True:
        try:
            return _record(loading, parsed, digest=digest, before=lookups.newest_delivery())
        except _Overtaken:
            continue


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


def _parse(loading: _Loading) -> ParsedHotList:
    size = len(loading.content)
    if size > LARGEST_FILE:
        raise _refused(loading, HotListRefused(f"The file has {size} bytes; {LARGEST_FILE} are the most."))
    parse = HOT_LIST_FORMATS.get(loading.format)
    if parse is None:
        known = ", ".join(sorted(HOT_LIST_FORMATS))
        refusal = HotListRefused(f"There is no hot list format {loading.format!r}; choose one of: {known}.")
        raise _refused(loading, refusal)
    try:
        return parse(loading.content)
    except HotListFormatError as error:
        raise _refused(loading, HotListRefused(str(error))) from error


def _demand_whole(loading: _Loading, parsed: ParsedHotList) -> None:
    before = lookups.newest_delivery()
    if before is not None and before.lines >= _SHRUNK_FROM and len(parsed.lines) * 2 < before.lines:
        raise _refused(
            loading,
            HotListShrunk(
                f"The file holds {len(parsed.lines)} plates, the list in force {before.lines}: it may be cut off. "
                "Fetch it again, or accept the shorter list if the portal says it is right."
            ),
        )


def _refused(loading: _Loading, refusal: HotListRefused) -> HotListRefused:
    """Log a refused file in a transaction of its own. The reason is sealed, since it may quote the file."""
    with transaction.atomic():
        append(
            at=loading.at,
            by=loading.by,
            action=Action.HOTLIST_REFUSED,
            outcome=Outcome.REFUSED,
            clause=Clause.V_a,
            details={
                "format": loading.format[:40],
                "sha256": hashlib.sha256(loading.content).hexdigest(),
                "bytes": len(loading.content),
            },
            sealed={"file_name": loading.file_name, "reason": _storable(str(refusal))},
            policy=loading.policy.stamp,
        )
    return refusal


def _record(
    loading: _Loading, parsed: ParsedHotList, *, digest: str, before: HotListDelivery | None
) -> HotListDelivery:
    difference = _difference(before, parsed, digest=digest)
    keys = {key_of(line) for line in parsed.lines}
    with transaction.atomic():
        changes.move_version(at=loading.at)
        newest = lookups.newest_delivery()
        if (newest.pk if newest else None) != (before.pk if before else None):
            raise _Overtaken
        delivery = changes.record_delivery(
            source=Source.PORTAL,
            format=loading.format,
            file_name=loading.file_name,
            digest=digest,
            at=loading.at,
            by=loading.by.person,
            lines=len(parsed.lines),
            counts=parsed.counts(),
            skipped=[(line.number, _storable(line.reason), _storable(line.text)) for line in parsed.skipped],
            added=len(difference.added),
            removed=len(difference.removed),
            changes={"added": _shown(difference.added), "removed": _shown(difference.removed)},
            policy=loading.policy.stamp,
        )
        recalled = recall_open_hits(
            prefix=lookups.DELIVERED, still_wanted=keys.__contains__,
            reason="No longer on the delivered hot list.", at=loading.at, by=loading.by, policy=loading.policy,
        )  # fmt: skip
        append(
            at=loading.at,
            by=loading.by,
            action=Action.HOTLIST_DELIVERED,
            clause=Clause.V_a,
            subject=f"hotlist:{delivery.pk}",
            details={
                "sha256": digest,
                "format": loading.format,
                "lines": delivery.lines,
                "skipped": len(delivery.skipped),
                "counts": delivery.counts,
                "added": delivery.added,
                "removed": delivery.removed,
                "recalled": recalled,
            },
            sealed={"file_name": loading.file_name},
            policy=loading.policy.stamp,
        )
    return delivery


def _difference(before: HotListDelivery | None, parsed: ParsedHotList, *, digest: str) -> Changes:
    if before is None:
        return Changes(added=tuple(parsed.lines), removed=())
    if before.digest == digest:
        return Changes(added=(), removed=())
    try:
        return diff(lookups.parsed(before), parsed)
    except (snapshots.SnapshotDamaged, HotListFormatError):
        # Today's list must not wait for yesterday's file; everything in it counts as new.
        log.exception("The kept file of delivery %s cannot be read; its differences are unknown.", before.pk)
        return Changes(added=tuple(parsed.lines), removed=())


def _shown(lines: tuple[HotListLine, ...]) -> list[str]:
    shown = lines[:CHANGES_SHOWN]
    return [f"{line.plate.text} {line.state or line.raw_state or '--'} {line.category.value}" for line in shown]


def _storable(text: str) -> str:
    """Return text that every database takes: no NUL, no half characters of undecodable file names."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "\ufffd")
