"""The only writer of hits and their steps."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from platekeeper.core.categories import Category, HitAction
from platekeeper.core.matching import HowMatched, StateAgreement
from platekeeper.server.hits.models import Departure, Hit, HitImage, HitStep
from platekeeper.server.ledger.changes import stand_in_line
from platekeeper.server.personnel.models import Person


def raise_hit(
    *,
    read_id: str,
    entry_key: str,
    lpr_id: int,
    plate: str,
    read_state: str,
    read: dict[str, Any],
    entry: dict[str, Any],
    proof: dict[str, Any] | None = None,
    category: Category,
    how: HowMatched,
    state_agreement: StateAgreement,
    action: HitAction,
    urgent: bool,
    list_stale: bool,
    seen_at: datetime,
    raised_at: datetime,
    repeat_of: Hit | None,
    image: tuple[bytes, str] | None,
    policy: tuple[int, str],
) -> Hit:
    """Raise a hit; the database refuses a second one of a read, as it stands, and entry. It may be the repeat of an open
    alarm."""
    hit = Hit.objects.create(
        read_id=read_id,
        entry_key=entry_key,
        lpr_id=lpr_id,
        plate=plate,
        read_state=read_state,
        read=read,
        proof=proof,
        entry=entry,
        category=category,
        how=how,
        state_agreement=state_agreement,
        action=action,
        urgent=urgent,
        list_stale=list_stale,
        seen_at=seen_at,
        raised_at=raised_at,
        repeat_of=repeat_of,
        policy_number=policy[0],
        policy_digest=policy[1],
    )
    if image is not None:
        content, media_type = image
        HitImage.objects.create(
            hit=hit, content=content, media_type=media_type, sha256=hashlib.sha256(content).hexdigest()
        )
    return hit


def add_step(
    hit: Hit,
    *,
    kind: HitStep.Kind,
    at: datetime,
    by: Person | None,
    policy: tuple[int, str],
    self_attested: bool = False,
    outcome: str = "",
    led_on: bool = False,
    remark: str = "",
) -> HitStep:
    """Add a step, which may close the hit, open it again, or say that the read was corrected; the database refuses a second
    one of a kind that happens once."""
    closes, opens, corrects = (
        kind in HitStep.CLOSING,
        kind == HitStep.Kind.REOPENED,
        kind == HitStep.Kind.READ_CORRECTED,
    )
    if closes or opens or corrects:
        stand_in_line()  # before the hit's row: who recalls several comes to the next one with a leaf appended
    step = HitStep.objects.create(
        hit=hit,
        kind=kind,
        at=at,
        by=by,
        self_attested=self_attested,
        outcome=outcome,
        led_on=led_on,
        remark=remark,
        policy_number=policy[0],
        policy_digest=policy[1],
    )
    if closes:
        Hit.objects.filter(pk=hit.pk, closed_at=None).update(closed_at=at)
    elif opens:
        Hit.objects.filter(pk=hit.pk).update(closed_at=None)
    elif corrects:
        Hit.objects.filter(pk=hit.pk).update(corrected_at=at)
    return step


def take_its_place(alarm: Hit, repeats: Sequence[Hit]) -> None:
    """Make the first of an alarm's repeats the alarm, and the others its repeats; one that is silent only if all are."""
    heard = [hit for hit in repeats if hit.action != HitAction.SILENT] or repeats
    if heard:
        Hit.objects.filter(pk=heard[0].pk).update(repeat_of=None)
        others = [hit.pk for hit in repeats if hit.pk != heard[0].pk]
        Hit.objects.filter(pk__in=others, repeat_of=alarm).update(repeat_of=heard[0])


def record_departure(
    hit: Hit, *, clause: str, reason: str, at: datetime, member: Person, policy: tuple[int, str]
) -> Departure:
    """Record a stop made without both steps of VII.e."""
    return Departure.objects.create(
        hit=hit, clause=clause, reason=reason, at=at, member=member, policy_number=policy[0], policy_digest=policy[1]
    )


def delete_hits(hits: Sequence[Hit]) -> None:
    """Delete hits for good, with their images and steps; a repeat goes no later than its alarm."""
    for kept in (HitImage, HitStep, Departure):
        kept.objects.filter(hit__in=hits).delete()
    Hit.objects.filter(pk__in=[hit.pk for hit in hits], repeat_of__isnull=False).delete()
    Hit.objects.filter(pk__in=[hit.pk for hit in hits]).delete()


def review_departure(departure_id: int, *, at: datetime, by: Person, review: str) -> bool:
    """Close a departure with a supervisor's review; return whether it was open still."""
    departures = Departure.objects.filter(pk=departure_id, reviewed_at=None)
    return bool(departures.update(reviewed_at=at, reviewed_by=by, review=review))
