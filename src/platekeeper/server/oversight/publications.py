"""Read what was published."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet

from platekeeper.server.oversight.models import Publication


def publications() -> QuerySet[Publication]:
    """Return everything that was ever published, the newest period first; the PDF is left where it is."""
    return Publication.objects.select_related("published_by", "withdrawn_by").defer("pdf")


def standing() -> QuerySet[Publication]:
    """Return what the public may read."""
    return publications().filter(withdrawn_at=None)


def overlapping(first: date, last: date) -> bool:
    """Say whether a report shares a day with a period: a standing one, or one that was read before it was withdrawn, unless
    it was of the same days."""
    shared = publications().filter(first_day__lte=last, last_day__gte=first)
    return shared.exclude(first_day=first, last_day=last, withdrawn_at__isnull=False).exists()
