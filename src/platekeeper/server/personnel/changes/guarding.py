"""The only writer of seals and workstations. What ends keeps its row and the moment it ended."""

from __future__ import annotations

from datetime import datetime

from platekeeper.server.personnel.models import Agency, Person, Seal, Workstation


def hold_department() -> None:
    """Let nobody else who asks for it seal an account until the caller's transaction ends."""
    Agency.objects.select_for_update(no_key=True).get(is_department=True)


def put_seal(person: Person, *, at: datetime, by: Person) -> Seal:
    """Seal an account; a seal that still stands ends. Raises IntegrityError while a broken one waits for its answer."""
    Seal.objects.filter(person=person, ended_at=None, broken_at=None).update(ended_at=at, ended_by=by)
    return Seal.objects.create(person=person, sealed_at=at, sealed_by=by)


def break_seal(person: Person, *, at: datetime) -> Seal | None:
    """Note that a sealed account was signed in to; return its seal if that broke it."""
    unbroken = Seal.objects.filter(person=person, ended_at=None, broken_at=None)
    return Seal.objects.get(person=person, ended_at=None) if unbroken.update(broken_at=at) else None


def note_told(seal: Seal, *, at: datetime) -> None:
    """Note when those who govern were mailed of a broken seal."""
    seal.told_at = at
    seal.save(update_fields=["told_at"])


def answer_seal(seal: Seal, *, answer: str, at: datetime, by: Person) -> bool:
    """End a broken seal with an answer; return whether there was one to end."""
    standing = Seal.objects.filter(pk=seal.pk, ended_at=None).exclude(broken_at=None)
    return bool(standing.update(answer=answer, ended_at=at, ended_by=by))


def name_workstation(*, name: str, why: str, token_hash: str, until: datetime, at: datetime, by: Person) -> Workstation:
    """Name a workstation that does not lock."""
    return Workstation.objects.create(name=name, why=why, token_hash=token_hash, until=until, named_at=at, named_by=by)


def end_workstation(workstation: Workstation, *, at: datetime) -> bool:
    """Let a workstation lock again; return whether it did not."""
    return bool(Workstation.objects.filter(pk=workstation.pk, ended_at=None).update(ended_at=at))
