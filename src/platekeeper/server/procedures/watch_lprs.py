"""LPRs are watched by what they read: counted a day, judged, and a defect opened where one went blind or drifts (IV.d)."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta

import numpy as np
from django.db import transaction

from platekeeper.core.actor import SYSTEM
from platekeeper.core.clauses import Clause
from platekeeper.core.policy import Policy
from platekeeper.core.rules.defects import DefectKind
from platekeeper.core.rules.retention import oldest_stored
from platekeeper.core.watching.counts import CHARACTERS, Counts
from platekeeper.core.watching.findings import Finding, Trouble
from platekeeper.core.watching.rates import rates
from platekeeper.core.watching.watch import findings
from platekeeper.server.equipment.changes.watching import keep_counts, keep_expected, keep_finding
from platekeeper.server.equipment.lookups.watching import counted_days, counts
from platekeeper.server.equipment.models import LPR, DayCount, WatchFinding
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.policy.lookups import in_force
from platekeeper.server.procedures.report_defects import report_defect
from platekeeper.server.procedures.stores import read_store
from platekeeper.server.storage.days import start_of

AGAIN = 3
"""Days that are counted again: cars upload late."""
NEWLY = timedelta(days=7)
"""What is found of a day as old as that, or older, is history: it was found before, or the server was off."""
FEWEST_PLATES = 20
"""Different plates a day below which no characters are kept: few could be put together again."""
_A_DAY = timedelta(days=1)
_KINDS = {
    Trouble.BLIND: DefectKind.BLIND,
    Trouble.DRIFTING: DefectKind.DRIFTING,
    Trouble.MISREADING: DefectKind.MISREADING,
    Trouble.CLOCK: DefectKind.CLOCK,
}


def watch_lprs(*, at: datetime) -> list[WatchFinding]:
    """Count the days that are over, judge them, and open a defect for each trouble that is new; return those."""
    policy = in_force(at=at)
    yesterday = at.astimezone(UTC).date() - _A_DAY
    for day in _days_to_count(policy, until=yesterday, at=at):
        _count(day)
    fleet = counts(until=yesterday)
    if fleet is None:
        return []
    _keep_expected(fleet)
    return [made for each in findings(fleet) if (made := _raise(each, yesterday, policy, at=at)) is not None]


def waits_for_count(day: date, policy: Policy, *, at: datetime) -> bool:
    """Say whether the reads of a day are counted later than `at`: where they end before the day does, they never are."""
    counted = counted_days()
    return (counted is None or counted[1] < day) and day in _days_to_count(policy, until=day, at=at)


def _days_to_count(policy: Policy, *, until: date, at: datetime) -> list[date]:
    """Return the days not counted yet, and the last ones again; none of which the policy keeps only a part still."""
    counted = counted_days()
    if counted is None:
        begin = min(read_store().days(), default=until + _A_DAY)
    else:
        begin = max(counted[0], counted[1] - timedelta(AGAIN - 1))
    whole_from = oldest_stored(policy, at=at)
    days = [begin + timedelta(past) for past in range((until - begin).days + 1)]
    return [each for each in days if whole_from is None or _begins(each) >= whole_from]


def _count(day: date) -> None:
    """Count one day's reads of every LPR. No plate is kept, and nobody sees one, so there is no ledger entry."""
    tallies: defaultdict[int, _Tally] = defaultdict(_Tally)
    for each in read_store().leaving(day):
        row = each.row
        lag = None if row.clock == "received" else row.received - row.at
        tallies[row.lpr].take(row.id, row.folded, row.confidence, lag)
    before = {(row.lpr_id, row.day): row.reads for row in DayCount.objects.filter(day=day)}
    lprs = LPR.objects.filter(added_at__lt=_begins(day) + _A_DAY)
    made = [tallies[lpr.pk].counted(lpr, day) for lpr in lprs]
    keep_counts([each for each in made if each.reads >= before.get((each.lpr_id, day), 0)])


class _Tally:
    """What an LPR's reads of a day add up to; a corrected read is one read."""

    def __init__(self) -> None:
        self.reads: dict[bytes, bool] = {}
        self.plates: set[str] = set()
        self.confidences: list[float] = []
        self.lags: list[int] = []

    def take(self, read: bytes, plate: str | None, confidence: float | None, lag: int | None) -> None:
        self.reads[read] = plate is not None
        if plate is not None:
            self.plates.add(plate)
        if confidence is not None:
            self.confidences.append(confidence)
        if lag is not None:
            self.lags.append(lag)

    def counted(self, lpr: LPR, day: date) -> DayCount:
        text = "".join(self.plates) if len(self.plates) >= FEWEST_PLATES else ""
        return DayCount(
            lpr=lpr,
            day=day,
            watched=lpr.in_service or bool(self.reads),
            reads=len(self.reads),
            readable=sum(self.reads.values()),
            confidence=float(np.mean(self.confidences)) if self.confidences else None,
            characters=[text.count(each) for each in CHARACTERS] if text else [],
            lag=float(np.quantile(self.lags, 0.01)) / 1e6 if self.lags else None,
        )


def _keep_expected(fleet: Counts) -> None:
    """Keep what was expected of the days just counted, for the plot."""
    usual = rates(fleet).expected
    for column in range(max(0, usual.shape[1] - AGAIN), usual.shape[1]):
        of_day = zip(fleet.lprs, usual[:, column].tolist(), strict=True)
        keep_expected(fleet.day(column), {lpr: None if np.isnan(expected) else expected for lpr, expected in of_day})


def _raise(finding: Finding, yesterday: date, policy: Policy, *, at: datetime) -> WatchFinding | None:
    """Record a finding and open its defect; None where it is old, or the same trouble was found within it already."""
    known = WatchFinding.objects.filter(lpr_id=finding.lpr, trouble=finding.trouble.value, day__gte=finding.since)
    if yesterday - finding.day >= NEWLY or known.exists():
        return None
    with transaction.atomic():
        made = keep_finding(finding, at=at)
        report_defect(by=None, lpr=made.lpr, kind=_KINDS[finding.trouble], words=made.words, at=at)
        append(
            at=at, by=SYSTEM, action=Action.LPR_TROUBLE_FOUND, clause=Clause.IV_d, subject=f"lpr:{finding.lpr}",
            details={"trouble": finding.trouble.value, "day": finding.day.isoformat(), "said": made.words},
            policy=policy.stamp,
        )  # fmt: skip
    return made


def _begins(day: date) -> datetime:
    return datetime.fromtimestamp(start_of(day) / 1e6, UTC)
