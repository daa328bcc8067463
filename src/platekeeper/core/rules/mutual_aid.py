"""Mutual aid (V.e): what the other agency answers, and LPRs that are lent and come back, each against a receipt."""

from __future__ import annotations

from datetime import datetime

from platekeeper.core.clauses import Clause
from platekeeper.core.policy import Policy
from platekeeper.core.rules.access import Authority, has_any_duty, has_duty, may_act
from platekeeper.core.rules.decision import Allowed, Decision, Refused, first_refusal
from platekeeper.core.rules.deployments import (
    DIRECTOR,
    DeploymentFacts,
    Kind,
    LPRFacts,
    is_authorized,
    is_free,
)

TAKERS = (DIRECTOR, "IV.f.inventory")
"""Who takes an LPR back besides who is in charge."""


def may_answer(who: Authority, policy: Policy, facts: DeploymentFacts, *, words: str) -> Decision:
    """Decide whether the other agency's answer to a request of ours may be recorded so."""
    conditions = (
        (facts.kind is Kind.AID_SOUGHT, "It is not we who ask for help."),
        (not facts.closed, "It is closed."),
        (facts.authorized, "The request is not authorized: it has not gone out."),
        (not facts.answered, "They have answered already."),
        (words.strip(), "Say who answered, and what they send."),
    )
    concerned = facts.is_own or facts.in_charge
    return first_refusal(
        may_act(who), Allowed() if concerned else has_duty(who, policy, DIRECTOR), _first_wrong(conditions)
    )


def may_lend(
    who: Authority, policy: Policy, facts: DeploymentFacts, lpr: LPRFacts, *, receiver: str, at: datetime
) -> Decision:
    """Decide whether an LPR may be handed over: on mutual aid that is authorized, within its times, against a name."""
    ours = Refused(Clause.V_e, "LPRs are lent to an agency that asks for mutual aid.")
    unnamed = Refused(Clause.V_e, "Name who takes it over.")
    return first_refusal(
        may_act(who),
        Allowed() if facts.in_charge else has_duty(who, policy, DIRECTOR),
        Allowed() if facts.kind is Kind.AID_GIVEN else ours,
        is_authorized(facts, at=at),
        is_free(facts.kind, lpr),
        Allowed() if receiver.strip() else unnamed,
    )


def may_take_back(who: Authority, policy: Policy, facts: DeploymentFacts, *, giver: str) -> Decision:
    """Decide who takes a lent LPR back, at any time, and from whom."""
    unnamed = Refused(Clause.V_e, "Name who gives it back.")
    return first_refusal(
        may_act(who),
        Allowed() if facts.in_charge else has_any_duty(who, policy, *TAKERS),
        Allowed() if giver.strip() else unnamed,
    )


def _first_wrong(conditions: tuple[tuple[object, str], ...]) -> Decision:
    wrong = next((reason for given, reason in conditions if not given), "")
    return Refused(Clause.V_e, wrong) if wrong else Allowed()
