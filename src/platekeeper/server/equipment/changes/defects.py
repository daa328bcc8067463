"""The only writer of defects of LPRs."""

from __future__ import annotations

import hashlib
from datetime import datetime

from platekeeper.core.rules.defects import ENDED, DefectKind, DefectStep
from platekeeper.server.equipment.models import LPR, Defect, DefectNote, DefectPhoto
from platekeeper.server.personnel.models import Person


def open_defect(
    lpr: LPR, *, kind: DefectKind, words: str, at: datetime, by: Person | None, policy: tuple[int, str]
) -> Defect:
    """Enter a defect with its first step."""
    number, digest = policy
    defect = Defect.objects.create(lpr=lpr, kind=kind.value, reported_at=at, policy_number=number, policy_digest=digest)
    take_step(defect, DefectStep.REPORTED, words=words, at=at, by=by, policy=policy)
    return defect


def take_step(
    defect: Defect, step: DefectStep, *, words: str, at: datetime, by: Person | None, policy: tuple[int, str]
) -> DefectNote:
    """Take a step. Raises IntegrityError when it was taken already, or the defect has ended."""
    number, digest = policy
    note = DefectNote.objects.create(
        defect=defect, step=step.value, words=words, at=at, by=by, policy_number=number, policy_digest=digest
    )
    if step in ENDED:
        defect.ended_at = at
        defect.save(update_fields=["ended_at"])
    return note


def keep_photo(defect: Defect, *, content: bytes) -> str:
    """Keep the photograph of a defect and return its SHA-256."""
    sha256 = hashlib.sha256(content).hexdigest()
    DefectPhoto.objects.create(defect=defect, content=content, sha256=sha256)
    return sha256
