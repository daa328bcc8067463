"""Whether LPRs were heard from in time (V.b, VI.i): reads, a sign of life, or the word that there was nothing to upload."""

from __future__ import annotations

from datetime import timedelta

from platekeeper.core.rules.uploads import Stretch, allowed_silence, responsible_for, silences
from platekeeper.server.equipment.models import LPR
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.reads.models import Contact, ReadBatch
from platekeeper.server.reads.uploads import stretches
from platekeeper.server.register.evidence.basis import (
    Concern,
    Evidence,
    Fault,
    Status,
    acts,
    judged,
    many,
    unfit,
    vacant,
)
from platekeeper.server.register.history import holds
from platekeeper.server.register.period import Period

_FIELD = (LPR.Kind.MOBILE, LPR.Kind.PORTABLE)


def field_uploads(period: Period) -> Evidence:
    """Judge V.b: was every mobile and portable LPR heard from as often as the policy, or its own schedule, says?"""
    field = list(LPR.objects.filter(kind__in=_FIELD, added_at__lte=period.at))
    if not field:
        return Evidence(Status.IDLE, "No mobile or portable LPR in the inventory")
    return _heard(period, "V.b.every", field, many(len(field), "mobile or portable LPR"), in_field=True)


def transfers(period: Period) -> Evidence:
    """Judge VI.i: was every LPR heard from as often as the policy, or its own schedule, says?"""
    imports = LedgerEntry.objects.filter(period.within("at"), action=Action.READS_IMPORTED, outcome="done").count()
    every = list(LPR.objects.filter(added_at__lte=period.at))
    return _heard(period, "VI.i.every", every, f"{many(imports, 'file')} of reads imported", in_field=False)


def _heard(period: Period, key: str, lprs: list[LPR], words: str, *, in_field: bool) -> Evidence:
    heard = stretches(lprs, since=period.since, at=period.at)
    gaps = [(lpr, gap) for lpr in lprs for gap in silences(heard.get(lpr.pk, ()), at=period.at)]
    late = [(lpr, gap) for lpr, gap in gaps if gap.until > period.since and _is_long(period, key, lpr, gap)]
    still = {lpr.pk for lpr, gap in late if gap.until == period.at}
    within = Contact.objects.filter(lpr__in=lprs, until__gt=period.since, since__lte=period.at)
    activity = within.exclude(kind=Contact.Kind.OUT).count()
    never = sum(lpr.in_service and lpr.pk not in heard for lpr in lprs)
    declared = acts(period, Action.UPLOAD_NOTHING).filter(clause=key.removesuffix(".every"))
    duty = responsible_for(in_field=in_field)
    improper = unfit(period, declared, holds(duty), by="person", moment="at")
    return judged(
        words,
        f"{many(ReadBatch.objects.filter(period.within('received_at')).count(), 'arrival')} of reads",
        f"{many(declared.count(), 'time')} nothing to upload",
        Fault(len(still), f"overdue: {_named(lprs, still)}" if still else "overdue"),
        Fault(len(late) - len(still), "overdue before and made up for"),
        Fault(improper, "declared by somebody not responsible"),
        Concern(never if activity else 0, "never heard from"),
        f"{many(never, 'LPR')} not heard from yet" if never and not activity else "",
        vacant(period, duty, "seeing to uploads"),
        activity=activity,
    )


def _is_long(period: Period, key: str, lpr: LPR, gap: Stretch) -> bool:
    """Say whether a gap is longer than allowed; a schedule of its own counts for the time since the LPR has it."""
    if period.policy.needs(key) and gap.length > (allowed_silence(period.policy, key) or timedelta.max):
        return True
    if not lpr.upload_every or lpr.upload_since is None:
        return False
    since = max(gap.since, lpr.upload_since)
    return gap.until - since > (allowed_silence(period.policy, own=lpr.upload_every) or timedelta.max)


def _named(lprs: list[LPR], numbers: set[int]) -> str:
    names = [lpr.name for lpr in lprs if lpr.pk in numbers]
    return ", ".join(names[:3]) + (" and more" if len(names) > 3 else "")
