"""The inventory of LPRs and their keys (IV.f)."""

from __future__ import annotations

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from platekeeper.core.clauses import Clause
from platekeeper.core.formats.cameras import CAMERA_FORMATS
from platekeeper.core.rules.access import has_any_duty, has_duty
from platekeeper.core.rules.decision import Decision
from platekeeper.server.equipment import changes
from platekeeper.server.equipment.models import LPR
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.personnel.changes.training import note_change
from platekeeper.server.personnel.models import ChangeNotice
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.reads.changes import note_service
from platekeeper.server.storage.holding import hold

DUTY = "IV.f.inventory"
_LOOKING = (DUTY, "IV.e.custodian", "IX.c.administrator", "V.b.responsible", "VI.i.by")


def may_see_lprs(by: Footing) -> Decision:
    """Decide who sees the inventory and how each LPR reads: who keeps it, the Custodian, who is told of damage (IX.c), or
    is responsible for uploads (V.b, VI.i)."""
    return has_any_duty(by.authority, by.policy, *_LOOKING)


def add_lpr(
    by: Footing,
    *,
    name: str,
    kind: LPR.Kind,
    zone: str,
    model: str = "",
    software: str = "",
    place: str = "",
    latitude: float | None = None,
    longitude: float | None = None,
) -> LPR:
    """Add an LPR to the inventory. Raises ValidationError when the name is taken."""
    by.demand(has_duty(by.authority, by.policy, DUTY), attempted=Action.LPR_ADDED)
    try:
        with transaction.atomic():
            lpr = changes.add_lpr(
                name=name, kind=kind, zone=zone, at=by.at, model=model, software=software, place=place,
                latitude=latitude, longitude=longitude,
            )  # fmt: skip
            _log(by, Action.LPR_ADDED, lpr, {"name": name, "kind": kind.value})
    except IntegrityError as taken:
        raise ValidationError("An LPR of this name is in the inventory already.") from taken
    return lpr


def rename_lpr(by: Footing, *, lpr: LPR, name: str) -> None:
    """Call an LPR otherwise; what was copied of it keeps the name it had. Raises ValidationError when the name is taken."""
    by.demand(has_duty(by.authority, by.policy, DUTY), attempted=Action.LPR_CHANGED, subject=f"lpr:{lpr.pk}")
    try:
        with transaction.atomic():
            hold(lpr)
            before = lpr.name
            if name != before:
                changes.rename_lpr(lpr, name=name)
                _log(by, Action.LPR_CHANGED, lpr, {"before": {"name": before}, "after": {"name": name}})
    except IntegrityError as taken:
        lpr.refresh_from_db()
        raise ValidationError("An LPR of this name is in the inventory already.") from taken


class KeyIssued(Exception):
    """The LPR has another key by now than the one that was to be replaced."""


def issue_key(by: Footing, *, lpr: LPR, instead_of: str | None = None) -> str:
    """Give an LPR a new ingest key and return it, once; the old one ends with it.

    `instead_of`: when the key was issued that it replaces (ISO 8601), empty for none; raises `KeyIssued` where that is
    not the one it has.
    """
    by.demand(has_duty(by.authority, by.policy, DUTY), attempted=Action.LPR_KEY_ISSUED, subject=f"lpr:{lpr.pk}")
    with transaction.atomic():
        hold(lpr)
        if instead_of not in (None, lpr.key_issued_at.isoformat() if lpr.key_issued_at else ""):
            raise KeyIssued
        key = changes.issue_key(lpr, at=by.at)
        _log(by, Action.LPR_KEY_ISSUED, lpr, {})
    return key


def change_make(by: Footing, *, lpr: LPR, model: str, software: str) -> list[ChangeNotice]:
    """Say which model and software an LPR is now; return the changes of which people may have to learn (IV.i).

    What becomes known for the first time is no change.
    """
    by.demand(has_duty(by.authority, by.policy, DUTY), attempted=Action.LPR_CHANGED, subject=f"lpr:{lpr.pk}")
    before = {"hardware": lpr.model, "software": lpr.software}
    after = {"hardware": model.strip()[:80], "software": software.strip()[:40]}
    if before == after:
        return []
    noted = []
    with transaction.atomic():
        changes.change_make(lpr, model=after["hardware"], software=after["software"])
        for cause, now in after.items():
            if before[cause] and now != before[cause]:
                what = f"{lpr.name}: {before[cause]} became {now or 'unknown'}"
                noted.append(note_change(cause=cause, what=what, subject=f"lpr:{lpr.pk}", at=by.at, by=by.person.pk))
        _log(by, Action.LPR_CHANGED, lpr, {"before": before, "after": after})
    return noted


def change_place(by: Footing, *, lpr: LPR, place: str, latitude: float | None, longitude: float | None) -> None:
    """Say where an LPR is now. Reads that are stored keep the place where they were made."""
    by.demand(has_duty(by.authority, by.policy, DUTY), attempted=Action.LPR_CHANGED, subject=f"lpr:{lpr.pk}")
    before = _place(lpr.place, lpr.latitude, lpr.longitude)
    after = _place(place.strip()[:160], latitude, longitude)
    if before == after:
        return
    with transaction.atomic():
        changes.change_place(lpr, place=after["place"], latitude=latitude, longitude=longitude)
        _log(by, Action.LPR_CHANGED, lpr, {"before": before, "after": after})


def _place(place: str, latitude: float | None, longitude: float | None) -> dict[str, str]:
    """Return a place as the ledger keeps it, which has no fractions."""
    at = "" if latitude is None or longitude is None else f"{latitude:.6f},{longitude:.6f}"
    return {"place": place, "at": at}


def set_in_service(by: Footing, *, lpr: LPR, in_service: bool) -> None:
    """Take an LPR out of service, so that its key is no longer heard, or put it back."""
    by.demand(has_duty(by.authority, by.policy, DUTY), attempted=Action.LPR_CHANGED, subject=f"lpr:{lpr.pk}")
    with transaction.atomic():
        if lpr.in_service != in_service:
            note_service(lpr, in_service=in_service, at=by.at)
        changes.set_in_service(lpr, in_service=in_service)
        _log(by, Action.LPR_CHANGED, lpr, {"in_service": in_service})


def name_fields(by: Footing, *, lpr: LPR, format: str, names: Mapping[str, str]) -> None:
    """Say under which names an LPR sends the fields of a camera format; a field not named has its usual names.

    Raises ValidationError where the format's names are not edited by its users, or has no such field.
    """
    by.demand(has_duty(by.authority, by.policy, DUTY), attempted=Action.LPR_CHANGED, subject=f"lpr:{lpr.pk}")
    known = CAMERA_FORMATS[format].fields if format in CAMERA_FORMATS else {}
    if not known:
        raise ValidationError("The names of this format's fields are fixed.")
    if unknown := sorted(set(names) - set(known)):
        raise ValidationError(f"This format has no field {unknown[0]}.")
    given = {ours: theirs.strip()[:80] for ours, theirs in names.items() if theirs.strip()}
    with transaction.atomic():
        changes.name_fields(lpr, format=format, names=given)
        _log(by, Action.LPR_CHANGED, lpr, {"format": format, "field_names": given})


def _log(by: Footing, action: Action, lpr: LPR, details: dict[str, object]) -> None:
    append(
        at=by.at,
        by=by.actor,
        action=action,
        clause=Clause.IV_f,
        subject=f"lpr:{lpr.pk}",
        details=details,
        policy=by.policy.stamp,
    )
