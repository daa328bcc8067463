"""Today's hot lists are issued to a unit in the field, signed and for a day (V.a, VII.d)."""

from __future__ import annotations

import hashlib
import secrets
import threading
from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from platekeeper.core.actor import SYSTEM
from platekeeper.core.clauses import Clause
from platekeeper.core.formats.deltas import delta
from platekeeper.core.hotlists.in_force import ListInForce
from platekeeper.core.hotlists.issued import GOOD_FOR, Issued, IssuedList, Rows, contents_of, issue_line
from platekeeper.core.hotlists.loaded import CHANGES, Layout, Loaded, format_of
from platekeeper.core.hotlists.own import OwnEntry
from platekeeper.core.policy import Policy
from platekeeper.server.equipment.models import LPR
from platekeeper.server.hotlist import changes, lookups
from platekeeper.server.hotlist.matcher import current, own_entry
from platekeeper.server.hotlist.models import HotListDelivery, HotListEntry, HotListUpload
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.policy.lookups import in_force
from platekeeper.server.storage import snapshots
from platekeeper.server.storage.field_keys import field_keys

_NAMES = {"requested_by", "decided_by", "entry"}
"""What a unit need not know of an entry of the department's own."""


class NoSuchRows(Exception):
    """No list in force has these rows, or there is nothing to make a difference from."""


@dataclass(frozen=True, slots=True)
class Issue:
    """The signed line, and the contents that it speaks for."""

    line: bytes
    contents: bytes


def issue_hot_list(lpr: LPR, *, known: str, uid: str = "", at: datetime) -> Issue | None:
    """Issue the lists in force to a unit that has the contents of digest `known` by issue `uid`; None while those are good.

    What is issued anew, because a list changed or the day is half over, is recorded and logged before it leaves. A unit
    that has not got it asks again, and is answered the same: it was issued once.
    """
    policy = in_force(at=at)
    erased = policy.said_period("V.b.erased")
    issued = Issued(
        unit=lpr.pk,
        department=policy.department,
        zone=policy.zone.key,
        window=policy.whole("VII.e.window") if policy.needs("VII.e.window") else 0,
        erased_after=erased.total_seconds() if erased else None,
        lists=tuple(_issued(each) for each in current().lists.values()),
        own=_own(at=at),
        suppressed=lookups.suppressed(),
    )
    contents = contents_of(issued)
    digest = hashlib.sha256(contents).hexdigest()
    uploads = lookups.uploads_to(lpr)
    last, has = uploads.first(), _named(uploads, known, uid)
    if has is not None and has.held_at is None:
        changes.note_held(has, at=at)
    if has is not None and _is_good(has, digest, at=at):  # of two commands on a unit each names what it has
        return None
    good = last if last is not None and _is_good(last, digest, at=at) else None
    if good is None or (good.held_at is not None and has is None) or not good.uid:  # or it had it, and lost it
        good = _recorded(lpr, issued, digest, policy, at=at)
    keys = field_keys(settings.HOME.field_keys)
    line = issue_line(
        contents, unit=lpr.pk, uid=good.uid, made_at=good.issued_at, public=keys.public[0], sign=keys.signs.sign
    )
    return Issue(line, contents)


def _named(uploads: QuerySet[HotListUpload], known: str, uid: str) -> HotListUpload | None:
    """Return the issue that a unit says it has."""
    named = uploads.filter(digest=known)
    return (named.filter(uid=uid) if uid else named).first() if known else None


def _is_good(upload: HotListUpload, digest: str, *, at: datetime) -> bool:
    return upload.digest == digest and upload.expires_at - at > GOOD_FOR / 2


def _recorded(lpr: LPR, issued: Issued, digest: str, policy: Policy, *, at: datetime) -> HotListUpload:
    uid = secrets.token_hex(16)
    with transaction.atomic():
        upload = changes.record_upload(
            lpr=lpr, uid=uid, at=at, expires_at=at + GOOD_FOR, digest=digest, policy=policy.stamp,
            files={each.whole.sha256: each.delivery for each in issued.lists if each.whole},
        )  # fmt: skip
        append(
            at=at, by=SYSTEM, action=Action.HOT_LIST_ISSUED, clause=Clause.V_a, subject=f"lpr:{lpr.pk}",
            details={
                "digest": digest, "uid": uid, "deliveries": [each.delivery for each in issued.lists],
                "own": len(issued.own), "suppressed": len(issued.suppressed),
            },
            policy=policy.stamp,
        )  # fmt: skip
    return upload


def rows_in_force(sha256: str, *, after: int = 0, most: int | None = None) -> bytes:
    """Return rows of a list in force by their digest, from a byte on. Raises `NoSuchRows`."""
    for each in current().lists.values():
        for loaded in (each.standing.whole, each.standing.changed):
            if loaded is not None and _digest(loaded) == sha256:
                return loaded.rows[after : None if most is None else after + most]
    raise NoSuchRows


def rows_since(lpr: LPR, *, sha256: str, known: str) -> bytes:
    """Return what makes the rows of a list in force of rows that were issued to this unit before. Raises `NoSuchRows`."""
    new = rows_in_force(sha256)
    issued = next((each.files[known] for each in lookups.uploads_to(lpr)[:60] if known in each.files), None)
    delivery = lookups.deliveries().filter(pk=issued).first() if issued else None
    if delivery is None:
        raise NoSuchRows
    return delta(_rows_of(delivery), new)


def _rows_of(delivery: HotListDelivery) -> bytes:
    """Return the rows of a delivery, or of the whole file on which its changes stand. Raises `NoSuchRows`."""
    whole = delivery.base if delivery.is_changes and delivery.base else delivery
    try:
        content = snapshots.read(settings.HOME.hot_lists, whole.digest)
    except snapshots.SnapshotDamaged as gone:
        raise NoSuchRows from gone
    return format_of(whole.format, whole.layout).rows(content)


def _issued(each: ListInForce) -> IssuedList:
    delivery = lookups.deliveries().get(pk=each.delivery)
    whole = delivery.base if delivery.is_changes else delivery
    standing = each.standing
    return IssuedList(
        slug=each.slug, name=each.name, source=each.source, delivery=each.delivery, digest=each.digest,
        delivered_at=each.delivered_at, rules=each.rules,
        whole=_rows(standing.whole, whole.format, whole.layout) if standing.whole and whole else None,
        changed=_rows(standing.changed, CHANGES, {}) if standing.changed else None,
    )  # fmt: skip


def _rows(loaded: Loaded, format: str, layout: Layout) -> Rows:
    return Rows(_digest(loaded), len(loaded.rows), format, layout)


def _own(*, at: datetime) -> tuple[OwnEntry, ...]:
    """Return the own entries that have not ended, also those that begin later, without whom they came from."""
    standing = lookups.entries().filter(state=HotListEntry.State.ACTIVE, expires_at__gt=at).order_by("pk")
    entries = (own_entry(entry) for entry in standing)
    return tuple(
        replace(entry, copy={name: said for name, said in entry.copy.items() if name not in _NAMES})
        for entry in entries
    )


_digests: dict[str, str] = {}
_lock = threading.Lock()


def _digest(loaded: Loaded) -> str:
    """Return the SHA-256 of a file's rows, which never change; what was hashed once is remembered."""
    with _lock:
        if loaded.name not in _digests:
            _digests[loaded.name] = hashlib.sha256(loaded.rows).hexdigest()
        return _digests[loaded.name]
