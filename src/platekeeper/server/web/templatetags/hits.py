"""Words of stored enumerations, as people read them; and how far a hit is."""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.utils.functional import Promise

from platekeeper.server.hits import lookups
from platekeeper.server.hits.models import Hit, HitStep
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


@register.filter
def standing(hit: Hit) -> Iterable[HitStep]:
    """Return the steps of a hit that count."""
    return lookups.standing(hit).values()
