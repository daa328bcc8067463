"""The commands of a unit against the department's real server: enrolled, driven, sent, exported, received, receipted."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

from platekeeper.field.cli.main import main
from platekeeper.field.clock import machine_clock
from platekeeper.field.frames import encoded
from platekeeper.field.home import Enrollment, UnitHome
from platekeeper.field.making import scene
from platekeeper.field.spool import Spool
from platekeeper.field.unit import Unit
from tests.api.messages import MESSAGES
from tests.e2e.serving import ROOT, ask, environment_in, serving
from tests.e2e.town import wanted
from tests.field.making import sighting
from tests.ports import free_port


def _unit(*arguments: str) -> int:
    return main(arguments)


def _server(environment: dict[str, str], *arguments: str) -> str:
    return _process("platekeeper.server.cli.main", *arguments, env=environment)


def _process(module: str, *arguments: str, env: dict[str, str] | None = None) -> str:
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def _driven_past(plate: str, folder: Path) -> None:
    """Make a folder with the picture of a car that was seen just now."""
    folder.mkdir()
    (folder / "car.jpg").write_bytes(encoded(scene(plate, Random(1)).picture))


def test_a_unit_from_its_enrollment_to_the_erasing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment, home, stick = environment_in(tmp_path), UnitHome(tmp_path / "unit"), tmp_path / "stick"
    stick.mkdir()
    key = ask(environment, "found", "20")["key"]
    monkeypatch.setenv("PLATEKEEPER_LPR_KEY", key)
    at_home = ("--home", str(home.folder))
    assert _unit("send", *at_home) == 1
    assert "Begin with: platekeeper-field enroll" in capsys.readouterr().err

    with serving(environment) as (_, port):
        server = f"http://127.0.0.1:{port}"
        assert _unit("enroll", server, *at_home, "--fingerprint", "00" * 32) == 1
        assert "another fingerprint" in capsys.readouterr().err
        fingerprint = _server(environment, "field-key").strip()
        assert _unit("enroll", server, *at_home, "--fingerprint", fingerprint) == 0
        ended = capsys.readouterr().out.split()[-1]
        assert _unit("enroll", server, *at_home, "--fingerprint", fingerprint, "--new-key") == 0
        public = capsys.readouterr().out.split()[-1]
        assert public != ended and public == home.signing_key().public_key().public_bytes_raw().hex()
        ask(environment, "enroll", public)
        assert _unit("send", *at_home) == 0, "the hot list comes"
        unit = Unit(home, clock=machine_clock())
        for number in range(8):
            unit.see(sighting(number, at=datetime.now(UTC), plate=wanted(3) if number == 4 else ""))
        assert _unit("send", *at_home) == 0
        assert "0 reads wait. The department has 8 that are on the unit still." in capsys.readouterr().out
        _driven_past(wanted(5), tmp_path / "pictures")
        driven = _process("platekeeper.field.cli.main", "drive", str(tmp_path / "pictures"), *at_home, "--port", "0",
                          "--threads", "1")  # fmt: skip
        assert driven.splitlines()[-1] == "0 reads wait. The department has 9 that are on the unit still."
        for number in range(8, 12):
            unit.see(sighting(number, at=datetime.now(UTC)))
        assert _unit("export", str(stick), *at_home) == 0
        _server(environment, "reads", "receive", str(stick), "--server", server)
        assert _unit("receipt", str(stick), *at_home) == 0
        assert Spool(home.spool, clock=machine_clock()).counts() == {"kept": 9, "receipted": 4}
        assert _unit("status", *at_home) == 0
        said = capsys.readouterr().out
        assert "No unit on duty answers here" in said and "No picture" not in said
    found = ask(environment, "count")
    assert (found["reads"], found["hits"], found["faults"]) == (13, [wanted(3), wanted(5)], [])
    assert _unit("send", *at_home) == 1, "there is no server now"


@pytest.mark.parametrize("what", ["alarms", "drive"])
def test_the_alarm_page_is_served_until_the_command_is_stopped(
    tmp_path: Path, what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    home = UnitHome(tmp_path / "unit")
    home.enroll(Enrollment("http://127.0.0.1:9", "lpr-key", "Harbor Falls", 1, "Car 12", "11" * 32, "22" * 32))
    camera = f"127.0.0.1:{free_port()}"
    heard = [f"verkada:{camera}", "--place", "43.05,-76.15"] if what == "drive" else []
    command = [
        sys.executable,
        "-m",
        "platekeeper.field.cli.main",
        what,
        *heard,
        "--port",
        "0",
        "--home",
        str(home.folder),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as serving_page, ExitStack() as ends:
        ends.callback(serving_page.kill)
        assert serving_page.stdout is not None
        place = serving_page.stdout.readline().split()[-1]
        assert (_asked(place)["unit"], _asked(place)["troubles"][0]["grave"]) == ("Car 12", True)
        if what == "drive":
            body, media_type = MESSAGES["verkada"]("ABC1234", datetime.now(UTC))
            sent = urllib.request.Request(f"http://{camera}/", body, {"Content-Type": media_type})
            with urllib.request.urlopen(sent, timeout=10) as answer:
                assert json.loads(answer.read()) == {"taken": 1}
            said = [trouble["said"] for trouble in _asked(place)["troubles"]]
            assert not [each for each in said if "GPS" in each or "camera" in each], said
        alike = False
        for _ in range(50):  # it calls home beside, and what it finds may come between the two answers
            assert _unit("status", "--home", str(home.folder)) == 0
            on_duty = capsys.readouterr().out
            assert ("No picture from the camera" in on_duty) == (what == "alarms")
            if alike := all(trouble["said"] in on_duty for trouble in _asked(place)["troubles"]):
                break
            time.sleep(0.2)
        assert alike
        serving_page.kill() if what == "drive" else serving_page.terminate()
        assert serving_page.wait(timeout=30) == (-signal.SIGKILL if what == "drive" else 0)
    assert _unit("status", "--home", str(home.folder)) == 0
    assert "No unit on duty answers here" in capsys.readouterr().out
    assert home.page.exists() == (what == "drive"), "what was killed left its port behind"
    kept = Spool(home.spool, clock=machine_clock()).waiting(most=9, most_bytes=1 << 20)
    assert [read.said["plate"] for read in kept] == (["ABC1234"] if what == "drive" else [])


def _asked(place: str) -> Any:
    with urllib.request.urlopen(f"{place}state", timeout=10) as answer:
        return json.loads(answer.read())
