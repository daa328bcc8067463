"""Who may open the pages about LPRs, their defects and their care. Everybody of the department reports."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

from PIL import Image

from platekeeper.core.rules.defects import DefectKind
from platekeeper.core.rules.inventory import CareKind
from platekeeper.server.equipment.models import DayCount, WatchFinding
from platekeeper.server.procedures import keep_inventory
from platekeeper.server.procedures.authority import footing
from platekeeper.server.procedures.care_for_lprs import ask, note_care
from platekeeper.server.procedures.report_defects import report_defect
from platekeeper.server.reads.changes import begin_bundle, end_bundle
from tests.cast import ROLES, Cast

DEPARTMENT = set(ROLES) - {"outsider"}


def picture() -> bytes:
    """Return a small photograph."""
    written = BytesIO()
    Image.new("RGB", (640, 480), (90, 110, 130)).save(written, "JPEG")
    return written.getvalue()


def _lpr(cast: Cast) -> list[Any]:
    return [cast.lpr.pk]


def _defect(cast: Cast) -> list[Any]:
    by = footing(cast.officer, at=datetime.now(UTC))
    reported = report_defect(
        by=by, lpr=cast.lpr, kind=DefectKind.DAMAGE, words="the housing is cracked", photograph=picture()
    )
    return [reported.pk]


def _bundle(cast: Cast) -> list[Any]:
    """Have a bundle handed in, and another that broke off."""
    now, uid = datetime.now(UTC), "5f0c" * 8
    for each in (uid, "0" * 32):
        begun = begin_bundle(uid=each, lpr=cast.lpr, at=now, key="5f", sha256="0" * 64, made_at=now, reads=40)
        if each == uid:
            counts = {"stored": 38, "repeated": 2, "dead_letters": 0, "past_ceiling": 0}
            end_bundle(begun, at=now, counts=counts, receipt=b"receipt")
    return [uid]


def _camera(cast: Cast) -> list[Any]:
    said = {"position": "front left", "model": "Q6", "serial": "C-17", "firmware": "2.0", "direction": 90}
    by = footing(cast.administrator, at=datetime.now(UTC))
    return [cast.lpr.pk, keep_inventory.set_camera(by, cast.lpr, None, **said).pk]


def _fitted_out(cast: Cast) -> list[Any]:
    """Give the LPR a history that its page shows."""
    by = footing(cast.administrator, at=datetime.now(UTC))
    _camera(cast)
    _defect(cast)
    keep_inventory.set_papers(
        by, cast.lpr, serial="L-1", value=18000, bought_on=None, warranty_until=by.today, on_plan=False
    )
    keep_inventory.hand_over(by, cast.lpr, holder=cast.officer)
    note_care(by, cast.lpr, kind=CareKind.AIM, words="both lanes", on=by.today, next_on=by.today + timedelta(days=30))
    return [cast.lpr.pk]


def _question(cast: Cast) -> list[Any]:
    by = footing(cast.officer, at=datetime.now(UTC))
    return [ask(by, lpr=cast.lpr, words="Why is the night picture so dark?").pk]


def _watched(cast: Cast) -> list[Any]:
    """Let an LPR that is fitted out have a past: it read well, then less and less."""
    today = datetime.now(UTC).date()
    for back in range(1, 60):
        day = today - timedelta(back)
        usual = 560 if day.weekday() > 4 else 800
        share = 0.98 if back > 12 else 0.43 + 0.04 * back
        DayCount.objects.get_or_create(
            {
                "watched": True, "reads": usual, "readable": int(usual * share), "confidence": 0.9,
                "expected": usual if back < 40 else None,
            }, lpr=cast.lpr, day=day,
        )  # fmt: skip
    WatchFinding.objects.get_or_create(
        {"since": today - timedelta(10), "size": 0.6, "strength": 1.2, "found_at": datetime.now(UTC)},
        lpr=cast.lpr, trouble="drifting", day=today - timedelta(4),
    )  # fmt: skip
    return _fitted_out(cast)


ROWS: dict[str, dict[str, Any]] = {
    "lprs": {"args": lambda cast: _fitted_out(cast)[:0], "allowed": {"administrator", "custodian"}},
    "lpr_fields": {"args": lambda cast: [cast.lpr.pk, "genetec"], "allowed": {"administrator"}},
    "lpr_rename": {"args": _lpr, "allowed": {"administrator"}},
    "lpr_make": {"args": _lpr, "allowed": {"administrator"}},
    "lpr_place": {"args": _lpr, "allowed": {"administrator"}},
    "lpr_key": {
        "args": _lpr,
        "method": "post",
        "data": lambda cast: {"instead_of": cast.lpr.key_issued_at.isoformat()},
        "status": 200,
        "allowed": {"administrator"},
    },
    "lpr_service": {"args": _lpr, "method": "post", "data": {"in_service": "no"}, "allowed": {"administrator"}},
    "lpr_upload": {"args": _lpr, "allowed": {"administrator", "custodian"}},
    "lpr_nothing": {"args": _lpr, "method": "post", "data": {"why": "parked"}, "allowed": {"custodian"}},
    "bundles": {"args": lambda cast: _bundle(cast)[:0], "allowed": {"custodian"}},
    "bundle_receipt": {"args": _bundle, "allowed": {"custodian"}},
    "lpr_label": {"args": _lpr, "allowed": {"administrator", "custodian"}},
    "lpr_camera_add": {"args": _lpr, "allowed": {"administrator"}},
    "lpr_camera": {"args": _camera, "allowed": {"administrator"}},
    "lpr_papers": {"args": _lpr, "allowed": {"administrator"}},
    "lpr_custody": {"args": _lpr, "allowed": DEPARTMENT},
    "lpr_care": {"args": _lpr, "allowed": {"administrator"}},
    "lprs_insured": {"args": lambda cast: _fitted_out(cast)[:0], "allowed": {"administrator", "custodian"}},
    "lprs_insured_export": {"method": "post", "data": {"form": "csv"}, "status": 200, "allowed": {"administrator"}},
    "questions": {"args": lambda cast: _question(cast)[:0], "allowed": DEPARTMENT},
    "question_answer": {
        "args": _question,
        "method": "post",
        "data": {"words": "The lamp is off."},
        "allowed": {"administrator"},
    },
    "lpr": {"args": _watched, "allowed": DEPARTMENT},
    "defect_report": {"args": _lpr, "allowed": DEPARTMENT},
    "defects": {"args": lambda cast: _defect(cast)[:0], "allowed": {"administrator", "custodian"}},
    "defect": {"args": _defect, "allowed": {"officer", "administrator", "custodian"}},
    "defect_photo": {"args": _defect, "allowed": {"officer", "administrator", "custodian"}},
    "defect_step": {"args": _defect, "method": "post", "data": {"step": "acknowledged"}, "allowed": {"administrator"}},
}
