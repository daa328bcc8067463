"""How well an engine reads somebody's own photographs, measured the way we measure ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import sqrt
from pathlib import Path

from platekeeper.core.plates import fold, plate_text
from platekeeper.field.engines import Box, Engine, Picture, Reading
from platekeeper.field.frames import decoded
from platekeeper.field.sources.folder import pictures_in

FALSE_PLATES_AN_IMAGE = 0.1
"""At the cut that is stated there are at most so many."""


class LabelError(ValueError):
    """A label cannot be read; the message names the file and line."""


@dataclass(frozen=True, slots=True)
class Label:
    """A plate that is in a picture: where, and its text."""

    box: Box
    plate: str


@dataclass(frozen=True, slots=True)
class Looked:
    """What was read in one labeled picture, and how long it took."""

    name: str
    labels: tuple[Label, ...]
    readings: tuple[Reading, ...]
    seconds: float

    def of(self, label: Label) -> Reading | None:
        """Return the surest reading where a label is."""
        here = [reading for reading in self.readings if reading.box.shared(label.box) > 0.2]
        return max(here, key=lambda reading: reading.confidence, default=None)

    def false_plates(self, cut: float) -> int:
        """Return how many readings of at least this confidence lie where no label does."""
        return sum(
            reading.confidence >= cut and not any(reading.box.shared(label.box) > 0.2 for label in self.labels)
            for reading in self.readings
        )


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many, with the interval of 95% (Wilson 1927)."""

    part: int
    whole: int

    def __str__(self) -> str:
        """As a table shows it: 86.0% (43 of 50; 73.8 to 93.0%)."""
        if not self.whole:
            return "none"
        low, high = self.interval
        return f"{self.part / self.whole:.1%} ({self.part} of {self.whole}; {low:.1%} to {high:.1%})"

    @property
    def interval(self) -> tuple[float, float]:
        """Return its ends."""
        n, p, z = self.whole, self.part / self.whole, 1.96
        middle, reach = p + z * z / (2 * n), z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return max(0.0, (middle - reach) / (1 + z * z / n)), min(1.0, (middle + reach) / (1 + z * z / n))


def look(folder: Path, engine: Engine, *, clock: Callable[[], float]) -> Iterator[Looked]:
    """Yield what the engine reads in each labeled picture. A picture `a.jpg` is labeled by `a.txt`, a plate a line.

    A line holds `file left top width height PLATE`, tabs or spaces between. Raises `LabelError`.
    """
    for path in pictures_in(folder):
        if not (beside := path.with_suffix(".txt")).exists() or (picture := decoded(path.read_bytes())) is None:
            continue
        begun = clock()
        readings = engine.read(picture)
        yield Looked(str(path.relative_to(folder)), tuple(_labels(beside)), tuple(readings), clock() - begun)


def pictures(folder: Path) -> Iterator[Picture]:
    """Yield the labeled pictures."""
    for path in pictures_in(folder):
        if path.with_suffix(".txt").exists() and (picture := decoded(path.read_bytes())) is not None:
            yield picture


def report(looked: Sequence[Looked]) -> list[str]:
    """Return the lines of the report."""
    pairs = [(each.of(label), label.plate) for each in looked for label in each.labels]
    whole, characters = len(pairs), sum(len(plate) for _, plate in pairs)
    read = [(reading, plate) for reading, plate in pairs if reading]
    exact = sum(reading.plate == plate for reading, plate in read)
    folded = sum(right(reading, plate) for reading, plate in read)
    among = sum(any(fold(text) == fold(plate) for text, _ in reading.candidates) for reading, plate in read)
    errors = sum(distance(fold(reading.plate) if reading else "", fold(plate)) for reading, plate in pairs)
    cut = cut_for(looked)
    above = sum(reading.confidence >= cut and right(reading, plate) for reading, plate in read)
    seconds = sorted(each.seconds for each in looked)

    def false(cut: float) -> float:
        return sum(each.false_plates(cut) for each in looked) / max(1, len(looked))

    return [
        f"pictures               {len(looked)}, labeled plates {whole}",
        f"exact                  {Share(exact, whole)}",
        f"exact, O = 0           {Share(folded, whole)}",
        f"among candidates       {Share(among, whole)}",
        f"character errors       {errors / max(1, characters):.2%} of {characters}",
        f"at confidence {cut:.2f}     {Share(above, whole)} read right, {false(cut):.3f} false plates a picture",
        f"with no cut            {false(0):.3f} false plates a picture",
        f"time a picture         {sum(seconds) / max(1, len(looked)):.3f} s, median {seconds[len(seconds) // 2]:.3f} s",
    ]


def right(reading: Reading, plate: str) -> bool:
    """Say whether a reading is the plate, the letter O and the digit 0 being one."""
    return fold(reading.plate) == fold(plate)


def cut_for(looked: Sequence[Looked]) -> float:
    """Return the lowest confidence, in hundredths, at which false plates are rare enough."""
    cuts = [step / 100 for step in range(101)]
    return next(
        c for c in cuts if sum(e.false_plates(c) for e in looked) <= FALSE_PLATES_AN_IMAGE * len(looked) or c == 1
    )


def distance(one: str, other: str) -> int:
    """Return how many characters must be put in, taken out or changed (Levenshtein 1966)."""
    row = list(range(len(other) + 1))
    for place, mine in enumerate(one, 1):
        ahead = [place]
        for column, theirs in enumerate(other, 1):
            ahead.append(min(row[column] + 1, ahead[-1] + 1, row[column - 1] + (mine != theirs)))
        row = ahead
    return row[-1]


def _labels(path: Path) -> Iterator[Label]:
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line.strip():
            continue
        words = line.split()
        try:
            left, top, width, height = map(int, words[-5:-1])
        except ValueError:
            left = top = width = height = -1
        if width < 0 or (text := plate_text(words[-1])) is None:
            raise LabelError(f"{path.name}, line {number}: not `file left top width height PLATE`.")
        yield Label(Box(left, top, left + width, top + height), text)
