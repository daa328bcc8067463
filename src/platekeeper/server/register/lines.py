"""The clause register: every clause with the department's answers, how it is kept, and live evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext_noop as _

from platekeeper.core.amendments import Amendment, How, clauses_with
from platekeeper.core.blanks import Blank, Kind, blanks_of
from platekeeper.core.clauses import Clause
from platekeeper.core.policy import Policy
from platekeeper.server.policy.lookups import as_policy, to_come
from platekeeper.server.policy.models import PolicyVersion
from platekeeper.server.register.entries import ENTRIES
from platekeeper.server.register.evidence.basis import Evidence, Status
from platekeeper.server.register.guidance import GUIDANCE
from platekeeper.server.register.period import Period
from platekeeper.server.register.words import Joined, Said

_OWN = _("A clause of the department's own, kept by its people; the software enforces nothing under it.")
_OUR_WORDS = (Kind.CHOICE, Kind.PERIOD, Kind.WHOLE)
THE_CLAUSE = Said("The clause itself")


@dataclass(frozen=True, slots=True)
class Answer:
    """One blank as the version in force answers it; `text` is empty while it is unfilled.

    `in_our_words`: a period, a choice or the like, and nothing that the department wrote.
    """

    label: str | Said
    text: object
    in_our_words: bool = False


@dataclass(frozen=True, slots=True)
class Other:
    """What another version answers, which was in force within the period or is adopted for a day to come."""

    version: int
    since: date
    until: date | None
    label: str | Said
    text: object
    in_our_words: bool = False

    @property
    def days(self) -> str:
        """When it holds: "from 2026-12-01 (version 3)"."""
        if self.until is None:
            return str(Said("from {0} (version {1})", self.since, self.version))
        return str(Said("{0} to {1} (version {2})", self.since, self.until, self.version))

    def __str__(self) -> str:
        return f"{self.days}: {self.text}"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the register. `clause` is None for a clause that the department added; `rule` is empty where none keeps it.

    `amendment` says what the version in force does to the clause, `others` what other versions say of it.
    """

    number: str
    title: str
    clause: Clause | None
    answers: tuple[Answer, ...]
    how: str
    rule: str
    page: str
    evidence: Evidence
    amendment: Amendment | None = None
    others: tuple[Other, ...] = ()

    @property
    def section(self) -> str:
        """The section it stands in."""
        return self.number.split(".")[0]

    @property
    def status(self) -> Status:
        """What the evidence comes to."""
        return self.evidence.status


@dataclass(frozen=True, slots=True)
class _Shown:
    """Another version whose answers are shown, and its days."""

    number: int
    policy: Policy
    since: date
    until: date | None


def register(period: Period) -> list[Line]:
    """Return the whole register of a period, clause by clause in the policy's order."""
    others = [*_earlier(period), *_coming(period)]
    shown = [period.policy, *(other.policy for other in others)]
    amendments = {number: each for policy in reversed(shown) for number, each in policy.amendments.items()}
    return [
        _line(each, period, others) if isinstance(each, Clause) else _added(each, period, others)
        for each in clauses_with(amendments)
    ]


def line_of(clause: Clause, period: Period) -> Line:
    """Return the line of one clause of the model policy."""
    return _line(clause, period, [*_earlier(period), *_coming(period)])


def counted(lines: Sequence[Line]) -> dict[Status, int]:
    """Return how many lines there are of each status."""
    counts = Counter(line.status for line in lines)
    return {status: counts[status] for status in Status}


def _line(clause: Clause, period: Period, others: Sequence[_Shown]) -> Line:
    amendment = period.policy.amendments.get(clause.number)
    how, rule, page, evidence = _kept(clause, period)
    struck = amendment is not None and amendment.how is How.STRUCK
    return Line(
        number=clause.number,
        title=clause.title,
        clause=clause,
        answers=(*_answers(clause, period.policy), *_besides(clause, period)),
        how=how,
        rule=rule,
        page=page,
        evidence=evidence if struck else _with_open_blanks(evidence, clause, period.policy),
        amendment=amendment,
        others=tuple(_differences(clause, period.policy, others)),
    )


def _kept(clause: Clause, period: Period) -> tuple[str, str, str, Evidence]:
    """Return how a clause is kept, the rule, the page, and the evidence."""
    if clause in GUIDANCE:
        guidance = GUIDANCE[clause]
        said = guidance.look(period).said if guidance.look else ""
        return guidance.how, "", guidance.page, Evidence(Status.GUIDANCE, said)
    entry = ENTRIES[clause]
    return entry.how, entry.rule, entry.page, entry.look(period)


