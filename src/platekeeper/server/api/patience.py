"""Patience with wrong keys, and with right ones: nobody who guesses keys takes the server's time, and no unit floods it."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict, deque
from typing import TypeVar

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

K = TypeVar("K")
V = TypeVar("V")
MOST, WITHIN = 60, 60.0
"""So many wrong keys from one address within so many seconds; then only keys that were right before are looked at."""
_REMEMBERED = 10_000
_UNSEEN = {404, 405}
"""Answers of an address that may not have looked at the key."""
_log = logging.getLogger(__name__)


class Patience:
    """The addresses that sent wrong keys, and who was let in. `now` is in seconds of a clock that is never set back."""

    def __init__(self) -> None:
        self._wrong: OrderedDict[str, deque[float]] = OrderedDict()
        self._right: OrderedDict[tuple[str, str], None] = OrderedDict()

    def is_over(self, request: HttpRequest, *, now: float) -> bool:
        """Say whether a request is refused unseen."""
        address = address_of(request)
        wrong = self._wrong.get(address)
        if not wrong or now - wrong[0] > WITHIN or len(wrong) < MOST:
            return False
        return _shown(request) != "" and (address, _shown(request)) not in self._right

    def saw(self, request: HttpRequest, answer: HttpResponseBase, *, now: float) -> None:
        """Remember how a request ended. One that shows no key only asks how to log in."""
        address, shown = address_of(request), _shown(request)
        if not shown or answer.status_code in _UNSEEN:
            return
        if answer.status_code != 401:
            _remember(self._right, (address, shown), None)
            return
        wrong = self._wrong.get(address) or deque(maxlen=MOST)
        wrong.append(now)
        _remember(self._wrong, address, wrong)
        if len(wrong) == MOST and now - wrong[0] <= WITHIN:
            _log.warning("%s sends wrong keys; its new ones wait for a minute", address)


class Budget:
    """What each LPR may ask for within a minute. `now` is in seconds of a clock that is never set back."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._spent: OrderedDict[int, deque[tuple[float, int]]] = OrderedDict()
        self._one_at_a_time = threading.Lock()

    def spend(self, lpr: int, cost: int, *, now: float) -> float:
        """Take down what an LPR asks for and return 0; or return in how many seconds it may come again.

        Whoever has something left is let in, so whatever fits into one message is taken sooner or later.
        """
        with self._one_at_a_time:
            spent = self._spent.get(lpr) or deque()
            while spent and now - spent[0][0] >= WITHIN:
                spent.popleft()
            over = sum(each for _, each in spent) - self.most
            for at, each in spent if over >= 0 else ():
                over -= each
                if over < 0:
                    return at + WITHIN - now
            # of a second only the sum is kept: an LPR may send hundreds of messages
            if spent and now - spent[-1][0] < 1:
                spent[-1] = (spent[-1][0], spent[-1][1] + cost)
            else:
                spent.append((now, cost))
            _remember(self._spent, lpr, spent)
            return 0.0

    def forget(self) -> None:
        """Begin anew."""
        self._spent.clear()


def address_of(request: HttpRequest) -> str:
    """Return whom a request comes from: behind a proxy, whom the proxy heard it from."""
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.BEHIND_TLS else ""
    return forwarded.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", "")


def _shown(request: HttpRequest) -> str:
    """Return the key that a request shows, in its header or its address; a digest is none, and anew each time."""
    kind, _, given = str(request.META.get("HTTP_AUTHORIZATION", "")).partition(" ")
    if kind.lower() in {"bearer", "token"}:
        return given
    return next((part for part in request.path_info.split("/") if part.startswith("lpr-")), "")


def _remember(kept: OrderedDict[K, V], key: K, value: V) -> None:
    kept[key] = value
    kept.move_to_end(key)
    if len(kept) > _REMEMBERED:
        kept.popitem(last=False)


patience = Patience()
"""The one of this process."""
ASKS, ACTS, ENTRIES = Budget(240), Budget(400), Budget(100)
"""What a unit asks for, the acts of members that it tells of, and the lines of signed entries that it hands in: more than
members do on a unit, and what was gathered in a day without a network is handed in within minutes. Each act and each line
is kept for good, in the ledger."""
READS = Budget(settings.READS_A_MINUTE)
"""What an LPR sends, in every format: far more than passes a camera, so that a key in wrong hands does not fill the disk."""
BYTES = Budget(settings.READS_A_MINUTE * 8 * 1024)
"""The bytes of that, pictures and all: what one LPR sends of its reads, be they ever so large."""
LETTERS = Budget(64 * 1024 * 1024)
"""Bytes of an LPR's messages that are not understood: each is kept whole, and nobody needs so many to see what is wrong."""
