"""`said`: words that were finished in English, in the reader's language. Every template has it."""

from __future__ import annotations

from django import template

from platekeeper.server.web import language

register = template.Library()
register.filter("said", language.said)
