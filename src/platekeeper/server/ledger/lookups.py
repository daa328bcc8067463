"""Read the ledger."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from platekeeper.core.ledger import Frontier, canonical, commitment, proofs
from platekeeper.server.ledger import tree
from platekeeper.server.ledger.actions import Action, Outcome
from platekeeper.server.ledger.chain import first_key, key_record, signed_since
from platekeeper.server.ledger.models import HandOver, LedgerCheckpoint, LedgerEntry, LedgerKey, Witness
from platekeeper.verify import UNFIT, Fault, read_checkpoint

MAILED_EVERY = timedelta(days=1)
_CHECKED_AT_ONCE = 1000


def size() -> int:
    """Return the number of leaves: they are numbered from 0 without gaps, and counting them all takes longer each day."""
    return tree.newest_leaf()[0] + 1


def key() -> LedgerKey | None:
    """Return the key that signs now, None before the first checkpoint."""
    return LedgerKey.objects.filter(ended_at=None).first()


def last_checkpoint(*, below: int | None = None) -> LedgerCheckpoint | None:
    """Return the newest checkpoint, or the newest of fewer leaves."""
    found = LedgerCheckpoint.objects.order_by("-size")
    return (found if below is None else found.filter(size__lt=below)).first()


def horizon() -> HandOver | None:
    """Return the hand-over of the largest checkpoint that somebody outside holds: nothing before it can be rewritten."""
    done = HandOver.objects.filter(outcome=Outcome.DONE).select_related("checkpoint")
    return done.order_by("-checkpoint__size", "pk").first()


def sizes_held(*, below: int) -> list[int]:
    """Return the sizes of the checkpoints that somebody outside holds, under a size, the largest first."""
    held = HandOver.objects.filter(outcome=Outcome.DONE, checkpoint__size__lt=below, checkpoint__size__gt=0)
    return list(held.order_by("-checkpoint__size").values_list("checkpoint__size", flat=True).distinct())


def consistency_of(size: int, *, under: LedgerCheckpoint) -> list[bytes]:
    """Return the proof that the tree of a checkpoint begins with that of `size` leaves (RFC 6962, section 2.1.2)."""
    return proofs.consistency(tree.stored, old=size, new=under.size)


def mailings() -> list[tuple[Witness, HandOver | None]]:
    """Return the witnesses who are mailed now, each with the newest mail to them, however it ended."""
    return [(each, each.hand_overs.select_related("checkpoint").last()) for each in _mailed()]


def due(newest: LedgerCheckpoint, *, at: datetime) -> QuerySet[Witness]:
    """Return the witnesses to mail a checkpoint to: they hold none as new, and were mailed none for a day."""
    mails = HandOver.objects.filter(how=HandOver.How.MAIL, outcome=Outcome.DONE)
    served = mails.filter(Q(checkpoint__size__gte=newest.size) | Q(at__gt=at - MAILED_EVERY))
    return _mailed().exclude(pk__in=served.values("witness"))


def hand_overs() -> QuerySet[HandOver]:
    """Return every hand-over, newest first."""
    return HandOver.objects.select_related("checkpoint").order_by("-pk")


def _mailed() -> QuerySet[Witness]:
    return Witness.objects.filter(ended_at=None)


def proof_of(index: int, *, under: LedgerCheckpoint | None = None) -> str:
    """Return the proof (C2SP `tlog-proof`) that a leaf stands under a checkpoint, the newest one by default.

    Raises ValueError.
    """
    covering = under or last_checkpoint()
    if covering is None or not 0 <= index < covering.size:
        raise ValueError(f"no checkpoint covers leaf {index} yet")
    path = proofs.inclusion(tree.stored, index=index, size=covering.size)
    return proofs.written(index=index, proof=path, note=covering.note)


def exported(*, openings: bool = True, withheld: Collection[str] = ()) -> Iterator[str]:
    """Yield the whole ledger up to the newest checkpoint as lines of canonical JSON, for `platekeeper.verify`.

    Without `openings` every sealed field is withheld, with them those of the subjects `withheld`; all leaves verify. What
    was signed before the unbroken chain of keys is left out; its leaves are not.
    """
    first, covering = first_key(), last_checkpoint()
    if first is None or covering is None:
        return
    yield line_of({"kind": "ledger", "v": 1, **key_record(first)})
    notes = dict(signed_since(first).values_list("size", "note"))
    leaves = LedgerEntry.objects.filter(pk__lt=covering.size).prefetch_related(*["openings"] * openings)
    for entry in leaves.iterator(chunk_size=1000):
        yield line_of(leaf_record(entry, openings=openings and entry.subject not in withheld))
        if entry.pk + 1 in notes:
            yield line_of({"kind": "checkpoint", "note": notes[entry.pk + 1]})


def leaf_record(entry: LedgerEntry, *, openings: bool = True) -> dict[str, Any]:
    """Return what is handed out of a leaf: the very text that was hashed, and its sealed values unless they are withheld."""
    laid_open = entry.openings.all() if openings else ()
    shown = {each.field: {"salt": bytes(each.salt).hex(), "value": each.value} for each in laid_open}
    return {"kind": "leaf", "index": entry.pk, "body": bytes(entry.body).decode(), "openings": shown}


def line_of(record: dict[str, Any]) -> str:
    """Return a record as a line of an export."""
    return canonical(record).decode() + "\n"


def newest(*, before: int | None = None, limit: int = 50) -> QuerySet[LedgerEntry]:
    """Return entries newest first, below leaf index `before` if given."""
    entries = LedgerEntry.objects.order_by("-index").prefetch_related("openings")
    return (entries if before is None else entries.filter(index__lt=before))[:limit]


def of_subject(subject: str) -> QuerySet[LedgerEntry]:
    """Return what was done to one thing, such as "hit:12", oldest first."""
    return LedgerEntry.objects.filter(subject=subject).prefetch_related("openings")


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check of every leaf came to: how many there were, the root over them, and what is wrong, in words."""

    leaves: int
    root: bytes
    faults: list[str]


