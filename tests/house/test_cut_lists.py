"""No page cuts a list silently: it leads to the rest, or says what it shows and how the rest is seen."""

from __future__ import annotations

import ast
import re
from pathlib import Path

WEB = Path(__file__).parents[2] / "src/platekeeper/server/web"
_TEXT = re.compile(r"request\.(GET|POST)|\.what$|^f'|join|^(uid|moment|subject|wanted|plate|before|number)$")
"""What is a text: as much of it as its place holds is taken."""
_WHOLE = {
    ("blanks.py", "(*data_list, '', '')"),
    ("guide.py", "keys"),
    ("search_requests.py", "OUTSIDE"),
    ("sharing.py", "FORMS"),
}
"""No lists of records."""
SAID = {
    ("agencies.py", "disseminations().filter(agency=found)"): ("people/agency.html", "All that was handed out to it"),
    ("audit.py", "shown"): ("audit/ledger.html", "Older"),
    ("cases.py", "to_take"): ("cases/cases.html", "more come up once these are preserved"),
    ("disposals.py", "lookups.proposals().exclude(approved_at=None, refused_at=None)"): (
        "retention/disposals.html", "The last 20 decided"
    ),
    ("hits.py", "found"): ("hits/_alarms.html", "more open alarms are not shown here"),
    ("hits.py", "lookups.recalled(at=by.at)"): ("hits/_alarms.html", "Recalled:"),
    ("investigations.py", "lookups.own(by.person).filter(terms__tool__in=TOOLS)"): (
        "investigations/tools.html", "newest investigations"
    ),
    ("office.py", "standing.drills"): ("upkeep/backups.html", "Drills"),
    ("queries.py", "lookups.own(by.person)"): ("queries/new.html", "newest queries"),
    ("query_log.py", "found"): ("queries/log.html", "More than"),
    ("query_log.py", "lookups.cases_to_preserve_in()"): ("queries/log.html", "cases are listed at most"),
    ("query_log.py", "rows"): ("queries/log.html", "Older"),
    ("reads.py", "payload"): ("reads/letter.html", "hidden"),
    ("reads.py", "refusals()"): ("reads/letters.html", "The newest 14 are listed"),
    ("tours.py", "tours_of(by.person).exclude(ended_at=None).prefetch_related('log__revisions')"): (
        "tours/tours.html", "Your last tours"
    ),
    ("upkeep.py", "lookups.disposals()"): ("upkeep/_lately.html", "every certificate"),
}  # fmt: skip
"""What is cut, by module and expression: the page, and the words in which it says so. All else is led through by pages."""


def _cut() -> set[tuple[str, str]]:
    found = set()
    for module in sorted(WEB.rglob("*.py")):
        for node in ast.walk(ast.parse(module.read_text())):
            if not (isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice)) or node.slice.lower:
                continue
            cut = ast.unparse(node.value)
            if not _TEXT.search(cut) and "number_of(before)" not in cut:
                found.add((module.name, cut))
    return found - _WHOLE


def test_every_list_that_is_cut_says_so() -> None:
    assert sorted(_cut()) == sorted(SAID)
    for (module, _cut_there), (template, words) in SAID.items():
        place = WEB / "templates" / template if template else WEB / module
        assert words in place.read_text(), place
