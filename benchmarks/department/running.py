"""A department's processes, as the benchmarks start them and ask them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks.department.engines import Engine
from tests.e2e.serving import ask, serving

ROOT = Path(__file__).parents[2]


def found(engine: Engine, *, entries: int) -> str:
    """Found the cast's department with a hot list of so many lines in force, unless it is there; return its LPR's key."""
    kept = engine.folder / "key"
    if kept.exists():  # by an earlier version, it may be
        migrate = [sys.executable, "-m", "django", "migrate", "--verbosity", "0", "--skip-checks"]
        subprocess.run(migrate, env=engine.environment, check=True)
    else:
        kept.write_text(str(ask(engine.environment, "found", str(entries))["key"]))
    return kept.read_text()


@dataclass(frozen=True)
class Served:
    """A department whose server runs: its session of processes, its port, and an LPR's key."""

    engine: Engine
    session: int
    port: int
    key: str


@contextmanager
def served(engine: Engine, key: str) -> Iterator[Served]:
    """Serve a department for a block."""
    with serving(engine.environment) as (process, port):
        yield Served(engine, process.pid, port, key)


def ask_sender(to: Served, *, reads: int, batch: int, image: int, hour: datetime) -> dict[str, Any]:
    """Send reads as fast as they are acknowledged; return what the sender says of it."""
    asked = [str(to.port), to.key, str(reads), str(batch), str(image), hour.isoformat()]
    return run("benchmarks/sending/sender.py", *asked)


def run(script: str, *arguments: str, environment: dict[str, str] | None = None) -> dict[str, Any]:
    """Run a script of ours to its end; return the JSON that it prints."""
    command = [sys.executable, str(ROOT / script), *arguments]
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise RuntimeError(ran.stderr[-2000:])
    answer: dict[str, Any] = json.loads(ran.stdout)
    return answer


def begin(script: str, *arguments: str, environment: dict[str, str]) -> subprocess.Popen[str]:
    """Start a script of ours that is told, and tells, by lines."""
    command = [sys.executable, str(ROOT / script), *arguments]
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )


def stopped_by_a_line() -> threading.Event:
    """Return an event that is set once a line, or the end, comes in: for a script that is told to stop."""
    stopped = threading.Event()

    def wait() -> None:
        sys.stdin.readline()
        stopped.set()

    threading.Thread(target=wait, daemon=True).start()
    return stopped


def cpu_of(session: int) -> float:
    """Return the seconds of processor time that the processes of a session have taken so far."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            if int(fields[3]) == session:
                ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def told(process: subprocess.Popen[str], *asked: str) -> dict[str, Any]:
    """Return the next line that a process prints, having told it something or nothing."""
    assert process.stdin and process.stdout
    for each in asked:
        process.stdin.write(f"{each}\n")
        process.stdin.flush()
    line = process.stdout.readline()
    if not line:
        raise RuntimeError(f"{process.args!r} ended with {process.wait()}")
    answer: dict[str, Any] = json.loads(line)
    return answer
