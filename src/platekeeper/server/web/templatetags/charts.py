"""Numbers as drawings want them: never in the words of a locale."""

from __future__ import annotations

from typing import Any

from django import template

register = template.Library()


@register.filter
def percent(share: float) -> str:
    """Return 37.5 for 0.375."""
    return f"{100 * share:.2f}"


@register.filter
def rest(share: float) -> str:
    """Return what is left of a hundred."""
    return f"{100 - share:g}"


@register.filter
def plain(number: float) -> str:
    """Return a number with two digits behind the point."""
    return f"{number:.2f}"


@register.filter
def count(value: int | str) -> str:
    """Return a number with commas, and the sign that stands for one as it is."""
    return f"{value:,}" if isinstance(value, int) else value


@register.filter
def share(value: int | str, rows: list[list[Any]]) -> str:
    """Return a number as a share in a hundred of the largest of a table's rows; what is not shown has none."""
    most = max((each for _label, each in rows if isinstance(each, int)), default=0)
    return f"{100 * value / most:.1f}" if isinstance(value, int) and most else "0"
