"""A random walk by the whole cast: nothing of stored LPR data is served without exactly the log entry that covers it.

`PLATEKEEPER_WALK` says how many calls, `PLATEKEEPER_WALK_SEED` which walk; `make walk` makes ten thousand.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from random import Random

import pytest

from platekeeper.core.partial import PlatePattern
from platekeeper.core.plates import Plate
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.querylog.models import QueryLogEntry
from tests.cast import Cast
from tests.web.walking import Answer, Walk, plant

pytestmark = pytest.mark.django_db(transaction=True)  # the intake writes in a thread of its own
CALLS = int(os.environ.get("PLATEKEEPER_WALK", "220"))
SEED = os.environ.get("PLATEKEEPER_WALK_SEED", "1")


@dataclass(frozen=True)
class Cover:
    """The leaf that covers what an address serves: `{person}` and the address's own arguments stand in the subject.

    `now`: it is appended by the very call, once. Otherwise it was appended once by this person, then or before.
    """

    action: str
    subject: str = ""
    now: bool = True


COVERS: dict[str, tuple[Cover, ...]] = {
    "query": (Cover("query_page_viewed", "query:{entry_id}"),),
    "query_overview": (Cover("query_page_viewed", "query:{entry_id}"),),
    "query_image": (Cover("query_page_viewed", "query:{entry_id}", now=False),),
    "entry_prior_reads": (Cover("query_begun"),),
    "entry_request": (Cover("query_begun"),),
    "entry_decide": (Cover("query_begun"),),
    "hit": (Cover("hit_shown", "hit:{hit_id}", now=False),),
    "hit_image": (
        Cover("hit_shown", "hit:{hit_id}", now=False),
        Cover("hits_watched", "hits:board:{person}", now=False),
    ),
    "hit_live": (Cover("hit_shown", "hit:{hit_id}", now=False),),
    "hits_board": (Cover("hits_watched", "hits:board:{person}", now=False),),
    "hits_live": (Cover("hits_watched", "hits:board:{person}", now=False),),
    "hits_dispatch": (Cover("hits_watched", "hits:dispatch:{person}", now=False),),
    "hits_silent": (Cover("hits_watched", "hits:silent:{person}", now=False),),
    "hits_departures": (Cover("hits_watched", "hits:departures:{person}", now=False),),
    "hits_open": (Cover("hits_watched", "hits:open:{person}", now=False),),
    "case": (Cover("case_viewed", "case:{case_id}"),),
    "case_preserved": (Cover("case_viewed", "case:{case_id}"),),
    "case_image": (Cover("case_viewed", "case:{case_id}", now=False),),
    "case_packet": (Cover("packet_exported", "case:{case_id}"),),
    "user_log": (Cover("user_log_viewed", "log:{log_id}"),),
    "complaint": (Cover("complaint_viewed", "complaint:{complaint_id}"),),
    "complaint_hits": (Cover("complaint_hits_sought", "complaint:{complaint_id}"),),
    "dead_letter": (Cover("dead_letter_viewed"),),
    "ledger": (Cover("ledger_viewed"),),
    "ledger_leaf": (Cover("ledger_viewed"),),
}
"""URL name -> the leaves of which one covers what it serves. What is not here serves nothing of stored LPR data."""
REPEATED = {"query_image", "case_image"}
"""Pictures of a page: each view of the page has its own leaf, and any of them covers its pictures."""
PRIOR_READS = {"entry_prior_reads", "entry_request", "entry_decide"}
LOOKS = {"query", "query_image", "query_overview", *PRIOR_READS}
"""What shows results of a query: what it shows was asked for, in the exact terms of an entry of the same person."""


def test_nothing_of_stored_lpr_data_is_served_without_the_entry_that_covers_it(cast: Cast) -> None:
    plant(cast)
    walk, served = Walk(cast, Random(SEED)), Counter[str]()
    for number in range(CALLS):
        leaves = LedgerEntry.objects.count()
        answer = walk.step()
        where = f"call {number} of walk {SEED}: {answer.role} {answer.address} ({answer.name}, {answer.status})"
        assert answer.status < 500, where
        assert not answer.headers, f"{where}: a header names a read"
        if answer.plates:
            _is_covered(cast, answer, since=leaves, where=where)
            served[answer.name] += 1
    assert set(served) >= {"query", "query_image", "hit", "hit_image", "case"}, served
    assert {"hits_board", "hits_live"} & set(served), served
    ran = QueryLogEntry.objects.exclude(state__in=QueryLogEntry.NEVER_RAN).values_list("pk", flat=True)
    begun = LedgerEntry.objects.filter(action="query_begun").values_list("subject", flat=True)
    assert sorted(f"query:{number}" for number in ran) == sorted(begun)


def _is_covered(cast: Cast, answer: Answer, *, since: int, where: str) -> None:
    person = cast.people()[answer.role].pk
    assert answer.name in COVERS, f"{where}: it serves reads, and nothing covers it"
    counts = [_leaves(cover, answer, person, since=since) for cover in COVERS[answer.name]]
    enough = any(counts) if answer.name in REPEATED or len(counts) > 1 else counts == [1]
    assert enough, f"{where}: covered {counts} times"
    if answer.name in LOOKS:
        _was_asked_for(answer, person, since=since, where=where)


def _leaves(cover: Cover, answer: Answer, person: int, *, since: int) -> int:
    ended = "begun" if cover.action == "query_begun" else "done"
    leaves = LedgerEntry.objects.filter(action=cover.action, person=person, outcome=ended)
    if cover.subject:
        leaves = leaves.filter(subject=cover.subject.format(person=person, **answer.args))
    return leaves.filter(index__gte=since if cover.now else 0).count()


def _was_asked_for(answer: Answer, person: int, *, since: int, where: str) -> None:
    number: int | str = answer.args.get("entry_id", 0)
    if answer.name in PRIOR_READS:
        number = LedgerEntry.objects.get(action="query_begun", index__gte=since).subject.removeprefix("query:")
    entry = QueryLogEntry.objects.get(pk=number)
    assert (entry.by_id, entry.state) == (person, QueryLogEntry.State.COMPLETED), where
    assert datetime.fromisoformat(entry.terms["since"]) == entry.earliest
    pattern = PlatePattern(entry.terms["plate"])
    assert all(pattern.matches(Plate(plate)) for plate in answer.plates), f"{where}: more than was asked for"
