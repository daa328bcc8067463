"""How a long command says how far it is."""

from __future__ import annotations

import sys
import time


class Progress:
    """Says words on standard error, once a second at most."""

    def __init__(self) -> None:
        self._next = time.monotonic()

    def __call__(self, words: str) -> None:
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + 1
            print(words, file=sys.stderr, flush=True)
