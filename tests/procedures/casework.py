"""What working hits and cases comes to, in plain Python: no database, no product rule; the machine compares."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

MEMBERS = {"officer", "sergeant"}
DISPATCH = {"dispatcher", "sergeant"}  # the machine's sergeant sits at dispatch, too
SUPERVISORS = {"sergeant"}
SEES_HITS = MEMBERS | DISPATCH | {"custodian", "auditor"}
SEES_SILENT = {"custodian", "sergeant", "auditor"}
NO_CASES = {"rookie": "VI.b", "chief": "VI.b", "dispatcher": "IV.c", "auditor": "IV.c"}
"""Who works no cases, and the clause that says so."""
OTHER_WORD = {
    "confirmed": "not_confirmed", "not_confirmed": "confirmed",
    "image_verified": "image_differs", "image_differs": "image_verified", "outcome": "reopened",
    "stopped": "stop_taken_back",
}  # fmt: skip
"""The step that each takes back, or that takes it back."""
WINDOW, ALARMS_FOR = timedelta(minutes=15), timedelta(hours=24)
YEARS = {"felony": 25, "misdemeanor": 10, "violation": 5}


@dataclass
class ModelHit:
    """A hit: what it was raised as, and the kinds of its steps in their order. `entry` is the number of its own entry,
    `concerned` who asked for that or took a step."""

    entry: int
    seen: datetime
    silent: bool
    urgent: bool
    repeat_of: int | None
    steps: list[str] = field(default_factory=list)
    concerned: set[str] = field(default_factory=lambda: {"officer"})
    asked_by: str = ""
    compared_by: str = ""
    own_word_of: str = ""  # who gave their own word for the answer that stands
    outcome: str = ""
    closed_by: str = ""
    stopped_by: str = ""
    entry_over: bool = False

    @property
    def closed(self) -> bool:
        return self.stands("outcome") or "recalled" in self.steps

    @property
    def is_open_alarm(self) -> bool:
        return not self.closed and self.repeat_of is None and not self.silent

    @property
    def waits_for_dispatch(self) -> bool:
        asked = "confirmation_asked" in self.steps and not self.answered and not self.stands("image_differs")
        return self.repeat_of is None and not self.closed and asked

    @property
    def answered(self) -> bool:
        return "confirmed" in self.steps or "not_confirmed" in self.steps

    def stands(self, kind: str) -> bool:
        said = [step for step in self.steps if step in {kind, OTHER_WORD[kind]}]
        return said[-1:] == [kind]

    def before_stop(self) -> str:
        """Return the clause that a stop now departs from, "" for none."""
        for departs, clause in (
            ("recalled" in self.steps, "VII.e"),
            (not self.stands("image_verified"), "VII.e.1"),
            (not self.stands("confirmed"), "VII.e.2"),
        ):
            if departs:
                return clause
        return ""


@dataclass
class ModelDeparture:
    hit: int
    clause: str
    member: str
    reviewed: bool = False


@dataclass
class ModelCase:
    """A case: its facts, and of each copy the steps that its hit had then (none for a query)."""

    opened_on: date
    offense: str
    is_felony: bool
    arrested_on: date | None = None
    disposed_on: date | None = None
    directed_until: date | None = None
    copies: dict[str, list[str]] = field(default_factory=dict)

    def kept_until(self) -> date | None:
        """Return the latest of all ends, None when one of them is not known yet."""
        ends = list(self._ends())
        return None if None in ends else max(end for end in ends if end is not None)

    def _ends(self) -> Iterator[date | None]:
        disposed = self.disposed_on
        yield disposed and max(disposed, self.opened_on + timedelta(days=5 * 365))
        if self.arrested_on or self.is_felony:
            years = YEARS.get(self.offense)
            yield disposed + timedelta(days=years * 365) if disposed and years else None
        if self.directed_until:
            yield self.directed_until


def leads_on(hit: ModelHit) -> set[str]:
    """Return the steps towards a stop by the policy."""
    return {"image_verified", "confirmation_asked", "confirmed"} | ({"stopped"} if not hit.before_stop() else set())


# ---- the clause under which an act is refused, "" when it is not


def works_hits(who: str) -> str:
    return "" if who in MEMBERS else "IV.a"


def sees_hits(who: str) -> str:
    return "" if who in SEES_HITS else "IV.a"


def sees_hit(who: str, hit: ModelHit) -> str:
    asked = who in DISPATCH and "confirmation_asked" in hit.steps
    sees = who in SEES_SILENT | hit.concerned or asked
    return sees_hits(who) or ("VI.j" if hit.silent and not sees else "")


def hidden(who: str, hit: ModelHit) -> str:
    """Members do nothing with a hit that raises no alarm, unless they see it, and a stop was made on it all the same."""
    return sees_hit(who, hit) or ("VI.j" if hit.silent and not hit.stands("stopped") else "")


def reads_log(who: str) -> str:
    """Who preserves the custodian's queries: who made them, and who reads the log."""
    return "" if who in {"custodian", "auditor"} else "IV.e"


