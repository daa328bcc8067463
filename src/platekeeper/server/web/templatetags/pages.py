"""`page_query`: the address of another page of a list, with whatever else this one's names."""

from __future__ import annotations

from django import template
from django.template.context import RequestContext
from django.template.defaulttags import querystring

register = template.Library()


@register.simple_tag(takes_context=True)
def page_query(context: RequestContext, name: str, number: int) -> str:
    """Return the query of the page shown, with this number for the list that goes by this name."""
    return str(querystring(context, None, **{name: number}))