def _added(amendment: Amendment, period: Period, others: Sequence[_Shown]) -> Line:
    current = period.policy.amendments.get(amendment.number)
    return Line(
        number=amendment.number,
        title=amendment.title,
        clause=None,
        answers=(),
        how=_OWN,
        rule="",
        page="policy",
        evidence=Evidence(Status.GUIDANCE, "" if current else Said("Not in force on this day")),
        amendment=current,
        others=tuple(_clause_itself(amendment.number, period.policy, others)),
    )


def _answers(clause: Clause, policy: Policy) -> list[Answer]:
    return [
        _answer(blank, policy.values[blank.key]) if blank.key in policy.values else Answer(blank.label, "")
        for blank in blanks_of(clause)
    ]


def _answer(blank: Blank, value: Any) -> Answer:
    return Answer(blank.label, blank.spoken(value), in_our_words=blank.kind in _OUR_WORDS or value == [])


def _besides(clause: Clause, period: Period) -> list[Answer]:
    """Return what a line says besides its blanks: to whom recommendations go (IV.g), who adopted the version."""
    if clause is Clause.IV_g:
        return [Answer(Said("Recommendations go to the"), period.policy.chief)]
    version = period.version if clause is Clause.signature else None
    if version is None or version.adopted_at is None or version.effective_at is None:
        return []
    adopted = Said("{0} on {1}", version.adopted_by_name, period.day_of(version.adopted_at))
    return [
        Answer(Said("Version {0} was adopted by", version.number), adopted),
        Answer(Said("In force since"), period.day_of(version.effective_at)),
    ]


def _with_open_blanks(evidence: Evidence, clause: Clause, policy: Policy) -> Evidence:
    """Make an otherwise kept or idle clause a caution while a blank of it is unfilled, and say which."""
    unfilled = [Said(blank.label) for blank in blanks_of(clause) if blank.key not in policy.values]
    if not unfilled or evidence.status not in (Status.KEPT, Status.IDLE):
        return evidence
    return Evidence(Status.CAUTION, Said("Unfilled: {0}. {1}", Joined(*unfilled, by="; "), evidence.said))


def _differences(clause: Clause, policy: Policy, others: Sequence[_Shown]) -> list[Other]:
    """Return what other versions answer differently."""
    found = list(_clause_itself(clause.number, policy, others))
    for other in others:
        for mine, theirs in zip(_answers(clause, policy), _answers(clause, other.policy), strict=True):
            if theirs != mine:
                text = theirs.text or Said("unfilled")
                when = other.number, other.since, other.until
                found.append(Other(*when, theirs.label, text, in_our_words=theirs.in_our_words))
    return found


def _clause_itself(number: str, policy: Policy, others: Sequence[_Shown]) -> list[Other]:
    mine = policy.amendments.get(number)
    return [
        Other(other.number, other.since, other.until, THE_CLAUSE, _done_to(theirs, mine))
        for other in others
        if (theirs := other.policy.amendments.get(number)) != mine
    ]


def _done_to(theirs: Amendment | None, mine: Amendment | None) -> Said:
    if theirs is None:
        is_added = mine is not None and mine.how is How.ADDED
        return Said("not there") if is_added else Said("as the model has it")
    if theirs.how is How.STRUCK:
        return Said("struck ({0})", theirs.reason)
    return Said("added: {0}", theirs.text) if theirs.how is How.ADDED else Said("worded anew: {0}", theirs.text)


def _earlier(period: Period) -> list[_Shown]:
    """Return the versions that were in force within the period and are no longer at its end, the oldest first."""
    adopted = period.adopted
    begins = {version.number: _begins(version) for version in adopted}
    turns = sorted({period.since, *(moment for moment in begins.values() if period.since < moment <= period.at)})
    found = []
    for turn, until in pairwise(turns):
        there = [version for version in adopted if begins[version.number] <= turn]
        if there and there[0].number != period.policy.number:
            last = _day(until - timedelta(microseconds=1), period)
            found.append(_Shown(there[0].number, as_policy(there[0]), _day(begins[there[0].number], period), last))
    return list({shown.number: shown for shown in found}.values())


def _coming(period: Period) -> list[_Shown]:
    return [
        _Shown(version.number, as_policy(version), _day(_begins(version), period), None)
        for version in to_come(at=period.at, of=period.adopted)
    ]


def _begins(version: PolicyVersion) -> datetime:
    moments = [moment for moment in (version.adopted_at, version.effective_at) if moment is not None]
    return max(moments)


def _day(moment: datetime, period: Period) -> date:
    return moment.astimezone(period.zone).date()
