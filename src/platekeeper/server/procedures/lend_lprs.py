"""Mutual aid (V.e): the other agency's answer is recorded, LPRs are lent to it and taken back, each against a receipt."""

from __future__ import annotations

from platekeeper.core.clauses import Clause
from platekeeper.core.rules import mutual_aid as rules
from platekeeper.core.rules.decision import Decision, Refused
from platekeeper.server.deployments import changes
from platekeeper.server.deployments.lookups import facts_of, subject_of
from platekeeper.server.deployments.models import Deployment, DeploymentStep, Loan
from platekeeper.server.equipment.models import LPR
from platekeeper.server.ledger.actions import Action
from platekeeper.server.procedures.authority import Footing, RefusedAction, demanded
from platekeeper.server.procedures.deploy_lprs import log, lpr_facts, take
from platekeeper.server.storage.holding import hold

Kind = DeploymentStep.Kind


def grant(by: Footing, deployment: Deployment, *, words: str) -> None:
    """Record that the other agency helps, and with what."""
    _answered(by, deployment, Kind.GRANTED, words)


def decline(by: Footing, deployment: Deployment, *, words: str) -> None:
    """Record that the other agency does not help."""
    _answered(by, deployment, Kind.DECLINED, words)


def _answered(by: Footing, deployment: Deployment, kind: DeploymentStep.Kind, words: str) -> None:
    take(
        by, deployment, kind, lambda facts: rules.may_answer(by.authority, by.policy, facts, words=words), words=words
    )  # fmt: skip


def judge_loan(by: Footing, deployment: Deployment, lpr: LPR, *, receiver: str) -> Decision:
    """Say whether this person may hand an LPR over now."""
    facts, lent = facts_of(deployment, person=by.person), lpr_facts(by, deployment, lpr)
    return rules.may_lend(by.authority, by.policy, facts, lent, receiver=receiver, at=by.at)


def lend(by: Footing, deployment: Deployment, *, lpr: LPR, receiver: str, state: str = "") -> Loan:
    """Hand an LPR over to the agency that asked for mutual aid."""
    subject = subject_of(deployment)
    by.demand(judge_loan(by, deployment, lpr, receiver=receiver), attempted=Action.LPR_LENT, subject=subject)
    twice = Refused(Clause.V_e, "This LPR has just been lent.")
    with by.act(Action.LPR_LENT, subject=subject, twice=twice):
        hold(deployment)
        hold(lpr)
        demanded(judge_loan(by, deployment, lpr, receiver=receiver))
        loan = changes.lend(
            deployment, lpr=lpr, receiver=receiver.strip()[:120], state=state.strip()[:240], at=by.at, by=by.person,
            policy=by.policy.stamp,
        )  # fmt: skip
        details = {"loan": loan.pk, "lpr": lpr.pk, "lent": True, "agency": deployment.agency_name}
        log(by, Action.LPR_LENT, deployment, details, sealed={"receiver": loan.receiver, "state": loan.state})
    return loan


def take_back(by: Footing, loan: Loan, *, giver: str, state: str = "") -> None:
    """Take a lent LPR back."""
    deployment, giver, state = loan.deployment, giver.strip()[:120], state.strip()[:240]
    facts, subject = facts_of(deployment, person=by.person), subject_of(deployment)
    decision = rules.may_take_back(by.authority, by.policy, facts, giver=giver)
    by.demand(decision, attempted=Action.LPR_LENT, subject=subject)
    with by.act(Action.LPR_LENT, subject=subject):
        if not changes.take_back(loan, giver=giver, state=state, at=by.at, by=by.person):
            raise RefusedAction(Refused(Clause.V_e, "It is back already."))
        details = {"loan": loan.pk, "lpr": loan.lpr_id, "lent": False, "agency": deployment.agency_name}
        log(by, Action.LPR_LENT, deployment, details, sealed={"giver": giver, "state": state})
