"""What is counted of an LPR's day, for a fleet and a run of days: arrays of shape (LPRs, days)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from platekeeper.core.matching.packing import ALPHABET

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

CHARACTERS = ALPHABET
"""The order of the 36 counts of characters; O is counted as 0, as plates are compared."""


@dataclass(frozen=True, slots=True)
class Counts:
    """A fleet's counts. Column d is the day `first` + d.

    `readable` are reads with a plate, `letters` (LPRs, days, 36) the characters of the day's different plates, `lag` the
    seconds from capture to receipt that one read in a hundred stays under, NaN on a day without reads. `watched` is False
    where nothing is to be expected: before an LPR was added, out of service, not counted.
    """

    lprs: tuple[int, ...]
    first: date
    readable: Floats
    letters: Floats
    lag: Floats
    watched: Mask

    @property
    def weekdays(self) -> npt.NDArray[np.int64]:
        """Return each day's weekday, Monday 0."""
        return (self.first.weekday() + np.arange(self.readable.shape[1])) % 7

    def day(self, column: int) -> date:
        """Return the day of a column."""
        return self.first + timedelta(days=int(column))


def median(values: Floats, axis: int) -> Floats:
    """Return medians that pass NaN over; NaN where there is nothing else. NumPy's own takes a call a row."""
    if not values.shape[axis]:
        return np.full(np.delete(values.shape, axis), np.nan)
    ordered = np.moveaxis(np.sort(values, axis=axis), axis, -1)  # NaN comes last
    known = (~np.isnan(ordered)).sum(-1)
    low, high = np.maximum(known - 1, 0) // 2, np.minimum(known // 2, ordered.shape[-1] - 1)
    middle = [np.take_along_axis(ordered, place[..., None], -1)[..., 0] for place in (low, high)]
    return np.asarray((middle[0] + middle[1]) / 2)


def spread(values: Floats, axis: int) -> Floats:
    """Return the median absolute deviation from zero, as a standard deviation of normal values."""
    return 1.4826 * median(np.abs(values), axis)
