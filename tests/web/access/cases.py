"""Who may open case files: who works hits or inquires, and those who keep, check or command."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from platekeeper.server.casefiles import changes
from platekeeper.server.casefiles.models import CaseFile, Preserved
from platekeeper.server.procedures.authority import footing
from platekeeper.server.procedures.keep_cases import preserve_hit
from tests.cast import Cast
from tests.web.making import make_hit

WORKING = {"officer", "sergeant", "detective", "clerk", "custodian"}
SEEING = WORKING | {"auditor", "chief"}


def opened(cast: Cast, number: str = "26-114") -> CaseFile:
    """Return the case of a number, opened if there is none yet."""
    found = CaseFile.objects.filter(number=number).first()
    now = datetime.now(UTC)
    return found or changes.open_case(
        number=number, title="Hit and run", offence_class="felony", is_felony=True, at=now, today=now.date(),
        by=cast.detective,
    )  # fmt: skip


def preserved(cast: Cast) -> Preserved:
    """Preserve a hit in the case."""
    by = footing(cast.officer, at=datetime.now(UTC))
    return preserve_hit(by, make_hit(cast, steps=("image_verified",)), case=opened(cast))


def _copy(cast: Cast) -> list[Any]:
    kept = preserved(cast)
    return [kept.case_id, kept.pk]


def _number(cast: Cast) -> dict[str, Any]:
    return {"number": opened(cast).number}


ROWS: dict[str, dict[str, Any]] = {
    "cases": {"allowed": SEEING},
    "case": {"args": lambda cast: [opened(cast).pk], "allowed": SEEING},
    "case_direct": {
        "args": lambda cast: [opened(cast).pk],
        "method": "post",
        "data": {"until": "2050-01-01", "why": "civil suit"},
        "allowed": {"chief"},
    },
    "case_packet": {
        "args": lambda cast: [preserved(cast).case_id],
        "method": "post",
        "data": {"to": "District Attorney", "why": "discovery"},
        "status": 200,
        "allowed": WORKING,
    },
    "case_preserved": {"args": _copy, "allowed": SEEING},
    "case_image": {"args": _copy, "allowed": SEEING},
    "case_preserve": {
        "args": lambda cast: ["hit", make_hit(cast).pk],
        "method": "post",
        "data": _number,
        "allowed": WORKING,
    },
}
