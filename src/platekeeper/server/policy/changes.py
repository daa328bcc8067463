"""The only writer of policy versions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from platekeeper.core.policy import digest_of
from platekeeper.server.policy.models import PolicyVersion


def open_draft(*, at: datetime) -> PolicyVersion:
    """Return the draft; without one, begin it from the policy in force."""
    draft = PolicyVersion.objects.select_for_update().filter(adopted_at=None).first()
    if draft is not None:
        return draft
    last = PolicyVersion.objects.order_by("-number").first()
    return PolicyVersion.objects.create(
        number=last.number + 1 if last else 1,
        values=dict(last.values) if last else {},
        drafted_at=at,
    )


def fill(draft: PolicyVersion, *, key: str, value: Any) -> None:
    """Set one blank of the draft; None empties it."""
    values = {name: held for name, held in draft.values.items() if name != key}
    draft.values = values if value is None else {**values, key: value}
    draft.save(update_fields=["values"])


def adopt(draft: PolicyVersion, *, at: datetime, by: int, by_name: str) -> PolicyVersion:
    """Put the draft in force; it never changes again."""
    draft.digest = digest_of(draft.values)
    draft.adopted_at, draft.adopted_by, draft.adopted_by_name = at, by, by_name
    draft.save(update_fields=["digest", "adopted_at", "adopted_by", "adopted_by_name"])
    return draft
