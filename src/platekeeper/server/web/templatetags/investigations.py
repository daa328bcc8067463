"""What entries of the Query Log ask, in words, whichever tool asked it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import template
from django.utils import timezone

from platekeeper.core.investigations import terms
from platekeeper.server.equipment.lookups import lprs
from platekeeper.server.querylog.models import QueryLogEntry
from platekeeper.server.web.language import said

register = template.Library()


@register.filter
def headline(asked: Mapping[str, Any]) -> str:
    """Return it in a few words; for a plain search, its plate."""
    return said(terms.headline(asked))


@register.filter
def described(asked: Mapping[str, Any]) -> list[str]:
    """Return it in words, LPRs by name, in the time of the page; of a plain search, what it asks besides its plate."""
    told = terms.describe(asked, dict(lprs().values_list("pk", "name")), zone=timezone.get_current_timezone())
    return [said(words) for words in told]


@register.filter
def ours(entry: QueryLogEntry, field: str) -> str:
    """Return what an entry of the Query Log says: in the language of the page where not a person wrote it, but the look among
    prior reads (VII.f.3)."""
    written = str(getattr(entry, field))
    return said(written) if entry.purpose == QueryLogEntry.Purpose.ALERT else written


@register.filter
def moment(written: str) -> str:
    """Return a moment of the terms, which the log writes in UTC, as the page's other times are: 2026-03-01 14:05."""
    return f"{timezone.localtime(datetime.fromisoformat(written)):%Y-%m-%d %H:%M}" if written else ""
