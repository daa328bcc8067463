"""A backup may take days: it holds up no other job, and no limit of time ends it."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from platekeeper.server.cli.serve import jobs
from platekeeper.server.storage.home import Home
from platekeeper.server.storage.locks import held
from tests.e2e.serving import ROOT, environment_in


def test_other_jobs_run_while_a_backup_does(tmp_path: Path) -> None:
    home, environment = Home(tmp_path / "home"), environment_in(tmp_path)
    subprocess.run([sys.executable, "-m", "tests.jobs.queueing"], cwd=ROOT, env=environment, check=True)
    waits = home.backup_scratch.with_name(f"{home.backup_scratch.name}.lock")
    with _at_work(environment):
        with held(waits):  # as long as this is held, the backup cannot end
            _await(lambda: _backups(home) == [None] and "dispose" in _ended(home))
            assert "back_up_when_due" not in _ended(home)
        _await(lambda: "back_up_when_due" in _ended(home))
    assert _ended(home) == {"dispose": ("platekeeper", 1), "back_up_when_due": ("long", 1)}
    assert _backups(home) != [None]


def test_a_long_job_has_all_the_time_that_it_needs(tmp_path: Path) -> None:
    """And it is not begun a second time while it runs, nor does django-q2 warn of its settings."""
    say = "import django; django.setup(); from django_q.conf import Conf; print(Conf.TIMEOUT, Conf.RETRY, Conf.WORKERS)"
    _, (env, named, python, *_) = jobs()
    asked = [env, named, python, "-W", "error:Retry and timeout", "-c", say]
    said = subprocess.run(asked, env=environment_in(tmp_path), check=True, capture_output=True, text=True).stdout
    limit, begun_again, workers = map(int, said.split())
    assert min(limit, begun_again) >= 86_400 * 365
    assert workers == 1


def _ended(home: Home) -> dict[str, tuple[str, int]]:
    """Return the jobs that ended: in which queue, and whether well."""
    with closing(sqlite3.connect(f"file:{home.records}?mode=ro", uri=True, timeout=20)) as records:
        rows = records.execute('SELECT "group", cluster, success FROM django_q_task')
        return {group: (queue, success) for group, queue, success in rows if group in {"dispose", "back_up_when_due"}}


def _backups(home: Home) -> list[str | None]:
    with closing(sqlite3.connect(f"file:{home.records}?mode=ro", uri=True, timeout=20)) as records:
        return [ended for (ended,) in records.execute("SELECT completed_at FROM retention_backup")]


@contextmanager
def _at_work(environment: dict[str, str]) -> Iterator[None]:
    started = [subprocess.Popen(each, env=environment, start_new_session=True) for each in jobs()]
    try:
        yield
    finally:
        for each in started:
            with suppress(ProcessLookupError):
                os.killpg(each.pid, signal.SIGKILL)
            each.wait(timeout=20)


def _await(what: Callable[[], bool]) -> None:
    ends = time.monotonic() + 120
    while not what():
        assert time.monotonic() < ends
        time.sleep(0.2)
