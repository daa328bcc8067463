"""What docs/security.md names as a test is one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAMED = sorted(
    set(re.findall(r"`([a-zA-Z_/*]+(?:\.py|/))`", (ROOT / "docs" / "security.md").read_text())) - {"/ingest/", "tests/"}
)


@pytest.mark.parametrize("name", NAMED)
def test_it_is_there(name: str) -> None:
    assert list((ROOT / "tests").glob(name)), f"{name} is no test"


def test_many_are_named() -> None:
    assert len(NAMED) > 25
