"""From parsed payloads to a receipt, and from what went wrong to an HTTP answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from platekeeper.core.formats.reads import ParsedRead, UnparsedRead
from platekeeper.server.equipment.models import LPR
from platekeeper.server.procedures.authority import RefusedAction
from platekeeper.server.procedures.receive_reads import Submission, intake
from platekeeper.server.storage.errors import StoreFull
from platekeeper.server.storage.group import GroupClosed
from platekeeper.server.storage.sqlite.writer import WriterBusy

Answer = tuple[int, dict[str, Any]]


def receive(lpr: LPR, *, format: str, parsed: Iterable[tuple[ParsedRead, bytes | None] | UnparsedRead]) -> Answer:
    """Hand payloads to the intake; return the HTTP status and body. 200 means: all of it is on disk."""
    items = list(parsed)
    submission = Submission(
        lpr=lpr,
        format=format,
        reads=[item for item in items if not isinstance(item, UnparsedRead)],
        unparsed=[item for item in items if isinstance(item, UnparsedRead)],
        received_at=timezone.now(),
    )
    try:
        return 200, intake().receive(submission).told()
    except RefusedAction as refused:
        refusal = refused.refusal
        return 409, {"error": refusal.reason, "clause": refusal.clause.number, "blank": refusal.mend}
    except StoreFull:
        return 503, {"error": "The disk is full. Nothing was stored; send it again later."}
    except GroupClosed:
        return 503, {"error": "The server is going down. Nothing was stored; send it again later."}
    except WriterBusy:
        return 503, {"error": "Another process receives reads for this department. Send it there."}
