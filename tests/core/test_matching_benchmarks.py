"""The benchmarks of matching and loading run, and their answers agree: `make bench` measures the large sizes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.mark.parametrize(("name", "columns"), [("matching", "dicts/s"), ("loading", "lines/CPU s")])
def test_the_smallest_size_is_measured(name: str, columns: str) -> None:
    command = [sys.executable, str(BENCHMARKS / f"{name}.py"), "--quick"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
    assert ran.returncode == 0, ran.stderr
    assert columns in ran.stdout
    assert any(line.split()[:1] == ["100000"] for line in ran.stdout.splitlines())
