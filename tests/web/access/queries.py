"""Who may open the pages about queries. Results are their asker's own: tests/web/test_queries.py."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from platekeeper.server.querylog.models import Approval, QueryLogEntry
from tests.cast import Cast


def _entry(cast: Cast) -> list[Any]:
    return [_made(cast).pk]


def _made(cast: Cast, *, state: str = "completed", **more: Any) -> QueryLogEntry:
    terms = {"plate": "ABC1234", "lprs": [], "since": "2026-01-01T00:00:00+00:00", "until": "2026-01-02T00:00:00+00:00"}
    given = {
        "by": cast.detective, "agency": "Harbor Falls", "begun_at": datetime.now(UTC), "terms": terms, "purpose": "stolen",
        "offense": "theft", "case_number": "26-1", "justification": "seen at the pawn shop", "state": state, "found": 0,
        "policy_number": 1, "policy_digest": "0" * 64,
    }  # fmt: skip
    return QueryLogEntry.objects.create(**(given | more))


def _waiting(cast: Cast) -> list[Any]:
    now = datetime.now(UTC)
    exigent = _made(cast, exigent="child taken from the school yard", flags=["exigent", "suggests:personal"])
    Approval.objects.create(entry=exigent, kind="after", asked_at=now)
    entry = _made(cast, state="waiting", case_known="no", requestor="Lt. Moss", requestor_agency="Mill County")
    return [Approval.objects.create(entry=entry, kind="before", asked_at=now).pk]


def _nothing(cast: Cast) -> list[Any]:
    _waiting(cast)
    return []


ROWS: dict[str, dict[str, Any]] = {
    "query_new": {"allowed": {"detective", "clerk", "custodian"}},
    "query_stop": {"method": "post", "status": 204, "allowed": {"detective", "clerk", "custodian"}},
    "query": {"public": True},
    "query_image": {"public": True},
    "query_overview": {"public": True},
    "query_alike": {"allowed": {"detective", "clerk", "custodian"}},
    "query_asked": {"public": True},
    "query_run": {"public": True},
    "query_approvals": {"args": _nothing, "allowed": {"chief", "sergeant"}},
    "query_decide": {"method": "post", "args": _waiting, "data": {"granted": "yes"}, "allowed": {"chief", "sergeant"}},
    "case_numbers": {"allowed": {"custodian"}},
}
