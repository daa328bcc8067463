"""Several machines, each with a folder of indexes of its own, match by one version of the lists."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from platekeeper.server.storage.sqlite.store import SqliteReads
from tests.e2e.serving import ROOT, ask, environment_in, headers, serving
from tests.e2e.town import list_of, wanted

MACHINES = ("first", "second")


class Machine:
    """A process on a machine with a folder of its own; home and records are those of all."""

    def __init__(self, environment: dict[str, str], own: Path) -> None:
        self.environment = {**environment, "PLATEKEEPER_OWN": str(own)}
        command = [sys.executable, "-m", "tests.hotlist.machine"]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def sees(self, plate: str) -> dict[str, Any]:
        """Return what a read of a plate matches there."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{plate}\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer

    def close(self) -> None:
        """End it."""
        self.process.communicate()


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[list[Machine]]:
    environment = environment_in(tmp_path)
    ask({**environment, "PLATEKEEPER_OWN": str(tmp_path / MACHINES[0])}, "found", "3")
    with ExitStack() as stack:
        made = [Machine(environment, tmp_path / name) for name in MACHINES]
        for each in made:
            stack.callback(each.close)
        yield made


def test_a_list_loaded_on_one_machine_is_in_force_on_all(machines: list[Machine], tmp_path: Path) -> None:
    before = [each.sees(wanted(1)) for each in machines]
    assert [each["keys"] for each in before] == [[f"portal:NY:{wanted(1)}:V"]] * 2
    assert before[0] == before[1]

    (tmp_path / "LPRinfo.txt").write_bytes(list_of(wanted(number) for number in range(2, 5)))
    command = [sys.executable, "-m", "platekeeper.server.cli.main", "hotlist", "load", str(tmp_path / "LPRinfo.txt")]
    subprocess.run(command, cwd=ROOT, env=machines[0].environment, check=True, capture_output=True)

    assert [each.sees(wanted(1))["keys"] for each in machines] == [[], []]
    after = [each.sees(wanted(4)) for each in machines]
    assert [each["keys"] for each in after] == [[f"portal:NY:{wanted(4)}:V"]] * 2
    assert after[0] == after[1]
    assert after[0]["version"] > before[0]["version"]
    assert len(after[1]["indexes"]) == 1, "earlier lists are forgotten on the machine that loads none, too"
    assert not (tmp_path / "home" / "hot-list-indexes").exists()


def test_a_machine_for_pages_leaves_reads_and_jobs_to_another(tmp_path: Path) -> None:
    environment = {**environment_in(tmp_path), "PLATEKEEPER_OWN": str(tmp_path / "second")}
    key = ask(environment, "found", "3")["key"]
    with (
        serving(environment, _pages_only) as (process, port),
        closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection,
        closing(SqliteReads(tmp_path / "home" / "lpr-data").writer()),  # the one that receives begins after it
    ):
        read = json.dumps({"plate": wanted(1), "captured_at": datetime.now(UTC).isoformat()})
        answers = []
        for asked in (("GET", "/", "", {}), ("POST", "/api/reads", read, headers(key))):
            connection.request(*asked)
            answer = connection.getresponse()
            answer.read()
            answers.append(answer.status)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    assert answers == [302, 503]
    assert len(children) == 1


def _pages_only(host: str, port: int) -> list[str]:
    serve = [sys.executable, "-m", "platekeeper.server.cli.main", "serve", "--pages-only"]
    return [*serve, "--host", host, "--port", str(port)]
