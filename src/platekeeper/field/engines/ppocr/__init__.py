"""The engine that comes with the unit: PP-OCR's networks, a beam over letters and digits, and what plates look like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from platekeeper.field.engines import MOST_CANDIDATES, Box, Picture, Reading, Settings
from platekeeper.field.engines.ppocr.belief import Belief
from platekeeper.field.engines.ppocr.ctc import Frames
from platekeeper.field.engines.ppocr.network import Corners, Networks, straightened
from platekeeper.field.syntaxes import Prior

_FIRST, _TRIMS = 0.10, (0.14, 0.20)
"""What is cut off a crop above and below, as shares of its height: plates have frames, mottos and the state's name.

Closer, something else is cut off, since views that differ err less alike.
"""
_SIDE, _LARGER_SIDE = 736, 1104
"""The networks were trained on sides of 736. A picture without a plate that no other frame shows is looked at larger, too."""
_NOTHING = 0.3
_CLOSER = 320
"""How wide, in pixels, the surroundings of a doubtful plate are looked at again."""
_PLATES_LOOKED_AT = 3
_SURE = 0.9
_WORTH_A_LOOK = 0.01
_DOUBTFUL = 0.5


@dataclass(slots=True)
class _Place:
    """A place on the picture that may be a plate, and what its views say."""

    box: Box
    corners: Corners
    belief: Belief

    def joined(self, other: _Place) -> bool:
        """Say whether the two are one plate."""
        return self.box.shared(other.box) > 0.5


class Engine:
    """Finds text, keeps what may be a plate, reads it in several views, and weighs what they say."""

    def __init__(self, *, prior: Prior, threads: int = 0, quick: bool = False) -> None:
        self._prior, self._quick = prior, quick
        self._networks = Networks(threads=threads)

    def read(self, picture: Picture, *, alone: bool = True) -> list[Reading]:
        """Return the plates in the picture, the surest first."""
        places = self._places(picture, side=_SIDE)
        best = max((place.belief.confidence for place in places), default=0.0)
        if alone and not self._quick and best < _NOTHING and min(picture.shape[:2]) < _LARGER_SIDE:
            places = _distinct([*places, *self._places(picture, side=_LARGER_SIDE)])
        readings = [reading for place in places if (reading := self._reading(place))]
        return sorted(readings, key=lambda reading: -reading.confidence)

    def _places(self, picture: Picture, *, side: int) -> list[_Place]:
        """Return what may be a plate when the picture's shorter side is made at least `side` pixels."""
        found = self._networks.find(picture, side=side, coarse=not self._quick)
        places = self._looked_at(picture, [corners for corners in found if _may_be_plate(corners)])
        return places if self._quick else self._looked_at_closer(picture, places)

    def _looked_at(self, picture: Picture, found: Sequence[Corners]) -> list[_Place]:
        """Read each once; return places, what lies in one place joined."""
        places = [_Place(_box(corners), corners, self._belief(corners)) for corners in found]
        for place, frames in zip(places, self._spelled(picture, found, _FIRST), strict=True):
            place.belief.add(frames)
        return _distinct(places)

    def _looked_at_closer(self, picture: Picture, places: list[_Place]) -> list[_Place]:
        """Look again at what may be a plate and is not yet sure, closer, and with other trims."""
        likely = sorted(places, key=lambda place: -place.belief.confidence)[:_PLATES_LOOKED_AT]
        promising = [place for place in likely if place.belief.confidence > _WORTH_A_LOOK]
        for place in promising:
            if place.belief.confidence < _SURE:
                self._look_again(picture, place)
        return _distinct(places)

    def _look_again(self, picture: Picture, place: _Place) -> None:
        closer = self._closer(picture, place)
        for trim in _TRIMS:
            for frames in self._spelled(picture, closer, trim):
                place.belief.add(frames)
            if place.belief.confidence > _DOUBTFUL:
                return
            closer.append(place.corners)

    def _closer(self, picture: Picture, place: _Place) -> list[Corners]:
        box = place.box
        more, higher = round(0.35 * box.width) + 4, round(0.5 * box.height) + 4
        top, left = max(0, box.top - higher), max(0, box.left - more)
        part = picture[top : box.bottom + higher, left : box.right + more]
        found = self._networks.find_in(part, _CLOSER)
        moved = [corners + np.array([left, top], np.float32) for corners in found]
        return [corners for corners in moved if _may_be_plate(corners)]

    def _spelled(self, picture: Picture, found: Sequence[Corners], trim: float) -> list[Frames]:
        return [self._networks.spell(_trimmed(straightened(picture, corners), trim)) for corners in found]

    def _belief(self, corners: Corners) -> Belief:
        width, height = _size(corners)
        return Belief(self._prior, aspect=width / height, height=height)

    def _reading(self, place: _Place) -> Reading | None:
        candidates = place.belief.candidates(MOST_CANDIDATES)
        if not candidates:
            return None
        return Reading(place.box, candidates[0][0], place.belief.confidence, tuple(candidates))


def make(settings: Settings) -> Engine:
    """Return the engine: what its entry point names."""
    return Engine(prior=settings.prior, threads=settings.threads, quick=settings.quick)


def _may_be_plate(corners: Corners) -> bool:
    """Say whether a text's place has the shape of a plate's: lying, neither long as a line of print nor tiny."""
    width, height = _size(corners)
    return height >= 8 and width >= 24 and 1.2 <= width / height <= 6


def _size(corners: Corners) -> tuple[float, float]:
    return float(np.linalg.norm(corners[0] - corners[1])), float(np.linalg.norm(corners[0] - corners[3]))


def _trimmed(crop: Picture, trim: float) -> Picture:
    off = round(crop.shape[0] * trim)
    return crop[off : crop.shape[0] - off] if crop.shape[0] - 2 * off > 6 else crop


def _box(corners: Corners) -> Box:
    (left, top), (right, bottom) = np.floor(corners.min(axis=0)), np.ceil(corners.max(axis=0))
    return Box(max(0, int(left)), max(0, int(top)), int(right), int(bottom))


def _distinct(places: list[_Place]) -> list[_Place]:
    """Return the places, the most promising first, each plate once: what overlaps a better one adds to its belief."""
    kept: list[_Place] = []
    for place in sorted(places, key=lambda place: -place.belief.best):
        if host := next((other for other in kept if other.joined(place)), None):
            host.belief.join(place.belief)
        else:
            kept.append(place)
    return kept
