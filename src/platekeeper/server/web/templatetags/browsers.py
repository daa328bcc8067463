"""Which browser somebody signed in with, as people call it."""

from __future__ import annotations

from typing import NamedTuple

from django import template
from ua_parser import parse

register = template.Library()


class Browser(NamedTuple):
    """A browser's name with its version, and what it runs on; empty where a browser does not say."""

    name: str
    system: str


@register.filter
def browser(told: str) -> Browser:
    """Return the browser that calls itself so; one that nobody knows keeps its own words."""
    found = parse(told)
    name = " ".join(filter(None, (found.user_agent.family, found.user_agent.major))) if found.user_agent else told
    return Browser(name, found.os.family if found.os else "")
