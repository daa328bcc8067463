"""The commands of a unit against the department's real server: enrolled, sent, exported, received, receipted, erased."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

import pytest

from platekeeper.field.cli import belonging, carrying
from platekeeper.field.clock import machine_clock
from platekeeper.field.home import Enrolment, UnitHome
from platekeeper.field.spool import Spool
from platekeeper.field.unit import Unit
from tests.e2e.serving import ROOT, ask, environment_in, serving
from tests.e2e.town import wanted
from tests.field.making import sighting


def _unit(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers()
    for module in (belonging, carrying):
        module.register(commands)
    chosen = parser.parse_args(arguments)
    return int(chosen.run(chosen))


def _server(environment: dict[str, str], *arguments: str) -> str:
    command = [sys.executable, "-m", "platekeeper.server.cli.main", *arguments]
    return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def test_a_unit_from_its_enrolment_to_the_erasing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment, home, stick = environment_in(tmp_path), UnitHome(tmp_path / "unit"), tmp_path / "stick"
    stick.mkdir()
    key = ask(environment, "found", "20")["key"]
    monkeypatch.setenv("PLATEKEEPER_LPR_KEY", key)
    at_home = ("--home", str(home.folder))
    assert _unit("send", *at_home) == 1
    assert "Begin with: platekeeper-field enrol" in capsys.readouterr().err

    with serving(environment) as (_, port):
        server = f"http://127.0.0.1:{port}"
        assert _unit("enrol", server, *at_home, "--fingerprint", "00" * 32) == 1
        assert "another fingerprint" in capsys.readouterr().err
        fingerprint = _server(environment, "field-key").strip()
        assert _unit("enrol", server, *at_home, "--fingerprint", fingerprint, "--erase-after", "0") == 0
        public = capsys.readouterr().out.split()[-1]
        ask(environment, "enrol", public)
        assert _unit("send", *at_home) == 0, "the hot list comes"
        unit = Unit(home, clock=machine_clock())
        for number in range(8):
            unit.see(sighting(number, at=datetime.now(UTC), plate=wanted(3) if number == 4 else ""))
        assert _unit("send", *at_home) == 0
        assert "0 reads wait. The department has 0 that are on the unit still." in capsys.readouterr().out
        for number in range(8, 12):
            unit.see(sighting(number, at=datetime.now(UTC)))
        assert _unit("export", str(stick), *at_home) == 0
        _server(environment, "reads", "receive", str(stick), "--server", server)
        assert _unit("receipt", str(stick), *at_home) == 0
        assert Spool(home.spool, clock=machine_clock()).counts() == {"receipted": 4}
        assert _unit("status", *at_home) == 0
        assert "No picture from the camera" in capsys.readouterr().out
    found = ask(environment, "count")
    assert (found["reads"], found["hits"], found["faults"]) == (12, [wanted(3)], [])
    assert _unit("send", *at_home) == 1, "there is no server now"


def test_the_alarm_page_is_served_until_the_command_is_stopped(tmp_path: Path) -> None:
    home = UnitHome(tmp_path / "unit")
    home.enrol(Enrolment("http://127.0.0.1:9", "lpr-key", "Harbor Falls", 1, "Car 12", "11" * 32, "22" * 32))
    command = [sys.executable, "-c", _ALARMS, "alarms", "--port", "0", "--home", str(home.folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as serving_page:
        assert serving_page.stdout is not None
        place = serving_page.stdout.readline().split()[-1]
        with urllib.request.urlopen(f"{place}state", timeout=10) as answer:
            state = json.loads(answer.read())
        assert (state["unit"], state["troubles"][0]["grave"]) == ("Car 12", True)
        serving_page.terminate()
        assert serving_page.wait(timeout=30) == 0


_ALARMS = """
import argparse, sys
from platekeeper.field.cli import belonging
parser = argparse.ArgumentParser()
belonging.register(parser.add_subparsers())
chosen = parser.parse_args(sys.argv[1:])
sys.exit(chosen.run(chosen))
"""
