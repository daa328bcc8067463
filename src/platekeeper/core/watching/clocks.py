"""Clocks that are off: the time from capture to receipt is another than it was, and stays so.

What a network holds up differs from day to day; a clock is off by the same on each. A clock that is ahead shows in reads
from the future, too, where an LPR uploads in arrears and its delay says little.
"""

from __future__ import annotations

import numpy as np

from platekeeper.core.watching.counts import Counts, Mask, median, spread
from platekeeper.core.watching.findings import Finding, Trouble

SPAN, LEAST = 42, 7
OFF, SAME = 300.0, 90.0
"""Seconds that a clock must be off, and by which two days in a row may differ."""
_SPREADS = 5.0
AHEAD, FUTURE = 60.0, 0.02
"""A read counts as from the future by more than so many seconds; which share of them, two days in a row, is too many."""


def clocks(counts: Counts) -> list[Finding]:
    """Judge every day with reads by itself, the one before it, and the weeks before."""
    found: list[Finding] = []
    lprs, days = counts.lag.shape
    stands = np.zeros(lprs, bool)
    troubled = np.zeros((lprs, days), bool)
    last, last_day = np.full(lprs, np.nan), np.zeros(lprs, int)
    ahead_before = np.zeros(lprs, bool)
    for day in range(1, days):
        begin = max(0, day - SPAN)
        base, scatter, ahead_usually = _usual(counts, begin, day, troubled[:, begin:day])
        off = counts.lag[:, day] - base
        seen = ~np.isnan(off)
        far = seen & (np.abs(off) > np.maximum(OFF, _SPREADS * scatter))
        same = far & (np.abs(off - last) < np.maximum(SAME, scatter))
        ahead = seen & (counts.future[:, day] > FUTURE) & ~ahead_usually
        new = ~stands & (same | (ahead & ahead_before))
        for lpr in np.flatnonzero(new):
            size = off[lpr] if far[lpr] else -AHEAD
            since = last_day[lpr]
            troubled[lpr, since:day] = True
            found.append(
                Finding(
                    lpr=counts.lprs[lpr], day=counts.day(day), trouble=Trouble.CLOCK, since=counts.day(since),
                    size=float(size), strength=max(1.0, float(abs(size)) / OFF),
                )  # fmt: skip
            )
        stands = new | (stands & (far | ahead | ~seen))
        troubled[:, day] = stands | far
        last, last_day = np.where(seen, np.where(far, off, np.nan), last), np.where(seen, day, last_day)
        ahead_before = np.where(seen, ahead, ahead_before)
    return found


def _usual(counts: Counts, begin: int, day: int, troubled: Mask) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the median lag of the days before, its spread, and whether reads from the future are usual."""
    lags, future = counts.lag[:, begin:day], counts.future[:, begin:day]
    enough = ((~troubled) & ~np.isnan(lags)).sum(1) >= LEAST
    chosen = np.where(enough[:, None], ~troubled, True) & ~np.isnan(lags)
    base = median(np.where(chosen, lags, np.nan), 1)
    scatter = spread(np.where(chosen, lags - base[:, None], np.nan), 1)
    base = np.where(chosen.sum(1) >= LEAST, base, np.nan)
    return base, scatter, median(np.where(chosen, future, np.nan), 1) > FUTURE / 2
