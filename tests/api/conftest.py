"""A department with an LPR, and a store of its own that is closed behind every test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from platekeeper.server.procedures import receive_reads
from platekeeper.server.storage.home import Home
from tests.cast import Cast, assemble


@pytest.fixture
def cast(
    transactional_db: None, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cast]:  # the intake writes in a thread of its own
    settings.HOME = Home(tmp_path_factory.mktemp("home"))
    settings.HOME.found()
    yield assemble()
    receive_reads.close_intakes()
