"""What partners answered, as pages show it."""

from __future__ import annotations

from django import template

from platekeeper.core.federation.words import MICRO, Found, SharedRead, answered_in
from platekeeper.server.partners.models import PartnerQuestion

register = template.Library()


@register.filter
def found_by(question: PartnerQuestion) -> Found | None:
    """Return what a partner found, None where there is no answer, or it is kept no longer."""
    said = answered_in(question.answer.said) if hasattr(question, "answer") else None
    return said if isinstance(said, Found) else None


@register.filter
def degrees_of(read: SharedRead) -> str:
    """Return where a read was captured, as maps take it."""
    if read.latitude is None or read.longitude is None:
        return ""
    return f"{read.latitude / MICRO:.5f}, {read.longitude / MICRO:.5f}"


@register.filter
def in_groups(fingerprint: str) -> str:
    """Return a fingerprint as two people read it out to each other."""
    return " ".join(fingerprint[at : at + 4] for at in range(0, len(fingerprint), 4))
