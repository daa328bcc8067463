"""The table of the register: rules that exist, pages that open, and every clause that the rules speak of."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path

import pytest
from django.urls import reverse

import platekeeper
from platekeeper.core.clauses import Clause
from platekeeper.server.register.entries import ENTRIES
from platekeeper.server.register.guidance import GUIDANCE
from platekeeper.server.web.register import PAGES

ROOT = Path(platekeeper.__file__).parent
RULES = sorted((ROOT / "core" / "rules").glob("*.py"))
PROCEDURES = sorted((ROOT / "server" / "procedures").glob("*.py"))


def _cited(path: Path, *, refused_only: bool = False) -> set[Clause]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if refused_only and not (
            isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Refused"
        ):
            continue
        inside = ast.walk(node) if refused_only else (node,)
        found |= {
            each.attr
            for each in inside
            if isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name) and each.value.id == "Clause"
        }
    return {clause for clause in Clause if clause.name in found}


@pytest.mark.parametrize("clause", ENTRIES)
def test_its_rule_exists(clause: Clause) -> None:
    module, *names = _split(ENTRIES[clause].rule)
    found: object = import_module(module)
    for name in names:
        found = getattr(found, name)
    assert callable(found)


def _split(rule: str) -> list[str]:
    """Return the module of a dotted path within the project, and the names inside it."""
    parts = rule.split(".")
    modules = [end for end in range(1, len(parts) + 1) if ROOT.joinpath(*parts[:end]).with_suffix(".py").is_file()]
    return [f"platekeeper.{'.'.join(parts[: modules[0]])}", *parts[modules[0] :]]


NAMED = {entry.page for entry in ENTRIES.values()} | {guidance.page for guidance in GUIDANCE.values()} | {"policy"}


@pytest.mark.parametrize("page", sorted(NAMED))
def test_its_page_opens_and_has_a_name(page: str) -> None:
    assert reverse(page)
    assert PAGES[page]


def test_every_page_named_is_used() -> None:
    assert set(PAGES) == NAMED


@pytest.mark.parametrize("clause", ENTRIES)
def test_how_it_is_kept_is_one_sentence(clause: Clause) -> None:
    how = ENTRIES[clause].how
    assert how.endswith(".") and how.count(". ") == 0 and len(how) < 140


@pytest.mark.parametrize("path", [*RULES, *PROCEDURES], ids=lambda path: path.stem)
def test_what_code_cites_is_in_the_register(path: Path) -> None:
    assert _cited(path) <= {*ENTRIES, *GUIDANCE}


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.stem)
def test_what_rules_refuse_under_has_evidence(path: Path) -> None:
    assert _cited(path, refused_only=True) <= ENTRIES.keys()
