"""The steps of who works on PostgreSQL: statements, commits and rows of a COPY, Django's and psycopg's alike.

A disk that fails there is the server's: it refuses what it is asked, in its own words, and the transaction fails with it; or
it does what it is asked and goes down before it says so, and whoever asked has lost the connection.
"""

from __future__ import annotations

import errno
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import psycopg

Reach = Callable[[Callable[[int], Exception] | None], None]
Patch = tuple[object, str, Callable[..., Any]]
_STATES = {errno.ENOSPC: "53100", errno.EIO: "58030"}  # disk_full, io_error


def steps_on_postgresql(reach: Reach) -> Iterator[Patch]:
    """Give what makes steps of psycopg's doings: the owner, the name, and what stands there instead."""

    def execute(do: Callable[..., Any]) -> Callable[..., Any]:
        def step(cursor: psycopg.Cursor[Any], *given: Any, **named: Any) -> Any:
            reach(partial(_refused, cursor.connection))
            done = do(cursor, *given, **named)
            reach(partial(_lost, cursor.connection))
            return done

        return step

    def commit(do: Callable[..., Any]) -> Callable[..., Any]:
        def step(connection: psycopg.Connection) -> None:
            reach(partial(_refused, connection))
            do(connection)
            reach(partial(_lost, connection))

        return step

    def end(do: Callable[..., Any]) -> Callable[..., Any]:
        def step(block: psycopg.Transaction, *error: Any) -> Any:
            try:
                reach(partial(_refused, block.connection))
            except psycopg.Error as refused:
                do(block, type(refused), refused, refused.__traceback__)
                raise
            done = do(block, *error)
            reach(partial(_lost, block.connection))
            return done

        return step

    def row(do: Callable[..., Any]) -> Callable[..., Any]:
        def step(copy: psycopg.Copy, *given: Any) -> Any:
            reach(_broken_off)
            return do(copy, *given)

        return step

    def dump(do: Callable[..., Any]) -> Callable[..., Any]:
        def step(command: list[str], **named: Any) -> Any:
            reach(lambda _: subprocess.CalledProcessError(1, command))
            done = do(command, **named)
            reach(lambda _: subprocess.CalledProcessError(1, command))
            return done

        return step

    for owner, name, step in (
        (psycopg.Cursor, "execute", execute), (psycopg.ServerCursor, "execute", execute),
        (psycopg.Connection, "commit", commit), (psycopg.Transaction, "__exit__", end),
        (psycopg.Copy, "write_row", row), (subprocess, "run", dump),
    ):  # fmt: skip
        yield owner, name, step(getattr(owner, name))


def _refused(connection: psycopg.Connection[Any], number: int) -> Exception:
    """Let the server fail, whose transaction then has failed, too; return its error."""
    if connection.closed:
        return psycopg.OperationalError("the connection is closed")
    try:
        connection.execute(f"DO $$ BEGIN RAISE 'the disk fails' USING ERRCODE = '{_STATES[number]}'; END $$".encode())
    except psycopg.Error as error:
        return error
    raise AssertionError("The server did as if nothing were.")


def _lost(connection: psycopg.Connection[Any], number: int) -> Exception:
    connection.close()
    return psycopg.OperationalError("server closed the connection unexpectedly")


def _broken_off(number: int) -> Exception:
    return psycopg.errors.lookup(_STATES[number])("the disk fails")
