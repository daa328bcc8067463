"""Find LPRs."""

from __future__ import annotations

import hashlib

from django.db.models import Q, QuerySet

from platekeeper.server.equipment.models import LPR


def lprs() -> QuerySet[LPR]:
    """Return the inventory by name."""
    return LPR.objects.all()


def lpr_of_key(key: str) -> LPR | None:
    """Return the LPR in service that an ingest key belongs to."""
    return LPR.objects.filter(key_hash=hash_of_key(key), in_service=True).first() if key else None


def lprs_called(name: str) -> QuerySet[LPR]:
    """Return the LPRs in service that may call themselves so: by name, by the one their key was issued for, or by number."""
    if not name:
        return LPR.objects.none()
    number = int(name) if name.isascii() and name.isdecimal() and len(name) < 19 else 0
    return LPR.objects.filter(Q(name=name) | Q(key_name=name) | Q(pk=number), in_service=True)


def field_names(lpr: LPR, format: str) -> dict[str, str]:
    """Return our field names and the ones under which an LPR sends them in a camera format."""
    names: dict[str, str] = lpr.field_names.get(format, {})
    return names


def hash_of_key(key: str) -> str:
    """Return what is stored of an ingest key: 256 random bits need no slow hash."""
    return hashlib.sha256(key.encode()).hexdigest()
