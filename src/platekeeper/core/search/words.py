"""Folded plates as numbers that sort as the texts do: 6 bits a character, left-aligned, blanks are 0."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from platekeeper.core.matching.packing import Numbers, characters_of
from platekeeper.core.plates import MAX_LENGTH

CHARACTERS = "0123456789ABCDEFGHIJKLMNPQRSTUVWXYZ"
"""Folded: O is 0."""
BASE = len(CHARACTERS) + 1
BITS = 6
_SHIFTS = np.arange(BITS * (MAX_LENGTH - 1), -1, -BITS).astype(np.uint64)
_CODE = np.zeros(256, np.uint8)
_LETTER = np.zeros(1 << BITS, np.uint8)
for _code, _character in enumerate(CHARACTERS, start=1):
    _CODE[ord(_character)], _LETTER[_code] = _code, ord(_character)


def code_of(character: str) -> int:
    """Return a folded character's code, 1 and up."""
    return CHARACTERS.index(character) + 1


def word_of(text: str) -> int:
    """Return the word of a folded text of up to ten characters; as a prefix it is the least word that begins so."""
    return sum(code_of(character) << int(_SHIFTS[place]) for place, character in enumerate(text))


def words_of(texts: Sequence[str]) -> Numbers | None:
    """Return the words of folded plates; None where a text is none."""
    if not set("".join(texts)) <= set(CHARACTERS) or any(not 1 <= len(text) <= MAX_LENGTH for text in texts):
        return None
    codes = _CODE[characters_of(texts)]
    words: Numbers = (codes.astype(np.uint64) << _SHIFTS).sum(axis=1, dtype=np.uint64)
    return words


def codes_of(words: Numbers) -> npt.NDArray[np.uint8]:
    """Return words as rows of ten codes."""
    codes: npt.NDArray[np.uint8] = (words[:, None] >> _SHIFTS & np.uint64((1 << BITS) - 1)).astype(np.uint8)
    return codes


def texts_of(words: Numbers) -> list[str]:
    """Return the texts of words."""
    if not len(words):
        return []
    packed = np.ascontiguousarray(_LETTER[codes_of(words)]).view(f"S{MAX_LENGTH}").ravel()
    return [text.decode("ascii") for text in packed.tolist()]
