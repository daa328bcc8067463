"""Handing over what waits, a batch at a time. What the server refuses for good is found by halves and put aside.

What is put aside stays on disk, is said on the page, holds up nothing behind it, and is tried once more each day: the
server may have been set right by then.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from platekeeper.field.link import NotTaken
from platekeeper.field.spool import Kind, Spool

T = TypeVar("T")
FOR_GOOD = frozenset({400, 413, 422})
"""What the same bytes are answered again: they make no sense, are too large, are not as described."""


@dataclass(slots=True)
class Pace:
    """How many go in one batch: fewer while the network is bad, more again when it is good."""

    most: int
    now: int = field(init=False)

    def __post_init__(self) -> None:
        """Begin with as many as may be."""
        self.now = self.most

    def shrink(self, tried: int) -> None:
        """So many did not get through together."""
        self.now = max(1, tried // 2)

    def grow(self) -> None:
        """A batch got through."""
        self.now = min(self.most, self.now * 2)


def hand_over(
    spool: Spool, kind: Kind, waiting: Callable[[int], Sequence[T]], send: Callable[[Sequence[T]], None], *,
    which: Callable[[T], object], pace: Pace,
) -> int:  # fmt: skip
    """Hand over all that waits; return how many the department has now. `which` names one.

    `waiting` gives the next ones, so many at most, none that is put aside; `send` raises `NotTaken`, and so does this
    where it stops before all is sent.
    """
    done = 0
    while some := waiting(pace.now):
        try:
            send(some)
        except NotTaken as error:
            pace.shrink(len(some))
            if error.status not in FOR_GOOD:
                raise
            if len(some) == 1:
                spool.put_aside(kind, which(some[0]), said=str(error))
        else:
            pace.grow()
            done += len(some)
    return done
