"""What matching answers: how a plate matched, and whether the state agrees."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class HowMatched(StrEnum):
    """By what a read matched an entry. O and 0 are the same character, so their mix is still `PLATE`."""

    PLATE = "plate"
    PARTIAL = "partial"
    LOOK_ALIKE = "look_alike"


class StateAgreement(StrEnum):
    """Whether the read's state is the entry's."""

    AGREES = "agrees"
    DIFFERS = "differs"
    UNKNOWN = "unknown"


class Match(NamedTuple):
    """A sighting, by its place in the batch, matches an entry, by its number in the index.

    `ends` is the second since 1970 UTC from which the entry no longer stands, None without an end.
    """

    sighting: int
    entry: int
    how: HowMatched
    state: StateAgreement
    ends: int | None
