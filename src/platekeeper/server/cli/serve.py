"""`platekeeper serve`: the server and its jobs, until stopped."""

from __future__ import annotations

import argparse
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import FrameType
from typing import Any

from django.conf import settings

from platekeeper.server.cli import running
from platekeeper.server.cli.health import is_there
from platekeeper.server.cli.records import NotBroughtUp, bring_up, demand_known, warn
from platekeeper.server.jobs.schedule import ensure_schedules
from platekeeper.server.storage.databases import OWNER_URL
from platekeeper.server.storage.map_tiles import MapNotPictures, MapUnreadable, map_file

LOOPBACK = "127.0.0.1"
_PATIENCE = 20  # seconds for what was told to stop


def register(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser("serve", help="serve the department on this machine")
    add_address(parser)
    parser.add_argument(
        "--pages-only", action="store_true", help="beside another machine, which receives and does the scheduled work"
    )
    parser.set_defaults(run=run)


def add_address(parser: argparse.ArgumentParser) -> None:
    """Add where to serve."""
    parser.add_argument("--host", default=LOOPBACK, help="address to serve on (default: this machine only)")
    parser.add_argument("--port", type=int, default=8000, help="port (default: 8000)")


def run(chosen: argparse.Namespace) -> int:
    """Serve until interrupted."""
    if not is_there():
        do = "See that its disk is mounted, and that PLATEKEEPER_HOME names it; or make one with: platekeeper init"
        print(f"There is no department in {settings.HOME.folder}. {do}", file=sys.stderr)
        return 1
    try:
        if chosen.pages_only:
            demand_known()
        else:
            prepare()
    except NotBroughtUp as error:
        print(error, file=sys.stderr)
        return 1
    warn()
    if not map_is_usable() or not address_is_free(chosen):
        return 1
    print(f"Platekeeper: http://{chosen.host}:{chosen.port}/  (Ctrl-C stops it)", flush=True)
    at = (chosen.host, chosen.port)
    if chosen.pages_only:
        return keep_running(server(*at), also={"PLATEKEEPER_PAGES_ONLY": "1"}, at=at)
    return keep_running(server(*at), *jobs(), at=at)


def address_is_free(chosen: argparse.Namespace) -> bool:
    """Say what is wrong with the address to serve on, before anything is started there."""
    try:
        family = socket.AF_INET6 if ":" in chosen.host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as tried:
            # A server that has just ended is in nobody's way.
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind((chosen.host, chosen.port))
            tried.listen()
    except (OSError, OverflowError) as error:
        do = "See whether Platekeeper runs already, or name another with --host and --port."
        print(f"Nothing can be served on {chosen.host}, port {chosen.port}: {error}. {do}", file=sys.stderr)
        return False
    return True


def map_is_usable() -> bool:
    """Say what is wrong with the archive of map tiles; False where it is of the wrong kind, and not merely out of reach."""
    try:
        if settings.MAP_FILE is not None:
            map_file(settings.MAP_FILE)
    except MapNotPictures as error:
        print(f"PLATEKEEPER_MAP_FILE: {error}", file=sys.stderr)
        return False
    except MapUnreadable as error:  # maps show the LPRs alone; reads do not wait for a disk of streets
        print(f"Warning: {error}", file=sys.stderr, flush=True)
    return True


def prepare() -> None:
    """Bring database and schedules up to this version. Raises `NotBroughtUp`."""
    settings.HOME.found()
    bring_up()
    running.work_in(settings.HOME)
    ensure_schedules()


def server(host: str, port: int) -> list[str]:
    """Return the command that serves pages, API and ingest: one worker, which holds the store's only writer."""
    return [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port), "--workers", "1",
        "--blocking-threads", "40", "--no-access-log", "--log-level", "error",
        "--workers-kill-timeout", str(_PATIENCE // 2),  # one that is still loading does not hear that it is to stop
        "platekeeper.server.config.wsgi:application",
    ]  # fmt: skip


def jobs() -> list[list[str]]:
    """Return the commands that run scheduled work: the usual jobs, and beside them those that may take hours."""
    command = [sys.executable, "-m", "django", "qcluster"]
    return [command, ["env", f"Q_CLUSTER_NAME={settings.LONG_JOBS}", *command]]


def keep_running(
    *commands: Sequence[str], also: Mapping[str, str] | None = None, at: tuple[str, int] | None = None
) -> int:
    """Run commands beside each other; when one ends or we are told to stop, end the others.

    Where systemd started us, it is told once pages are served `at` an address: until then nobody calls it a start.
    """
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "platekeeper.server.config.settings", **(also or {})}
    environment.pop(OWNER_URL, None)  # who serves must not be able to become the owner
    systemd = environment.pop("NOTIFY_SOCKET", "")
    asked_to_stop = False

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal asked_to_stop
        asked_to_stop = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    # Each in a group of its own: Ctrl-C is told to us alone, and what a command leaves is ended with it.
    started = [
        subprocess.Popen(list(command), env=environment, pass_fds=running.handles(), process_group=0)
        for command in commands
    ]
    while not asked_to_stop and all(process.poll() is None for process in started):
        if systemd and at and _answers(*at):
            _tell(systemd)
            systemd = ""
        time.sleep(0.2)
    ended = [process.returncode for process in started if process.poll() is not None]
    for process in started:
        if process.poll() is None:
            process.terminate()
    for process in started:
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=_PATIENCE)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    return 0 if asked_to_stop else next((code for code in ended if code), 1)


def _answers(host: str, port: int) -> bool:
    """Say whether the server there answers."""
    connection = http.client.HTTPConnection(host, port, timeout=1)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _tell(systemd: str) -> None:
    """Tell systemd that we are ready (sd_notify)."""
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to:
        to.sendto(b"READY=1", systemd.replace("@", "\0", 1) if systemd.startswith("@") else systemd)
