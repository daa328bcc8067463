"""LPRs are deployed on special details and in mutual aid (V.d, V.e): asked for, authorized, used, brought back, ended."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_noop

from platekeeper.core.clauses import Clause
from platekeeper.core.rules import deployments as rules
from platekeeper.core.rules.access import has_any_duty
from platekeeper.core.rules.decision import Allowed, Decision, Refused
from platekeeper.server.deployments import changes
from platekeeper.server.deployments.lookups import (
    concerning,
    deployments,
    facts_of,
    open_loans,
    open_uses,
    subject_of,
    undecided,
    unreported,
)
from platekeeper.server.deployments.models import Deployment, DeploymentStep, Use
from platekeeper.server.equipment.models import LPR
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.personnel.models import Agency, Person
from platekeeper.server.procedures.authority import Footing, RefusedAction, demanded
from platekeeper.server.storage.holding import hold
from platekeeper.server.userlog.lookups import open_tours
from platekeeper.server.userlog.models import Tour

Kind = DeploymentStep.Kind
Decide = Callable[[rules.DeploymentFacts], Decision]


def may_see_deployments(by: Footing) -> Decision:
    """Decide who opens the list: the department's own people; each sees there what concerns them."""
    return rules.may_ask(by.authority, by.policy, rules.Kind.OTHER) if not _oversees(by) else Allowed()


def seen_by(by: Footing) -> QuerySet[Deployment]:
    """Return what this person may see, the latest first."""
    return deployments() if _oversees(by) else deployments().filter(concerning(by.person))


def waiting(by: Footing) -> list[Deployment]:
    """Return the deployments on which this person can decide, the one that begins first first."""
    found = [each for aid in (False, True) for each in undecided(aid=aid, at=by.at)]
    return [
        each
        for each in sorted(found, key=lambda each: each.since)
        if rules.may_decide(by.authority, by.policy, facts_of(each, person=by.person))
    ]


def to_report(by: Footing) -> list[Deployment]:
    """Return what this person was in charge of, is over, and waits for their report."""
    return list(unreported(by=by.at).filter(in_charge=by.person))


def _oversees(by: Footing) -> bool:
    return bool(has_any_duty(by.authority, by.policy, *rules.OVERSEERS))


def ask(
    by: Footing, asked: rules.Asked, *, in_charge: Person, lprs: Collection[LPR] = (), people: Collection[Person] = (),
    area: str = "", agency: Agency | None = None, contact: str = "",
) -> Deployment:  # fmt: skip
    """Ask for a deployment; it waits for whom the policy names. `asked` counts the LPRs and people given here."""
    by.demand(
        rules.may_ask(by.authority, by.policy, asked.kind),
        rules.may_be_asked(asked, at=by.at),
        attempted=Action.DEPLOYMENT_ASKED,
    )
    with transaction.atomic():
        deployment = changes.ask(
            lprs=lprs, people=people, at=by.at, by=by.person, policy=by.policy.stamp, kind=asked.kind.value,
            purpose=asked.purpose.strip(), offense=asked.offense.strip(), case_number=asked.case_number.strip(),
            sought=asked.sought.strip(), place=asked.place.strip(), area=area, since=asked.since, until=asked.until,
            in_charge=in_charge, agency=agency, agency_name=asked.agency.strip(), contact=contact.strip(),
        )  # fmt: skip
        details = {"kind": deployment.kind, "since": deployment.since.isoformat(), "until": deployment.until.isoformat(),
                   "lprs": sorted(each.pk for each in lprs), "agency": deployment.agency_name}  # fmt: skip
        sealed = {"purpose": deployment.purpose, "place": deployment.place, "area": area, "sought": deployment.sought,
                  "in_charge": in_charge.name, "people": "; ".join(sorted(each.name for each in people))}  # fmt: skip
        log(by, Action.DEPLOYMENT_ASKED, deployment, details, sealed=sealed)
    return deployment


def view(by: Footing, deployment: Deployment) -> rules.DeploymentFacts:
    """Log that somebody looks into a deployment, before it is shown; return how far it is."""
    facts = facts_of(deployment, person=by.person)
    decision = rules.may_see(by.authority, by.policy, facts)
    by.demand(decision, attempted=Action.DEPLOYMENT_VIEWED, subject=subject_of(deployment))
    with transaction.atomic():
        log(by, Action.DEPLOYMENT_VIEWED, deployment, {})
    return facts


def authorize(by: Footing, deployment: Deployment, *, words: str = "") -> None:
    """Authorize a deployment: its LPRs may be used within its times."""
    take(by, deployment, Kind.AUTHORIZED, lambda facts: rules.may_authorize(by.authority, by.policy, facts, at=by.at),
         words=words)  # fmt: skip


def refuse(by: Footing, deployment: Deployment, *, words: str) -> None:
    """Refuse a deployment."""
    take(
        by,
        deployment,
        Kind.REFUSED,
        lambda facts: rules.may_refuse(by.authority, by.policy, facts, why=words),
        words=words,
    )


def cancel(by: Footing, deployment: Deployment, *, words: str) -> None:
    """Take back what one asked for."""
    take(by, deployment, Kind.CANCELED, lambda facts: rules.may_cancel(by.authority, facts, why=words), words=words)


