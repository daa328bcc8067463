"""Defects of LPRs and damage are reported, heard, and worked until they are mended (IV.d, IX.c)."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from platekeeper.core.actor import SYSTEM
from platekeeper.core.rules.decision import Decision, Refused
from platekeeper.core.rules.defects import (
    DefectKind,
    DefectStep,
    clause_of,
    is_told,
    may_hear,
    may_report,
    may_take,
    may_work,
    waits_too_long,
)
from platekeeper.server.equipment.changes import defects as changes
from platekeeper.server.equipment.lookups.defects import open_defects
from platekeeper.server.equipment.models import LPR, Defect
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.policy.lookups import in_force
from platekeeper.server.printing.pictures import as_printed
from platekeeper.server.procedures.authority import Footing, demanded
from platekeeper.server.procedures.manage_equipment import may_see_lprs
from platekeeper.server.storage.holding import hold

LARGEST_PHOTO = 16 * 1024 * 1024


def report_defect(
    *,
    by: Footing | None,
    lpr: LPR,
    kind: DefectKind,
    words: str = "",
    photograph: bytes | None = None,
    at: datetime | None = None,
) -> Defect:
    """Report a defect to whom the policy names for its kind.

    `by` is None where the system found it, at `at`, with its reason as `words`; what it finds again is the defect that is
    open already. Raises ValidationError when the photograph is no whole JPEG or PNG.
    """
    if by is None:
        assert at is not None
        return _found(lpr, kind, words=words, at=at)
    picture = _checked(photograph)
    by.demand(
        may_report(by.authority),
        is_told(by.policy, kind, words=words, pictured=picture is not None),
        attempted=Action.DEFECT_REPORTED,
        subject=f"lpr:{lpr.pk}",
    )
    with transaction.atomic():
        defect = changes.open_defect(lpr, kind=kind, words=_cut(words), at=by.at, by=by.person, policy=by.policy.stamp)
        details: dict[str, object] = (
            {"photograph": changes.keep_photo(defect, content=picture)} if picture is not None else {}
        )
        _log(by, Action.DEFECT_REPORTED, defect, details)
    return defect


def note_found(by: Footing, lpr: LPR, kind: DefectKind, *, words: str) -> Defect:
    """Enter what somebody found on a tour or at an aim check, within that transaction: anew, or as seen again.

    It is entered though the policy names nobody to hear it: the act was allowed, and what it found is not lost.
    """
    known = open_defects(lpr).filter(kind=kind).first()
    if known is None:
        defect = changes.open_defect(lpr, kind=kind, words=_cut(words), at=by.at, by=by.person, policy=by.policy.stamp)
        _log(by, Action.DEFECT_REPORTED, defect, {})
        return defect
    changes.take_step(known, DefectStep.SEEN_AGAIN, words=_cut(words), at=by.at, by=by.person, policy=by.policy.stamp)
    _log(by, Action.DEFECT_STEP, known, {"step": DefectStep.SEEN_AGAIN.value})
    return known


def work_defect(by: Footing, defect: Defect, step: DefectStep, *, words: str = "") -> None:
    """Acknowledge a defect, give it to be repaired, or end it."""
    kind, subject = DefectKind(defect.kind), _subject(defect)
    by.demand(may_work(by.authority, by.policy, kind), attempted=Action.DEFECT_STEP, subject=subject)
    taken = Refused(clause_of(kind), "Somebody has taken this step already.")
    with by.act(Action.DEFECT_STEP, subject=subject, twice=taken):
        hold(defect)
        demanded(may_take(defect.stands, step, kind=kind, words=words))
        changes.take_step(defect, step, words=_cut(words), at=by.at, by=by.person, policy=by.policy.stamp)
        _log(by, Action.DEFECT_STEP, defect, {"step": step.value})


def may_see_defects(by: Footing) -> Decision:
    """Decide who opens the list of defects: who hears of any, or sees the inventory."""
    hears = may_hear(by.authority, by.policy)
    return hears if hears else may_see_lprs(by)


def may_see_defect(by: Footing, defect: Defect) -> Decision:
    """Decide who opens a defect's page: they, and whoever reported it or saw it again."""
    if defect.steps.filter(by=by.person).exists():
        return may_report(by.authority)
    return may_see_defects(by)


def late_defects(*, at: datetime) -> list[Defect]:
    """Return what nobody acknowledged, or mended, in time."""
    return [each for each in open_defects() if waits_too_long(each.stands, reported_at=each.reported_at, at=at)]


def _found(lpr: LPR, kind: DefectKind, *, words: str, at: datetime) -> Defect:
    policy = in_force(at=at)
    with transaction.atomic():
        known = open_defects(lpr).filter(kind=kind).first()
        if known is not None:
            return known
        defect = changes.open_defect(lpr, kind=kind, words=_cut(words), at=at, by=None, policy=policy.stamp)
        append(
            at=at, by=SYSTEM, action=Action.DEFECT_REPORTED, clause=clause_of(kind), subject=_subject(defect),
            details={"lpr": lpr.pk, "kind": kind.value, "reason": _cut(words)}, policy=policy.stamp,
        )  # fmt: skip
    return defect


def _checked(photograph: bytes | None) -> bytes | None:
    """Return a photograph written anew, without what a telephone says in it of place and owner."""
    if not photograph:
        return None
    picture = as_printed(photograph) if len(photograph) <= LARGEST_PHOTO else None
    if picture is None:
        raise ValidationError("This is no JPEG or PNG of up to 16 MB. Take the photograph anew.")
    return picture


def _cut(words: str) -> str:
    return words.strip()[:400]


def _subject(defect: Defect) -> str:
    return f"defect:{defect.pk}"


def _log(by: Footing, action: Action, defect: Defect, details: dict[str, object]) -> None:
    append(
        at=by.at,
        by=by.actor,
        action=action,
        clause=clause_of(DefectKind(defect.kind)),
        subject=_subject(defect),
        details={"lpr": defect.lpr_id, "kind": defect.kind, **details},
        policy=by.policy.stamp,
    )