def last_check() -> LedgerEntry | None:
    """Return the leaf that says what came of the last check of every leaf that went to its end."""
    return _checks().filter(outcome=Outcome.DONE).first()


def check_cut_off() -> LedgerEntry | None:
    """Return the leaf that began the newest check of every leaf, where nothing came of it: it goes on, or was cut off."""
    newest = _checks().first()
    return newest if newest is not None and newest.outcome == Outcome.BEGUN else None


def _checks() -> QuerySet[LedgerEntry]:
    return LedgerEntry.objects.filter(action=Action.LEDGER_CHECKED).order_by("-pk")


def check() -> Checked:
    """Check every leaf and opening there is now, and the checkpoints over them; each fault names the leaf's index."""
    last, leaves, found = last_checkpoint(), Frontier(), list[str]()
    signed = last.size if last else 0
    end = max(size(), signed)
    for begin in range(0, end, _CHECKED_AT_ONCE):
        until = min(end, begin + _CHECKED_AT_ONCE)
        notes = dict(LedgerCheckpoint.objects.filter(size__gt=begin, size__lte=until).values_list("size", "note"))
        for entry in LedgerEntry.objects.filter(pk__gte=begin, pk__lt=until).prefetch_related("openings"):
            place = leaves.size
            if entry.index != place:
                return Checked(place, leaves.root(), [*found, f"leaf {place} is missing"])
            leaves.append(bytes(entry.leaf_hash))
            if leaves.size in notes and _root_signed(notes[leaves.size]) != leaves.root():
                found.append(f"the leaves up to leaf {place} are not those that were signed")
            try:
                found += _faults_of(entry)
            except UNFIT:  # whoever rewrites a leaf may write what no check expects
                found.append(f"leaf {place} cannot be read")
    if signed > leaves.size:
        found.append(f"leaf {signed - 1} is missing")
    return Checked(leaves.size, leaves.root(), found)


def _faults_of(entry: LedgerEntry) -> Iterator[str]:
    if not entry.is_whole():
        yield f"leaf {entry.index} does not hash to what is stored"
        return
    content = entry.content()
    if not entry.repeats(content):
        yield f"leaf {entry.index} is searched and counted as something else than was recorded"
    for opening in entry.openings.all():
        if commitment(bytes(opening.salt), opening.field, opening.value) != content["sealed"].get(opening.field):
            yield f"leaf {entry.index}: the value shown for {opening.field} is not the one recorded"


def _root_signed(note: str) -> bytes:
    try:
        return read_checkpoint(note).root
    except Fault:
        return b""
