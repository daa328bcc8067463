"""Words of stored enumerations, as people read them."""

from __future__ import annotations

from django import template
from django.utils.functional import Promise

from platekeeper.server.web.forms.entries import HIT_ACTIONS

register = template.Library()


@register.filter
def words(value: str) -> str:
    """Return "stolen vehicle" for "stolen_vehicle"."""
    return str(value).replace("_", " ")


@register.filter
def what_it_does(action: str) -> str | Promise:
    """Return what a hit does, as whoever asks for an entry reads it."""
    return HIT_ACTIONS.get(action, action)
