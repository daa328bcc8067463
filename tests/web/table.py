"""The one table of URL x role, merged from `tests/web/access`: who may open what, and how."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.cast import ROLES, Cast


@dataclass(frozen=True)
class Row:
    """One URL: `allowed` roles get `status`, everybody else 403 and somebody not signed in the login page."""

    name: str
    subject: str  # the module of its row
    allowed: frozenset[str]
    method: str = "get"
    args: Callable[[Cast], list[Any]] | None = None
    data: Any = field(default_factory=dict)
    status: int | None = None
    public: bool = False
    key: bool = False  # authenticates its caller by an LPR's key

    def address(self, cast: Cast) -> str:
        """Return the address, with what it is about made first."""
        return reverse(self.name, args=self.args(cast) if self.args else [])

    def body(self, cast: Cast) -> dict[str, Any]:
        """Return what is posted."""
        data: dict[str, Any] = self.data(cast) if callable(self.data) else self.data
        return data

    @property
    def expected(self) -> int:
        """Return the status for those who may."""
        return self.status or (200 if self.method == "get" else 302)


def rows() -> dict[str, Row]:
    """Return every row by URL name."""
    merged: dict[str, Row] = {}
    for path in sorted((Path(__file__).parent / "access").glob("*.py")):
        module = importlib.import_module(f"tests.web.access.{path.stem}")
        for name, given in module.ROWS.items():
            assert name not in merged, f"{name} has two rows"
            allowed = given.get("allowed", frozenset())
            roles = frozenset(ROLES if allowed == "all" else allowed)
            merged[name] = Row(name=name, subject=path.stem, **{**given, "allowed": roles})
    return merged


def url_names() -> set[str]:
    """Return the name of every address that the server answers."""
    return set(_names(get_resolver().url_patterns))


def _names(patterns: list[URLPattern | URLResolver]) -> list[str]:
    found: list[str] = []
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            found += _names(pattern.url_patterns)
        else:
            found.append(pattern.name or str(pattern.pattern))
    return found
