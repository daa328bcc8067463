"""Group commit: while one group is being put on disk the next one gathers, so that a sync serves all who wait."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, Self, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class GroupClosed(Exception):
    """Nothing is taken any more: the process is going down."""


class GroupFull(Exception):
    """So much is waiting that no more is taken for now. Nothing that was taken is lost by it."""


class _Waiting(Generic[T, R]):
    __slots__ = ("done", "error", "item", "result")

    def __init__(self, item: T) -> None:
        self.item = item
        self.done = threading.Lock()  # held until it is done
        self.done.acquire()
        self.result: R | None = None
        self.error: BaseException | None = None


class GroupCommit(Generic[T, R]):
    """Hands everything that waits to one handler, in one thread, in order of arrival.

    The handler gets a list of items and returns as many results; an exception among them is raised to that item's
    submitter alone. An exception that it raises goes to every submitter of the group; the next group is tried afresh.
    """

    def __init__(
        self,
        handler: Callable[[list[T]], Sequence[R | BaseException]],
        *,
        most: int = 1000,
        size: Callable[[T], int] = lambda _: 1,
        room: tuple[int, int] | None = None,
    ) -> None:
        """Start the thread. A group is full once its items' sizes add up to `most`; it has one item at least.

        `room` is how many items may be inside, waiting or being done, and what their sizes may add up to.
        """
        self._handler = handler
        self._most = most
        self._size = size
        self._room = room
        self._inside = self._load = 0
        self._queue: deque[_Waiting[T, R]] = deque()
        self._changed = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="group-commit", daemon=True)
        self._thread.start()

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
            self._changed.notify()
        waiting.done.acquire()
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
        """Take no more, finish all that waits and end the thread."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        while group := self._next_group():
            try:
                results = self._handler([waiting.item for waiting in group])
                if len(results) != len(group):
                    raise RuntimeError(f"The handler gave {len(results)} results for {len(group)} items.")
            except BaseException as error:  # whatever it is, nobody may be left waiting
                results = [error] * len(group)
            for waiting, result in zip(group, results, strict=True):
                if isinstance(result, BaseException):
                    waiting.error = result
                else:
                    waiting.result = result
                waiting.done.release()

    def _next_group(self) -> list[_Waiting[T, R]]:
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._closing)
            group: list[_Waiting[T, R]] = []
            full = 0
            while self._queue and full < self._most:
                group.append(self._queue.popleft())
                full += self._size(group[-1].item)
            return group
