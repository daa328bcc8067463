"""What every hot list format is parsed into. Parsers are pure functions of bytes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from platekeeper.core.categories import Category
from platekeeper.core.plates import Plate, fold


class HotListFormatError(ValueError):
    """The file is not of this format or not whole; nothing of it is accepted. The message says where and what to do."""


@dataclass(frozen=True, slots=True)
class HotListLine:
    """One plate of a delivered file. `number` is its line, from 1; `state` is None where the file's own names none."""

    number: int
    plate: Plate
    state: str | None
    raw_state: str
    plate_type: str
    code: str
    category: Category
    make: str
    colour: str

    @property
    def key(self) -> str:
        """What names this plate in every delivery that holds it: state, folded plate, list code."""
        return f"{self.state or self.raw_state}:{fold(self.plate.text)}:{self.code}"


@dataclass(frozen=True, slots=True)
class SkippedLine:
    """A line left out, and why."""

    number: int
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class ParsedHotList:
    """A whole file: the plates that count, and the lines left out."""

    lines: tuple[HotListLine, ...]
    skipped: tuple[SkippedLine, ...]

    def counts(self) -> dict[str, int]:
        """Return the number of plates by category."""
        return dict(Counter(line.category.value for line in self.lines))


@dataclass(frozen=True, slots=True)
class Changes:
    """What one delivery holds and the one before did not, and the other way round."""

    added: tuple[HotListLine, ...]
    removed: tuple[HotListLine, ...]


def diff(old: ParsedHotList | None, new: ParsedHotList) -> Changes:
    """Compare two deliveries by the keys of their lines."""
    before = {line.key: line for line in old.lines} if old else {}
    after = {line.key: line for line in new.lines}
    return Changes(
        added=tuple(line for key, line in after.items() if key not in before),
        removed=tuple(line for key, line in before.items() if key not in after),
    )
