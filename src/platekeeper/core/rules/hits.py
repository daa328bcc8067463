"""What a hit asks for, and what comes before a stop (VII.e)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from platekeeper.core.clauses import Clause
from platekeeper.core.matching import StateAgreement
from platekeeper.core.rules.decision import Allowed, Decision, Refused

OVERDUE_AFTER = timedelta(minutes=30)
"""How long a hit is open before its supervisors are told that it waits too long."""


@dataclass(frozen=True, slots=True)
class HitFacts:
    """How far a hit has been worked. Times are aware UTC.

    `state_agreement` is what the LPR made of the state, `wanted_state` the entry's, "" where it names none of ours.
    `entry_ended` says why the entry is no longer in force, "" while it is.
    """

    image_verified_at: datetime | None = None
    image_differs: bool = False
    confirmed_at: datetime | None = None
    not_confirmed: bool = False
    stopped_at: datetime | None = None
    recalled: bool = False
    outcome: str = ""
    state_agreement: StateAgreement = StateAgreement.AGREES
    wanted_state: str = ""
    entry_ended: str = ""

    @property
    def is_closed(self) -> bool:
        """Whether nothing more is to be done before a stop."""
        return self.recalled or bool(self.outcome)

    @property
    def state_is_open(self) -> bool:
        """Whether the member must say which state they see: the LPR read another one than wanted, or none."""
        return self.state_agreement is not StateAgreement.AGREES


def may_stop(hit: HitFacts) -> Decision:
    """Decide whether a member may make the stop on this hit (VII.e)."""
    if hit.recalled:
        return Refused(Clause.VII_e, "This alarm has been recalled.")
    if hit.entry_ended:
        return Refused(Clause.VII_e, hit.entry_ended)
    if hit.image_differs:
        return Refused(Clause.VII_e_1, "The plate image differs from the vehicle.")
    if hit.image_verified_at is None:
        return Refused(Clause.VII_e_1, "Compare the plate image with the vehicle first.")
    if hit.not_confirmed:
        return Refused(Clause.VII_e_2, "Dispatch did not confirm this hit.")
    if hit.confirmed_at is None:
        return Refused(Clause.VII_e_2, "Confirm the hit through dispatch first.")
    return Allowed()


def may_verify_image(hit: HitFacts) -> Decision:
    """Decide whether the image comparison (VII.e.1) can still be recorded."""
    if hit.is_closed:
        return Refused(Clause.VII_e_1, "This hit is closed.")
    if hit.image_verified_at is not None or hit.image_differs:
        return Refused(Clause.VII_e_1, "The image has been compared already.")
    return Allowed()


def may_compare_anew(hit: HitFacts, *, agrees: bool) -> Decision:
    """Decide whether the comparison may come to the other result after all (VII.e.1): until a stop is made, or the hit is
    closed."""
    if hit.is_closed:
        return Refused(Clause.VII_e_1, "This hit is closed.")
    if hit.stopped_at is not None:
        return Refused(Clause.VII_e_1, "A stop was made on this hit already.")
    if not (hit.image_differs if agrees else hit.image_verified_at):
        return Refused(Clause.VII_e_1, "There is no comparison that says otherwise.")
    return Allowed()


def may_agree(hit: HitFacts, *, state_seen: str) -> Decision:
    """Decide whether the vehicle may be said to be the one wanted (VII.e.1): its state counts as much as its plate.

    `state_seen` is what the member reads on the vehicle, "" when they did not say; it is needed where the LPR did not
    read the state that is wanted. An entry without a state is answered by any.
    """
    if hit.state_is_open and not state_seen:
        return Refused(Clause.VII_e_1, "Say which state you see on the vehicle's plate.")
    if state_seen and hit.wanted_state and state_seen != hit.wanted_state:
        return Refused(
            Clause.VII_e_1,
            f"A plate of {state_seen} is another plate than the one of {hit.wanted_state} that is wanted. "
            "Record that it differs.",
        )
    return Allowed()


def may_ask_confirmation(hit: HitFacts) -> Decision:
    """Decide whether dispatch may be asked (VII.e.2): once the image was verified."""
    if hit.is_closed:
        return Refused(Clause.VII_e_2, "This hit is closed.")
    if hit.image_verified_at is None:
        return Refused(Clause.VII_e_1, "Compare the plate image with the vehicle first.")
    if hit.confirmed_at is not None or hit.not_confirmed:
        return Refused(Clause.VII_e_2, "Dispatch has answered already.")
    return Allowed()


def may_answer_anew(hit: HitFacts, *, confirmed: bool) -> Decision:
    """Decide whether dispatch's answer may be the other one after all (VII.e.2): until a stop is made, or the hit is closed.

    It is "confirmed" only where a first answer could be that, on an entry that is in force.
    """
    if hit.is_closed:
        return Refused(Clause.VII_e_2, "This hit is closed.")
    if hit.stopped_at is not None:
        return Refused(Clause.VII_e_2, "A stop was made on this hit already.")
    if hit.confirmed_at is None and not hit.not_confirmed:
        return Refused(Clause.VII_e_2, "There is no answer yet.")
    if confirmed is (hit.confirmed_at is not None):
        return Refused(Clause.VII_e_2, "This is the answer that stands.")
    if confirmed and hit.image_differs:
        return Refused(Clause.VII_e_1, "The plate image differs from the vehicle.")
    if confirmed and hit.image_verified_at is None:
        return Refused(Clause.VII_e_1, "Compare the plate image with the vehicle first.")
    if confirmed and hit.entry_ended:
        return Refused(Clause.VII_e, hit.entry_ended)
    return Allowed()


def may_close_unworked(hit: HitFacts) -> Decision:
    """Decide whether a supervisor may close a hit that nobody will work (VII.e)."""
    if hit.is_closed:
        return Refused(Clause.VII_e, "This hit is closed already.")
    if hit.stopped_at is not None:
        return Refused(Clause.VII_e, "A stop was made on this hit: record its outcome on the hit's page.")
    return Allowed()


def may_reopen(hit: HitFacts, *, over: str) -> Decision:
    """Decide whether a hit that was closed is opened again (VII.e). `over` says why it is none to work any more, "" while it
    is one."""
    if hit.recalled:
        return Refused(Clause.VII_e, "This alarm has been recalled.")
    if not hit.outcome:
        return Refused(Clause.VII_e, "This hit is open.")
    return Refused(Clause.VII_e, over) if over else Allowed()


def may_take_stop_back(hit: HitFacts) -> Decision:
    """Decide whether a stop that was recorded by mistake is taken back (VII.e)."""
    return Allowed() if hit.stopped_at is not None else Refused(Clause.VII_e, "No stop is recorded on this hit.")


def is_overdue(raised_at: datetime, *, at: datetime) -> bool:
    """Say whether a hit that is open still has been so for too long."""
    return at - raised_at > OVERDUE_AFTER
