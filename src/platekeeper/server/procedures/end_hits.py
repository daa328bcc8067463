"""Hits that came to nothing and that no case holds have an end (VI.k), with their images and what opens their leaves."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from itertools import islice

from platekeeper.core.policy import Policy
from platekeeper.server.hits import changes
from platekeeper.server.hits.models import Hit
from platekeeper.server.ledger.changes import forget, stand_in_line
from platekeeper.server.oversight.hits_over import hits_over
from platekeeper.server.procedures.follow_directives import copy_hits

_REMEMBERED = ("name", "on_behalf_of")
"""What stays open of the leaves of a hit that has gone: who acted."""
_AT_ONCE = 1000
"""So many alarms are disposed of at a time: a first disposal may be of hundreds of thousands."""


def take_hits(policy: Policy, *, at: datetime, raised_before: datetime | None) -> tuple[Counter[int], str] | None:
    """Delete hits whose time is over, some alarms at a time, inside the caller's transaction; return counts by LPR number
    and a digest, no counts once none are left.

    None where it is to be asked for anew, in another transaction: a directive names some of them, which are copied and stay,
    since cases are held before any leaf.
    """
    gone = _some(policy, at=at, raised_before=raised_before)
    if gone and copy_hits(_whole(gone), policy=policy, at=at):
        return None
    stand_in_line()  # before their rows: whoever closes a hit comes to it with a leaf appended
    if _some(policy, at=at, raised_before=raised_before) != gone:
        return None  # something came of one meanwhile
    hashed = hashlib.sha256()
    for name in sorted(f"{hit.read_id} {hit.entry_key}" for hit in gone):
        hashed.update(name.encode())
    for hit in gone:
        forget(f"hit:{hit.pk}", but=_REMEMBERED)
    changes.delete_hits(gone)
    return Counter(hit.lpr_id for hit in gone), hashed.hexdigest()


def _some(policy: Policy, *, at: datetime, raised_before: datetime | None) -> list[Hit]:
    over = hits_over(policy, at=at, raised_before=raised_before)
    return [hit for group in islice(over, _AT_ONCE) for hit in group]


def _whole(hits: Sequence[Hit]) -> list[Hit]:
    found = Hit.objects.filter(pk__in=[hit.pk for hit in hits])
    return list(found.select_related("lpr").order_by("pk"))
