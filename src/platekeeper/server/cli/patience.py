"""What a server takes later is posted again when it says so: a long file is more than an LPR may send within a minute."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TypeVar

from platekeeper.server.gateways.sender import NotDelivered

T = TypeVar("T")
_LATER = {429, 503}


class Patiently:
    """Posts, and posts the same again for as long as the server names a time; each reason is said once.

    Raises `NotDelivered` for any other answer.
    """

    def __init__(self) -> None:
        self._said: set[str] = set()

    def __call__(self, post: Callable[[], T]) -> T:
        """Return what `post` does."""
        while True:
            try:
                return post()
            except NotDelivered as later:
                if later.status not in _LATER or later.again is None:
                    raise
                self._say(str(later))
                time.sleep(max(later.again, 1))

    def _say(self, why: str) -> None:
        if why not in self._said:
            self._said.add(why)
            print(f"{why} Waiting, and sending it again as told; Ctrl-C stops.", file=sys.stderr, flush=True)
