"""The only writer of what an LPR consists of, is worth, who has it, what is done for it and asked about it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from platekeeper.server.equipment.models import LPR, Camera, Care, Custody, Papers, TechnicalQuestion
from platekeeper.server.personnel.models import Person

Stamp = tuple[int, str]


def set_camera(lpr: LPR, camera: Camera | None, *, at: datetime, **said: Any) -> Camera:
    """Add a camera, or say what one is now; `said` are its other fields."""
    if camera is None:
        return Camera.objects.create(lpr=lpr, added_at=at, **said)
    for name, value in said.items():
        setattr(camera, name, value)
    camera.save(update_fields=list(said))
    return camera


def remove_camera(camera: Camera, *, at: datetime) -> None:
    """Say that a camera is gone."""
    camera.removed_at = at
    camera.save(update_fields=["removed_at"])


def set_papers(lpr: LPR, *, at: datetime, by: Person, policy: Stamp, **said: Any) -> Papers:
    """Say what an LPR cost and is worth; `said` are the other fields of `Papers`."""
    number, digest = policy
    return Papers.objects.create(lpr=lpr, at=at, by=by, policy_number=number, policy_digest=digest, **said)


def hand_over(lpr: LPR, *, holder: Person | None, place: str, at: datetime, by: Person, policy: Stamp) -> Custody:
    """Say who has an LPR now."""
    number, digest = policy
    return Custody.objects.create(
        lpr=lpr, holder=holder, place=place, at=at, by=by, policy_number=number, policy_digest=digest
    )


def note_care(
    lpr: LPR, *, kind: str, in_order: bool, words: str, on: date, next_on: date | None,
    at: datetime, by: Person, policy: Stamp,
) -> Care:  # fmt: skip
    """Note what was done for an LPR."""
    number, digest = policy
    return Care.objects.create(
        lpr=lpr, kind=kind, in_order=in_order, words=words, on=on, next_on=next_on, at=at, by=by,
        policy_number=number, policy_digest=digest,
    )  # fmt: skip


def ask(lpr: LPR | None, *, words: str, at: datetime, by: Person, policy: Stamp) -> TechnicalQuestion:
    """Ask a technical question."""
    number, digest = policy
    return TechnicalQuestion.objects.create(
        lpr=lpr, words=words, asked_at=at, asked_by=by, policy_number=number, policy_digest=digest
    )


def answer(question: TechnicalQuestion, *, words: str, at: datetime, by: Person) -> bool:
    """Answer a technical question; return whether it was open."""
    still = TechnicalQuestion.objects.filter(pk=question.pk, answered_at=None)
    return bool(still.update(answer=words, answered_at=at, answered_by=by))
