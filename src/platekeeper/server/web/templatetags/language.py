"""`said`: words that were finished in English, in the reader's language; and languages by name. Every template has them."""

from __future__ import annotations

from django import template
from django.utils.translation import get_language_info

from platekeeper.server.web import language

register = template.Library()
register.filter("said", language.said)


@register.filter
def language_named(code: str) -> str:
    """Return English for en-US, in the reader's language; a code that nobody knows as it is."""
    try:
        return str(get_language_info(code)["name_translated"])
    except KeyError:
        return code
