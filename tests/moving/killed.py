"""Run as `python -m tests.moving.killed STEP COMMAND ...`: a command of ours that kills itself with -9 at a step.

A step is each SQL statement on the target, each row that goes into a COPY, each commit, before and after it, and each
file that goes. A STEP
below zero is the moment after a commit. With 0 it lives, and prints how many there were: steps until the copying began,
steps in all, and commits.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from psycopg import Connection, Copy, Transaction

from tests.e2e import steps


class Steps(steps.Steps):
    """Counts steps and commits, and kills this process at one of them."""

    def __init__(self, at: int) -> None:
        super().__init__(at)
        self.before_copying, self.commits = 0, 0

    def is_it(self) -> bool:
        return self._at in {self.count, -self.commits or None}

    def commit(self, do: Callable[..., Any]) -> Callable[..., Any]:
        """Return a commit that is a step, and what is after it one more."""

        def commit(*given: Any, **named: Any) -> Any:
            done = do(*given, **named)
            self.commits += 1
            return done

        return self.around(commit)

    def row(self, write: Callable[..., Any]) -> Callable[..., Any]:
        """Return a COPY's way to take a row, which is a step."""

        def step(*given: Any) -> Any:
            self.before_copying = self.before_copying or self.count
            self.reach()
            return write(*given)

        return step


def main(at: int, command: list[str]) -> int:
    """Run a command and count its steps."""
    import platekeeper.server.cli.main as cli

    killed = Steps(at)
    Copy.write_row = killed.row(Copy.write_row)  # type: ignore[method-assign]
    for owner, name in ((Connection, "execute"), (Transaction, "__exit__"), (Path, "unlink")):
        setattr(owner, name, killed.around(getattr(owner, name)))
    os.environ["DJANGO_SETTINGS_MODULE"] = "platekeeper.server.config.settings"
    parser = cli._parser

    def counted(given: Sequence[str]) -> Any:
        """Begin to count where the command's own work begins: the database is set up by then, and not connected."""
        from django.db import connection

        connection._commit = killed.commit(connection._commit)  # type: ignore[attr-defined]
        connection.execute_wrappers.append(killed.statement)
        return parser(given)

    cli._parser = counted
    status = cli.main(command)
    print(f"steps {killed.before_copying} {killed.count} {killed.commits}")
    return status


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]), sys.argv[2:]))
