"""Lock files: who may write reads, and when days may come and go. The kernel lets go of them when a process dies."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class LockTaken(Exception):
    """Somebody else holds the lock, in this process or another."""


class LockFile:
    """A `flock` on a file that stays where it is; removing such a file would let two holders in."""

    def __init__(self, path: Path, *, wait: bool, shared: bool = False) -> None:
        """Take the lock, waiting for it or raising `LockTaken`. A shared one is held by several, or by one alone."""
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        try:
            kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
            fcntl.flock(self._handle, kind | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError as taken:
            os.close(self._handle)
            raise LockTaken(path.name) from taken
        except BaseException:
            os.close(self._handle)
            raise

    @property
    def handle(self) -> int:
        """What a child process inherits to hold the lock, too, though its parent die."""
        return self._handle

    def release(self) -> None:
        """Let go of the lock. May be called once."""
        os.close(self._handle)


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the lock on `path` for a block, waiting for it first."""
    lock = LockFile(path, wait=True)
    try:
        yield
    finally:
        lock.release()
