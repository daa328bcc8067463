"""Numbers as drawings want them: never in the words of a locale."""

from __future__ import annotations

from django import template

register = template.Library()


@register.filter
def percent(share: float) -> str:
    """Return 37.5 for 0.375."""
    return f"{100 * share:.2f}"


@register.filter
def rest(share: int) -> str:
    """Return what is left of a hundred."""
    return f"{100 - share}"


@register.filter
def plain(number: float) -> str:
    """Return a number with two digits behind the point."""
    return f"{number:.2f}"
