"""A department with a home of its own, where hot lists are kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings

from platekeeper.server.storage.home import Home
from tests.cast import Cast, assemble
from tests.hotlist.making import home_in


@pytest.fixture
def home(tmp_path: Path, settings: Settings) -> Home:
    return home_in(tmp_path, settings)


@pytest.fixture
def cast(home: Home) -> Cast:
    return assemble()
