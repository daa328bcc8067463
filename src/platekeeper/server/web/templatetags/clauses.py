"""Clauses as people call them, and changes of them. Every template has it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from django import template

from platekeeper.core.amendments import Amendment
from platekeeper.core.clauses import Clause
from platekeeper.core.document import Mark, Run
from platekeeper.server.register.lines import Line
from platekeeper.server.web.language import said

register = template.Library()
_NAMES = {each.number: each.title for each in Clause if re.search("[a-z]{2}", each.number)} | {
    "header": "Header",
    "signature": "Signature",
}


@register.filter
def clause_name(number: str) -> str:
    """Return VI.k for VI.k; the name of what has no letter in the policy: its header, signature and defined terms."""
    return said(_NAMES[number]).partition(":")[0] if number in _NAMES else number


@register.filter
def clause_heading(clause: Clause | Amendment | Line) -> str:
    """Return a clause's name and title; of a defined term the title alone, which begins with its name."""
    name, title = clause_name(clause.number), said(clause.title)
    return title if title.startswith(f"{name}:") else f"{name} · {title}"


@register.filter
def spaced(runs: Sequence[Run]) -> list[tuple[Run, bool]]:
    """Give each run with whether a space is shown before it: what was put in does not run into what was taken out."""
    before = (Run(""), *runs)
    return [
        (run, last.mark is Mark.DELETED and run.mark is Mark.INSERTED and not last.text[-1:].isspace())
        for last, run in zip(before, runs, strict=False)
    ]
