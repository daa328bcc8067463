"""What may leave the department, to whom, and on which ground (IV.h, VI.l): an MOU in force, or an order of a court."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

import msgspec

from platekeeper.core.clauses import Clause
from platekeeper.core.policy import Policy
from platekeeper.core.rules.access import Authority, has_any_duty, has_duty
from platekeeper.core.rules.decision import Allowed, Decision, Refused, first_refusal
from platekeeper.core.search.areas import Area
from platekeeper.core.search.drawn import drawn

DIRECTOR, CUSTODIAN = "VI.l.director", "IV.e.custodian"
READERS = (DIRECTOR, CUSTODIAN, "VI.e.auditors", "VI.i.by", "signature.authority")
SHOWN_AHEAD = timedelta(days=30)
"""How long before its end an MOU is shown as ending."""
LONGEST = timedelta(days=5 * 366)
"""What runs longer was forgotten: the parties attest anew."""


class Share(StrEnum):
    """What an MOU can let leave: entries of hot lists, reads, hits, and answers to searches."""

    HOT_LISTS = "hot_lists"
    READS = "reads"
    HITS = "hits"
    SEARCHES = "searches"


class Terms(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How little of it leaves. As strict as can be unless an MOU says otherwise.

    `only_hits`: of reads, those that raised a hit. `misses`: hits that were misread, or of another state, leave too. `area`:
    as it is drawn for a search, empty for everywhere. `days`: how long the receiver promises to keep what it gets.
    """

    images: bool = False
    only_hits: bool = True
    misses: bool = False
    area: str = ""
    days: int = 0

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Terms:
        """Read terms as they are kept. Raises `msgspec.ValidationError`, which is a ValueError."""
        return msgspec.convert(dict(kept), cls)

    def kept(self) -> dict[str, Any]:
        """Return them as plain data."""
        return msgspec.structs.asdict(self)

    @property
    def place(self) -> Area | None:
        """Where what leaves was captured; None for anywhere. Raises ValueError."""
        return drawn(self.area) if self.area else None


@dataclass(frozen=True, slots=True)
class MouFacts:
    """An MOU as its steps leave it at a moment. In force it is from `begins` on, before `ends`."""

    title: str
    shares: frozenset[Share]
    purposes: frozenset[str]
    barred: frozenset[str]
    terms: Terms
    begins: datetime
    ends: datetime
    ours: bool = False
    theirs: bool = False
    suspended: bool = False
    ended: bool = False


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """A warrant, subpoena or court order on record, and until when it obliges the department."""

    title: str
    shares: frozenset[Share]
    begins: datetime
    ends: datetime
    withdrawn: bool = False


def is_in_force(facts: MouFacts, *, at: datetime) -> Decision:
    """Refuse an MOU that is not attested by both, suspended, ended, not begun, or over."""
    named = f"“{facts.title}”"
    conditions = (
        (not facts.ended, f"The MOU {named} was ended."),
        (not facts.suspended, f"The MOU {named} is suspended."),
        (facts.ours and facts.theirs, f"The MOU {named} is not attested by both agencies."),
        (at >= facts.begins, f"The MOU {named} is not in force yet."),
        (at < facts.ends, f"The MOU {named} has expired."),
    )
    return _first_wrong(conditions)


def may_share(facts: MouFacts | None, *, what: Share, purpose: str, at: datetime) -> Decision:
    """Decide whether an MOU lets `what` leave for a purpose (VI.l); its purposes are those that queries name (IV.h)."""
    if facts is None:
        return Refused(Clause.VI_l, "No MOU with this agency is on record: nothing leaves without one, or an order.")
    barred = Refused(Clause.IV_h, f"The MOU “{facts.title}” bars this purpose.")
    uncovered = Refused(Clause.IV_h, f"The MOU “{facts.title}” does not share for this purpose.")
    unshared = Refused(Clause.VI_l, f"The MOU “{facts.title}” does not share this: {_SAID[what]}.")
    return first_refusal(
        is_in_force(facts, at=at),
        Allowed() if what in facts.shares else unshared,
        barred if purpose in facts.barred else Allowed(),
        Allowed() if purpose in facts.purposes else uncovered,
    )


def is_ordered(facts: OrderFacts, *, what: Share, at: datetime) -> Decision:
    """Decide whether an order lets `what` leave: it obliges, whatever an MOU says."""
    conditions = (
        (not facts.withdrawn, f"The order {facts.title} was withdrawn."),
        (at >= facts.begins, f"The order {facts.title} is not of force yet."),
        (at < facts.ends, f"The order {facts.title} is of force no longer."),
        (what in facts.shares, f"The order {facts.title} does not ask for this: {_SAID[what]}."),
    )
    return _first_wrong(conditions)


