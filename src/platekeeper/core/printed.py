"""The department's filled-in policy as a document: every clause in our words or the department's own, blanks filled."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from platekeeper.core.amendments import PLACE, Amendment, How, clauses_with, place_of
from platekeeper.core.blanks import BLANKS
from platekeeper.core.clauses import Clause
from platekeeper.core.document import Document, Mark, Paragraph, Run, Section, Signature
from platekeeper.core.policy import Policy
from platekeeper.core.wording import HEADINGS, WORDING


@dataclass(frozen=True, slots=True)
class Line:
    """One clause as the department has it. `note` says what the department did to it, and why."""

    number: str
    title: str
    runs: tuple[Run, ...]
    note: str = ""

    @property
    def section(self) -> str:
        """The section it stands in."""
        return self.number.split(".")[0]

    @property
    def text(self) -> str:
        """The text without marks; an unfilled blank reads as its label in brackets."""
        return "".join(f"[{run.text}]" if run.mark is Mark.UNFILLED else run.text for run in self.runs)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a printed version says of itself. Days are ISO 8601; `adopted_by` and `adopted_on` are empty in a draft."""

    printed_on: str
    adopted_by: str = ""
    adopted_on: str = ""
    watermark: str = ""


def lines_of(policy: Policy) -> list[Line]:
    """Return every clause of a version, the department's own among them, in the order of the policy."""
    return [
        _line(each, policy)
        if isinstance(each, Clause)
        else Line(each.number, each.title, (Run(each.text),), f"Added by the Department: {each.reason}")
        for each in clauses_with(policy.amendments)
    ]


def runs_of(text: str, policy: Policy) -> tuple[Run, ...]:
    """Return a text with the blanks in it filled from a version; `{chief}` follows the kind of department."""
    return tuple(_runs(text, policy))


def document(policy: Policy, standing: Standing) -> Document:
    """Return a version as it is printed, numbered as the model policy is."""
    values = policy.values
    head = {
        "Effective date": values.get("header.effective", ""),
        "Review date": values.get("header.review", ""),
        "Section": values.get("header.section", ""),
        "Version": f"{policy.number}{' (draft)' if not standing.adopted_on else ''}",
    }
    body = [line for line in lines_of(policy) if line.section in HEADINGS]
    return Document(
        title="License Plate Reader Policy",
        department=policy.department or "Department not named yet",
        facts=tuple(head.items()),
        sections=tuple(
            Section(f"{number}.", HEADINGS[number], tuple(_paragraph(line) for line in lines))
            for number, lines in groupby(body, key=lambda line: line.section)
        ),
        signature=Signature(policy.chief, standing.adopted_by, standing.adopted_on),
        footer=_footer(policy, standing),
        watermark=standing.watermark,
    )


def changes(before: Policy, after: Policy, standing: Standing) -> Document:
    """Return what changed between two versions, clause by clause, as tracked changes."""
    old, new = ({line.number: line for line in lines_of(policy)} for policy in (before, after))
    numbers = sorted(old.keys() | new.keys(), key=place_of)
    changed = [number for number in numbers if _content(old.get(number)) != _content(new.get(number))]
    paragraphs = [
        Paragraph(
            runs=tracked(_words(old.get(number)), _words(new.get(number))),
            number=number,
            depth=1,
            note=(new.get(number) or old[number]).note,
        )
        for number in changed
    ]
    return Document(
        title=f"Changes from version {before.number} to version {after.number}",
        department=after.department,
        facts=(("From", f"version {before.number}"), ("To", f"version {after.number}"), ("Clauses", str(len(changed)))),
        sections=(Section("", "Changed clauses", tuple(paragraphs)),),
        signature=None,
        footer=_footer(after, standing),
        watermark=standing.watermark,
    )


def tracked(before: str, after: str) -> tuple[Run, ...]:
    """Return the second text with what was put in and what was taken out marked, word by word."""
    old, new = (re.findall(r"\s+|[^\s,;.]+|[,;.]", text) for text in (before, after))
    runs: list[Run] = []
    for what, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            runs.append(Run("".join(new[c:d])))
            continue
        runs += [Run("".join(old[a:b]), Mark.DELETED)] if b > a else []
        runs += [Run("".join(new[c:d]), Mark.INSERTED)] if d > c else []
    return tuple(runs)


def _line(clause: Clause, policy: Policy) -> Line:
    amendment = policy.amendments.get(clause.number)
    line = Line(clause.number, clause.title, runs_of(WORDING[clause], policy))
    return line if amendment is None else _amended(line, amendment, policy)


def _amended(line: Line, amendment: Amendment, policy: Policy) -> Line:
    if amendment.how is How.STRUCK:
        return replace(line, runs=(Run("Struck."),), note=f"Struck by the Department: {amendment.reason}")
    return replace(
        line, runs=runs_of(amendment.text, policy), note=f"In the Department's own words: {amendment.reason}"
    )


def _runs(text: str, policy: Policy) -> Iterator[Run]:
    at = 0
    for found in PLACE.finditer(text):
        key = found[1]
        if key != "chief" and key not in BLANKS:
            continue
        if found.start() > at:
            yield Run(text[at : found.start()])
        at = found.end()
        if key == "chief":
            yield Run(policy.chief)
        elif key in policy.values:
            yield Run(BLANKS[key].spoken(policy.values[key]), Mark.ANSWER)
        else:
            yield Run(BLANKS[key].label, Mark.UNFILLED)
    if at < len(text):
        yield Run(text[at:])


def _paragraph(line: Line) -> Paragraph:
    parts = line.number.split(".")
    if parts[0] == "III":
        return Paragraph(line.runs, "", len(parts) - 1, line.note)
    return Paragraph(line.runs, f"{parts[-1]}." if len(parts) > 1 else "", len(parts) - 1, line.note)


def _content(line: Line | None) -> tuple[str, str]:
    return ("", "") if line is None else (line.text, line.note)


def _words(line: Line | None) -> str:
    return "" if line is None else line.text


def _footer(policy: Policy, standing: Standing) -> str:
    stamp = f", {policy.digest[:12]}" if policy.digest else ""
    state = f"adopted {standing.adopted_on}" if standing.adopted_on else "draft"
    return f"{policy.department} · LPR policy, version {policy.number} ({state}{stamp}) · printed {standing.printed_on}"
