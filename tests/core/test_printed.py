"""The printed policy and its tracked changes, as data."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platekeeper.core.amendments import Amendment, AmendmentError, How, amended, place_of
from platekeeper.core.clauses import Clause
from platekeeper.core.document import Mark
from platekeeper.core.policy import Policy
from platekeeper.core.printed import Standing, changes, document, lines_of, tracked
from tests.cast import POLICY as VALUES

POLICY = Policy(2, "d" * 64, VALUES)
STANDING = Standing("2026-11-25", "Charlie Chief", "2026-01-05")


def _with(*amendments: Amendment) -> Policy:
    return replace(POLICY, amendments={each.number: each for each in amendments})


def test_every_clause_is_a_line_in_the_policys_order() -> None:
    assert [line.number for line in lines_of(POLICY)] == [clause.number for clause in Clause]


def test_blanks_are_filled_and_an_open_one_shows_its_label() -> None:
    line = {line.number: line for line in lines_of(replace(POLICY, values={"IV.a.users": ["Officer"]}))}
    assert [run.text for run in line["IV.a"].runs if run.mark is Mark.ANSWER] == ["Officer"]
    assert [run.text for run in line["IV.c"].runs if run.mark is Mark.UNFILLED] == [
        "Who authorizes staff to reach LPR data"
    ]


@pytest.mark.parametrize(("kind", "chief"), [("police", "Chief"), ("sheriff_office", "Sheriff")])
def test_the_kind_of_department_decides_between_chief_and_sheriff(kind: str, chief: str) -> None:
    policy = replace(POLICY, values={**VALUES, "III.kind": kind})
    text = {line.number: line.text for line in lines_of(policy)}
    assert chief in text["IV.g"]
    printed = document(policy, STANDING)
    assert printed.signature is not None
    assert printed.signature.title == chief


def test_the_document_is_numbered_as_the_model_and_says_what_it_is() -> None:
    printed = document(POLICY, STANDING)
    assert [section.number for section in printed.sections] == [
        "I.", "II.", "III.", "IV.", "V.", "VI.", "VII.", "VIII.", "IX.",
    ]  # fmt: skip
    fields = printed.sections[6].paragraphs
    assert [(p.number, p.depth) for p in fields[4:7]] == [("e.", 1), ("1.", 2), ("2.", 2)]
    assert dict(printed.facts)["Version"] == "2"
    assert "version 2 (adopted 2026-01-05, dddddddddddd)" in printed.footer
    draft = document(POLICY, Standing("2026-11-25"))
    assert dict(draft.facts)["Version"] == "2 (draft)"


def test_clauses_are_added_struck_and_worded_anew_with_the_reason() -> None:
    policy = _with(
        amended("VI.n", how="added", title="Drones", text="No LPR flies.", reason="asked by the board"),
        amended("VI.a.6", how="added", title="Boats", text="Stolen boats.", reason="we have a harbor"),
        amended("V.d", how="struck", reason="we hold none"),
        amended("IV.a", how="changed", text="Only these: {IV.a.users}.", reason="shorter"),
    )
    lines = {line.number: line for line in lines_of(policy)}
    order = list(lines)
    assert order[order.index("VI.a.5") + 1] == "VI.a.6"
    assert order[order.index("VI.m") + 1] == "VI.n"
    assert (lines["V.d"].text, lines["V.d"].note) == ("Struck.", "Struck by the Department: we hold none")
    assert lines["IV.a"].text == "Only these: Patrol Officer, Patrol Sergeant."
    assert document(policy, STANDING).sections[5].paragraphs[-1].number == "n."


@pytest.mark.parametrize(
    "given",
    [
        {"number": "VI.b", "how": "added", "title": "t", "text": "x", "reason": "r"},
        {"number": "X.b", "how": "added", "title": "t", "text": "x", "reason": "r"},
        {"number": "VI.nn", "how": "added", "title": "t", "text": "x", "reason": "r"},
        {"number": "VI.n", "how": "added", "title": "", "text": "x", "reason": "r"},
        {"number": "VI.n", "how": "struck", "reason": "r"},
        {"number": "VI.b", "how": "struck", "reason": " "},
        {"number": "VI.b", "how": "changed", "text": " ", "reason": "r"},
        {"number": "VI.b", "how": "changed", "text": "see {IV.a.users}", "reason": "r"},
        {"number": "VI.b", "how": "changed", "text": "x" * 4001, "reason": "r"},
    ],
)
def test_an_amendment_that_cannot_be(given: dict[str, str]) -> None:
    with pytest.raises(AmendmentError):
        amended(**given)


def test_an_amendment_comes_back_as_it_was_stored() -> None:
    one = amended("VI.n", how="added", title="Drones", text="No LPR flies.", reason="board")
    assert Amendment.from_data("VI.n", one.as_data()) == one
    assert one.how is How.ADDED


def test_places_sort_as_the_policy_does() -> None:
    numbers = [clause.number for clause in Clause]
    assert sorted(numbers, key=place_of) == numbers


def test_a_change_reads_like_a_tracked_change() -> None:
    after = replace(POLICY, number=3, values={**VALUES, "VI.k.ceiling": "90 days"})
    found = changes(POLICY, after, STANDING)
    [paragraph] = found.sections[0].paragraphs
    assert paragraph.number == "VI.k"
    marked = [(run.text, run.mark) for run in paragraph.runs if run.mark is not Mark.PLAIN]
    assert marked == [("180", Mark.DELETED), ("90", Mark.INSERTED)]
    assert changes(POLICY, replace(POLICY, number=3), STANDING).sections[0].paragraphs == ()


_WORDS = st.lists(st.sampled_from(["one", "two", ",", " ", ". ", "three", "\n"]), max_size=12).map("".join)


@given(_WORDS, _WORDS)
def test_both_texts_can_be_read_out_of_the_tracked_change(before: str, after: str) -> None:
    runs = tracked(before, after)
    assert "".join(run.text for run in runs if run.mark is not Mark.INSERTED) == before
    assert "".join(run.text for run in runs if run.mark is not Mark.DELETED) == after


@given(st.text(), st.text())
def test_any_text_at_all_can_be_tracked(before: str, after: str) -> None:
    runs = tracked(before, after)
    assert "".join(run.text for run in runs if run.mark is not Mark.INSERTED) == before
    assert "".join(run.text for run in runs if run.mark is not Mark.DELETED) == after
