"""Group commit in two steps: while one group is finished the next one is begun, and another gathers.

So a sync serves all who wait, and whoever works in one step need not wait for the disk, or the database, of the other.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, Self, TypeVar

T = TypeVar("T")
S = TypeVar("S")
R = TypeVar("R")


class GroupClosed(Exception):
    """Nothing is taken any more: the process is going down."""


class GroupFull(Exception):
    """So much is waiting that no more is taken for now. Nothing that was taken is lost by it."""


class _Waiting(Generic[T, R]):
    __slots__ = ("done", "error", "item", "result")

    def __init__(self, item: T) -> None:
        self.item = item
        self.done = threading.Event()
        self.result: R | None = None
        self.error: BaseException | None = None


class GroupCommit(Generic[T, S, R]):
    """Hands everything that waits to `begin` and then to `finish`, each in a thread of its own, in order of arrival.

    `begin` gets a list of items, and `finish` what it made of them; that returns as many results, and an exception among
    them is raised to that item's submitter alone. An exception that either raises goes to every submitter of the group;
    the next group is tried afresh. No more than two groups are on their way: one begun, one being finished.
    """

    def __init__(
        self,
        begin: Callable[[list[T]], S],
        finish: Callable[[S], Sequence[R | BaseException]],
        *,
        most: int = 1000,
        size: Callable[[T], int] = lambda _: 1,
        room: tuple[int, int] | None = None,
    ) -> None:
        """Start the threads. A group is full once its items' sizes add up to `most`; it has one item at least.

        `room` is how many items may be inside, waiting or being done, and what their sizes may add up to.
        """
        self._begin, self._finish = begin, finish
        self._most = most
        self._size = size
        self._room = room
        self._inside = self._load = 0
        self._queue: deque[_Waiting[T, R]] = deque()
        self._begun: deque[tuple[list[_Waiting[T, R]], S]] = deque()
        self._changed = threading.Condition()
        self._closing = self._all_begun = False
        self._threads = [
            threading.Thread(target=run, name=f"group-commit-{run.__name__.strip('_')}", daemon=True)
            for run in (self._begin_all, self._finish_all)
        ]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def submit(self, item: T) -> R:
        """Return the handler's result for `item` once its group is done. Raises its error, `GroupClosed` or `GroupFull`."""
        waiting: _Waiting[T, R] = _Waiting(item)
        with self._changed:
            if self._closing:
                raise GroupClosed("No more is taken: this process is going down.")
            size = self._size(item)
            if self._room and (self._inside >= self._room[0] or (self._inside and self._load + size > self._room[1])):
                raise GroupFull("Too much is waiting: no more is taken for now.")
            self._inside, self._load = self._inside + 1, self._load + size
            self._queue.append(waiting)
            self._changed.notify_all()
        waiting.done.wait()
        with self._changed:
            self._inside, self._load = self._inside - 1, self._load - size
        if waiting.error is not None:
            raise waiting.error
        return waiting.result  # type: ignore[return-value]

    @property
    def inside(self) -> int:
        """How many items are waiting or being done."""
        return self._inside

    def close(self) -> None:
        """Take no more, finish all that waits and end the threads."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def _begin_all(self) -> None:
        while group := self._next_group():
            try:
                begun = self._begin([waiting.item for waiting in group])
            except BaseException as error:  # whatever it is, nobody may be left waiting
                _tell(group, [error] * len(group))
                continue
            with self._changed:
                self._begun.append((group, begun))
                self._changed.notify_all()
        with self._changed:
            self._all_begun = True
            self._changed.notify_all()

    def _finish_all(self) -> None:
        while following := self._next_begun():
            group, begun = following
            try:
                results = self._finish(begun)
                if len(results) != len(group):
                    raise RuntimeError(f"There are {len(results)} results for {len(group)} items.")
            except BaseException as error:
                results = [error] * len(group)
            _tell(group, results)

    def _next_group(self) -> list[_Waiting[T, R]]:
        with self._changed:
            # What is begun and waits for the group before it is enough: whoever comes meanwhile is one group more.
            self._changed.wait_for(lambda: not self._begun and (self._queue or self._closing))
            group: list[_Waiting[T, R]] = []
            full = 0
            while self._queue and full < self._most:
                group.append(self._queue.popleft())
                full += self._size(group[-1].item)
            return group

    def _next_begun(self) -> tuple[list[_Waiting[T, R]], S] | None:
        with self._changed:
            self._changed.wait_for(lambda: self._begun or self._all_begun)
            following = self._begun.popleft() if self._begun else None
            self._changed.notify_all()
            return following


def _tell(group: Sequence[_Waiting[T, R]], results: Sequence[R | BaseException]) -> None:
    for waiting, result in zip(group, results, strict=True):
        if isinstance(result, BaseException):
            waiting.error = result
        else:
            waiting.result = result
        waiting.done.set()
