"""When a read was captured, where the unit's clock was wrong: said once, before the read is first sent, and never again.

What is sent again must say the same, or the department would take it for a correction, or for another read.
"""

from __future__ import annotations

from dataclasses import dataclass

SECOND = 1_000_000
LIVE = 300 * SECOND
"""A sighting older than this by the unit's own clock comes from a recording, whose times are its own."""
TOLERANCE = 5 * SECOND
"""A server says its time to the second, and an answer takes some: below this the unit's clock is as good."""

EARLIEST = 1_767_225_600 * SECOND
"""1 January 2026: no unit took a read before."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the machine, from one start to the next, in microseconds.

    `ahead`, added to the time since the start, gives UTC, as a server said; None if none was reached in that run. `heard`
    is the latest time that a server said in this run or an earlier one, 0 for never. `ended` is when it took its last read.
    """

    ahead: int | None = None
    heard: int = 0
    ended: int = 0


def said_time(at: int, *, since: int | None, run: Run, before: int | None) -> int:
    """Return when a read was captured, as the department is told.

    `at` is what the unit's clock said, `since` the time since the machine's start, None for a recording. Where the run has
    heard of a server, that decides. Where it has not, the clock is believed if it can be true: not before the last time
    that was heard, nor after `before`, when a later run that has heard of one began. What cannot be true is counted back
    from there: a little late rather than so early that the department keeps it no more.
    """
    if since is None:
        return at
    if run.ahead is not None:
        true = run.ahead + since
        return at if abs(true - at) <= TOLERANCE else true
    earliest = max(run.heard, EARLIEST) + since
    if before is None:
        return max(at, earliest)
    return at if earliest <= at <= before else before - max(run.ended - since, 0)
