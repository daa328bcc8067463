"""Hits that came to nothing and that no case holds have an end (VI.k), with their images and what opens their leaves."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import datetime

from platekeeper.core.policy import Policy
from platekeeper.server.hits import changes
from platekeeper.server.hits.models import Hit
from platekeeper.server.ledger.changes import forget
from platekeeper.server.oversight.hits_over import hits_over
from platekeeper.server.procedures.follow_directives import copy_hits

_REMEMBERED = ("name", "on_behalf_of")
"""What stays open of the leaves of a hit that has gone: who acted."""


def take_hits(policy: Policy, *, at: datetime, raised_before: datetime | None) -> tuple[Counter[int], str]:
    """Delete the hits whose time is over, inside the caller's transaction; return counts by LPR number and a digest.

    Those that a directive names are copied first, and stay.
    """
    gone = _hits_over(policy, at=at, raised_before=raised_before)
    if gone and copy_hits(gone, policy=policy, at=at):
        gone = _hits_over(policy, at=at, raised_before=raised_before)
    hashed = hashlib.sha256()
    for name in sorted(f"{hit.read_id} {hit.entry_key}" for hit in gone):
        hashed.update(name.encode())
    for hit in gone:
        forget(f"hit:{hit.pk}", but=_REMEMBERED)
    changes.delete_hits(gone)
    return Counter(hit.lpr_id for hit in gone), hashed.hexdigest()


def _hits_over(policy: Policy, *, at: datetime, raised_before: datetime | None) -> list[Hit]:
    numbers = hits_over(policy, at=at, raised_before=raised_before)
    return list(Hit.objects.select_related("lpr").in_bulk(numbers).values())
