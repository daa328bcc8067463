"""The house stays small: modules a reader can hold in mind."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LONGEST_SOURCE, LONGEST_TEST = 400, 500
EXCEPTIONS = {
    "src/platekeeper/verify.py": "one file that a court can be handed and read (decision 13)",
}
"""Path -> why it is longer."""


def _modules() -> list[Path]:
    found = [*ROOT.glob("src/**/*.py"), *ROOT.glob("tests/**/*.py"), *ROOT.glob("benchmarks/**/*.py")]
    return [path for path in found if "migrations" not in path.parts]


@pytest.mark.parametrize("path", _modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_is_short(path: Path) -> None:
    name = path.relative_to(ROOT).as_posix()
    longest = LONGEST_TEST if name.startswith("tests/") else LONGEST_SOURCE
    length = len(path.read_text().splitlines())
    assert length <= longest or name in EXCEPTIONS, f"{name} has {length} lines; {longest} are the most"


def test_every_exception_is_needed() -> None:
    assert all((ROOT / name).exists() for name in EXCEPTIONS)
