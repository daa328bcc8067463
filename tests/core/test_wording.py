"""The printed policy's wording: one for every clause, and exactly its own blanks in it."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from platekeeper.core.blanks import blanks_of
from platekeeper.core.clauses import Clause
from platekeeper.core.wording import HEADINGS, WORDING, administration, data, field, investigations, opening, operations
from platekeeper.core.wording.why import WHY

SECTIONS = {
    opening: {"header", "I", "II", "III"},
    administration: {"IV"},
    operations: {"V"},
    data: {"VI"},
    field: {"VII"},
    investigations: {"VIII", "IX", "signature"},
}
UNHEADED = {"header", "signature"}
HOLE = re.compile(r"\{([^{}]*)\}")
EVERY = pytest.mark.parametrize("clause", Clause, ids=str)


def test_every_clause_is_worded_once_in_the_policys_order() -> None:
    assert list(WORDING) == list(Clause)
    assert Counter(clause for module in SECTIONS for clause in module.TEXT) == Counter(Clause)


@pytest.mark.parametrize(("module", "sections"), SECTIONS.items(), ids=lambda each: getattr(each, "__name__", ""))
def test_a_clause_stands_in_the_module_of_its_section(module: object, sections: set[str]) -> None:
    assert {clause.section for clause in module.TEXT} == sections  # type: ignore[attr-defined]


def test_every_clause_has_its_why_in_the_policys_order() -> None:
    assert list(WHY) == list(Clause)


def test_every_section_has_a_heading() -> None:
    assert list(HEADINGS) == list(dict.fromkeys(each.section for each in Clause if each.section not in UNHEADED))
    assert all(HEADINGS.values())


@EVERY
def test_a_wording_holds_each_blank_of_its_clause_once_and_no_other(clause: Clause) -> None:
    holes = Counter(key for key in HOLE.findall(WORDING[clause]) if key != "chief")
    assert holes == Counter(blank.key for blank in blanks_of(clause))


@EVERY
def test_a_wording_is_whole_sentences(clause: Clause) -> None:
    _is_prose(WORDING[clause])
    left = HOLE.sub("", WORDING[clause])
    assert "{" not in left and "}" not in left


@EVERY
def test_a_why_is_one_sentence_without_blanks(clause: Clause) -> None:
    why = WHY[clause]
    _is_prose(why)
    assert not set(why) & set("{}")
    assert ". " not in why


def _is_prose(text: str) -> None:
    assert text == " ".join(text.split()) and text.endswith(".") and len(text) > 5
    assert text[0].isupper() or text.startswith("{")
