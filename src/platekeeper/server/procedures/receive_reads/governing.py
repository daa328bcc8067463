"""What governs reads that come in: the policy, barred places, command directives. Asked anew once anything has happened.

Whatever anybody does is a leaf of the ledger, in the transaction of the act. So where the newest leaf is still the intake's
own, nothing has changed but the time, and that counts by whole seconds: every end and beginning that lies ahead is one.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from platekeeper.core.barred import Barred
from platekeeper.core.policy import Policy
from platekeeper.core.rules.directives import Named
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.ledger.tree import newest_leaf
from platekeeper.server.policy.lookups import in_force
from platekeeper.server.procedures.follow_directives import standing
from platekeeper.server.reads import barred
from platekeeper.server.retention.models import Directive


class Governing(NamedTuple):
    """What governs at a moment."""

    policy: Policy
    barred: tuple[Barred, ...]
    directives: list[tuple[Directive, Named]]


class Governed:
    """Remembers what governs for as long as nothing happens."""

    def __init__(self) -> None:
        self._leaf: tuple[int, bytes] = (-1, b"")
        self._second: datetime | None = None
        self._known: Governing | None = None

    def now(self, at: datetime) -> Governing:
        """Return what governs at a moment."""
        leaf, second = (
            newest_leaf(),
            at.replace(microsecond=0),
        )  # first: what happens meanwhile is seen at the next call
        if self._known is None or leaf != self._leaf or second != self._second:
            policy = in_force(at=at)
            self._known = Governing(policy, barred.in_force(at=at), standing(policy, at=at))
            self._leaf, self._second = leaf, second
        return self._known

    def wrote(self, own: LedgerEntry) -> None:
        """Hear of a leaf of the intake's own, once it is committed. It changes nothing, unless another's came before it."""
        if own.index == self._leaf[0] + 1:
            self._leaf = own.index, bytes(own.leaf_hash)
