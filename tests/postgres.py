"""A real PostgreSQL cluster on loopback, in a folder of its own, run by an unprivileged user."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.ports import free_port


@contextmanager
def cluster(*, keep: Path | None = None, options: str = "", durable: bool = False) -> Iterator[str]:
    """Start a cluster; yield the URL of its database `platekeeper`; stop and remove it, or keep it in a folder.

    Unless it is `durable`, nothing is synced: tests are quicker, and measures of what is acknowledged are worth nothing.
    """
    folder = keep or Path(tempfile.mkdtemp(prefix="platekeeper-postgres-"))
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    data = folder / "data"
    there = data.exists()
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    try:
        if not there:
            _run("initdb", "-D", str(data), "-U", "platekeeper", "--auth=trust", "--encoding=UTF8", "--no-sync")
        synced = "on" if durable else "off"
        options = f"-h 127.0.0.1 -p {port} -k {folder} -c fsync={synced} {options}"
        _run("pg_ctl", "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start")
        try:
            if not there:
                _run("createdb", "-h", "127.0.0.1", "-p", str(port), "-U", "platekeeper", "platekeeper")
            yield f"postgresql://platekeeper@127.0.0.1:{port}/platekeeper"
        finally:
            _run("pg_ctl", "-D", str(data), "-w", "-m", "fast" if keep else "immediate", "stop")
    finally:
        if keep is None:
            shutil.rmtree(folder, ignore_errors=True)


def _run(program: str, *arguments: str) -> None:
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda place: int(place.parent.name))
    command = [str(binaries[-1] / program), *arguments]
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command]
    subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
