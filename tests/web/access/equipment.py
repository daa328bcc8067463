"""Who may open the pages about LPRs, their defects and their care. Everybody of the department reports."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from PIL import Image

from platekeeper.core.rules.defects import DefectKind
from platekeeper.server.procedures.authority import footing
from platekeeper.server.procedures.report_defects import report_defect
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


ROWS: dict[str, dict[str, Any]] = {
    "lpr": {"args": _lpr, "allowed": DEPARTMENT},
    "defect_report": {"args": _lpr, "allowed": DEPARTMENT},
    "defects": {"args": lambda cast: _defect(cast)[:0], "allowed": {"administrator", "custodian"}},
    "defect": {"args": _defect, "allowed": {"officer", "administrator", "custodian"}},
    "defect_photo": {"args": _defect, "allowed": {"officer", "administrator", "custodian"}},
    "defect_step": {"args": _defect, "method": "post", "data": {"step": "acknowledged"}, "allowed": {"administrator"}},
}
