"""The department in which the clauses are tried."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings

from platekeeper.server.storage.home import Home
from tests.cast import Cast, assemble


@pytest.fixture
def cast(settings: Settings, tmp_path: Path, db: None) -> Cast:
    """Assemble the cast in a home of its own."""
    settings.HOME = Home(tmp_path / "home")
    settings.HOME.found()
    return assemble()
