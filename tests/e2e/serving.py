"""The real server as a process of its own, for tests that post to it, kill it and look at what is left on disk."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from platekeeper.server.cli.serve import server
from tests.ports import await_listening, free_port

ROOT = Path(__file__).parents[2]


def post(port: int, key: str, body: bytes) -> dict[str, Any]:
    """Post reads and return the receipt."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", "/api/reads", body, headers(key))
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    assert answer.status == 200, content
    receipt: dict[str, Any] = json.loads(content)
    return receipt


def headers(key: str) -> dict[str, str]:
    """Return what an LPR sends along."""
    return {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}


def environment_in(home: Path) -> dict[str, str]:
    """Return the environment of processes that live in a home of this test's own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PLATEKEEPER_")}
    return {
        **kept,
        "PLATEKEEPER_HOME": str(home / "home"),
        "PLATEKEEPER_READS_A_MINUTE": str(10**9),  # one LPR sends for a whole city
        "DJANGO_SETTINGS_MODULE": "platekeeper.server.config.settings",
    }


def ask(environment: dict[str, str], *question: str) -> dict[str, Any]:
    """Run `tests.e2e.town` in a process of its own and return its answer."""
    command = [sys.executable, "-m", "tests.e2e.town", *question]
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    answer: dict[str, Any] = json.loads(ran.stdout)
    return answer


@contextmanager
def serving(
    environment: dict[str, str], command: Callable[[str, int], list[str]] = server
) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Serve on a free port of loopback for a block; give the process and the port."""
    port = free_port()
    process = subprocess.Popen(command("127.0.0.1", port), env=environment, start_new_session=True)
    try:
        await_listening(port, runs=lambda: process.poll() is None)
        yield process, port
    finally:
        try:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
                process.wait(timeout=30)
        finally:
            with suppress(ProcessLookupError):  # what it had begun, should it have ended at its start or not at all
                os.killpg(process.pid, signal.SIGKILL)
