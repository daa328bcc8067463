"""The whole watch: a fleet's counts in, findings out."""

from __future__ import annotations

from platekeeper.core.watching.clocks import clocks
from platekeeper.core.watching.counts import Counts
from platekeeper.core.watching.findings import Finding
from platekeeper.core.watching.letters import misreadings
from platekeeper.core.watching.rates import rates


def findings(counts: Counts) -> list[Finding]:
    """Return every trouble once, on the day on which it was found, oldest first."""
    found = rates(counts).findings + misreadings(counts) + clocks(counts)
    return sorted(found, key=lambda each: (each.day, each.lpr, each.trouble))