def works_cases(who: str) -> str:
    return NO_CASES.get(who, "")


def to_verify(who: str, hit: ModelHit) -> str:
    done = hit.closed or "image_verified" in hit.steps or "image_differs" in hit.steps
    return works_hits(who) or hidden(who, hit) or ("VII.e.1" if done else "")


def to_compare_anew(who: str, hit: ModelHit, *, kind: str) -> str:
    mistaken = hit.stands(OTHER_WORD[kind]) and not hit.stands("stopped") and not hit.closed
    return works_hits(who) or hidden(who, hit) or ("" if mistaken else "VII.e.1")


def to_agree_anew(who: str, hit: ModelHit) -> str:
    return to_compare_anew(who, hit, kind="image_verified")


def to_differ_anew(who: str, hit: ModelHit) -> str:
    return to_compare_anew(who, hit, kind="image_differs")


def to_confirm(hit: ModelHit) -> str:
    if hit.closed:
        return "VII.e.2"
    if not hit.stands("image_verified"):
        return "VII.e.1"
    return "VII.e.2" if hit.answered else ""


def to_ask(who: str, hit: ModelHit) -> str:
    twice = "VII.e" if hit.asked_by else ""
    return works_hits(who) or hidden(who, hit) or to_confirm(hit) or twice


def to_answer(who: str, hit: ModelHit) -> str:
    if who not in DISPATCH or hit.asked_by in {"", who}:
        return "VII.e.2"
    return to_confirm(hit)


def to_attest(who: str, hit: ModelHit) -> str:
    return works_hits(who) or hidden(who, hit) or to_confirm(hit)


def to_answer_anew(who: str, hit: ModelHit, *, kind: str) -> str:
    stands = hit.stands(OTHER_WORD[kind]) and not hit.stands("stopped") and not hit.closed
    unseen = "VII.e.1" if kind == "confirmed" and not hit.stands("image_verified") else ""
    allowed = unseen if stands else "VII.e.2"
    if who == hit.own_word_of:
        return works_hits(who) or hidden(who, hit) or allowed
    if who not in DISPATCH:
        return "VII.e.2"
    waits = hit.asked_by or hit.compared_by
    return sees_hit(who, hit) or ("VII.e.2" if waits in {"", who} else allowed)


def to_confirm_anew(who: str, hit: ModelHit) -> str:
    return to_answer_anew(who, hit, kind="confirmed")


def to_deny_anew(who: str, hit: ModelHit) -> str:
    return to_answer_anew(who, hit, kind="not_confirmed")


def to_attest_nobody(who: str, hit: ModelHit) -> str:
    return works_hits(who) or hidden(who, hit) or "VII.e.2"


def to_stop(who: str, hit: ModelHit) -> str:
    return works_hits(who) or ("VII.e" if hit.stands("stopped") else "")


def to_stop_unseen(who: str, hit: ModelHit) -> str:
    return works_hits(who) or ("VI.j" if hit.silent else to_stop(who, hit))


def to_end(who: str, hit: ModelHit) -> str:
    return works_hits(who) or hidden(who, hit)


def to_end_silent(who: str, hit: ModelHit) -> str:
    ends = hit.silent and hit.outcome != "dismissed" and not hit.stands("stopped")
    return "" if who == "custodian" and ends else "VI.j"


def to_reopen(who: str, hit: ModelHit) -> str:
    works = hit.stands("outcome") and "recalled" not in hit.steps and not hit.entry_over
    return sees_hit(who, hit) or ("" if works and who in {hit.closed_by, *SUPERVISORS} else "VII.e")


def to_take_stop_back(who: str, hit: ModelHit) -> str:
    theirs = hit.stands("stopped") and who in {hit.stopped_by, *SUPERVISORS}
    return sees_hit(who, hit) or ("" if theirs else "VII.e")


def to_review(who: str, departure: ModelDeparture, review: str) -> str:
    return "" if who in SUPERVISORS and who != departure.member and review else "VII.e"
