"""The watch over LPRs, judged by a simulated fleet; `make drift` does it for 20 seeds that it was never tuned on."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from platekeeper.core.watching.counts import Counts, median
from platekeeper.core.watching.findings import Trouble
from platekeeper.core.watching.watch import findings
from tests.core.watching.fleet import FIRST, Verdict, fleet, judged

SEEDS = int(os.environ.get("PLATEKEEPER_DRIFT_SEEDS", "2"))
EVENLY = bool(os.environ.get("PLATEKEEPER_DRIFT_EVENLY"))


def test_faults_are_found_within_a_week_and_little_else(capsys: pytest.CaptureFixture[str]) -> None:
    verdicts = [judged(seed, evenly=EVENLY) for seed in range(100, 100 + SEEDS)]
    share, alarms = _share(verdicts), sum(len(each.false) for each in verdicts) / sum(each.years for each in verdicts)
    with capsys.disabled():
        print(f"\n{SEEDS} fleets: {share:.1%} of faults found in time, {alarms:.2f} false alarms per LPR-year")
        print(_told(verdicts))
    assert share >= 0.95 or EVENLY
    assert alarms <= 0.5


def _share(verdicts: list[Verdict]) -> float:
    found = sum(sum(each.found.values()) for each in verdicts)
    return found / sum(sum(each.planted.values()) for each in verdicts)


def _told(verdicts: list[Verdict]) -> str:
    """Return a line for each trouble, for the document."""
    lines = []
    for trouble in Trouble:
        planted = sum(each.planted[trouble] for each in verdicts)
        found = sum(each.found.get(trouble, 0) for each in verdicts)
        false = sum(finding.trouble == trouble for each in verdicts for finding in each.false)
        years = sum(each.years for each in verdicts)
        lines.append(
            f"  {trouble:12} {found} of {planted} ({found / planted:.1%}), {false / years:.2f} false per LPR-year"
        )
    missed = [fault for each in verdicts for fault in each.missed]
    lines.append(f"  missed: {Counter('under 100 reads a day' if f.volume < 100 else '100 and more' for f in missed)}")
    lines.append(
        f"  days until found: {sorted(Counter(max(day, 1) for each in verdicts for day in each.days).items())}"
    )
    return "\n".join(lines)


def test_a_day_that_hits_the_whole_fleet_raises_nothing() -> None:
    counts, _ = fleet(1, lprs=40, faults=0)
    quiet = counts.readable.copy()
    quiet[:, 60:64] = 0  # the server was off
    quiet[:, 70:75] = np.round(quiet[:, 70:75] * 0.3)  # a blizzard
    before = {(each.lpr, each.trouble) for each in findings(counts)}
    assert {(each.lpr, each.trouble) for each in findings(replace(counts, readable=quiet))} <= before


@pytest.mark.parametrize("lprs", [1, 2, 4])
def test_a_small_fleet_is_watched_too(lprs: int) -> None:
    counts = _steady(lprs)
    counts.readable[0, 60:] = 0
    found = findings(counts)
    assert [(each.lpr, each.trouble, each.since) for each in found] == [(0, Trouble.BLIND, counts.day(60))]


def test_what_is_found_says_how_much_and_since_when() -> None:
    counts = _steady(5)
    counts.readable[0, 60:] *= 0.5
    moved = 0.6 * counts.letters[1, 60:, 11]
    counts.letters[1, 60:, 11] -= moved
    counts.letters[1, 60:, 8] += moved
    counts.lag[2, 60:] += 3600
    by_lpr = {each.lpr: each for each in findings(counts)}
    assert {lpr: each.trouble for lpr, each in by_lpr.items()} == {
        0: Trouble.DRIFTING, 1: Trouble.MISREADING, 2: Trouble.CLOCK,
    }  # fmt: skip
    assert {each.since for each in by_lpr.values()} == {counts.day(60)}
    assert 0.4 < by_lpr[0].size < 0.7
    assert (by_lpr[1].character, by_lpr[1].instead) == ("B", "8")
    assert abs(by_lpr[2].size - 3600) < 60


def test_before_there_is_a_past_nothing_is_found() -> None:
    assert findings(_steady(3, days=1)) == []
    assert findings(_steady(3, days=12)) == []


def test_medians_pass_nothing_over_but_what_is_not_known() -> None:
    values = np.random.default_rng(1).normal(size=(30, 9))
    values[values > 1] = np.nan
    assert np.allclose(median(values, 1), np.nanmedian(values, 1))


def _steady(lprs: int, *, days: int = 90) -> Counts:
    """Return an untroubled fleet of 500 reads a day."""
    rng = np.random.default_rng(7)
    letters = rng.poisson(500 * 6 / 36, (lprs, days, 36)).astype(float)
    return Counts(
        tuple(range(lprs)), FIRST, rng.poisson(500, (lprs, days)).astype(float), letters,
        rng.normal(5, 0.5, (lprs, days)), np.ones((lprs, days), bool),
    )  # fmt: skip
