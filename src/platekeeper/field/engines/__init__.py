"""Engines find and read the plates of one picture. Each has a module, or a package of somebody else's with an entry point."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from platekeeper.field.syntaxes import Prior

Picture = NDArray[np.uint8]
"""Height, width, 3: blue, green, red."""

ENTRY_POINTS = "platekeeper.field.engines"
MOST_CANDIDATES = 10
CUT = 0.6
"""Readings below are dropped: at this confidence there were fewer than 0.1 false plates a picture (`docs/field.md`)."""


@dataclass(frozen=True, slots=True)
class Box:
    """Where on a picture, in pixels: left, top, right, bottom."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """From left to right."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """From top to bottom."""
        return self.bottom - self.top

    def shared(self, other: Box) -> float:
        """Return how much of the smaller of the two lies in both, 0 to 1."""
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        smaller = min(self.width * self.height, other.width * other.height)
        return across * down / smaller if across > 0 and down > 0 and smaller else 0.0

    def cut(self, picture: Picture, *, margin: float = 0.0) -> Picture:
        """Return this part of a picture, with a margin (a share of the height) around it."""
        more = round(self.height * margin)
        top, left = max(0, self.top - more), max(0, self.left - more)
        return picture[top : self.bottom + more, left : self.right + more]


@dataclass(frozen=True, slots=True)
class Reading:
    """A plate in one picture. `candidates`: up to ten texts with their share of belief, the best first.

    `confidence` is calibrated: of readings with 0.9, nine in ten are a plate and read right. `state` is empty if unknown.
    """

    box: Box
    plate: str
    confidence: float
    candidates: tuple[tuple[str, float], ...]
    state: str = ""


class Engine(Protocol):
    """What reads one picture."""

    def read(self, picture: Picture, *, alone: bool = True) -> list[Reading]:
        """Return the plates in the picture, the surest first.

        `alone`: no other picture shows the same vehicle, so one that is hard to see is worth more time.
        """
        ...


@dataclass(frozen=True, slots=True)
class Settings:
    """What an engine is made with. `models`: a folder of model files, for engines that bring none; `threads`: 0 for all."""

    prior: Prior
    models: str = ""
    threads: int = 0
    quick: bool = False


Maker = Callable[[Settings], Engine]


def engine(name: str, settings: Settings) -> Engine:
    """Return the engine of this name. Raises `LookupError` if none is installed under it."""
    installed = {point.name: point for point in entry_points(group=ENTRY_POINTS)}
    if name not in installed:
        raise LookupError(f"{name}: no such engine. Installed are {', '.join(sorted(installed)) or 'none'}.")
    maker: Maker = installed[name].load()
    return maker(settings)