def may_see_sharing(who: Authority, policy: Policy) -> Decision:
    """Decide who reads the agreements and what left: those who direct, keep, transfer and audit."""
    return has_any_duty(who, policy, *READERS)


def may_draft(who: Authority, policy: Policy) -> Decision:
    """Decide who drafts an MOU, records an order, stops a sharing at once, and records the other agency's word."""
    return has_any_duty(who, policy, DIRECTOR, CUSTODIAN)


def may_direct(who: Authority, policy: Policy) -> Decision:
    """Decide who attests for the department, and lets a suspended MOU go on: upon whose direction data is shared."""
    return has_duty(who, policy, DIRECTOR)


def may_be_drafted(facts: MouFacts, *, agency: str, document: bytes, today: date, ends_on: date) -> Decision:
    """Refuse an MOU that shares nothing, for nothing, both ways, for ever, without its document, or over already."""
    conditions = (
        (agency, "Name the agency with which it is."),
        (facts.title.strip(), "Give the MOU a title."),
        (facts.shares, "Choose what is shared."),
        (facts.purposes, "Choose the purposes for which it is shared."),
        (not facts.purposes & facts.barred, "A purpose cannot be both allowed and barred."),
        (facts.terms.days > 0, "Say for how many days the receiver promises to keep what it gets."),
        (facts.begins < facts.ends, "It ends before it begins."),
        (ends_on >= today, "It is over already."),
        (facts.ends - facts.begins <= LONGEST, "An MOU is attested anew after five years."),
        (document.startswith(b"%PDF-"), "Attach the signed document as a PDF."),
    )
    return _first_wrong(conditions)


def may_attest(facts: MouFacts, policy: Policy, *, agency: str, ours: bool, words: str, at: datetime) -> Decision:
    """Decide whether an MOU may be attested: each agency once, ours only for a destination that the policy names."""
    conditions = (
        (not facts.ended, "This MOU was ended."),
        (at < facts.ends, "This MOU has expired."),
        (not (facts.ours if ours else facts.theirs), "It was attested already."),
        (ours or words.strip(), "Name who attested it for the other agency, and their position."),
    )
    return first_refusal(_first_wrong(conditions), is_destination(policy, agency) if ours else Allowed())


def may_suspend(facts: MouFacts, *, why: str) -> Decision:
    """Decide whether an MOU may be suspended, which stops at once all that it lets leave."""
    conditions = (
        (not facts.ended, "This MOU was ended."),
        (not facts.suspended, "It is suspended already."),
        (why.strip(), "Say why it is suspended."),
    )
    return _first_wrong(conditions)


def may_resume(facts: MouFacts) -> Decision:
    """Decide whether a suspended MOU may go on."""
    return _first_wrong(((not facts.ended, "This MOU was ended."), (facts.suspended, "It is not suspended.")))


def may_end(facts: MouFacts, *, why: str) -> Decision:
    """Decide whether an MOU may be ended for good."""
    return _first_wrong(((not facts.ended, "This MOU was ended."), (why.strip(), "Say why it ends.")))


def is_destination(policy: Policy, agency: str, *, ways: Collection[str] = ("request", "routine")) -> Decision:
    """Refuse an agency that the policy does not name as a destination, or a way of sharing that it does not know."""
    unfilled = policy.needs("VI.l.how", "VI.l.destinations", DIRECTOR)
    if isinstance(unfilled, Refused):
        return unfilled
    if policy.text("VI.l.how") not in {*ways, "both"}:
        said = _WAYS[next(iter(ways))] if len(ways) == 1 else "upon request or by routine transfer"
        return Refused(Clause.VI_l, f"The policy does not share LPR data {said}.", "VI.l.how")
    named = {each.strip().casefold() for each in policy.values["VI.l.destinations"]}
    unnamed = Refused(Clause.VI_l, f"The policy names no such destination of LPR data: {agency}.", "VI.l.destinations")
    return Allowed() if agency.strip().casefold() in named else unnamed


_WAYS = {"request": "upon request", "routine": "by routine transfer"}
_SAID = {
    Share.HOT_LISTS: "entries of hot lists",
    Share.READS: "reads",
    Share.HITS: "hits",
    Share.SEARCHES: "answers to searches",
}


def _first_wrong(conditions: tuple[tuple[object, str], ...]) -> Decision:
    wrong = next((reason for holds, reason in conditions if not holds), "")
    return Refused(Clause.VI_l, wrong) if wrong else Allowed()
