"""Every address of the server, with a number or a word of our choice wherever one stands in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.converters import IntConverter

from tests.web.table import Row, rows

ROWS = rows()
OURS = [row for row in ROWS.values() if not row.key]


def addresses(*, number: int = 1, word: str = "x") -> dict[str, str]:
    """Return every address by its name."""
    return {
        pattern.name or str(pattern.pattern): reverse(
            pattern.name,
            kwargs={
                name: number if isinstance(converter, IntConverter | type(None)) else word
                for name, converter in standing.items()
            },
        )
        for pattern, standing in _patterns(get_resolver().url_patterns)
    }


def views() -> dict[str, Callable[..., Any]]:
    """Return every view by the name of its address."""
    return {
        pattern.name or str(pattern.pattern): pattern.callback for pattern, _ in _patterns(get_resolver().url_patterns)
    }


def role_for(row: Row) -> str:
    """Return somebody who may open this; for what everybody may, the one who may most elsewhere."""
    return sorted(row.allowed)[0] if row.allowed else "custodian"


def _patterns(
    found: list[URLPattern | URLResolver], standing: Mapping[str, Any] = MappingProxyType({})
) -> Iterator[tuple[URLPattern, dict[str, Any]]]:
    """Give every address with what stands in it, also in the part before it that it shares with others."""
    for each in found:
        kinds = each.pattern.converters
        within = {**standing, **{name: kinds.get(name) for name in each.pattern.regex.groupindex}}
        if isinstance(each, URLResolver):
            yield from _patterns(each.url_patterns, within)
        else:
            yield each, within
