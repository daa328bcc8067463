"""Frigate's messages reach the store through a real broker, while server and forwarder come and go."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

import pytest

from platekeeper.server.cli.serve import server
from platekeeper.server.storage.rows import ReadRow
from platekeeper.server.storage.sqlite.store import SqliteReads
from tests.e2e.broker import PASSWORD, USER, Broker, broker
from tests.e2e.serving import ROOT, ask, environment_in
from tests.ports import await_listening, free_port

UPDATES, EVENTS = "frigate/tracked_object_update", "frigate/events"


class Town:
    """A department in a home of its own, the port that its server serves on, and the forwarder beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.environment = environment_in(folder) | {"PLATEKEEPER_MQTT_PASSWORD": PASSWORD}
        self.key = ask(self.environment, "found", "1")["key"]
        self.tell_keys(drive=self.key)

    def tell_keys(self, **keys: str) -> None:
        """Write the file that the forwarder reads."""
        (self.folder / "keys.json").write_text(json.dumps(keys))

    def rows(self) -> list[ReadRow]:
        """Return what is stored, in the order in which it came."""
        reads = SqliteReads(self.folder / "home" / "lpr-data").recent(500)
        return [read.row for read in sorted(reads, key=lambda read: (read.row.received, read.rowid))]

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Serve for a block."""
        with _process(server("127.0.0.1", self.port), self.environment) as process:
            await_listening(self.port, runs=lambda: process.poll() is None)
            yield

    @contextmanager
    def forwarding(self, at: Broker) -> Iterator[subprocess.Popen[bytes]]:
        """Forward for a block."""
        command = [
            sys.executable, "-m", "platekeeper.server.cli.main", "frigate", "--broker", "127.0.0.1", "--port", str(at.port),
            "--tls", "--ca", str(at.certificate), "--user", USER, "--server", f"http://127.0.0.1:{self.port}",
            "--keys", str(self.folder / "keys.json"),
        ]  # fmt: skip
        log = self.folder / f"forwarder-{time.monotonic_ns()}.log"
        with log.open("wb") as said, _process(command, self.environment, said) as process:
            _until(lambda: b"Listening" in log.read_bytes())
            yield process


@contextmanager
def _process(
    command: list[str], environment: dict[str, str], said: IO[bytes] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True, stderr=said)
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(timeout=60)


def _until(said: Callable[[], bool], *, seconds: float = 60) -> None:
    ends = time.monotonic() + seconds
    while not said():
        assert time.monotonic() < ends, "it did not happen in time"
        time.sleep(0.1)


def update(number: int, plate: str, *, camera: str = "drive", later: float = 0.0) -> tuple[str, str]:
    """Return a message about the object `number`."""
    told = {
        "type": "lpr",
        "id": f"o-{number}",
        "plate": plate,
        "score": 0.9,
        "camera": camera,
        "timestamp": time.time() + later,
    }
    return UPDATES, json.dumps(told)


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)


@pytest.mark.crash
def test_nothing_is_lost_and_nothing_doubled_while_server_and_forwarder_come_and_go(town: Town, tmp_path: Path) -> None:
    with ExitStack() as lasting:
        at = lasting.enter_context(broker(tmp_path))
        with town.forwarding(at) as forwarder:
            at.publish(*(update(number, f"AAA{number:04d}") for number in range(40)))  # nobody serves yet
            with town.serving():
                _until(lambda: len(town.rows()) >= 20)
            at.publish(*(update(number, f"BBB{number:04d}") for number in range(40, 60)))  # nobody serves any more
            os.killpg(forwarder.pid, signal.SIGKILL)
            forwarder.wait(timeout=20)
        at.publish(*(update(number, f"CCC{number:04d}") for number in range(60, 80)))  # nobody forwards
        with town.serving(), town.forwarding(at):
            _until(lambda: len(town.rows()) >= 80)
            time.sleep(1)
    plates = [row.raw for row in town.rows()]
    assert len(plates) == 80 == len(set(plates))
    assert plates == sorted(plates)  # in the order in which they were published


def test_a_plate_that_is_refined_is_a_correction_and_other_messages_are_not_forwarded(
    town: Town, tmp_path: Path
) -> None:
    event = {
        "id": "o-1", "camera": "drive", "label": "car", "start_time": time.time(), "recognized_license_plate": "ABC1284",
        "recognized_license_plate_score": 0.97,
    }  # fmt: skip
    with ExitStack() as lasting:
        at = lasting.enter_context(broker(tmp_path))
        lasting.enter_context(town.serving())
        lasting.enter_context(town.forwarding(at))
        at.publish(
            update(1, "ABC1234"), (UPDATES, "no json"), (UPDATES, '{"type": "description"}'), (EVENTS, '{"after": null}'),
            update(2, "XYZ99", camera="yard"), (EVENTS, json.dumps({"type": "update", "before": {}, "after": event})),
            update(3, "LAST1"),
        )  # fmt: skip
        _until(lambda: any(row.raw == "LAST1" for row in town.rows()))
    first, refined, _ = town.rows()
    assert (first.raw, refined.raw, first.id == refined.id) == ("ABC1234", "ABC1284", True)


def test_a_camera_whose_key_is_refused_stops_no_other_and_goes_on_once_it_is_set_right(
    town: Town, tmp_path: Path
) -> None:
    town.tell_keys(drive=town.key, yard="lpr-replaced")
    with ExitStack() as lasting:
        at = lasting.enter_context(broker(tmp_path))
        lasting.enter_context(town.serving())
        with town.forwarding(at):
            at.publish(*(update(number, f"YARD{number:03d}", camera="yard") for number in range(40)))
            at.publish(update(100, "DRIVE100"))
            _until(lambda: [row.raw for row in town.rows()] == ["DRIVE100"])
            town.tell_keys(drive=town.key, yard=town.key)
            _until(lambda: len(town.rows()) == 41)
            town.tell_keys(drive=town.key, yard="lpr-replaced")
        with town.forwarding(at):
            at.publish(*(update(number, f"YARD{number:03d}", camera="yard") for number in range(40, 80)))
            at.publish(update(101, "DRIVE101"))
            _until(lambda: town.rows()[-1].raw == "DRIVE101")
            town.tell_keys(drive=town.key, yard=town.key)  # and told to end at once, as by a restart
        _until(lambda: len(town.rows()) == 82)


@pytest.mark.parametrize(
    ("keys", "url", "named"),
    [
        ("{", "http://127.0.0.1:1", "not JSON"), ("{}", "http://127.0.0.1:1", "write the cameras"),
        ('{"a": 5}', "http://127.0.0.1:1", "write the cameras"), ('{"a": "k"}', "ftp://x", "not the address of a server"),
        ('{"a": "k"}', "http://user:word@x", "not the address"), ("", "http://127.0.0.1:1", "not JSON"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_explained(keys: str, url: str, named: str, tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text(keys)
    command = [
        sys.executable, "-m", "platekeeper.server.cli.main", "frigate", "--broker", "127.0.0.1", "--server", url,
        "--keys", str(tmp_path / "keys.json"),
    ]  # fmt: skip
    ran = subprocess.run(command, env=environment_in(tmp_path), capture_output=True, text=True, timeout=60, check=False)
    assert (ran.returncode, named in ran.stderr, "Traceback" in ran.stderr) == (2, True, False)
