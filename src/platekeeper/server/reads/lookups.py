"""What the records database knows about reads."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import DEFAULT_DB_ALIAS
from django.db.models import QuerySet

from platekeeper.server.reads.models import BundleReceived, DeadLetter, ReadBatch, Refusal


def settled(batches: Iterable[bytes], *, using: str = DEFAULT_DB_ALIAS) -> set[bytes]:
    """Return those of the batches that have their hits and their leaf."""
    known = ReadBatch.objects.using(using).filter(batch__in=list(batches))
    return {bytes(batch) for batch in known.values_list("batch", flat=True)}


def batch_named(name: bytes) -> ReadBatch | None:
    """Return a batch by its name; None when there is none."""
    return ReadBatch.objects.filter(batch=name).first()


def bundles() -> QuerySet[BundleReceived]:
    """Return the bundles that units handed in on removable media, the newest first."""
    return BundleReceived.objects.select_related("lpr")


def dead_letters(*, open_only: bool = True) -> QuerySet[DeadLetter]:
    """Return payloads that were not understood, newest first."""
    letters = DeadLetter.objects.select_related("lpr")
    return letters.filter(closed_at=None) if open_only else letters


def open_dead_letters() -> int:
    """Return how many dead letters wait for the managing position (VI.j)."""
    return DeadLetter.objects.filter(closed_at=None).count()


def letters_before(moment: datetime) -> QuerySet[DeadLetter]:
    """Return the payloads, closed or not, that were received before a moment and not understood."""
    return DeadLetter.objects.filter(received_at__lt=moment)


def refusals() -> QuerySet[Refusal]:
    """Return counts of reads that came past the ceiling, newest day first."""
    return Refusal.objects.select_related("lpr").order_by("-day", "lpr__name")


def batches() -> QuerySet[ReadBatch]:
    """Return every batch of reads that was received."""
    return ReadBatch.objects.all()
