"""The department in which the clauses are tried."""

from __future__ import annotations

import pytest

from tests.cast import Cast


@pytest.fixture
def cast(db: None, cast: Cast) -> Cast:
    return cast
