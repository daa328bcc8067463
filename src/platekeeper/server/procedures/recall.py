"""An entry withdrawn, or a read corrected, recalls its open alarms everywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from platekeeper.core.actor import SYSTEM, Actor
from platekeeper.core.categories import HitAction
from platekeeper.core.clauses import Clause
from platekeeper.core.policy import Policy
from platekeeper.core.rules.lists import when_it_arrives
from platekeeper.server.hits.changes import add_step, take_its_place
from platekeeper.server.hits.ended import CORRECTED
from platekeeper.server.hits.lookups import open_alarms, uncorrected
from platekeeper.server.hits.models import Hit, HitStep
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append, stand_in_line


class Alarmed:
    """The reads and the entries under which an open alarm stands, so that nothing is looked up of any other.

    The intake, which alone raises hits, holds one for life: what was open when it began, and all that it has found since.
    One whose alarm was closed, or never came about, costs a look-up and nothing else.
    """

    def __init__(self) -> None:
        self._begun = False
        self._reads: set[bytes] = set()
        self._entries: set[str] = set()

    def reads_among(self, ids: Iterable[bytes]) -> set[bytes]:
        """Return which of these reads may have an open alarm."""
        self._begin()
        return self._reads.intersection(ids)

    def entries_among(self, keys: Iterable[str]) -> set[str]:
        """Return on which of these entries there may be an open alarm."""
        self._begin()
        return self._entries.intersection(keys)

    def add(self, found: Iterable[tuple[bytes, str]]) -> None:
        """Note reads that were found on a list, each with the key of its entry."""
        for identity, key in found:
            self._reads.add(identity)
            self._entries.add(key)

    def _begin(self) -> None:
        if not self._begun:
            self.add((bytes.fromhex(read), key) for read, key in open_alarms().values_list("read_id", "entry_key"))
            self._begun = True


def recall_open_hits(
    *,
    prefix: str,
    still_wanted: Callable[[str], bool],
    reason: str,
    at: datetime,
    by: Actor,
    policy: Policy,
) -> int:
    """Recall open hits whose entry, of a key that begins with `prefix`, is no longer wanted; return how many.

    Runs inside the caller's transaction.
    """
    gone = [hit for hit in open_alarms(prefix=prefix) if not still_wanted(hit.entry_key)]
    return _recall(gone, reason=reason, at=at, by=by, policy=policy)


def recall_corrected(
    matched: Mapping[str, Mapping[str, HitAction]], *, digests: Mapping[str, str], at: datetime, policy: Policy
) -> int:
    """Recall the open hits of reads whose correction no longer matches, or no longer so; return how many.

    `matched` gives by entry key what each read, by id, does as it stands now, `digests` its digest. An alarm whose text is
    a look-alike by now that raises none, and a look-alike that alarms by now, make room for a hit of what is said now. All
    hits of a read that says something else now are marked, ended ones as well: nobody is told of them as of hits. A vehicle
    that another LPR read, too, stays an alarm.
    """
    hits = list(uncorrected(list(matched)))
    said_anew = [hit for hit in hits if hit.read["digest"] != digests[hit.read_id]]  # not sent again, its entry gone
    corrected = [hit for hit in said_anew if not _holds(hit, matched[hit.read_id].get(hit.entry_key), at=at)]
    wrong = {hit.pk for hit in hits if hit.entry_key not in matched[hit.read_id]} | {hit.pk for hit in corrected}
    if wrong:
        stand_in_line()  # a hit's row is written with the ledger in hand alone
    gone = list(open_alarms().filter(pk__in=wrong))
    for alarm in gone:
        if alarm.repeat_of_id is None:
            left = open_alarms().filter(repeat_of=alarm).exclude(pk__in=[hit.pk for hit in gone])
            take_its_place(alarm, list(left.order_by("seen_at", "pk")))
    _take(corrected, HitStep.Kind.READ_CORRECTED, reason=CORRECTED, at=at, by=SYSTEM, policy=policy)
    return _recall(gone, reason=CORRECTED, at=at, by=SYSTEM, policy=policy)


def _holds(hit: Hit, action: HitAction | None, *, at: datetime) -> bool:
    """Say whether a hit still is what its read comes to: an alarm as long as that alarms, a silent one until it does."""
    if action is not None and hit.action == HitAction.SILENT:
        action = when_it_arrives(action, hit.seen_at, at=at)
    return action is not None and (action is HitAction.SILENT) == (hit.action == HitAction.SILENT)


def _recall(hits: Iterable[Hit], *, reason: str, at: datetime, by: Actor, policy: Policy) -> int:
    return _take(hits, HitStep.Kind.RECALLED, reason=reason, at=at, by=by, policy=policy)


def _take(hits: Iterable[Hit], kind: HitStep.Kind, *, reason: str, at: datetime, by: Actor, policy: Policy) -> int:
    count = 0
    for hit in hits:
        add_step(hit, kind=kind, at=at, by=None, policy=policy.stamp, remark=reason[:240])
        append(
            at=at,
            by=by,
            action=Action.HIT_STEP,
            clause=Clause.VII_e,
            subject=f"hit:{hit.pk}",
            details={"step": kind.value},
            sealed={"plate": hit.plate, "reason": reason},
            policy=policy.stamp,
        )
        count += 1
    return count
