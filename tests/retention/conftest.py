"""The department in which data ends."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings

from platekeeper.server.storage.home import Home
from tests.cast import Cast, assemble
from tests.retention.making import NOW


@pytest.fixture
def staff(settings: Settings, tmp_path: Path, db: None) -> Cast:
    """Assemble the cast in a home of its own, trained on the day of `NOW`."""
    settings.HOME = Home(tmp_path / "home")
    settings.HOME.found()
    return assemble(today=NOW.date())
