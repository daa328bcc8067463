"""What the tools found, explained in words that an investigator can repeat."""

from __future__ import annotations

from platekeeper.core.investigations.companions import Judged
from platekeeper.core.investigations.scenes import BEFORE, AtScenes


def of_scenes(found: AtScenes, *, days: int = BEFORE) -> str:
    """Say at how many scenes a plate was, how often, and how usual it is there out of so many days before."""
    counts = ", ".join(f"scene {number}: {count}" for number, count in enumerate(found.counts, start=1) if count)
    usual = found.usual
    before = (
        f"seen there on {usual.days} of the {many(days, 'day')} before ({times(usual.sightings)})"
        if usual.sightings
        else f"not seen there in the {many(days, 'day')} before"
    )
    told = f"{found.scenes} of {len(found.counts)} scenes ({counts})"
    return f"{told}; {before}" if days else told


def of_reference(days: int, *, wanted: int) -> str:
    """Say how far back the usual counts look, where that is less far than they should; "" where it is not."""
    if days >= wanted:
        return ""
    looked = f"is told from {many(days, 'day')} only, not {wanted}" if days else "cannot be told"
    return f"How usual a plate is there {looked}: reads that are older are not looked at without approval (VIII.b)."


def of_companion(found: Judged, *, sightings: int, minutes: int) -> str:
    """Say how often a plate was near the given one, which was seen `sightings` times, and how often it is there anyway."""
    companion = found.companion
    together = f"{len(companion.together)} of {many(sightings, 'sighting')} at {many(companion.places, 'place')}"
    near = f"within {many(minutes, 'minute')}, on {many(companion.occasions, 'occasion')}"
    otherwise = f"seen there {times(found.otherwise)}" if found.otherwise else "not seen there"
    return f"{together} {near}; otherwise {otherwise} in {many(found.days, 'day')}"


def by_chance(expected: float) -> str:
    """Say how many occasions chance alone would bring."""
    if expected >= 0.95:
        return f"about {expected:.0f}"
    return f"one in {1 / expected:,.0f}" if expected > 1e-6 else "next to none"


def many(count: int, word: str) -> str:
    """Return a count with its word, in the plural unless it is one."""
    return f"{count} {word}" + ("" if count == 1 else "s")


def times(count: int) -> str:
    """Return "once", "twice", "3 times"."""
    return {1: "once", 2: "twice"}.get(count, f"{count} times")
