"""A fleet of 200 LPRs over 90 days with faults of stated sizes: what the watch is judged by.

Volumes from 30 to 10,000 reads a day, a weekly rhythm of each, growth, weather days and holidays that hit all (each a little
otherwise), counts that scatter more than Poisson's, mobile LPRs that idle and dock, days off, days elsewhere, held-up
networks, a plate series that comes into use. Forty LPRs get a fault, ten of each trouble; half are mended after three weeks.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

import numpy as np

from platekeeper.core.watching.counts import CHARACTERS, Counts, Floats
from platekeeper.core.watching.findings import Finding, Trouble
from platekeeper.core.watching.watch import findings

FIRST = date(2027, 1, 4)
LPRS, DAYS, FAULTS = 200, 90, 10
LEARNING = 28
"""Days before the first fault, and which no rate is counted over."""
WITHIN = 7
PASSED = 0.6
"""A drift is counted from the first day with reads at or under this share of what they were."""
_MINUTE = 60.0


@dataclass(frozen=True)
class Fault:
    """A planted fault: whose, from which day on and until before which, since which day the seven days count, how large."""

    lpr: int
    trouble: Trouble
    begins: int
    ends: int
    counts_from: int
    size: float
    character: str = ""
    volume: float = 0.0


@dataclass(frozen=True)
class Verdict:
    """How the watch did on a fleet."""

    found: dict[Trouble, int]
    planted: dict[Trouble, int]
    false: list[Finding]
    missed: list[Fault]
    days: list[int]
    years: float

    @property
    def share(self) -> float:
        """Return the share of faults found in time."""
        return sum(self.found.values()) / sum(self.planted.values())

    @property
    def alarms_a_year(self) -> float:
        """Return the false alarms in a year of an LPR."""
        return len(self.false) / self.years


def judged(seed: int, *, evenly: bool = False) -> Verdict:
    """Make a fleet, let it be watched, compare."""
    counts, planted = fleet(seed, evenly=evenly)
    false, days = [], []
    hit: set[Fault] = set()
    by_lpr = {fault.lpr: fault for fault in planted}
    for finding in findings(counts):
        day, fault = (finding.day - FIRST).days, by_lpr.get(finding.lpr)
        of_it = fault is not None and fault.trouble == finding.trouble and fault.begins <= day < fault.ends
        if fault is None or not of_it or not _same_character(fault, finding):
            false.append(finding)
        elif fault not in hit and day < fault.counts_from + WITHIN:
            hit.add(fault)
            days.append(day - fault.counts_from + 1)
    total, found = Counter(fault.trouble for fault in planted), Counter(fault.trouble for fault in hit)
    missed = [fault for fault in planted if fault not in hit]
    return Verdict(dict(found), dict(total), false, missed, days, LPRS * (DAYS - LEARNING) / 365)


def _same_character(fault: Fault, finding: Finding) -> bool:
    return fault.character == finding.character


def fleet(seed: int, *, evenly: bool = False, lprs: int = LPRS, faults: int = FAULTS) -> tuple[Counts, list[Fault]]:
    """Return a fleet's counts and the faults in them.

    Most LPRs read some hundreds of plates a day, few read least or most; `evenly`: as many of each order of magnitude.
    """
    rng = np.random.default_rng(seed)
    mobile = np.arange(lprs) % 10 >= 7
    docked = mobile & (rng.random(lprs) < 0.5)
    among = rng.random(lprs) if evenly else rng.triangular(0, 0.5, 1, lprs)
    volumes = 30 * (10_000 / 30) ** among
    reads = volumes[:, None] * _rhythm(rng, lprs) * _noise(rng, mobile)
    shares = _characters(rng, lprs)
    lag = _lags(rng, docked)
    planted: list[Fault] = []
    chosen = iter(rng.permutation(lprs)[: len(Trouble) * faults].tolist())
    for trouble in Trouble:
        for each in range(faults):
            lpr, begins = next(chosen), int(rng.integers(LEARNING, DAYS - 21))
            ends = begins + 21 if each % 2 else DAYS
            span, character, counts_from = slice(begins, ends), "", begins
            if trouble == Trouble.BLIND:
                size = 0.0 if rng.random() < 0.5 else float(rng.uniform(0, 0.05))
                reads[lpr, span] *= size
            elif trouble == Trouble.DRIFTING:
                size, takes = 0.6, float(rng.uniform(7, 14))
                left = np.maximum(size, 1 - (1 - size) * np.arange(1, ends - begins + 1) / takes)
                reads[lpr, span] *= left
                counts_from = begins + int(np.argmax(left <= PASSED + 1e-9))
            elif trouble == Trouble.MISREADING:
                size = float(rng.uniform(0.3, 1))
                usual = np.flatnonzero(shares[lpr].mean(0) >= 0.01)
                lost, gained = rng.choice(usual), rng.choice(np.flatnonzero(np.array(list(CHARACTERS)) != "O"))
                gained = gained if gained != lost else usual[usual != lost][0]
                moved = size * shares[lpr, span, lost]
                shares[lpr, span, lost] -= moved
                shares[lpr, span, gained] += moved
                character = CHARACTERS[lost]
            else:
                size = float(np.exp(rng.uniform(np.log(10), np.log(600))) * rng.choice([-1, 1]) * _MINUTE)
                lag[lpr, span] += size
            fault = Fault(lpr, trouble, begins, ends, counts_from, size, character, float(volumes[lpr]))
            planted.append(fault)
    readable = rng.poisson(reads).astype(float)
    letters = rng.multinomial((readable * rng.uniform(5.5, 6.8, (lprs, 1))).astype(int), shares).astype(float)
    lag[readable == 0] = np.nan
    return Counts(tuple(range(lprs)), FIRST, readable, letters, lag, np.ones((lprs, DAYS), bool)), planted


def _rhythm(rng: np.random.Generator, lprs: int) -> Floats:
    """Return the week, the growth and the fleet's days."""
    week = np.log([1, 1.03, 1.05, 1.05, 1.1, 0.8, 0.65])[np.arange(DAYS) % 7]
    own = rng.normal(0, 0.06, (lprs, 7))[:, np.arange(DAYS) % 7]
    growth = rng.uniform(-0.15, 0.25, (lprs, 1)) * np.arange(DAYS) / DAYS
    days = np.zeros(DAYS)
    days[rng.choice(DAYS, 8, replace=False)] += np.log(rng.uniform(0.45, 0.85, 8))
    days[rng.choice(DAYS, 3, replace=False)] += np.log(rng.uniform(0.4, 0.7, 3))
    return np.exp(rng.uniform(0.3, 1.7, (lprs, 1)) * week + own + growth + rng.normal(1, 0.2, (lprs, 1)) * days)


