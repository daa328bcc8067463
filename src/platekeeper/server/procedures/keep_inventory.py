"""What an LPR consists of, is worth, who has it, and what belongs on the municipality's insurance plan (IV.f)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from platekeeper.core.clauses import Clause
from platekeeper.core.rules.access import has_duty
from platekeeper.core.rules.decision import first_refusal
from platekeeper.core.rules.defects import may_report
from platekeeper.core.rules.inventory import KEEPER, THRESHOLD, may_give, must_be_insured
from platekeeper.server.equipment.changes import care as changes
from platekeeper.server.equipment.lookups.care import papers
from platekeeper.server.equipment.models import LPR, Camera, Papers
from platekeeper.server.ledger.actions import Action, Outcome
from platekeeper.server.ledger.changes import append
from platekeeper.server.personnel.changes.training import note_change
from platekeeper.server.personnel.models import Person
from platekeeper.server.procedures.authority import Footing

_CHANGES = {"model": "hardware", "firmware": "software"}
"""A change of which people may have to learn (IV.i), by the field of a camera that tells it."""


@dataclass(frozen=True, slots=True)
class Insured:
    """An LPR that belongs on the municipality's plan, whether it is on it or not."""

    lpr: LPR
    papers: Papers

    def row(self) -> dict[str, Any]:
        """Return it as a line of the list."""
        cameras = self.lpr.cameras.filter(removed_at=None)
        return {
            "lpr": self.lpr.name, "kind": self.lpr.kind, "model": self.lpr.model, "serial": self.papers.serial,
            "place": self.lpr.place,
            "cameras": "; ".join(f"{each.position} {each.model} {each.serial}".strip() for each in cameras),
            "value": self.papers.value, "bought_on": self.papers.bought_on,
            "on_plan": "yes" if self.papers.on_plan else "NO",
        }  # fmt: skip


COLUMNS = ("lpr", "kind", "model", "serial", "place", "cameras", "value", "bought_on", "on_plan")


def set_camera(by: Footing, lpr: LPR, camera: Camera | None, **said: Any) -> Camera:
    """Add a camera to an LPR, or say what it is now; a new model or firmware goes to whoever sees to training (IV.i)."""
    _demand(by, lpr)
    before = {name: getattr(camera, name) if camera else "" for name in _CHANGES}
    with transaction.atomic():
        kept = changes.set_camera(lpr, camera, at=by.at, **said)
        for name, cause in _CHANGES.items():
            if before[name] and said[name] != before[name]:
                what = f"{lpr.name}, {kept.position}: {before[name]} became {said[name] or 'unknown'}"
                note_change(cause=cause, what=what, subject=f"lpr:{lpr.pk}", at=by.at, by=by.person.pk)
        _log(by, lpr, {"camera": kept.pk, **said})
    return kept


def remove_camera(by: Footing, camera: Camera) -> None:
    """Say that a camera is gone."""
    _demand(by, camera.lpr)
    with transaction.atomic():
        changes.remove_camera(camera, at=by.at)
        _log(by, camera.lpr, {"camera": camera.pk, "removed": True})


def set_papers(by: Footing, lpr: LPR, **said: Any) -> None:
    """Say what an LPR cost and is worth, its warranty, and whether it is on the municipality's plan."""
    _demand(by, lpr)
    with transaction.atomic():
        changes.set_papers(lpr, at=by.at, by=by.person, policy=by.policy.stamp, **said)
        _log(
            by,
            lpr,
            {name: value if isinstance(value, bool | int) else str(value or "") for name, value in said.items()},
        )


def hand_over(by: Footing, lpr: LPR, *, holder: Person | None, place: str = "") -> None:
    """Say who has an LPR now: a person, or a place."""
    place = place.strip()[:120]
    to_self = holder is not None and holder.pk == by.person.pk
    by.demand(
        first_refusal(
            may_report(by.authority),
            may_give(by.authority, by.policy, to_self=to_self, to=holder.name if holder else place),
        ),
        attempted=Action.LPR_HANDED_OVER,
        subject=f"lpr:{lpr.pk}",
    )
    with transaction.atomic():
        changes.hand_over(lpr, holder=holder, place=place, at=by.at, by=by.person, policy=by.policy.stamp)
        details = {"holder": holder.pk if holder else None, "place": place}
        _log(by, lpr, details, action=Action.LPR_HANDED_OVER)


def to_insure(by: Footing) -> list[Insured]:
    """Return the LPRs worth more than the policy's threshold, by name."""
    said = papers(at=by.at)
    return [
        Insured(lpr, said[lpr.pk])
        for lpr in LPR.objects.filter(pk__in=said).prefetch_related("cameras")
        if must_be_insured(said[lpr.pk].value, by.policy)
    ]


def export_to_insure(by: Footing, written: Callable[[list[dict[str, Any]]], bytes], *, form: str) -> bytes:
    """Return the list of what belongs on the plan, as `written` writes its rows; that it goes out is logged first."""
    by.demand(
        first_refusal(has_duty(by.authority, by.policy, KEEPER), by.policy.needs(THRESHOLD)),
        attempted=Action.INVENTORY_EXPORTED,
    )
    rows = [each.row() for each in to_insure(by)]
    told: dict[str, object] = {"format": form, "lprs": len(rows)}
    _log_export(by, Outcome.BEGUN, told)
    try:
        content = written(rows)
    except BaseException:
        _log_export(by, Outcome.FAILED, told)
        raise
    _log_export(by, Outcome.DONE, {**told, "sha256": hashlib.sha256(content).hexdigest()})
    return content


def _demand(by: Footing, lpr: LPR) -> None:
    by.demand(has_duty(by.authority, by.policy, KEEPER), attempted=Action.LPR_CHANGED, subject=f"lpr:{lpr.pk}")


def _log(by: Footing, lpr: LPR, details: Mapping[str, object], *, action: Action = Action.LPR_CHANGED) -> None:
    append(
        at=by.at, by=by.actor, action=action, clause=Clause.IV_f, subject=f"lpr:{lpr.pk}", details=details,
        policy=by.policy.stamp,
    )  # fmt: skip


def _log_export(by: Footing, outcome: Outcome, details: dict[str, object]) -> None:
    with transaction.atomic():
        append(
            at=by.at, by=by.actor, action=Action.INVENTORY_EXPORTED, outcome=outcome, clause=Clause.IV_f,
            details=details, policy=by.policy.stamp,
        )  # fmt: skip
