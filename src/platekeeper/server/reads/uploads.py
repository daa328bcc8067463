"""When each LPR was heard from (V.b, VI.i)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import (
    OuterRef,
    Subquery,
)

from platekeeper.core.policy import Policy
from platekeeper.core.rules.uploads import Standing, allowed_silence, periods_of, standing_of
from platekeeper.server.equipment.models import LPR
from platekeeper.server.reads.models import Contact

SILENCE = timedelta(hours=1)
"""A shorter silence ends no stretch, so that a camera in a busy street is a row a week and not one a read."""


@dataclass(frozen=True, slots=True)
class Upload:
    """Where an LPR stands with its uploads: what is allowed, when it was heard from, and when reads came last."""

    lpr: LPR
    allowed: timedelta | None
    heard_at: datetime | None
    uploaded_at: datetime | None
    lag: float | None
    standing: Standing

    @property
    def due_at(self) -> datetime | None:
        """When it is to be heard from at the latest."""
        return None if self.allowed is None else (self.heard_at or self.lpr.added_at) + self.allowed


def uploads(policy: Policy, *, at: datetime) -> list[Upload]:
    """Return where every LPR stands, in the order of the inventory."""
    newest = Contact.objects.filter(lpr=OuterRef("pk")).order_by("-until")
    reads = newest.filter(kind=Contact.Kind.UPLOAD)
    found = LPR.objects.annotate(
        heard_at=Subquery(newest.values("until")[:1]),
        uploaded_at=Subquery(reads.values("until")[:1]),
        lag=Subquery(reads.values("lag")[:1]),
    )
    return [_upload(policy, lpr, at=at) for lpr in found]


def _upload(policy: Policy, lpr: LPR, *, at: datetime) -> Upload:
    heard_at, uploaded_at, lag = (getattr(lpr, name) for name in ("heard_at", "uploaded_at", "lag"))
    allowed = allowed_silence(policy, *periods_of(in_field=lpr.in_field), own=lpr.upload_every)
    standing = standing_of(allowed, in_service=lpr.in_service, added_at=lpr.added_at, heard_at=heard_at, at=at)
    return Upload(lpr, allowed, heard_at, uploaded_at, lag, standing)


def overdue(policy: Policy, *, at: datetime) -> list[Upload]:
    """Return the LPRs that somebody should see to: overdue, or never heard from."""
    return [each for each in uploads(policy, at=at) if each.standing in {Standing.OVERDUE, Standing.NEVER}]


def contacts_of(lpr: LPR) -> list[Contact]:
    """Return when an LPR was heard from lately, the newest first."""
    return list(Contact.objects.filter(lpr=lpr)[:20])
