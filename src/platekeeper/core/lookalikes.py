"""What a search with look-alike tolerance accepts for the characters that somebody typed."""

from __future__ import annotations

from itertools import islice, product
from math import prod

from platekeeper.core.plates import fold, look_alike

_CHARACTERS = "0123456789ABCDEFGHIJKLMNPQRSTUVWXYZ"  # folded: O is 0


def family(character: str) -> str:
    """Return a folded character, first, and those that are misread for it; a wildcard is alone."""
    return _FAMILIES.get(character, character)


def how_many(pattern: str) -> int:
    """Return how many texts `accepted` would give."""
    return prod(len(family(character)) for character in fold(pattern))


def accepted(pattern: str, *, most: int = 100) -> list[str]:
    """Return what a plate or pattern stands for under tolerance, as typed (O/0-folded) first; `most` of them at most.

    It comes from the typed text alone and says nothing of what was read, so it may be shown before any query.
    """
    return ["".join(text) for text in islice(product(*map(family, fold(pattern))), most)]


def glob(pattern: str) -> str:
    """Return the pattern of all of them at once, as SQLite's GLOB reads it."""
    members = [family(character) for character in fold(pattern)]
    return "".join(each if len(each) == 1 else f"[{each}]" for each in members)


_FAMILIES = {
    character: character + "".join(c for c in _CHARACTERS if c != character and look_alike(c) == look_alike(character))
    for character in _CHARACTERS
}
