"""LPRs that went blind or read less and less, by plates read a day against what was expected.

Drift: the one-sided cumulative sum of Page (Continuous inspection schemes, Biometrika 41, 1954) over standardised residuals
that are cut off, so that one bad day raises nothing. Blind: a run of dark days that an LPR which idles as often as
this one, on these weekdays, would hardly ever have.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from platekeeper.core.watching.counts import Counts, Floats, Mask, median
from platekeeper.core.watching.expected import GUARD, LEAST, SPAN, expected
from platekeeper.core.watching.findings import Finding, Trouble

DARK, FEWEST = 0.1, 5.0
"""A day is dark with less than this share of what was expected, where at least so many plates were."""
BLIND, RUN = 8.0, 3
"""What a run of dark days must be worth: minus the logarithm of its chance, and its days."""
DRIFT = 5.0
"""What the cumulative sum must reach, in spreads."""
SOUGHT, TOO_LITTLE = 0.65, 0.8
"""The share that the sum is tuned to, and the share of the expected plates above which nothing is raised."""
_CUT, _RECENT, _ALLOW = 2.5, 5, (0.5, 1.0)


@dataclass(frozen=True, slots=True)
class Rates:
    """What was found, and the plates expected on each day (LPRs, days), NaN where nothing was."""

    findings: list[Finding]
    expected: Floats


def rates(counts: Counts) -> Rates:
    """Judge every day by itself and those before it."""
    watch = _Watch(counts)
    for day in range(counts.readable.shape[1]):
        watch.see(day)
    return Rates(watch.findings, watch.expected)


class _Watch:
    """The sums and runs as they stand after a day."""

    def __init__(self, counts: Counts) -> None:
        shape = counts.readable.shape
        lprs = shape[0]
        self.counts = counts
        self.findings: list[Finding] = []
        self.expected = np.full(shape, np.nan)
        self.residuals = np.full(shape, np.nan)
        self.logs = np.where(counts.watched & (counts.readable > 0), np.log(counts.readable + 0.5), np.nan)
        self.dark = counts.watched & (counts.readable == 0)
        self.troubled = np.zeros(shape, bool)
        self.blind, self.run, self.run_since = np.zeros(lprs, bool), np.zeros(lprs), np.zeros(lprs, int)
        self.drifts, self.sum, self.sum_since = np.zeros(lprs, bool), np.zeros(lprs), np.zeros(lprs, int)

    def see(self, day: int) -> None:
        """Take one more day."""
        begin = max(0, day + 1 - SPAN - GUARD)
        window = slice(begin, day + 1)
        reference = self._reference(begin, day)
        usual = expected(self.logs[:, window], self.counts.weekdays[window], reference)
        self.expected[:, day] = np.exp(usual.log)
        looked = self.counts.watched[:, day] & (self.expected[:, day] >= FEWEST)
        dark = looked & (self.counts.readable[:, day] < DARK * self.expected[:, day])
        self.dark[:, day] |= dark
        idle = self._idle(begin, day, reference)
        if 2 * (dark & (idle < 0.5)).sum() <= max(
            2, (looked & (idle < 0.5)).sum()
        ):  # else the fleet's, or the server's
            self._blind(day, looked, dark, idle)
        self.logs[dark, day] = np.nan
        self.residuals[:, day] = self.logs[:, day] - usual.log
        self._drift(day, usual.spread)

    def _reference(self, begin: int, day: int) -> Mask:
        """Return of which days the levels are: none of the last week, and none of a trouble if enough are left."""
        before = np.zeros((len(self.counts.lprs), day + 1 - begin), bool)
        before[:, : max(0, day + 1 - GUARD - begin)] = True
        whole = before & ~self.troubled[:, begin : day + 1]
        enough = (whole & ~np.isnan(self.logs[:, begin : day + 1])).sum(1) >= LEAST
        return np.where(enough[:, None], whole, before)

    def _idle(self, begin: int, day: int, reference: Mask) -> Floats:
        """Return how likely it was for each LPR to be dark today, of its past on this weekday and on all."""
        seen = reference & self.counts.watched[:, begin : day + 1]
        dark = seen & self.dark[:, begin : day + 1]
        same = self.counts.weekdays[begin : day + 1] == self.counts.weekdays[day]
        always = (dark.sum(1) + 1) / (seen.sum(1) + 4)
        return np.asarray(((dark & same).sum(1) + 4 * always) / ((seen & same).sum(1) + 4))

    def _blind(self, day: int, looked: Mask, dark: Mask, idle: Floats) -> None:
        self.run_since = np.where(self.run == 0, day, self.run_since)
        self.run = np.where(looked, np.where(dark, self.run - np.log(idle), 0), self.run)
        self.blind &= self.run > 0
        found = dark & ~self.blind & (self.run >= BLIND) & (day + 1 - self.run_since >= RUN)
        for lpr in np.flatnonzero(found):
            run = slice(self.run_since[lpr], day + 1)
            left = self.counts.readable[lpr, run].sum() / np.nansum(self.expected[lpr, run])
            self._found(
                Trouble.BLIND, int(lpr), day=day, since=self.run_since[lpr], size=left, strength=self.run[lpr] / BLIND
            )
        self.blind |= found

    def _drift(self, day: int, spread: Floats) -> None:
        known = ~np.isnan(self.residuals[:, day])
        step = np.clip(-self.residuals[:, day] / spread, -_CUT, _CUT)
        allowance = np.clip(-0.5 * np.log(SOUGHT) / spread, *_ALLOW)
        self.sum = np.where(known, np.clip(self.sum + step - allowance, 0, 1.5 * DRIFT), self.sum)
        self.sum_since = np.where(self.sum == 0, day + 1, self.sum_since)
        recent = self._recent(day)
        self.drifts &= self.sum > 0
        found = known & ~self.drifts & ~self.blind & (self.sum >= DRIFT) & (recent < np.log(TOO_LITTLE))
        for lpr in np.flatnonzero(found):
            self.troubled[lpr, self.sum_since[lpr] : day] = True
            left, strength = np.exp(recent[lpr]), self.sum[lpr] / DRIFT
            self._found(Trouble.DRIFTING, int(lpr), day=day, since=self.sum_since[lpr], size=left, strength=strength)
        self.drifts |= found
        self.troubled[:, day] = self.drifts

    def _recent(self, day: int) -> Floats:
        """Return the median residual of the last days with reads, of two weeks at most."""
        last = self.residuals[:, max(0, day - 13) : day + 1]
        rank = (~np.isnan(last))[:, ::-1].cumsum(1)[:, ::-1]
        return np.nan_to_num(median(np.where(rank <= _RECENT, last, np.nan), 1))

    def _found(self, trouble: Trouble, lpr: int, *, day: int, since: int, size: float, strength: float) -> None:
        self.findings.append(
            Finding(
                lpr=self.counts.lprs[lpr],
                day=self.counts.day(day),
                trouble=trouble,
                since=self.counts.day(since),
                size=float(size),
                strength=float(strength),
            )
        )
