"""Clocks that are off: the least time from capture to receipt is another than it was, and stays so.

The least, since an LPR that uploads in arrears is late with its first read by a tour, and with its last by minutes. What a
network holds up differs from day to day; a clock is off by the same on each.
"""

from __future__ import annotations

import numpy as np

from platekeeper.core.watching.counts import Counts, Floats, Mask, median, spread
from platekeeper.core.watching.findings import Finding, Trouble

SPAN, LEAST = 42, 7
OFF, SAME = 300.0, 90.0
"""Seconds that a clock must be off, and by which two days in a row may differ."""
_FAR, _FAR_TOGETHER, _TOGETHER = 5.0, 2.5, 4
"""In spreads: how far off two days must be that agree, and the median of so many days in a row, all off to one side."""


def clocks(counts: Counts) -> list[Finding]:
    """Judge every day with reads by itself, those just before it, and the weeks before."""
    found: list[Finding] = []
    lprs, days = counts.lag.shape
    stands = np.zeros(lprs, bool)
    troubled = np.zeros((lprs, days), bool)
    recent, dates = np.full((lprs, _TOGETHER), np.nan), np.zeros((lprs, _TOGETHER), int)
    for day in range(1, days):
        begin = max(0, day - SPAN)
        base, scatter = _usual(counts.lag[:, begin:day], troubled[:, begin:day])
        off = counts.lag[:, day] - base
        seen = ~np.isnan(off)
        recent[seen] = np.column_stack((recent[seen, 1:], off[seen]))
        dates[seen] = np.column_stack((dates[seen, 1:], np.full(seen.sum(), day)))
        two = _agree(recent, np.maximum(OFF, _FAR * scatter), np.maximum(SAME, scatter))
        all_of_them = _together(recent, np.maximum(OFF, _FAR_TOGETHER * scatter))
        new = seen & ~stands & (two | all_of_them)
        for lpr in np.flatnonzero(new):
            since = dates[lpr, -2] if two[lpr] else dates[lpr, 0]
            troubled[lpr, since:day] = True
            size = float(np.median(recent[lpr, -2:] if two[lpr] else recent[lpr]))
            found.append(
                Finding(
                    lpr=counts.lprs[lpr],
                    day=counts.day(day),
                    trouble=Trouble.CLOCK,
                    since=counts.day(since),
                    size=size,
                    strength=abs(size) / OFF,
                )
            )
        stands = new | (stands & (~seen | two | all_of_them | (np.abs(off) > np.maximum(OFF, _FAR * scatter))))
        troubled[:, day] = stands
    return found


def _agree(recent: Floats, far: Floats, near: Floats) -> Mask:
    """Say whose last two days are far off, and by the same."""
    last, before = recent[:, -1], recent[:, -2]
    return np.asarray((np.minimum(np.abs(last), np.abs(before)) > far) & (np.abs(last - before) < near))


def _together(recent: Floats, far: Floats) -> Mask:
    """Say whose last days are all off to one side, and their median far."""
    one_side = np.abs(np.sign(recent).sum(1)) == recent.shape[1]
    return np.asarray(one_side & (np.abs(recent).min(1) > OFF) & (np.abs(median(recent, 1)) > far))


def _usual(lags: Floats, troubled: Mask) -> tuple[Floats, Floats]:
    """Return the median lag of the days before, and the spread about it; NaN where there are too few."""
    known = ~np.isnan(lags)
    enough = (known & ~troubled).sum(1) >= LEAST
    chosen = known & (~troubled | ~enough[:, None])
    base = median(np.where(chosen, lags, np.nan), 1)
    base = np.where(chosen.sum(1) >= LEAST, base, np.nan)
    return base, spread(np.where(chosen, lags - base[:, None], np.nan), 1)
