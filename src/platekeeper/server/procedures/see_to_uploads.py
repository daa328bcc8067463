"""Field uploads and transfers on schedule (V.b, VI.i): who sees to them, how often, and reminders of those overdue."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction

from platekeeper.core.actor import SYSTEM
from platekeeper.core.clauses import Clause
from platekeeper.core.durations import written
from platekeeper.core.rules.access import has_any_duty
from platekeeper.core.rules.decision import Allowed, Decision, Refused, first_refusal
from platekeeper.core.rules.uploads import may_schedule, responsible_for
from platekeeper.server.equipment.changes import schedule_uploads
from platekeeper.server.equipment.models import LPR
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.personnel.lookups import holders
from platekeeper.server.policy.lookups import in_force
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.manage_equipment import DUTY
from platekeeper.server.reads.changes import note_contacts
from platekeeper.server.reads.models import Contact
from platekeeper.server.reads.uploads import Upload, overdue

_AGAIN = timedelta(days=1)


def may_see_to(by: Footing, lpr: LPR) -> Decision:
    """Decide who declares that an LPR has nothing to upload: whom the policy makes responsible (V.b, VI.i)."""
    return has_any_duty(by.authority, by.policy, responsible_for(in_field=lpr.in_field))


def may_set_schedule(by: Footing, lpr: LPR) -> Decision:
    """Decide who sets how an LPR uploads, and how often: who is responsible, or who keeps the inventory (IV.f)."""
    return has_any_duty(by.authority, by.policy, responsible_for(in_field=lpr.in_field), DUTY)


def set_schedule(by: Footing, lpr: LPR, *, way: str, every: str) -> None:
    """Say how an LPR uploads, and how often at least; "" for as the policy says. Raises ValidationError."""
    try:
        own = written(every) if every.strip() else ""
        known = "" if not way else LPR.Way(way).value
    except ValueError as error:
        raise ValidationError("Say a number and a unit, such as 12 hours, or leave it empty.") from error
    by.demand(
        first_refusal(may_set_schedule(by, lpr), may_schedule(by.policy, in_field=lpr.in_field, own=own)),
        attempted=Action.LPR_CHANGED,
        subject=_subject(lpr),
    )
    with transaction.atomic():
        schedule_uploads(lpr, way=known, every=own, at=by.at)
        _log(by, Action.LPR_CHANGED, lpr, {"upload_way": known, "upload_every": own})


def declare_nothing(by: Footing, lpr: LPR, *, why: str) -> None:
    """Declare that an LPR has nothing to upload: the car was parked, the camera saw nothing. The time starts anew."""
    why = why.strip()[:240]
    by.demand(
        may_see_to(by, lpr),
        Allowed() if why else Refused(_clause(lpr), "Say why there is nothing to upload."),
        Allowed()
        if lpr.in_service
        else Refused(_clause(lpr), "This LPR is out of service: nothing is expected of it."),
        attempted=Action.UPLOAD_NOTHING,
        subject=_subject(lpr),
    )
    with transaction.atomic():
        note_contacts({lpr.pk: None}, kind=Contact.Kind.NOTHING, at=by.at)
        _log(by, Action.UPLOAD_NOTHING, lpr, {"why": why})


def to_see_to(by: Footing) -> list[Upload]:
    """Return the overdue LPRs, and those never heard from, that this person is responsible for."""
    if not has_any_duty(by.authority, by.policy, *(responsible_for(in_field=in_field) for in_field in (True, False))):
        return []
    return [each for each in overdue(by.policy, at=by.at) if may_see_to(by, each.lpr)]


def remind(*, at: datetime) -> int:
    """Remind whoever is responsible, once a day and when another LPR falls behind; return how many LPRs are late.

    The home page shows the reminder for as long as it is due; the ledger says that it was given, and to whom.
    """
    policy = in_force(at=at)
    late = overdue(policy, at=at)
    numbers = [each.lpr.pk for each in late]
    last = LedgerEntry.objects.filter(action=Action.UPLOAD_REMINDED, at__gt=at - _AGAIN).order_by("-index").first()
    if not late or (last is not None and set(numbers) <= set(last.content()["details"]["lprs"])):
        return 0
    titles = {title for each in late for title in policy.positions(responsible_for(in_field=each.lpr.in_field))}
    today = at.astimezone(policy.zone).date()
    names = sorted(person.name for person in holders(titles, at=at, today=today))
    with transaction.atomic():
        append(
            at=at, by=SYSTEM, action=Action.UPLOAD_REMINDED, clause=Clause.V_b,
            details={"lprs": numbers, "holders": len(names)}, sealed={"to": ", ".join(names)}, policy=policy.stamp,
        )  # fmt: skip
    return len(late)


def _clause(lpr: LPR) -> Clause:
    return Clause.V_b if lpr.in_field else Clause.VI_i


def _subject(lpr: LPR) -> str:
    return f"lpr:{lpr.pk}"


def _log(by: Footing, action: Action, lpr: LPR, details: dict[str, object]) -> None:
    append(
        at=by.at, by=by.actor, action=action, clause=_clause(lpr), subject=_subject(lpr), details=details,
        policy=by.policy.stamp,
    )  # fmt: skip
