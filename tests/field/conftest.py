"""The department of the cast with a server that listens, and a unit of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from platekeeper.field.link import Link
from platekeeper.server.procedures import receive_reads
from platekeeper.server.storage.home import Home
from tests.cast import Cast, assemble


@pytest.fixture
def cast(
    transactional_db: None, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cast]:  # the server answers in threads of its own
    settings.HOME = Home(tmp_path_factory.mktemp("home"))
    settings.HOME.found()
    yield assemble()
    receive_reads.close_intakes()


@pytest.fixture
def link(cast: Cast, live_server: LiveServer) -> Link:
    return Link(live_server.url, cast.lpr_key)
