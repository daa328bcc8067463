"""What a request calls finds room on Python's stack, however deep it lies."""

from __future__ import annotations

import resource
from collections.abc import Callable
from threading import Thread

from platekeeper.server.config.depth import with_room

CALLS, DEEPEST = 500, 150


def _faults(run: Callable[[], None]) -> int:
    """Return how many pages of memory the system had to find while something ran in a thread of its own."""
    found: list[int] = []

    def counted() -> None:
        before = resource.getrusage(resource.RUSAGE_THREAD).ru_minflt
        run()
        found.append(resource.getrusage(resource.RUSAGE_THREAD).ru_minflt - before)

    thread = Thread(target=counted)
    thread.start()
    thread.join()
    return found[0]


def _loops(deep: int) -> None:
    """Call in a loop, from each depth."""
    for _ in range(CALLS):
        _leaf()
    if deep:
        _loops(deep - 1)


def _leaf() -> None:
    pass


def test_no_loop_asks_for_memory_at_each_call() -> None:
    assert _faults(lambda: _loops(DEEPEST)) > CALLS, "the trouble is gone: so may be with_room"
    assert _faults(lambda: with_room(_loops)(DEEPEST)) < CALLS / 2


def test_a_function_stays_what_it_is() -> None:
    assert with_room(_faults).__name__ == "_faults"
    assert with_room(divmod)(7, 2) == (3, 1)
