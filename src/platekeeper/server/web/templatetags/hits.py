"""Words of stored enumerations, as people read them."""

from __future__ import annotations

from django import template

register = template.Library()


@register.filter
def words(value: str) -> str:
    """Return "stolen vehicle" for "stolen_vehicle"."""
    return str(value).replace("_", " ")
