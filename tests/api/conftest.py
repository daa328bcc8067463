"""A department with an LPR, and a store of its own that is closed behind every test."""

from __future__ import annotations

import pytest

from tests.cast import Cast


@pytest.fixture
def cast(transactional_db: None, cast: Cast) -> Cast:  # the intake writes in a thread of its own
    return cast
