"""Complete or partial plates as patterns: `?` is one character, `*` any run (VI.a)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from platekeeper.core.plates import MAX_LENGTH, Plate, fold

_WELL_FORMED = re.compile(r"[A-Z0-9?*]+")


class PatternError(ValueError):
    """The text is no pattern of a plate; the message says what would be."""


@dataclass(frozen=True)
class PlatePattern:
    """A normalised pattern. O and 0 are the same character in it."""

    text: str

    @property
    def is_complete(self) -> bool:
        """Whether every character is known."""
        return not set(self.text) & {"?", "*"}

    @property
    def known(self) -> int:
        """How many characters are known."""
        return sum(character not in "?*" for character in self.text)

    @property
    def glob(self) -> str:
        """The pattern over O/0-folded text, as SQLite's GLOB reads it."""
        return fold(self.text)

    def matches(self, plate: Plate) -> bool:
        """Say whether a plate fits."""
        return self.matches_folded(fold(plate.text)) is not None

    @cached_property
    def matches_folded(self) -> Callable[[str], re.Match[str] | None]:
        """What tells whether an O/0-folded text fits, for those who ask often."""
        return re.compile("".join({"?": ".", "*": ".*"}.get(character, character) for character in self.glob)).fullmatch


def parse_pattern(raw: str, *, least_known: int = 1) -> PlatePattern:
    """Return the pattern that `raw` writes; raise `PatternError` with what to do otherwise."""
    text = re.sub(r"[\s.\-]+", "", unicodedata.normalize("NFKC", raw).upper())
    text = re.sub(r"\*+", "*", text)
    if not text:
        raise PatternError("Write a plate, such as ABC1234 or AB?1*.")
    if not _WELL_FORMED.fullmatch(text):
        raise PatternError("A plate has letters A to Z and digits; ? stands for one character and * for any run.")
    pattern = PlatePattern(text)
    if len(text.replace("*", "")) > MAX_LENGTH:
        raise PatternError(f"A plate has {MAX_LENGTH} characters at most.")
    if pattern.known < least_known:
        raise PatternError(f"Give at least {least_known} known characters.")
    return pattern
