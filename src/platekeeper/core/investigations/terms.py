"""What the tools ask, as the Query Log keeps it: exact, canonical, and readable again.

Every tool's terms say `plate`, `lprs`, `since` and `until` as any search does (`plate` may be empty), so that whoever
reads the log by these finds them all; beside them `tool` and its own parameters. No floats: canonical JSON has none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import combinations
from typing import Any, Self

from platekeeper.core.investigations.words import many
from platekeeper.core.partial import PatternError, PlatePattern, parse_pattern
from platekeeper.core.search.areas import Circle
from platekeeper.core.search.asked import told as besides
from platekeeper.core.search.drawn import drawn

MOST_SCENES = 6
MOST_SCENE_TIME = timedelta(hours=24)
MOST_DAYS = 31
MOST_MINUTES = 15
MOST_OCCASIONS = 20
MOST_PATTERNS = 20
LEAST_KNOWN = 4
MOST_STAKE_OUT = timedelta(days=14)
FARTHEST = 10_000
"""Meters: the largest radius of a circle."""


class UnclearTerms(ValueError):
    """The question cannot be asked so; the message says how it could."""


def circle_of(text: str) -> Circle:
    """Read a circle as a map writes it (`core.search.drawn`), or as the log kept it before: latitude, longitude, meters.

    Raises `UnclearTerms`.
    """
    parts = text.replace(",", " ").split()
    try:
        area = drawn(_circle(*parts) if len(parts) == 3 else text)
    except ValueError:
        area = None
    if not isinstance(area, Circle) or area.meters > FARTHEST:
        raise UnclearTerms(
            f"Draw the circle on the map, or write circle 43.0481,-76.1474 500: {FARTHEST} meters at most."
        )
    return Circle(round(area.latitude, 6), round(area.longitude, 6), area.meters)


def _circle(latitude: str, longitude: str, meters: str) -> str:
    return " ".join(("circle", f"{latitude},{longitude}", meters))


def _written(circle: Circle | None) -> str:
    return _circle(f"{circle.latitude:.6f}", f"{circle.longitude:.6f}", f"{circle.meters:.0f}") if circle else ""


@dataclass(frozen=True, slots=True)
class Scene:
    """A place and a time: these LPRs, or those that stood in a circle when it was asked."""

    lprs: tuple[int, ...]
    since: datetime
    until: datetime
    circle: Circle | None = None


@dataclass(frozen=True, slots=True)
class Scenes:
    """Which plates were at `least` of these scenes or more? Raises `UnclearTerms`."""

    scenes: tuple[Scene, ...]
    least: int = 2

    def __post_init__(self) -> None:
        """Refuse what is no question, or too large a one."""
        if not 2 <= len(self.scenes) <= MOST_SCENES:
            raise UnclearTerms(f"Give two scenes at least, and {MOST_SCENES} at most.")
        if not 2 <= self.least <= len(self.scenes):
            raise UnclearTerms("A plate must be at two scenes at least, and at no more than there are.")
        for number, scene in enumerate(self.scenes, start=1):
            if not scene.lprs:
                raise UnclearTerms(f"Scene {number} has no LPR: choose some, or a larger circle.")
            if scene.since >= scene.until:
                raise UnclearTerms(f"Scene {number} ends before it begins.")
        if sum((scene.until - scene.since for scene in self.scenes), timedelta()) > MOST_SCENE_TIME:
            raise UnclearTerms("All scenes together last 24 hours at most: say more exactly when it happened.")
        for (i, one), (k, other) in combinations(enumerate(self.scenes, start=1), 2):
            overlap = one.since < other.until and other.since < one.until
            if overlap and set(one.lprs) & set(other.lprs):
                raise UnclearTerms(f"Scenes {i} and {k} share an LPR at the same time: a read there would count twice.")

    def terms(self) -> dict[str, Any]:
        """Return the terms as the log keeps them."""
        lprs = sorted({lpr for scene in self.scenes for lpr in scene.lprs})
        scenes = [
            {**_span(each.since, each.until), "lprs": sorted(each.lprs), "circle": _written(each.circle)}
            for each in self.scenes
        ]
        since, until = min(each.since for each in self.scenes), max(each.until for each in self.scenes)
        own = {"tool": "scenes", "scenes": scenes, "least": self.least}
        return {"plate": "", "lprs": lprs, **_span(since, until), **own}

    @classmethod
    def of(cls, terms: Mapping[str, Any]) -> Self:
        """Read terms back."""
        scenes = (
            Scene(tuple(each["lprs"]), *_moments(each), circle_of(each["circle"]) if each["circle"] else None)
            for each in terms["scenes"]
        )
        return cls(tuple(scenes), terms["least"])


@dataclass(frozen=True, slots=True)
class TravelsWith:
    """Which plates were within minutes of this one, on so many occasions and at so many places? Raises `UnclearTerms`."""

    plate: str
    lprs: tuple[int, ...]
    since: datetime
    until: datetime
    minutes: int
    occasions: int
    places: int

    def __post_init__(self) -> None:
        """Refuse what is no question, or too large a one."""
        if not _pattern(self.plate).is_complete:
            raise UnclearTerms("Give the whole plate: traveling with half a plate means nothing.")
        if self.since >= self.until:
            raise UnclearTerms("The time span ends before it begins.")
        if self.until - self.since > timedelta(days=MOST_DAYS):
            raise UnclearTerms(f"Ask for {MOST_DAYS} days at most.")
        if not 1 <= self.minutes <= MOST_MINUTES:
            raise UnclearTerms(f"Near means 1 to {MOST_MINUTES} minutes.")
        if not (1 <= self.occasions <= MOST_OCCASIONS and 1 <= self.places <= MOST_OCCASIONS):
            raise UnclearTerms(f"Occasions and places are 1 to {MOST_OCCASIONS}.")
        if self.occasions * self.places < 2:
            raise UnclearTerms("Once at one place says nothing: ask for two occasions or two places at least.")

    def terms(self) -> dict[str, Any]:
        """Return the terms as the log keeps them."""
        asked = {"plate": _pattern(self.plate).text, "lprs": sorted(self.lprs), **_span(self.since, self.until)}
        own = {"minutes": self.minutes, "occasions": self.occasions, "places": self.places}
        return {**asked, "tool": "travels_with", **own}

    @classmethod
    def of(cls, terms: Mapping[str, Any]) -> Self:
        """Read terms back."""
        own = (terms["minutes"], terms["occasions"], terms["places"])
        return cls(terms["plate"], tuple(terms["lprs"]), *_moments(terms), *own)


@dataclass(frozen=True, slots=True)
class StakeOutTerms:
    """Tell me when one of these plates is seen at these LPRs (none named: all), until then. Raises `UnclearTerms`."""

    plates: tuple[str, ...]
    lprs: tuple[int, ...]
    since: datetime
    until: datetime

    def __post_init__(self) -> None:
        """Refuse what is no question, or too large a one."""
        if not 1 <= len(self.plates) <= MOST_PATTERNS:
            raise UnclearTerms(f"Give one plate at least, and {MOST_PATTERNS} at most.")
        for plate in self.plates:
            pattern = _pattern(plate)
            if not pattern.is_complete and pattern.known < LEAST_KNOWN:
                raise UnclearTerms(f"{pattern.text}: give {LEAST_KNOWN} known characters at least.")
        if self.until <= self.since:
            raise UnclearTerms("It would be over before it begins.")
        if self.until - self.since > MOST_STAKE_OUT:
            raise UnclearTerms(f"A stake-out lasts {MOST_STAKE_OUT.days} days at most; ask for another one then.")

    def patterns(self) -> tuple[PlatePattern, ...]:
        """Return the plates as patterns."""
        return tuple(_pattern(plate) for plate in self.plates)

    def terms(self) -> dict[str, Any]:
        """Return the terms as the log keeps them."""
        plates = sorted({pattern.text for pattern in self.patterns()})
        asked = {"plate": ", ".join(plates), "lprs": sorted(self.lprs), **_span(self.since, self.until)}
        return {**asked, "tool": "stake_out", "plates": plates}

    @classmethod
    def of(cls, terms: Mapping[str, Any]) -> Self:
        """Read terms back."""
        return cls(tuple(terms["plates"]), tuple(terms["lprs"]), *_moments(terms))


def headline(terms: Mapping[str, Any]) -> str:
    """Return in a few words what an entry of the Query Log asks, whichever tool asked it."""
    match terms.get("tool"):
        case "scenes":
            return f"plates at {terms['least']} of {len(terms['scenes'])} scenes"
        case "travels_with":
            return f"who travels with {terms['plate']}"
        case "stake_out":
            return f"stake-out for {terms['plate']}" + (f", {terms['day']}" if "day" in terms else "")
    return str(terms.get("plate", "")) or "any plate"


def describe(terms: Mapping[str, Any], names: Mapping[int, str] | None = None, *, zone: tzinfo = UTC) -> list[str]:
    """Return in words what a tool was asked, or a search besides plate, LPRs and time. LPRs by name if known."""

    def at(lprs: Sequence[int]) -> str:
        known = names or {}
        return ", ".join(known.get(lpr, f"LPR {lpr}") for lpr in lprs) or "all LPRs"

    def when(span: Mapping[str, Any]) -> str:
        since, until = (moment.astimezone(zone) for moment in _moments(span))
        return f"{since:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M %Z}"

    def near(written: str) -> str:
        circle = circle_of(written) if written else None
        return f" (within {circle.meters:.0f} m of {circle.latitude:.6f}, {circle.longitude:.6f})" if circle else ""

    match terms.get("tool"):
        case "scenes":
            where = [
                f"Scene {number}: {when(each)}, {at(each['lprs'])}" + near(each["circle"])
                for number, each in enumerate(terms["scenes"], start=1)
            ]
            return [f"Which plates were seen at {terms['least']} or more of {len(where)} scenes?", *where]
        case "travels_with":
            return [
                f"Which plates were seen within {many(terms['minutes'], 'minute')} of {terms['plate']} at the same LPR, on "
                f"{many(terms['occasions'], 'occasion')} and at {many(terms['places'], 'place')} at least?",
                f"{when(terms)}, {at(terms['lprs'])}",
            ]
        case "stake_out":
            told = f"Tell when one of these plates is seen: {terms['plate']}."
            day = f"What it found on {terms['day']} (stake-out {terms['stake_out']})." if "day" in terms else ""
            return [told, f"{when(terms)}, {at(terms['lprs'])}", *([day] if day else [])]
    return besides(terms)


def _pattern(text: str) -> PlatePattern:
    try:
        return parse_pattern(text)
    except PatternError as error:
        raise UnclearTerms(str(error)) from error


def _span(since: datetime, until: datetime) -> dict[str, str]:
    return {"since": since.astimezone(UTC).isoformat(), "until": until.astimezone(UTC).isoformat()}


def _moments(span: Mapping[str, Any]) -> tuple[datetime, datetime]:
    return datetime.fromisoformat(span["since"]), datetime.fromisoformat(span["until"])
