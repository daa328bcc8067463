"""The only writer of case files."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from platekeeper.server.casefiles.models import CaseFile, Preserved, PreservedImage, RecordsRequest, RequestStep
from platekeeper.server.personnel.models import Person

FACTS = (
    "title", "offense_class", "is_felony", "arrested_on", "charges", "disposed_on", "disposition",
    "directed_until", "directed_why",
)  # fmt: skip


def open_case(
    *, number: str, title: str, offense_class: str, is_felony: bool, at: datetime, today: date, by: Person
) -> CaseFile:
    """Open a case. Raises IntegrityError when there is one of that number."""
    return CaseFile.objects.create(
        number=number, title=title, offense_class=offense_class, is_felony=is_felony, opened_at=at, opened_on=today,
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
    seen_at: datetime | None = None,
) -> Preserved:
    """Keep a copy in a case, with its image. Raises IntegrityError when the case preserves it already."""
    kept = Preserved.objects.create(
        case=case, kind=kind, key=key, title=title, content=content, sha256=hashlib.sha256(content).hexdigest(),
        preserved_at=at, preserved_by=by, policy_number=policy[0], policy_digest=policy[1], seen_at=seen_at,
    )  # fmt: skip
    if image is not None:
        picture, media_type = image
        PreservedImage.objects.create(
            preserved=kept, content=picture, media_type=media_type, sha256=hashlib.sha256(picture).hexdigest()
        )
    return kept


def set_aside(copy: Preserved, *, why: str, at: datetime, by: Person) -> None:
    """Say of a copy that it does not belong into its case; it stays."""
    copy.set_aside_at, copy.set_aside_by, copy.set_aside_why = at, by, why
    copy.save(update_fields=["set_aside_at", "set_aside_by", "set_aside_why"])


def seal(case: CaseFile, *, order: str, on: date | None) -> None:
    """Seal a case by an order, or open it again (`on` is None)."""
    case.sealed_on, case.order = on, order
    case.save(update_fields=["sealed_on", "order"])


def empty(case: CaseFile, *, ending: CaseFile.Ending, order: str, at: datetime) -> None:
    """Take out of a case whatever says something of anybody; what was preserved stays known by kind and hash."""
    PreservedImage.objects.filter(preserved__case=case).delete()
    case.preserved.update(title="", content=b"", set_aside_why="")
    case.requests.update(what="")
    RequestStep.objects.filter(request__case=case).update(words="")
    case.title = case.charges = case.disposition = case.directed_why = ""
    case.ended_at, case.ending, case.order = at, ending, order
    case.save(
        update_fields=["title", "charges", "disposition", "directed_why", "ended_at", "ending", "order"],
    )


def record_request(*, at: datetime, by: Person, policy: tuple[int, str], **facts: Any) -> RecordsRequest:
    """Record that somebody asks for records."""
    return RecordsRequest.objects.create(
        recorded_at=at, recorded_by=by, policy_number=policy[0], policy_digest=policy[1], **facts
    )


def add_step(
    request: RecordsRequest,
    *,
    kind: RequestStep.Kind,
    at: datetime,
    by: Person,
    words: str = "",
    sha256: str = "",
    due_on: date | None = None,
) -> RequestStep:
    """Add a step."""
    return RequestStep.objects.create(
        request=request, kind=kind, at=at, by=by, words=words, sha256=sha256, due_on=due_on
    )
