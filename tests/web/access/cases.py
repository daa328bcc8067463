"""Who may open case files: who works hits or inquires, and those who keep, check or command."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from platekeeper.server.casefiles import changes
from platekeeper.server.casefiles.models import CaseFile, Preserved, RecordsRequest
from platekeeper.server.procedures.answer_requests import record_request
from platekeeper.server.procedures.authority import footing
from platekeeper.server.procedures.preserve import preserve_hit
from tests.cast import Cast
from tests.days import today as department_day
from tests.web.making import make_hit

WORKING = {"officer", "sergeant", "detective", "clerk", "custodian"}
SEEING = WORKING | {"auditor", "chief"}


def opened(cast: Cast, number: str = "26-114") -> CaseFile:
    """Return the case of a number, opened if there is none yet."""
    found = CaseFile.objects.filter(number=number).first()
    now = datetime.now(UTC)
    return found or changes.open_case(
        number=number, title="Hit and run", offense_class="felony", is_felony=True, at=now, today=now.date(),
        by=cast.detective,
    )  # fmt: skip


def preserved(cast: Cast) -> Preserved:
    """Preserve a hit in the case."""
    by = footing(cast.officer, at=datetime.now(UTC))
    return preserve_hit(by, make_hit(cast, steps=("image_verified",)), case=opened(cast))


def asked(cast: Cast, of: CaseFile | None = None) -> RecordsRequest:
    """Record a request for records, of a case or of none."""
    today = department_day()
    return record_request(
        footing(cast.custodian, at=datetime.now(UTC)), kind="discovery", asked_by="District Attorney", contact="", what="all",
        case=of, received_on=today - timedelta(days=1), due_on=today + timedelta(days=5),
    )  # fmt: skip


def _disposed(cast: Cast) -> CaseFile:
    case = opened(cast)
    changes.change_case(case, {"disposed_on": department_day(), "disposition": "dismissed"})
    return case


def _copy(cast: Cast) -> list[Any]:
    kept = preserved(cast)
    return [kept.case_id, kept.pk]


def _number(cast: Cast) -> dict[str, Any]:
    case = opened(cast)
    return {"number": case.number, "into": case.pk}


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
    "case_set_aside": {"args": _copy, "method": "post", "data": {"why": "of another case"}, "allowed": WORKING},
    "case_image": {"args": _copy, "allowed": SEEING},
    "case_end": {
        "args": lambda cast: [_disposed(cast).pk, "seal"],
        "method": "post",
        "data": {"order": "County Court, 12 of 2026"},
        "allowed": {"custodian"},
    },
    "records_requests": {"allowed": {"custodian", "auditor", "chief"}},
    "records_request": {"args": lambda cast: [asked(cast).pk], "allowed": {"custodian", "auditor", "chief"}},
    "request_packet": {
        "args": lambda cast: [asked(cast, of=preserved(cast).case).pk],
        "method": "post",
        "status": 200,
        "allowed": {"custodian"},
    },
    "request_step": {
        "args": lambda cast: [asked(cast).pk, "acknowledge"],
        "method": "post",
        "allowed": {"custodian"},
    },
    "reads_preserve": {
        "args": lambda cast: [9999],
        "method": "post",
        "data": _number,
        "status": 404,
        "allowed": {"detective", "clerk", "custodian"},
    },
    "case_preserve": {
        "args": lambda cast: ["hit", make_hit(cast).pk],
        "method": "post",
        "data": _number,
        "allowed": WORKING - {"detective", "clerk"},  # who inquires sees stored reads, and no hits
    },
}
