"""How long repairs took."""

from __future__ import annotations

from datetime import timedelta

from django import template

from platekeeper.server.web.language import amount_of

register = template.Library()


@register.filter
def spoken(length: timedelta) -> str:
    """Return "3 days", "5 hours" or "12 minutes": the largest unit that fits, rounded down."""
    if length >= timedelta(days=1):
        return amount_of(length.days, "day")
    hours, minutes = divmod(int(length.total_seconds()) // 60, 60)
    return amount_of(hours, "hour") if hours else amount_of(minutes, "minute")
