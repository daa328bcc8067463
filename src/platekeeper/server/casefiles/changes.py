"""The only writer of case files."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from platekeeper.server.casefiles.models import CaseFile, Preserved, PreservedImage
from platekeeper.server.personnel.models import Person

FACTS = (
    "title", "offence_class", "is_felony", "arrested_on", "charges", "disposed_on", "disposition",
    "directed_until", "directed_why",
)  # fmt: skip


def open_case(
    *, number: str, title: str, offence_class: str, is_felony: bool, at: datetime, today: date, by: Person
) -> CaseFile:
    """Open a case. Raises IntegrityError when there is one of that number."""
    return CaseFile.objects.create(
        number=number, title=title, offence_class=offence_class, is_felony=is_felony, opened_at=at, opened_on=today,
        opened_by=by,
    )  # fmt: skip


def change_case(case: CaseFile, facts: Mapping[str, Any]) -> None:
    """Change what is known of a case."""
    for name in FACTS:
        if name in facts:
            setattr(case, name, facts[name])
    case.save(update_fields=[name for name in FACTS if name in facts])


def preserve(
    case: CaseFile,
    *,
    kind: Preserved.Kind,
    key: str,
    title: str,
    content: bytes,
    image: tuple[bytes, str] | None,
    at: datetime,
    by: Person,
    policy: tuple[int, str],
) -> Preserved:
    """Keep a copy in a case, with its image. Raises IntegrityError when the case holds it already."""
    kept = Preserved.objects.create(
        case=case, kind=kind, key=key, title=title, content=content, sha256=hashlib.sha256(content).hexdigest(),
        preserved_at=at, preserved_by=by, policy_number=policy[0], policy_digest=policy[1],
    )  # fmt: skip
    if image is not None:
        picture, media_type = image
        PreservedImage.objects.create(
            preserved=kept, content=picture, media_type=media_type, sha256=hashlib.sha256(picture).hexdigest()
        )
    return kept
