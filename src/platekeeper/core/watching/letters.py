"""Characters that are misread for another one: what one lost, another gained, against the LPR's own past and the fleet.

Rao's score test (1948) of a week's counts, for every pair of characters: that a share of the first became the second. What
is expected is the LPR's own past, times what the fleet's plates of these days have of each character more or less than
before. Counts scatter more than multinomial ones: the LPR's own scatter over all characters is the measure (McCullagh and
Nelder, Generalized Linear Models, 1989, ch. 4.5). The threshold stands for the number of pairs, LPRs and days.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from platekeeper.core.watching.counts import CHARACTERS, Counts, Floats, Mask, median
from platekeeper.core.watching.findings import Finding, Trouble

Places = npt.NDArray[np.intp]

WEEK, SPAN = 7, 42
MISREAD = 4.8
"""What the statistic must reach, in standard deviations."""
LEAST_SHARE = 0.2
"""The share of a character's occurrences below which nothing is raised."""
_FEW, _LEAST, _MANY = 3.0, 8.0, 30.0
"""Added to what is expected; expected of a character to judge it, and to let it speak for the fleet."""
_LEAST_PAST = 2.0
"""How many times the plates of the week the past must have."""
_FLEET_OF = 2.0
_MEDIAN_OF_SQUARE, _LEAST_SCATTER = 0.4549, 1.17
"""Of a standard normal number; and the scatter of a week against six, were all plates drawn by lot."""


def misreadings(counts: Counts) -> list[Finding]:
    """Judge every day by the week that it ends."""
    found: list[Finding] = []
    lprs, days = counts.readable.shape
    troubled = np.zeros((lprs, days), bool)
    stands = np.zeros(lprs, bool)
    scatters = np.full((lprs, days), np.nan)
    for day in range(WEEK + WEEK - 1, days):
        usual = _expected(counts, day, troubled)
        deviations = _deviations(_sum(counts, slice(day + 1 - WEEK, day + 1)), usual)
        scatters[:, day] = median(deviations**2, 1) / _MEDIAN_OF_SQUARE
        scatter = np.maximum(_LEAST_SCATTER, np.nan_to_num(median(scatters[:, max(0, day - 27) : day + 1], 1)))
        top, share, lost, gained = _best(deviations, np.sqrt(scatter), usual, stands)
        seen = counts.readable[:, day] > 0
        new = seen & ~stands & (top >= MISREAD) & (share >= LEAST_SHARE)
        for lpr in np.flatnonzero(new):
            since = _since(counts.letters[lpr, day + 1 - WEEK : day + 1], usual[lpr], int(lost[lpr]), int(gained[lpr]))
            since += day + 1 - WEEK
            troubled[lpr, since:day] = True
            found.append(
                Finding(
                    lpr=counts.lprs[lpr],
                    day=counts.day(day),
                    trouble=Trouble.MISREADING,
                    since=counts.day(since),
                    size=min(1.0, float(share[lpr])),
                    strength=float(top[lpr] / MISREAD),
                    character=CHARACTERS[lost[lpr]],
                    instead=CHARACTERS[gained[lpr]],
                )
            )
        stands = new | (stands & ~(seen & (top < MISREAD / 2)))
        troubled[:, day] = stands
    return found


def _sum(counts: Counts, days: slice, chosen: Mask | None = None) -> Floats:
    letters = counts.letters[:, days]
    return np.asarray(letters.sum(1) if chosen is None else (letters * chosen[..., None]).sum(1))


def _expected(counts: Counts, day: int, troubled: Mask) -> Floats:
    """Return the counts expected in the week, (LPRs, 36); NaN without enough of a past."""
    before = slice(max(0, day + 1 - WEEK - SPAN), day + 1 - WEEK)
    now, past = _sum(counts, slice(day + 1 - WEEK, day + 1)), _sum(counts, before, ~troubled[:, before])
    plates, plates_past = now.sum(1, keepdims=True), past.sum(1, keepdims=True)
    anyway = _sum(counts, before)
    past = np.where(plates_past < _LEAST_PAST * plates, anyway, past)  # long troubled: that is how it is now
    plates_past = past.sum(1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        own = np.where(plates_past >= _LEAST_PAST * plates, past * plates / plates_past, np.nan)
        ratio = np.where(own >= _MANY, np.log((now + 0.5) / own), np.nan)
    many = (~np.isnan(ratio)).sum(0)
    usual = own * np.exp(np.nan_to_num(median(ratio, 0)) * many / (many + _FLEET_OF))
    return np.asarray(usual * plates / np.maximum(usual.sum(1, keepdims=True), 1))


def _deviations(now: Floats, usual: Floats) -> Floats:
    """Return by how much counts are off, in standard deviations of Poisson's, skewness taken out; NaN: too few to say."""
    off = 2 * (np.sqrt(now + 0.375) - np.sqrt(usual + 0.375))
    return np.asarray(np.where(usual >= _FEW, off, np.nan))


def _best(deviations: Floats, scatter: Floats, usual: Floats, stands: Mask) -> tuple[Floats, Floats, Places, Places]:
    """Return each LPR's best pair: its score, the share that moved, the place of what was lost, of what was gained.

    No pair's score is above the root of both squares; where that cannot reach the threshold, none is looked for.
    """
    known = np.nan_to_num(deviations)
    most = np.hypot(known.min(1), known.max(1)) / scatter
    chosen = np.flatnonzero(stands | (most >= MISREAD))
    top, share = np.zeros(len(known)), np.zeros(len(known))
    lost, gained = np.zeros(len(known), np.intp), np.zeros(len(known), np.intp)
    score, moved = _pairs(known[chosen], np.nan_to_num(usual[chosen]))
    best = score.reshape(len(chosen), -1).argmax(1) if len(chosen) else np.zeros(0, np.intp)
    lost[chosen], gained[chosen] = np.divmod(best, len(CHARACTERS))
    top[chosen] = score[np.arange(len(chosen)), lost[chosen], gained[chosen]] / scatter[chosen]
    share[chosen] = moved[np.arange(len(chosen)), lost[chosen], gained[chosen]]
    return top, share, lost, gained


def _pairs(deviations: Floats, usual: Floats) -> tuple[Floats, Floats]:
    """Return the score of each pair (LPRs, lost, gained), and the share of the lost character's occurrences that moved."""
    root = np.sqrt(usual + _FEW)
    slopes, information = deviations / root, root**-2.0
    slope = slopes[:, None, :] - slopes[:, :, None]
    known = information[:, None, :] + information[:, :, None]
    score = np.where(usual[:, :, None] >= _LEAST, slope / np.sqrt(known), 0)
    return score, slope / known * information[:, :, None]


def _since(week: Floats, usual: Floats, lost: int, gained: int) -> int:
    """Return the day of the week since which the pair moved: where the sum to its end stands out most."""
    daily = week.sum(1)[:, None] / max(1.0, week.sum()) * usual
    moved = ((week[:, gained] - daily[:, gained]) - (week[:, lost] - daily[:, lost]))[::-1].cumsum()[::-1]
    return int(np.argmax(moved / np.sqrt(np.arange(len(week), 0, -1))))
