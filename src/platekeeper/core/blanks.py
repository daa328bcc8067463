"""The blanks of the policy as typed values: what each asks, of which clause, and what waits for it.

Blanks marked `ours` are not in the model policy; the product needs them said, and so the department says them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from platekeeper.core.clauses import Clause


class Kind(StrEnum):
    """The type of a blank's value, as stored in JSON."""

    TEXT = "text"
    CHOICE = "choice"
    ZONE = "zone"
    WHOLE = "whole"
    POSITIONS = "positions"


class BlankError(ValueError):
    """The value offered does not fit the blank; the message says what would."""


@dataclass(frozen=True, slots=True)
class Blank:
    """One blank. `key` begins with the clause; `blocks` says in words what waits for it."""

    key: str
    clause: Clause
    kind: Kind
    label: str
    blocks: str
    example: str = ""
    unit: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    ours: bool = False

    def checked(self, value: Any) -> Any:
        """Return `value` as it is stored, or raise `BlankError`."""
        match self.kind:
            case Kind.WHOLE:
                if isinstance(value, bool) or not str(value).strip().isdigit():
                    raise BlankError(f"{self.label}: give a whole number of {self.unit}.")
                return int(value)
            case Kind.POSITIONS:
                titles = sorted({str(title).strip() for title in value} - {""})
                if not titles:
                    raise BlankError(f"{self.label}: name at least one position.")
                return titles
        text = str(value).strip()
        if not text:
            raise BlankError(f"{self.label}: this cannot be empty.")
        if self.kind is Kind.CHOICE and text not in dict(self.choices):
            raise BlankError(f"{self.label}: choose one of {', '.join(dict(self.choices))}.")
        if self.kind is Kind.ZONE:
            try:
                ZoneInfo(text)
            except (ZoneInfoNotFoundError, ValueError) as error:
                raise BlankError(
                    f"{self.label}: {text} is not a time zone; write one such as {self.example}."
                ) from error
        return text


_KINDS = (
    ("police", "Police Department (Chief)"),
    ("sheriff_department", "Sheriff's Department (Sheriff)"),
    ("sheriff_office", "Sheriff's Office (Sheriff)"),
)
_PLATES = (("complete", "complete plates only"), ("both", "complete and partial plates"))

_ALL = (
    Blank("III.name", Clause.III, Kind.TEXT, "Name of the department", "everything", "Harbor Falls"),
    Blank("III.kind", Clause.III, Kind.CHOICE, "Kind of department", "everything", choices=_KINDS),
    Blank("III.zone", Clause.III, Kind.ZONE, "Time zone of the department", "everything", "America/New_York", ours=True),
    Blank("IV.a.users", Clause.IV_a, Kind.POSITIONS, "Who may use LPRs", "working hits", "Patrol Officer"),
    Blank("IV.b.access", Clause.IV_b, Kind.POSITIONS, "Which members may reach LPR data", "queries", "Detective"),
    Blank("IV.c.authoriser", Clause.IV_c, Kind.POSITIONS, "Who authorises staff to reach LPR data", "staff access", "Chief"),
    Blank("IV.e.custodian", Clause.IV_e, Kind.POSITIONS, "Who keeps the data (LPR Data Custodian)",
          "loading hot lists, the Query Log, backups", "LPR Data Custodian"),
    Blank("IV.f.inventory", Clause.IV_f, Kind.POSITIONS, "Who keeps the inventory of LPRs (LPR Administrator)",
          "adding LPRs and issuing their keys", "LPR Administrator"),
    Blank("IV.i.trainers", Clause.IV_i, Kind.POSITIONS, "Who gives the training and keeps its record",
          "recording training", "Training Officer"),
    Blank("IV.i.refresher", Clause.IV_i, Kind.WHOLE, "Training is repeated within", "using LPRs and queries", "365",
          unit="days", ours=True),
    Blank("VI.a.decider", Clause.VI_a, Kind.POSITIONS, "Who decides on entries in the department's hot list",
          "hot list entries", "LPR Data Custodian"),
    Blank("VI.a.plates", Clause.VI_a, Kind.CHOICE, "Plates that may be entered", "hot list entries", choices=_PLATES),
    Blank("VI.b.access", Clause.VI_b, Kind.POSITIONS, "To whom access to LPR data is limited", "queries", "Detective"),
    Blank("VI.e.auditors", Clause.VI_e, Kind.POSITIONS, "Who audits the Query Log and the ledger", "the audit pages",
          "Auditor", ours=True),
    Blank("VI.j.manager", Clause.VI_j, Kind.POSITIONS, "Who manages the data of all LPRs", "dead letters",
          "LPR Data Custodian"),
    Blank("VI.k.floor", Clause.VI_k, Kind.WHOLE, "Reads are stored for no less than", "disposal", "30", unit="days"),
    Blank("VI.k.ceiling", Clause.VI_k, Kind.WHOLE, "Reads are disposed of after", "receiving reads, disposal", "180",
          unit="days", ours=True),
    Blank("VI.m.keeper", Clause.VI_m, Kind.POSITIONS, "Who backs up LPR data", "backups", "LPR Data Custodian"),
    Blank("VI.m.every", Clause.VI_m, Kind.WHOLE, "A backup is made every", "backups", "24", unit="hours"),
    Blank("VII.e.dispatch", Clause.VII_e_2, Kind.POSITIONS, "Who confirms hits at dispatch", "confirming hits",
          "Dispatcher", ours=True),
    Blank("VII.e.supervisors", Clause.VII_e, Kind.POSITIONS, "Who reviews departures from the steps before a stop",
          "working hits", "Patrol Sergeant", ours=True),
    Blank("VII.e.window", Clause.VII_e, Kind.WHOLE, "Hits of one vehicle count as one alarm for", "raising hits", "15",
          unit="minutes", ours=True),
    Blank("VII.f.directors", Clause.VII_f_2, Kind.POSITIONS, "Who may direct or authorise entries in the field",
          "urgent hot list entries", "Patrol Sergeant"),
    Blank("VIII.a.access", Clause.VIII_a, Kind.POSITIONS, "Who may make inquiries of stored reads", "queries", "Detective"),
    Blank("VIII.b.grantor", Clause.VIII_b, Kind.POSITIONS, "Who grants access to inquiries", "granting access", "Chief"),
    Blank("signature.authority", Clause.II, Kind.POSITIONS, "Who authorises this policy (Chief or Sheriff)",
          "adopting a policy", "Chief"),
)  # fmt: skip

BLANKS: dict[str, Blank] = {blank.key: blank for blank in _ALL}
"""Every blank by key, in the order of the policy."""
