"""Plates and patterns that are looked for together, made ready for dictionaries and for SQL."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from platekeeper.core.lookalikes import accepted, family, glob, how_many
from platekeeper.core.matching.packing import Numbers
from platekeeper.core.plates import MAX_LENGTH, fold
from platekeeper.core.search.words import BASE, BITS, code_of, word_of

_MOST_VARIANTS = 128
"""Of a complete plate; one with more is looked for as a pattern."""


@dataclass(frozen=True, slots=True)
class Ranges:
    """Half-open ranges of numbers; a plate that matches has one of its numbers in one of them."""

    begins: Numbers
    ends: Numbers


class Partial:
    """One pattern: where its plates can lie in a dictionary, and what tells them from others that lie there.

    Each window of its known characters has the triples from `windows[n]` to `windows[n + 1]`.
    """

    def __init__(self, text: str, *, look_alikes: bool) -> None:
        """Take an O/0-folded pattern."""
        classes = [family(c) if look_alikes else c for c in text]
        self.prefix = _prefix(text, classes)
        triples = [_triple(window) for window in _windows(text, classes)]
        self.triples = _joined(triples)
        self.windows = np.cumsum([0] + [len(each.begins) for each in triples])
        self.glob = glob(text) if look_alikes else text
        self.matches: Callable[[str], re.Match[str] | None] = re.compile(_expression(classes)).fullmatch


class Sought:
    """Whatever is one of these plates, or fits one of these patterns."""

    def __init__(self, texts: Sequence[str], *, look_alikes: bool) -> None:
        """Take plates and patterns, each with one to ten characters beside stars."""
        self.plates: list[str] = []
        self.partials: list[Partial] = []
        for text in sorted({re.sub(r"\*+", "*", fold(each)) for each in texts}):
            if set(text) & {"?", "*"} or (look_alikes and how_many(text) > _MOST_VARIANTS):
                self.partials.append(Partial(text, look_alikes=look_alikes))
            else:
                self.plates += accepted(text, most=_MOST_VARIANTS) if look_alikes else [text]
        self.words: Numbers = np.unique(np.array([word_of(text) for text in self.plates], np.uint64))

    def sql(self, column: str) -> tuple[str, list[str]]:
        """Return the condition on a column with its values."""
        wanted = [f"{column} GLOB ?"] * len(self.partials)
        if self.plates:
            wanted.append(f"{column} IN ({', '.join('?' * len(self.plates))})")
        return f"({' OR '.join(wanted)})", [each.glob for each in self.partials] + self.plates


def _joined(ranges: Sequence[Ranges]) -> Ranges:
    nothing = np.empty(0, np.uint64)
    return Ranges(
        np.concatenate([nothing, *(each.begins for each in ranges)]),
        np.concatenate([nothing, *(each.ends for each in ranges)]),
    )


def _expression(classes: Sequence[str]) -> str:
    return "".join({"?": ".", "*": ".*"}.get(members, f"[{members}]") for members in classes)


def _prefix(text: str, classes: Sequence[str]) -> Ranges | None:
    """Return the words that begin as the pattern does, None where that is with a wildcard or in too many ways."""
    known = len(text) - len(text.lstrip("0123456789ABCDEFGHIJKLMNPQRSTUVWXYZ"))
    while known and np.prod([len(members) for members in classes[:known]]) > _MOST_VARIANTS:
        known -= 1
    if not known:
        return None
    begins = np.array([word_of("".join(each)) for each in product(*classes[:known])], np.uint64)
    return Ranges(begins, begins + np.uint64(1 << BITS * (MAX_LENGTH - known)))


def _windows(text: str, classes: Sequence[str]) -> list[list[list[int]]]:
    """Return up to three neighboring known characters each, as codes; the plate's end is known as blanks."""
    codes: list[list[int] | None] = [None if each in "?*" else [code_of(c) for c in each] for each in classes]
    if codes[-1] is not None:
        codes += [[0], [0]]
    windows = []
    for begin in range(len(text)):
        window = []
        for code in codes[begin : begin + 3]:
            if code is None:
                break
            window.append(code)
        if window:
            windows.append(window)
    return windows


def _triple(window: list[list[int]]) -> Ranges:
    """Return the triples (see `PlateDictionary`) that begin with a window."""
    scale = BASE ** (3 - len(window))
    begins = [sum(code * BASE ** (2 - place) for place, code in enumerate(each)) for each in product(*window)]
    return Ranges(np.array(begins, np.uint64), np.array(begins, np.uint64) + np.uint64(scale))
