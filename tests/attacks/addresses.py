"""Every address of the server, with a number or a word of our choice wherever one stands in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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
                name: number if isinstance(converter, IntConverter) else word
                for name, converter in pattern.pattern.converters.items()
            },
        )
        for pattern in _patterns(get_resolver().url_patterns)
    }


def views() -> dict[str, Callable[..., Any]]:
    """Return every view by the name of its address."""
    return {
        pattern.name or str(pattern.pattern): pattern.callback for pattern in _patterns(get_resolver().url_patterns)
    }


def role_for(row: Row) -> str:
    """Return somebody who may open this; for what everybody may, the one who may most elsewhere."""
    return sorted(row.allowed)[0] if row.allowed else "custodian"


def _patterns(found: list[URLPattern | URLResolver]) -> Iterator[URLPattern]:
    for each in found:
        if isinstance(each, URLResolver):
            yield from _patterns(each.url_patterns)
        else:
            yield each
