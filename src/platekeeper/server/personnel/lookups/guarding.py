"""Read seals and workstations."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from platekeeper.server.personnel.models import Person, Seal, Workstation


def seals() -> QuerySet[Seal]:
    """Return every seal, the newest first."""
    return Seal.objects.select_related("person__agency", "sealed_by", "ended_by")


def is_sealed(person: Person) -> bool:
    """Say whether this is an account for emergencies."""
    return seals().filter(person=person).exists()


def is_spent(person: Person) -> bool:
    """Say whether this is an account for emergencies whose envelope was opened and answered for: no seal of it stands."""
    return is_sealed(person) and not seals().filter(person=person, ended_at=None).exists()


def broken_seals() -> QuerySet[Seal]:
    """Return the seals that are broken and that nobody has answered for."""
    return seals().filter(ended_at=None).exclude(broken_at=None)


def workstations() -> QuerySet[Workstation]:
    """Return every workstation that was named, the newest first."""
    return Workstation.objects.select_related("named_by")


def workstation_of(token_hash: str, *, at: datetime) -> Workstation | None:
    """Return the workstation whose browser keeps this, while it stands."""
    return Workstation.objects.filter(token_hash=token_hash, until__gt=at, ended_at=None).first()
