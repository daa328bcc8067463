"""How many plates an LPR was expected to read on a day: its own level, its own week, and the fleet's day.

Tukey's median polish (Exploratory Data Analysis, 1977, ch. 11) over the log counts of the last weeks: rows are LPRs, columns
days. What hits the whole fleet is in the column, and so in no LPR's residual. Levels are of the days before the last week,
so that what falls slowly is not taken for the level.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from platekeeper.core.watching.counts import Floats, Mask, median, spread

SPAN, GUARD = 42, 7
"""Days of which the level is, and the days after them that it is compared with."""
LEAST = 10
"""Days with reads in the span that a level takes."""
_ROUNDS = 3
_FLEET_OF = 2.0
"""A fleet's day is believed as n/(n + 2): alone, an LPR says little of the day."""
_WEEKS = 0.12
"""By how much the weekdays of LPRs differ from the fleet's: one's own is believed as n/(n + (its spread / this)²)."""
_OWN = 0.06
"""Spread of log counts that even the steadiest LPR is taken to have beside that of its numbers."""


@dataclass(frozen=True, slots=True)
class Expected:
    """Of one day, for each LPR: the log of the plates expected, the spread to be expected about it; NaN: not known."""

    log: Floats
    spread: Floats


def expected(logs: Floats, weekdays: npt.NDArray[np.int64], reference: Mask) -> Expected:
    """Return what the last column of `logs` (LPRs, days; NaN: no reads) should be; levels are of the `reference` days."""
    ground = np.where(reference, logs, np.nan)
    known = (~np.isnan(ground)).sum(1)
    level = median(ground, 1)
    fleet = np.zeros(logs.shape[1])
    own = np.zeros_like(logs)
    active = (~np.isnan(logs - level[:, None])).sum(0)
    for _ in range(_ROUNDS):
        fleet = np.nan_to_num(median(logs - level[:, None] - own, 0)) * active / (active + _FLEET_OF)
        level = median(ground - fleet - own, 1)
        own = _own_week(ground - fleet - level[:, None], weekdays)
    residuals = ground - fleet - level[:, None] - own
    value = np.where(known >= LEAST, level + fleet[-1] + own[:, -1], np.nan)
    return Expected(value, _spread(residuals, known, value))


def _own_week(residuals: Floats, weekdays: npt.NDArray[np.int64]) -> Floats:
    """Return how an LPR's weekdays differ from the fleet's, for every column."""
    own = np.zeros_like(residuals)
    doubt = np.nan_to_num(spread(residuals, 1) / _WEEKS) ** 2
    for weekday in range(7):
        chosen = residuals[:, weekdays == weekday]
        known = (~np.isnan(chosen)).sum(1)
        own[:, weekdays == weekday] = (np.nan_to_num(median(chosen, 1)) * known / np.maximum(known + doubt, 1))[:, None]
    return own


def _spread(residuals: Floats, known: npt.NDArray[np.int64], value: Floats) -> Floats:
    """Return each LPR's spread: its own, never under that of a Poisson number, widened for what the level is not known."""
    own = np.nan_to_num(spread(residuals, 1))
    least = np.sqrt(_OWN**2 + np.exp(-np.nan_to_num(value)))
    return np.asarray(np.maximum(own, least) * np.sqrt(1 + 3 / np.maximum(known, 1)))
