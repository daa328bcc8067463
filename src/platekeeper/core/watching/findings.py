"""What the watch finds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Trouble(StrEnum):
    """What is wrong with an LPR."""

    BLIND = "blind"
    DRIFTING = "drifting"
    MISREADING = "misreading"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class Finding:
    """A trouble found on `day`, when it had lasted since `since`.

    `size` is for a blind or drifting LPR the share of the expected reads that is left, for a misread character the share
    of `character` that is read as `instead`, for a clock the seconds by which it is slow (negative: fast).
    `strength` is the statistic over its threshold: 1 and more.
    """

    lpr: int
    day: date
    trouble: Trouble
    since: date
    size: float
    strength: float
    character: str = ""
    instead: str = ""