def end(by: Footing, deployment: Deployment, *, words: str) -> None:
    """End a deployment."""
    take(
        by, deployment, Kind.ENDED, lambda facts: rules.may_end(by.authority, by.policy, facts, why=words), words=words
    )


def take(by: Footing, deployment: Deployment, kind: Kind, decide: Decide, *, words: str) -> None:
    """Take a step on a deployment if the rule allows it; asked once more once nobody else can take one."""
    subject = subject_of(deployment)
    by.demand(decide(facts_of(deployment, person=by.person)), attempted=Action.DEPLOYMENT_STEP, subject=subject)
    words = words.strip()[:400]
    with by.act(Action.DEPLOYMENT_STEP, subject=subject):
        hold(deployment)
        demanded(decide(facts_of(deployment, person=by.person)))
        changes.add_step(deployment, kind=kind, at=by.at, by=by.person, policy=by.policy.stamp, words=words)
        log(by, Action.DEPLOYMENT_STEP, deployment, {"step": kind.value}, sealed={"words": words})


def judge_use(by: Footing, deployment: Deployment, lpr: LPR) -> Decision:
    """Say whether this person may use an LPR on a deployment now."""
    facts = facts_of(deployment, person=by.person)
    return rules.may_use_on(by.authority, by.policy, by.today, facts, lpr_facts(by, deployment, lpr), at=by.at)


def begin_use(by: Footing, deployment: Deployment, *, lpr: LPR) -> Use:
    """Take an LPR to a deployment."""
    subject = subject_of(deployment)
    by.demand(judge_use(by, deployment, lpr), attempted=Action.DEPLOYMENT_USE, subject=subject)
    taken = Refused(deployment.rule_kind.clause, "This LPR has just been taken by somebody else.")
    with by.act(Action.DEPLOYMENT_USE, subject=subject, twice=taken):
        hold(deployment)
        hold(lpr)
        demanded(judge_use(by, deployment, lpr))
        use = changes.begin_use(deployment, lpr=lpr, at=by.at, by=by.person, policy=by.policy.stamp)
        log(by, Action.DEPLOYMENT_USE, deployment, {"use": use.pk, "lpr": lpr.pk, "begun": True})
    return use


def end_use(by: Footing, use: Use) -> None:
    """Bring an LPR back."""
    deployment = use.deployment
    facts, subject = facts_of(deployment, person=by.person), subject_of(deployment)
    over = Refused(deployment.rule_kind.clause, "This LPR was brought back already.")
    by.demand(
        rules.may_bring_back(by.authority, by.policy, facts, is_user=use.member_id == by.person.pk),
        attempted=Action.DEPLOYMENT_USE, subject=subject,
    )  # fmt: skip
    with by.act(Action.DEPLOYMENT_USE, subject=subject):
        if not _ended(by, use):
            raise RefusedAction(over)


def end_with_tour(by: Footing, tour: Tour) -> None:
    """Bring back the LPR that a member took along on a tour that ends, within the transaction that ends it."""
    for use in open_uses().filter(lpr=tour.lpr, member=tour.member):
        _ended(by, use)


def _ended(by: Footing, use: Use) -> bool:
    if not changes.end_use(use, at=by.at, by=by.person):
        return False
    log(by, Action.DEPLOYMENT_USE, use.deployment, {"use": use.pk, "lpr": use.lpr_id, "begun": False})
    return True


def lpr_facts(by: Footing, deployment: Deployment, lpr: LPR) -> rules.LPRFacts:
    """Return an LPR as a deployment meets it. A member takes along the LPR of their own tour."""
    on_tour = open_tours().filter(lpr=lpr, member=by.person).exists()
    return rules.LPRFacts(
        assigned=deployment.lprs.filter(pk=lpr.pk).exists(),
        in_service=lpr.in_service,
        busy=where_busy(by, lpr),
        tour_first=lpr.kind == LPR.Kind.MOBILE and not on_tour,
    )


def where_busy(by: Footing, lpr: LPR) -> str:
    """Return where an LPR is in use, in words; empty where this person may take it."""
    if loan := open_loans().filter(lpr=lpr).first():
        return f"lent to {loan.deployment.agency_name}"
    if open_uses().filter(lpr=lpr).exists():
        return gettext_noop("in use on a deployment")
    others = open_tours().filter(lpr=lpr).exclude(member=by.person)
    return gettext_noop("on a tour of somebody else's") if others.exists() else ""


def out_of(deployment: Deployment) -> int:
    """Count the LPRs of a deployment that are in use or lent now."""
    uses, loans = deployment.uses.all(), deployment.loans.all()
    return sum(use.ended_at is None for use in uses) + sum(loan.returned_at is None for loan in loans)


def log(
    by: Footing, action: Action, deployment: Deployment, details: dict[str, Any], *,
    sealed: dict[str, str] | None = None, clause: Clause | None = None,
) -> None:  # fmt: skip
    """Append what was done on a deployment, as the last thing in its transaction."""
    append(
        at=by.at, by=by.actor, action=action, clause=clause or deployment.rule_kind.clause, subject=subject_of(deployment),
        details=details, sealed=sealed, purpose=deployment.kind, case=deployment.case_number, policy=by.policy.stamp,
    )  # fmt: skip
