"""Who may open the pages about queries. Results are their asker's own: tests/web/test_queries.py."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from platekeeper.server.querylog.models import QueryLogEntry
from tests.cast import Cast


def _entry(cast: Cast) -> list[Any]:
    made = QueryLogEntry.objects.create(
        by=cast.detective, agency="Harbor Falls", begun_at=datetime.now(UTC), purpose="stolen", offence="theft",
        terms={"plate": "ABC1234", "lprs": [], "since": "2026-01-01T00:00:00+00:00", "until": "2026-01-02T00:00:00+00:00"},
        case_number="26-1", justification="seen", state="completed", found=0, policy_number=1, policy_digest="0" * 64,
    )  # fmt: skip
    return [made.pk]


ROWS: dict[str, dict[str, Any]] = {
    "query_new": {"allowed": {"detective", "clerk", "custodian"}},
    "query": {"public": True},
    "query_image": {"public": True},
}
