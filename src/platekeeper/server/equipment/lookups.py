"""Find LPRs."""

from __future__ import annotations

import hashlib

from django.db.models import QuerySet

from platekeeper.server.equipment.models import LPR


def lprs() -> QuerySet[LPR]:
    """Return the inventory by name."""
    return LPR.objects.all()


def lpr_of_key(key: str) -> LPR | None:
    """Return the LPR in service that an ingest key belongs to."""
    return LPR.objects.filter(key_hash=hash_of_key(key), in_service=True).first() if key else None


def hash_of_key(key: str) -> str:
    """Return what is stored of an ingest key: 256 random bits need no slow hash."""
    return hashlib.sha256(key.encode()).hexdigest()
