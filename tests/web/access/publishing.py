"""Who takes stock of a year and publishes: the auditors and the Chief; what is published anybody may read."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from platekeeper.server.oversight.models import Publication
from platekeeper.server.oversight.publications import standing
from platekeeper.server.procedures.authority import footing
from platekeeper.server.procedures.publish_reports import publish
from tests.cast import Cast

TAKING_STOCK = {"auditor", "chief"}
PERIOD = {"first": "2026-01-01", "last": "2026-03-31"}


def published(cast: Cast) -> Publication:
    """Publish the first quarter, unless it stands published."""
    by = footing(cast.chief, at=datetime.now(UTC))
    return standing().first() or publish(by, first=date(2026, 1, 1), last=date(2026, 3, 31), places=True)


def _published(cast: Cast) -> list[Any]:
    return [published(cast).pk]


ROWS: dict[str, dict[str, Any]] = {
    "oversight": {"args": lambda cast: _published(cast) and [], "allowed": TAKING_STOCK},
    "audit_packet": {"method": "post", "data": {"year": "2026"}, "status": 200, "allowed": TAKING_STOCK},
    "report_draft": {"allowed": TAKING_STOCK, "status": 302},
    "report_publish": {"method": "post", "data": {"first": "2026-04-01", "last": "2026-04-30"}, "allowed": {"chief"}},
    "report_withdraw": {"args": _published, "method": "post", "data": {"why": "a mistake"}, "allowed": {"chief"}},
    "state_report": {
        "method": "post", "data": {**PERIOD, "report": "vermont", "form": "csv"}, "status": 200, "allowed": TAKING_STOCK,
    },
    "transparency": {"public": True},
    "transparency_report": {"public": True},
    "transparency_json": {"public": True},
    "transparency_pdf": {"public": True},
}  # fmt: skip
