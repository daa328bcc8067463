"""Plates as numbers, so that thousands are compared in one step.

A plate is packed twice. Its *look* holds 5 bits a character, the same for characters that are misread for each other,
left-aligned and padded with zero, 50 bits in all. Its *variant* holds 2 bits a character and tells such characters
apart (O and 0 are one character). Look and variant together are the O/0-folded text.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

from platekeeper.core.plates import MAX_LENGTH, STATES, fold, look_alike

Numbers = npt.NDArray[np.uint64]
Bytes = npt.NDArray[np.uint8]

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LOOK_BITS = 5
NO_STATE, OTHER_STATES = 0, 100
"""Codes of no state, and from which on those of states that are none of ours (a hash of their letters)."""

_heads = sorted({look_alike(character) for character in ALPHABET})
_families = {head: sorted({fold(c) for c in ALPHABET if look_alike(c) == head}) for head in _heads}


def _table(value: dict[str, int]) -> npt.NDArray[np.float64]:
    table = np.zeros(256)
    for character, number in value.items():
        table[ord(character)] = number
    return table


_looks = {c: _heads.index(look_alike(c)) + 1 for c in ALPHABET}
_variants = {c: sorted(_families[look_alike(c)], key=lambda f: f != look_alike(c)).index(fold(c)) for c in ALPHABET}
_LOOK_OF, _VARIANT_OF = _table(_looks), _table(_variants)
# A sum of ten such products stays below 2^53, so floating point is exact here, and its dot product the fastest.
_LOOK_PLACES = np.array([32.0 ** (MAX_LENGTH - 1 - place) for place in range(MAX_LENGTH)])
_VARIANT_PLACES = np.array([4.0 ** (MAX_LENGTH - 1 - place) for place in range(MAX_LENGTH)])
_STATE_CODES = {state: code for code, state in enumerate(sorted(STATES), start=1)}


def looks_of(characters: Bytes) -> Numbers:
    """Return the looks of plates given as rows of ten bytes, padded with zero bytes."""
    looks: Numbers = (_LOOK_OF.take(characters) @ _LOOK_PLACES).astype(np.uint64)
    return looks


def variants_of(characters: Bytes) -> npt.NDArray[np.uint32]:
    """Return the variants of plates given as rows of ten bytes."""
    variants: npt.NDArray[np.uint32] = (_VARIANT_OF.take(characters) @ _VARIANT_PLACES).astype(np.uint32)
    return variants


def characters_of(texts: Sequence[str]) -> Bytes:
    """Return normalized texts of ten characters at most as rows of ten bytes, padded with zero bytes."""
    packed = np.array(texts, dtype=f"S{MAX_LENGTH}")  # in one step, where ljust and join take one a text
    return packed.view(np.uint8).reshape(-1, MAX_LENGTH)


def variant_of(text: str) -> int:
    """Return the variant of one plate."""
    return sum(_variants[character] << 2 * (MAX_LENGTH - 1 - place) for place, character in enumerate(text))


def text_of(look: int, variant: int) -> str:
    """Return the O/0-folded text that a look and a variant stand for."""
    text = ""
    for place in range(MAX_LENGTH - 1, -1, -1):
        code = look >> LOOK_BITS * place & 31
        if code:
            head = _heads[code - 1]
            text += sorted(_families[head], key=lambda f, head=head: f != head)[variant >> 2 * place & 3]  # type: ignore[misc]
    return text


def state_code(state: str | None, raw: str = "") -> int:
    """Return the 7-bit code of a state: ours have each their own, others share few, none is `NO_STATE`."""
    if state:
        return _STATE_CODES[state]
    return OTHER_STATES + sum(map(ord, raw)) % 28 if raw else NO_STATE


class PlateBatch:
    """Plates of one batch, packed once for every index that is asked. An unreadable plate is given as ""."""

    def __init__(self, texts: Sequence[str]) -> None:
        """Pack normalized texts of ten characters at most."""
        self.texts = texts
        self.characters = characters_of(texts)
        self.looks = looks_of(self.characters)

    def __len__(self) -> int:
        return len(self.texts)

    @cached_property
    def from_both_ends(self) -> Bytes:
        """The characters twice, counted from the front and from the back, with blanks: rows of twenty bytes."""
        joined = f"%{MAX_LENGTH}s" * len(self.texts) % tuple(self.texts)
        both = np.empty((len(self.texts), 2 * MAX_LENGTH), np.uint8)
        both[:, :MAX_LENGTH] = self.characters
        both[:, MAX_LENGTH:] = np.frombuffer(joined.encode("ascii"), np.uint8).reshape(-1, MAX_LENGTH)
        return both
