"""What left the department, as pages show it."""

from __future__ import annotations

import re
from datetime import datetime

from django import template
from django.utils.timezone import localtime

register = template.Library()
_MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d[+-]\d{4}"


@register.filter
def taken_from(source: str) -> str:
    """Return what something was taken from, its moments on the reader's clock; the manifest has them as they are kept."""
    said = re.sub(rf"({_MOMENT})/({_MOMENT})", r"\1 – \2", source)
    return re.sub(_MOMENT, lambda found: f"{localtime(datetime.fromisoformat(found[0])):%Y-%m-%d %H:%M}", said)
