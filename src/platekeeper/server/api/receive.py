"""From parsed payloads to a receipt, and from what went wrong to an HTTP answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

import psycopg
from django.db import OperationalError
from django.utils import timezone

from platekeeper.core.formats.cameras.payload import Item
from platekeeper.core.formats.reads import TooManyReads, UnparsedRead
from platekeeper.server.api.patience import BYTES, LETTERS, READS
from platekeeper.server.equipment.models import LPR
from platekeeper.server.gateways.metrics import TURNED_AWAY
from platekeeper.server.procedures.authority import RefusedAction
from platekeeper.server.procedures.hear_lprs import hear_sign_of_life
from platekeeper.server.procedures.receive_reads import Receipt, Submission, intake
from platekeeper.server.storage.errors import StoreFull, others_in_the_way, storage_trouble
from platekeeper.server.storage.group import GroupClosed, GroupFull
from platekeeper.server.storage.reads import WriterBusy

Answer = tuple[int, dict[str, Any]]
_MB = 1024 * 1024
_NOTHING = Receipt(stored=0, repeated=0, dead_letters=0, past_ceiling=0, ids=())


def receive(lpr: LPR, *, format: str, size: int, parse: Callable[[], Iterable[Item]]) -> Answer:
    """Hand payloads of a message of `size` bytes to the intake; return the HTTP status and body. 200: all is on disk.

    Without any payload it is a sign of life: nothing to store, so it waits for no batch and needs no filled-in policy.
    """
    try:
        items, now = list(parse()), timezone.now()
    except TooManyReads as error:
        return 413, {"error": str(error)}
    submission = Submission(
        lpr=lpr,
        format=format,
        reads=[item for item in items if not isinstance(item, UnparsedRead)],
        unparsed=[item for item in items if isinstance(item, UnparsedRead)],
        received_at=now,
    )
    try:
        if not items:
            hear_sign_of_life(lpr.pk, at=now)
            return 200, _NOTHING.told()
        if said := _too_much(submission, size):
            return 429, {
                "error": f"This LPR sends more than {said} within a minute. Nothing was stored; send it again later."
            }
        return 200, intake().receive(submission).told()
    except RefusedAction as refused:
        refusal = refused.refusal
        return 409, {"error": refusal.reason, "clause": refusal.clause.number, "blank": refusal.mend}
    except StoreFull:
        return 503, {"error": "The disk is full. Nothing was stored; send it again later."}
    except (OperationalError, psycopg.OperationalError) as error:
        # What may be stored is not acknowledged, and completed later.
        if not (trouble := "Others were in the way." if others_in_the_way(error) else storage_trouble(error)):
            raise
        return 503, {"error": f"{trouble} Send it again later."}
    except GroupFull:
        TURNED_AWAY.inc()
        return 503, {"error": "Too many are sending at once. Nothing was stored; send it again later."}
    except GroupClosed:
        return 503, {"error": "The server is going down. Nothing was stored; send it again later."}
    except WriterBusy:
        return 503, {"error": "Another process receives reads for this department. Send it there."}


def _too_much(sent: Submission, size: int) -> str:
    """Count what an LPR sends; return in words what was too much of within this minute."""
    letters = sum(len(each.payload) for each in sent.unparsed)
    for budget, cost, what in (
        (READS, len(sent.reads) + len(sent.unparsed), f"{READS.most:,} reads"),
        (BYTES, size, f"{BYTES.most // _MB:,} MB"),
        (LETTERS, letters, f"{LETTERS.most // _MB:,} MB that make no sense"),
    ):
        if cost and budget.spend(sent.lpr.pk, cost, now=time.monotonic()):
            return what
    return ""
