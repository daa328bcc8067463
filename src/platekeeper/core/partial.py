"""Complete or partial plates as patterns: `?` is one character, `*` any run (VI.a)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from platekeeper.core.plates import MAX_LENGTH, Plate, fold

_LONGEST = 64
_FILLERS = re.compile(r"[ .\-\u2010-\u2015]+")
_STRANGE = re.compile(r"[^A-Za-z0-9?*]")
_STARS = re.compile(r"\*+")


class PatternError(ValueError):
    """The text is no pattern of a plate; the message says what would be."""


@dataclass(frozen=True)
class PlatePattern:
    """A normalized pattern. O and 0 are the same character in it."""

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
    """Return the pattern that `raw` writes; raise `PatternError` with what to do otherwise.

    Nothing is done with a text that is longer than any way to write a plate.
    """
    if len(raw) > _LONGEST:
        raise PatternError(f"A plate has {MAX_LENGTH} characters at most; this text has {len(raw):,}.")
    text = _FILLERS.sub("", unicodedata.normalize("NFKC", raw.strip()))
    strange = _STRANGE.search(text)
    if strange is not None:
        code = f"U+{ord(strange[0]):04X}"
        name = f"{strange[0]} ({code})" if strange[0].isprintable() else code
        raise PatternError(
            f"A plate has letters A to Z and digits; ? stands for one character and * for any run. This has {name}."
        )
    text = _STARS.sub("*", text.upper())
    if not text:
        raise PatternError("Write a plate, such as ABC1234 or AB?1*.")
    pattern = PlatePattern(text)
    if len(text.replace("*", "")) > MAX_LENGTH:
        raise PatternError(f"A plate has {MAX_LENGTH} characters at most.")
    if pattern.known < least_known:
        characters = "one known character" if least_known == 1 else f"{least_known} known characters"
        raise PatternError(f"Give at least {characters}.")
    return pattern
