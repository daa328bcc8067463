"""Who may open requests for searches: everybody their own; the queue who decides, directs, runs or audits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from platekeeper.core.rules.search_requests import Asked
from platekeeper.server.procedures import request_searches
from platekeeper.server.procedures.authority import footing
from platekeeper.server.procedures.question import Question
from platekeeper.server.querylog.models import SearchRequest
from tests.cast import Cast
from tests.web.access.cases import opened

RUNNING = {"detective", "clerk", "custodian"}
ZONE = ZoneInfo("America/New_York")


def wanted() -> Asked:
    """Return what is asked for: ABC1234 in the last week."""
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    return Asked(
        plate="ABC1234", description="A red van, left the bank on Canal Street.", since=now - timedelta(days=7), until=now,
        purpose="stolen", offense="robbery", case_number="26-114", justification="It left the scene.",
    )  # fmt: skip


def requested(cast: Cast, *, by: str = "officer", approved: bool = False, **more: Any) -> SearchRequest:
    """Ask for a search in somebody's own name, approved by the custodian if wanted."""
    now = datetime.now(UTC)
    made = request_searches.ask(footing(cast.people()[by], at=now), wanted(), **more)
    if approved:
        request_searches.approve(footing(cast.custodian, at=now), made)
    return made


def ran(cast: Cast, *, by: str = "officer") -> SearchRequest:
    """Ask for a search and have everybody who may run it do so."""
    made, asked = requested(cast, by=by, approved=True), wanted()
    question = Question(
        plate=made.plate, since=made.since, until=made.until, purpose=made.purpose, offense=made.offense,
        case_number=made.case_number, justification=asked.justification, none_prohibited=True,
    )  # fmt: skip
    for role in sorted(RUNNING):
        request_searches.run(footing(cast.people()[role], at=datetime.now(UTC)), made, question)
    opened(cast)
    return made


def posted(**changed: Any) -> dict[str, Any]:
    """Return what the form of a request posts."""
    now = datetime.now(ZONE)
    return {
        "plate": "ABC1234", "since": f"{now - timedelta(days=7):%Y-%m-%dT%H:%M}", "until": f"{now:%Y-%m-%dT%H:%M}",
        "purpose": "stolen", "offense": "robbery", "case_number": "26-114", "justification": "It left the scene.",
    } | changed  # fmt: skip


ROWS: dict[str, dict[str, Any]] = {
    "search_requests": {"allowed": "all"},
    "search_request_new": {"allowed": "all"},
    "search_queue": {"allowed": RUNNING | {"sergeant", "chief", "auditor"}},
    "search_request": {
        "args": lambda cast: [ran(cast).pk],
        "allowed": RUNNING | {"officer", "chief", "auditor"},
    },
    "search_request_run": {
        "args": lambda cast: [requested(cast, approved=True).pk],
        "allowed": RUNNING,
    },
    "search_request_answer": {
        "args": lambda cast: [ran(cast).pk],
        "method": "post",
        "data": {"words": "Seen twice.", "case": "26-114", "how": "phone", "recipients": "Olive Officer"},
        "allowed": RUNNING,
    },
    "search_request_step": {
        "args": lambda cast: [requested(cast).pk, "approve"],
        "method": "post",
        "allowed": {"custodian"},
    },
}
