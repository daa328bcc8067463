"""The department in which data ends."""

from __future__ import annotations

import pytest

from platekeeper.server.storage.home import Home
from tests.cast import Cast, assemble
from tests.retention.making import NOW


@pytest.fixture
def staff(own_home: Home, db: None) -> Cast:
    """Assemble the cast in a home of its own, trained on the day of `NOW`."""
    return assemble(today=NOW.date())
