"""When each LPR was heard from (V.b, VI.i)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import (
    Case,
    Exists,
    F,
    Max,
    OuterRef,
    Q,
    RowRange,
    Subquery,
    Value,
    When,
    Window,
)
from django.db.models.functions import Least

from platekeeper.core.policy import Policy
from platekeeper.core.rules.uploads import Standing, Stretch, allowed_silence, periods_of, standing_of
from platekeeper.server.equipment.models import LPR
from platekeeper.server.reads.models import Contact
from platekeeper.server.storage.seconds import Seconds

_OUT = Q(kind=Contact.Kind.OUT)
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


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard of an LPR in a period: up to when, whether in the period itself, and its long silences, oldest first."""

    until: datetime
    within: bool
    silences: Sequence[Stretch]


def heard(*, since: datetime, at: datetime, longer: timedelta | None) -> dict[int, Heard]:
    """Return, by LPR, what was heard of it between two moments, with silences longer than a time; without one, none.

    The time when it was last heard from before counts, too, and before that nothing was expected. While an LPR is out of
    service its stretch goes on. Stretches may overlap. Silences are found in the database: of many LPRs there are thousands
    of stretches, and few of their gaps are long.
    """
    of_it = Contact.objects.filter(lpr=OuterRef("pk"), since__lte=at).order_by("-until")
    earlier = of_it.filter(until__lt=since).values("pk")[:1]
    last_before = LPR.objects.order_by().annotate(last=Subquery(earlier)).values("last")
    away = list(LPR.objects.order_by().filter(in_service=False).values_list("pk", flat=True))
    goes_on = Q(kind=Contact.Kind.OUT, lpr__in=away, since=F("until"))
    wanted = Contact.objects.filter(Q(until__gte=since) | Q(pk__in=last_before), since__lte=at)
    out = set(wanted.filter(goes_on).values_list("lpr", flat=True)) if away else set()
    of_each = LPR.objects.order_by().annotate(
        last=Subquery(of_it.values("until")[:1]), within=Exists(of_it.filter(~_OUT, until__gt=since))
    )
    found = {
        lpr: (at if lpr in out else min(last, at), within)
        for lpr, last, within in of_each.values_list("pk", "last", "within")
        if last is not None
    }
    silences: dict[int, list[Stretch]] = defaultdict(list)
    if longer is not None:
        ends = Case(When(goes_on, then=Value(at)), default=Least(F("until"), Value(at)))
        until = Window(Max(ends), partition_by="lpr", order_by=("since", "pk"), frame=RowRange(start=None, end=-1))
        gaps = wanted.annotate(before=until).filter(since__gt=F("before"))
        # seconds are rounded: what is nearly as long is looked at again
        long = gaps.annotate(lasts=Seconds("since") - Seconds("before")).filter(lasts__gt=longer.total_seconds() - 1)
        # few are long, so they are sorted here
        for lpr, begins, ends_at in sorted(long.order_by().values_list("lpr", "before", "since")):
            if ends_at - begins > longer:
                silences[lpr].append(Stretch(begins, ends_at))
        for lpr, (last, _within) in found.items():
            if at - last > longer:
                silences[lpr].append(Stretch(last, at))
    return {lpr: Heard(last, within, silences[lpr]) for lpr, (last, within) in found.items()}
