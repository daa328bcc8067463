"""Room on Python's own stack for whatever a request calls.

CPython 3.11 keeps its frames in chunks of 16 KB. Where a loop calls across the end of one, each call asks the system for a
chunk and gives it back, and a page took up to two and a half times as long by how deep its loops happened to lie. A
frame that asks for more than a chunk gets one of its own, twice as large, whose rest is for all that is called from it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
_SLOTS = 33_000
"""Of eight bytes: a little more than half of 512 KB, so that nearly as much is left. Only what is used is touched."""


def with_room(function: Callable[P, R]) -> Callable[P, R]:
    """Return the function as one that begins a chunk with room for some hundred frames."""

    def called(*given: P.args, **named: P.kwargs) -> R:
        return function(*given, **named)

    called.__code__ = called.__code__.replace(co_stacksize=_SLOTS)
    return update_wrapper(called, function)
