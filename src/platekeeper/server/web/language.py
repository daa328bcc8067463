"""The language of whoever reads: a page is written out in it, and nothing else is.

No request runs in Spanish (there is no LocaleMiddleware): views, procedures, the ledger, files, mail and logs speak
English, whoever acts. Words become Spanish where a template writes them: what is translated there, lazy labels, and by
`said` the finished English sentences of `core`, of procedures and of views (decision 38).
"""

from __future__ import annotations

import gettext
import re
from functools import cache, lru_cache, partial
from operator import ne
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.template.backends.django import DjangoTemplates, Template
from django.utils import translation
from django.utils.functional import lazy
from django.utils.translation import ngettext

_VALUE = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\d+\}")
_AMOUNT = re.compile(r"(\d+) (minute|hour|day|week|year|tour|copy|sighting|place|occasion)s?", re.ASCII)
"""A period, or another answer of the policy in a number of something."""
_LEAST, _LEAST_OF_NUMBERS = 6, 5
"""Letters that a sentence with values needs besides them to be known again; and one whose values are all numbers."""

_MOST, _MOST_OF_SEVERAL = 2_000, 500
"""Letters of what is looked through for a sentence with a value, or with several: what somebody typed may stand in it, and to
try where each of several begins takes the more time the longer it is, by its third or fourth power, while all others wait."""


def language_of(request: HttpRequest) -> str:
    """Return the language that somebody chose (a cookie remembers), or that their browser asks for, or English."""
    return translation.get_language_from_request(request)


class Pages(DjangoTemplates):
    """Django's templates, each written out in the language of whoever asked."""

    def get_template(self, template_name: str) -> Template:
        """Return a template. Raises TemplateDoesNotExist."""
        return _Page(super().get_template(template_name).template, self)


class _Page(Template):
    def render(self, context: dict[str, Any] | None = None, request: HttpRequest | None = None) -> str:
        if request is None:  # part of a page: it has the page's language
            return super().render(context)
        with translation.override(language_of(request)):
            return super().render(context, request)


def said(words: object) -> str:
    """Return English words in the language of the page being written; as they are where nothing is known of them.

    A sentence with values is known by what stands around them; values that are words or periods of ours are translated, too.
    So are the parts of what is told one after the other, "; " between them, and a list of words of ours.
    """
    text, language = str(words), translation.get_language() or ""
    if language.startswith("en"):
        return text
    try:
        return _said(text, language)
    finally:
        _said.cache_clear()  # what somebody typed is kept for nobody


@lru_cache(maxsize=_MOST)  # what is told one after the other is in a value of it again: each is looked through once
def _said(text: str, language: str) -> str:
    (known, sentences), say = _catalogue(language), partial(_said, language=language)
    if text in known or not text:
        return known.get(text, "")
    if amount := _AMOUNT.fullmatch(text.replace("copies", "copys")):
        return amount_of(int(amount[1]), amount[2])
    if len(text) > _MOST:
        return text
    told = text.split("; ")
    parts = list(map(say, told)) if len(told) > 1 else []
    if parts and all(map(ne, told, parts)):
        return "; ".join(parts)
    for longest, sentence, values, spoken in sentences:
        if len(values) > 1 and len(text) > _MOST_OF_SEVERAL:
            continue
        if longest in text and (match := sentence.fullmatch(text)):
            return _filled(spoken, dict(zip(values, map(say, match.groups()), strict=True)))
    if parts:
        return "; ".join(parts)
    listed = text.split(", ")
    if len(listed) > 1 and all(map(ne, listed, each := list(map(say, listed)))):
        return ", ".join(each)
    return text


def amount_of(count: int, unit: str) -> str:
    """Return a period or another amount, its unit in the singular, in the language of the page."""
    every = {
        "minute": ngettext("%d minute", "%d minutes", count),
        "hour": ngettext("%d hour", "%d hours", count),
        "day": ngettext("%d day", "%d days", count),
        "week": ngettext("%d week", "%d weeks", count),
        "year": ngettext("%d year", "%d years", count),
        "tour": ngettext("%d tour", "%d tours", count),
        "copy": ngettext("%d copy", "%d copies", count),
        "sighting": ngettext("%d sighting", "%d sightings", count),
        "place": ngettext("%d place", "%d places", count),
        "occasion": ngettext("%d occasion", "%d occasions", count),
    }
    return every[unit] % count


def _filled(words: str, values: dict[str, str]) -> str:
    return _VALUE.sub(lambda value: values.get(value[0], value[0]), words)


said_lazily = lazy(said, str)
"""`said` once a page writes it: for labels and choices of forms."""

_Sentence = tuple[str, re.Pattern[str], list[str], str]
"""Its longest words, its pattern, its values in order, and the translation."""


@cache
def _catalogue(language: str) -> tuple[dict[str, str], list[_Sentence]]:
    """Return our own strings, and those with values, the most particular first."""
    read = gettext.translation("django", settings.LOCALE_PATHS[0], languages=[language], fallback=True)
    every: dict[Any, str] = getattr(read, "_catalog", {})  # what no function of gettext lists
    known = {words: spoken for words, spoken in every.items() if isinstance(words, str) and words}
    found = [(_VALUE.split(words), words, spoken) for words, spoken in known.items() if _VALUE.search(words)]
    found.sort(key=lambda each: -sum(map(len, each[0])))
    return known, [
        _sentence(parts, words, spoken, value=r"(.*?)" if letters >= _LEAST else r"([\d.,]+)")
        for parts, words, spoken in found
        if (letters := len(re.findall(r"\w", "".join(parts)))) >= _LEAST_OF_NUMBERS
    ]


def _sentence(parts: list[str], words: str, spoken: str, *, value: str) -> _Sentence:
    plain = [part.replace("%%", "%") for part in parts]
    pattern = re.compile(value.join(map(re.escape, plain)), re.DOTALL)
    return max(plain, key=len), pattern, _VALUE.findall(words), spoken.replace("%%", "%")
