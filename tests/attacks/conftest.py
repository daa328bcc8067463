"""The cast in a home of its own, each signed in: attacks come from within, too."""

from __future__ import annotations

from tests.web.conftest import as_role, cast, own_home

__all__ = ["as_role", "cast", "own_home"]