def _noise(rng: np.random.Generator, mobile: np.ndarray) -> Floats:
    """Return what a day has more or less: gamma scatter, days off, days elsewhere, idle days of those that drive."""
    lprs = len(mobile)
    shape = (lprs, DAYS)
    scatter = np.where(mobile, rng.uniform(0.15, 0.3, lprs), rng.uniform(0.06, 0.2, lprs))[:, None]
    noise = rng.gamma(scatter**-2, scatter**2, shape)
    elsewhere = rng.random(shape) < 1 / 90
    noise *= np.where(elsewhere, rng.lognormal(0, 0.7, shape), 1)
    weekend = np.arange(DAYS) % 7 >= 5
    idle = np.where(weekend, rng.uniform(0.1, 0.6, (lprs, 1)), rng.uniform(0.03, 0.25, (lprs, 1)))
    off = rng.random(shape) < np.where(mobile[:, None], idle, 1 / 90)
    return np.asarray(np.where(off, 0, noise))


def _characters(rng: np.random.Generator, lprs: int) -> Floats:
    """Return the shares of characters (LPRs, days, 36): of New York's and neighbors' formats, and scattered."""
    base = np.array([4 / 7 / 10] * 10 + [3 / 7 / 24] * 26)
    base[[CHARACTERS.index(letter) for letter in "IQ"]] /= 10
    own = base * rng.lognormal(0, 0.15, (lprs, 36))
    series = np.ones((DAYS, 36))
    series[:, CHARACTERS.index("L")] = np.linspace(1, 2.5, DAYS)
    shares = own[:, None, :] * series * rng.lognormal(0, 0.03, (lprs, DAYS, 36))
    shares[..., CHARACTERS.index("O")] = 0
    return np.asarray(shares / shares.sum(-1, keepdims=True))


def _lags(rng: np.random.Generator, docked: np.ndarray) -> Floats:
    """Return the least lag in seconds; of those that dock it is the time from the last reads to the upload."""
    shape = (len(docked), DAYS)
    live = rng.uniform(1, 20, (len(docked), 1)) * rng.lognormal(0, 0.2, shape)
    live += np.where(rng.random(shape) < 0.01, rng.exponential(7200, shape), 0)
    return np.where(docked[:, None], rng.uniform(5, 45, shape) * _MINUTE, live)
