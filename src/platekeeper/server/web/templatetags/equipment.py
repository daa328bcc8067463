"""How long repairs took."""

from __future__ import annotations

from datetime import timedelta

from django import template
from django.utils.translation import ngettext

register = template.Library()


@register.filter
def spoken(length: timedelta) -> str:
    """Return "3 days", "5 hours" or "12 minutes": the largest unit that fits, rounded down."""
    if length >= timedelta(days=1):
        return ngettext("%d day", "%d days", length.days) % length.days
    hours, minutes = divmod(int(length.total_seconds()) // 60, 60)
    if hours:
        return ngettext("%d hour", "%d hours", hours) % hours
    return ngettext("%d minute", "%d minutes", minutes) % minutes
