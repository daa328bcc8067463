"""What reads come in by, in a department that a module's own `cast` founds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from platekeeper.server.procedures.receive_reads import Intake
from platekeeper.server.procedures.stores import read_store
from tests.cast import Cast


@pytest.fixture
def intake(cast: Cast) -> Iterator[Intake]:
    opened = Intake(read_store().writer(), id_key=b"k" * 32)
    yield opened
    opened.close()
