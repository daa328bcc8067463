"""An entry withdrawn, or a read corrected, recalls its open alarms everywhere."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime

from platekeeper.core.actor import SYSTEM, Actor
from platekeeper.core.clauses import Clause
from platekeeper.core.policy import Policy
from platekeeper.server.hits.changes import add_step
from platekeeper.server.hits.lookups import open_alarms
from platekeeper.server.hits.models import Hit, HitStep
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append


class AlarmedReads:
    """The ids of reads under which an open alarm stands, so that only their corrections are looked up.

    The intake, which alone raises hits, holds one for life: what was open when it began, and every read that it has
    found on a list since. An id whose alarm was closed, or never came about, costs a look-up and nothing else.
    """

    def __init__(self) -> None:
        self._ids: set[bytes] | None = None

    def among(self, ids: Iterable[bytes]) -> set[bytes]:
        """Return which of these reads may have an open alarm."""
        return self._known().intersection(ids)

    def add(self, ids: Iterable[bytes]) -> None:
        """Note that these reads were found on a list."""
        self._known().update(ids)

    def _known(self) -> set[bytes]:
        if self._ids is None:
            self._ids = {bytes.fromhex(each) for each in open_alarms().values_list("read_id", flat=True)}
        return self._ids


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


def recall_corrected(matched: Mapping[str, Collection[str]], *, at: datetime, policy: Policy) -> int:
    """Recall the open hits of reads whose correction no longer matches; return how many.

    `matched` gives the entry keys that each read, by id, matches as it stands now.
    """
    gone = [hit for hit in open_alarms().filter(read_id__in=list(matched)) if hit.entry_key not in matched[hit.read_id]]
    return _recall(gone, reason="The LPR corrected this read.", at=at, by=SYSTEM, policy=policy)


def _recall(hits: Iterable[Hit], *, reason: str, at: datetime, by: Actor, policy: Policy) -> int:
    count = 0
    for hit in hits:
        add_step(hit, kind=HitStep.Kind.RECALLED, at=at, by=None, policy=policy.stamp, remark=reason[:240])
        append(
            at=at,
            by=by,
            action=Action.HIT_STEP,
            clause=Clause.VII_e,
            subject=f"hit:{hit.pk}",
            details={"step": HitStep.Kind.RECALLED.value},
            sealed={"plate": hit.plate, "reason": reason},
            policy=policy.stamp,
        )
        count += 1
    return count
