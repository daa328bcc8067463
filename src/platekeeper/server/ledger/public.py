"""The public's log: every leaf of a period as the public may see it, and the tree that it stands in."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.db.models import Max, Min, Q
from django.db.models.functions import TruncDate

from platekeeper.core.ledger import proofs
from platekeeper.server.ledger import tree
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.chain import first_key, key_record, signed_since
from platekeeper.server.ledger.lookups import last_checkpoint, leaf_record, line_of, sizes_held
from platekeeper.server.ledger.models import LedgerCheckpoint, LedgerEntry
from platekeeper.verify import PUBLIC_VERSION, public_form


def published(*, since: datetime, until: datetime, under: LedgerCheckpoint | None = None) -> Iterator[str]:
    """Yield the public's log as lines of canonical JSON, for `platekeeper.verify`, up to a checkpoint, by default the newest.

    Shown are the leaves from the last one before `since` to the first one after `until`, so that nobody need take on trust
    where the period begins. Other leaves stand as the hashes of whole subtrees, with the checkpoints among them that
    witnesses hold, and the last of each day; so do those from before there was a public form. Of a checkpoint from before
    the unbroken chain of keys only the place stands: what a witness holds compares by its root.
    """
    first, covering = first_key(), under or last_checkpoint()
    if first is None or covering is None:
        return
    yield line_of({"kind": "public", "v": 1, **key_record(first)})
    shown, keys = _shown(since, until, size=covering.size), _hand_overs(covering.size)
    besides = _checkpoints_besides(keys, size=covering.size)
    inside = Q(size__gt=shown.start, size__lte=shown.stop)  # one a minute, so more than can be named to a database
    notes = dict(signed_since(first).filter(inside | Q(size__in=besides)).values_list("size", "note"))
    stops = sorted({0, shown.start, shown.stop, *notes, *besides, *keys, *(index + 1 for index in keys)})
    for begin, end in pairwise(stops):
        yield from map(line_of, _leaves(begin, end) if begin in shown or begin in keys else _hidden(begin, end))
        if end in notes:
            yield line_of({"kind": "checkpoint", "note": notes[end]})


def _shown(since: datetime, until: datetime, *, size: int) -> range:
    leaves = LedgerEntry.objects.filter(pk__lt=size)
    ends = leaves.filter(at__gte=since, at__lt=until).aggregate(first=Min("pk"), last=Max("pk"))
    first, last = ends["first"], ends["last"]
    if first is None:  # nothing was done: the leaf before and the one after say so
        after = leaves.filter(at__gte=until).aggregate(first=Min("pk"))["first"]
        first = size if after is None else after
        last = first - 1
    # clocks are set back: the next leaf need not be one of another time
    before = leaves.filter(pk__lt=first, at__lt=since).aggregate(last=Max("pk"))["last"]
    after = leaves.filter(pk__gt=last, at__gte=until).aggregate(first=Min("pk"))["first"]
    begin, end = 0 if before is None else before, size if after is None else after + 1
    return range(bisect_left(range(end), PUBLIC_VERSION, lo=begin, key=_version), end)


def _version(index: int) -> int:
    return int(LedgerEntry.objects.get(pk=index).content().get("v", 0))


def _hand_overs(size: int) -> set[int]:
    """Return the leaves that hand signing over to another key: shown wherever they stand, for signatures to be followed."""
    return set(LedgerEntry.objects.filter(action=Action.LEDGER_KEY_CHANGED, pk__lt=size).values_list("pk", flat=True))


def _checkpoints_besides(keys: set[int], *, size: int) -> set[int]:
    """Return the sizes of the checkpoints to bring along besides those among what is shown."""
    signed = LedgerCheckpoint.objects.filter(size__gt=0, size__lte=size)
    days = signed.annotate(day=TruncDate("signed_at")).values("day").annotate(last=Max("size")).order_by()
    handed_over = {index + 1 for index in keys}  # signed at once, by the key that hands over
    return {*days.values_list("last", flat=True), *sizes_held(below=size), *handed_over, size}


def _leaves(begin: int, end: int) -> Iterator[dict[str, Any]]:
    entries = LedgerEntry.objects.filter(pk__gte=begin, pk__lt=end)
    for entry in entries.iterator(chunk_size=1000):
        if entry.content().get("v") == PUBLIC_VERSION:
            yield {"kind": "shown", "index": entry.pk, "shown": public_form(bytes(entry.body))}
        else:  # an early hand-over of the key: it names nobody
            yield leaf_record(entry, openings=False)


def _hidden(begin: int, end: int) -> Iterator[dict[str, Any]]:
    for level, place in proofs.cover(begin=begin, end=end):
        yield {"kind": "hidden", "index": place << level, "level": level, "hash": tree.stored(level, place).hex()}
