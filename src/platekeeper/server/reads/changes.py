"""The only writer of what the records database keeps about reads."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any

from django.db.models import Case, F, Value, When

from platekeeper.server.equipment.models import LPR
from platekeeper.server.personnel.models import Person
from platekeeper.server.reads.models import (
    BarredCount,
    BarredPlace,
    BundleReceived,
    Contact,
    DeadLetter,
    ReadBatch,
    Refusal,
)
from platekeeper.server.reads.uploads import SILENCE

_AT_ONCE = 500
"""Rows that one statement asks for or writes."""


def record_batch(*, batch: bytes, at: datetime, count: int, root: bytes, leaf: int) -> ReadBatch:
    """Record that a batch has its hits and its ledger leaf."""
    return ReadBatch.objects.create(batch=batch, received_at=at, count=count, root=root, leaf=leaf)


def keep_dead_letters(lpr: LPR, told: Sequence[tuple[str, bytes]], *, format: str, at: datetime) -> list[int]:
    """Keep payloads that were not understood, each with the reason; return the number of each one's letter.

    A repeat is counted on the letter that is there. Few statements for many: while they are written nothing else is taken in.
    """
    if not told:  # as nearly always
        return []
    digests = [hashlib.sha256(payload).hexdigest() for _reason, payload in told]
    counted, of = Counter(digests), dict(zip(digests, told, strict=True))
    letters = DeadLetter.objects.filter(lpr=lpr)
    known: dict[str, int] = {}
    waiting = iter(of)
    while some := list(islice(waiting, _AT_ONCE)):
        known |= dict(letters.filter(digest__in=some).values_list("digest", "pk"))
    again: dict[int, list[int]] = {}
    for digest, number in known.items():
        again.setdefault(counted[digest], []).append(number)
    for times, numbers in again.items():
        for begin in range(0, len(numbers), _AT_ONCE):
            letters.filter(pk__in=numbers[begin : begin + _AT_ONCE]).update(times=F("times") + times)
    made = DeadLetter.objects.bulk_create(
        (
            DeadLetter(
                lpr=lpr, digest=digest, format=format, reason=reason[:240], payload=payload, received_at=at,
                times=counted[digest],
            )
            for digest, (reason, payload) in of.items()
            if digest not in known
        ),
        batch_size=_AT_ONCE,
    )  # fmt: skip
    known |= {letter.digest: letter.pk for letter in made}
    return [known[digest] for digest in digests]


def begin_bundle(*, uid: str, lpr: LPR, at: datetime, **facts: Any) -> BundleReceived:
    """Record that a bundle is being taken in; one that broke off before goes on."""
    return BundleReceived.objects.get_or_create(uid=uid, defaults={"lpr": lpr, "begun_at": at, **facts})[0]


def end_bundle(bundle: BundleReceived, *, at: datetime, counts: Mapping[str, int], receipt: bytes) -> None:
    """Record that all of a bundle is on disk, with the receipt that says so."""
    bundle.done_at, bundle.counts, bundle.receipt = at, dict(counts), receipt
    bundle.save(update_fields=["done_at", "counts", "receipt"])


def count_refusal(*, lpr: LPR, day: date, count: int) -> None:
    """Count reads that came already past the policy's ceiling."""
    row, is_new = Refusal.objects.get_or_create(lpr=lpr, day=day, defaults={"count": count})
    if not is_new:
        Refusal.objects.filter(pk=row.pk).update(count=F("count") + count)


def bar(*, at: datetime, by: Person, policy: tuple[int, str], **what: Any) -> BarredPlace:
    """Bar a place; `what` are the other fields of `BarredPlace`."""
    return BarredPlace.objects.create(
        barred_at=at, barred_by=by, policy_number=policy[0], policy_digest=policy[1], **what
    )


def end_barring(place: BarredPlace, *, at: datetime, by: Person) -> bool:
    """Let a place be collected at again; return whether it was barred until now."""
    return bool(BarredPlace.objects.filter(pk=place.pk, ended_at=None).update(ended_at=at, ended_by=by))


def count_barred(counts: Mapping[tuple[int, date], int]) -> None:
    """Count reads inside barred places, by place and day of capture."""
    for (place, day), count in counts.items():
        row, is_new = BarredCount.objects.get_or_create(place_id=place, day=day, defaults={"count": count})
        if not is_new:
            BarredCount.objects.filter(pk=row.pk).update(count=F("count") + count)


def close_dead_letter(letter_id: int, *, at: datetime, by: int, remark: str) -> bool:
    """Close a dead letter; return whether it was open still."""
    letters = DeadLetter.objects.filter(pk=letter_id, closed_at=None)
    return bool(letters.update(closed_at=at, closed_by=by, remark=remark))


def dispose_of_dead_letters(*, received_before: datetime) -> int:
    """Delete dead letters older than the policy keeps reads; return how many (VI.k)."""
    return DeadLetter.objects.filter(received_at__lt=received_before).delete()[0]


def note_contacts(lags: Mapping[int, float | None], *, kind: Contact.Kind, at: datetime) -> None:
    """Note that LPRs, by their numbers, were heard from; with each the lag of its newest read, None where it had none.

    Usually one statement: it draws out the stretches that are going on.
    """
    going_on = Contact.objects.filter(lpr__in=lags, kind=kind, until__gte=at - SILENCE)
    told = [When(lpr=lpr, then=Value(lag)) for lpr, lag in lags.items() if lag is not None]
    changed = {"lag": Case(*told, default=F("lag"))} if told else {}
    if going_on.filter(until__lt=at).update(until=at, **changed) >= len(lags):
        return
    known = set(going_on.values_list("lpr", flat=True))
    Contact.objects.bulk_create(
        Contact(lpr_id=lpr, kind=kind, since=at, until=at, lag=lag) for lpr, lag in lags.items() if lpr not in known
    )


def note_service(lpr: LPR, *, in_service: bool, at: datetime) -> None:
    """Note that an LPR left service, or came back: meanwhile nothing is expected of it."""
    away = Contact.objects.filter(lpr=lpr, kind=Contact.Kind.OUT).order_by("-since").first()
    if not in_service:
        Contact.objects.create(lpr=lpr, kind=Contact.Kind.OUT, since=at, until=at)
    elif away is not None:
        Contact.objects.filter(pk=away.pk).update(until=at)
