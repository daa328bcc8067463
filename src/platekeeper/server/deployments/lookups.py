"""Read deployments. How far one is follows from its steps."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from platekeeper.core.rules.deployments import AIDS, DeploymentFacts
from platekeeper.server.deployments.models import AfterAction, Deployment, DeploymentStep, Loan, RoadMap, Use
from platekeeper.server.personnel.models import Person

Kind = DeploymentStep.Kind
ENDS = (Kind.REFUSED, Kind.CANCELED, Kind.ENDED)
"""The steps that close a deployment."""


def deployments() -> QuerySet[Deployment]:
    """Return every deployment with what a page shows of it, the latest first."""
    steps = Prefetch("steps", DeploymentStep.objects.select_related("by"))
    uses = Prefetch("uses", Use.objects.select_related("lpr", "member", "ended_by"))
    loans = Prefetch("loans", Loan.objects.select_related("lpr", "lent_by", "returned_to"))
    found = Deployment.objects.select_related("in_charge", "asked_by", "agency", "after_action__by")
    return found.prefetch_related("lprs", "people", steps, uses, loans)


def concerning(person: Person) -> Q:
    """Return the condition that somebody asked for a deployment, is in charge of it, or takes part."""
    takes_part = Deployment.people.through.objects.filter(deployment=OuterRef("pk"), person=person)
    return Q(asked_by=person) | Q(in_charge=person) | Q(Exists(takes_part))


def undecided(*, aid: bool, at: datetime) -> QuerySet[Deployment]:
    """Return what waits for a decision, the one that begins first first: mutual aid, or all the rest."""
    kind = Q(kind__in=AIDS) if aid else ~Q(kind__in=AIDS)
    return deployments().filter(kind, ~Exists(_steps(Kind.AUTHORIZED, *ENDS)), until__gt=at).order_by("since", "pk")


def unreported(*, by: datetime) -> QuerySet[Deployment]:
    """Return the authorized deployments that were over by a moment and of which nobody has reported what came of them."""
    over = Q(until__lte=by) | Exists(_steps(Kind.ENDED).filter(at__lte=by))
    reported = AfterAction.objects.filter(deployment=OuterRef("pk"))
    return deployments().filter(over, Exists(_steps(Kind.AUTHORIZED)), ~Exists(reported))


def open_uses() -> QuerySet[Use]:
    """Return the uses of LPRs that have not ended: at most one an LPR."""
    return Use.objects.filter(ended_at=None).select_related("lpr", "member", "deployment")


def open_loans() -> QuerySet[Loan]:
    """Return the LPRs in the hands of other agencies: at most one loan an LPR."""
    return Loan.objects.filter(returned_at=None).select_related("lpr", "deployment")


def road_maps() -> QuerySet[RoadMap]:
    """Return the files of roads without their content, the newest first: that one counts."""
    return RoadMap.objects.select_related("added_by").defer("content")


def open_ones(*, at: datetime) -> QuerySet[Deployment]:
    """Return the deployments that are neither closed nor over, authorized or not, the next first."""
    return deployments().filter(~Exists(_steps(*ENDS)), until__gt=at).order_by("since", "pk")


def facts_of(deployment: Deployment, *, person: Person) -> DeploymentFacts:
    """Return how far a deployment is, as a person before it meets it."""
    kinds = {step.kind for step in deployment.steps.all()}
    uses, loans = list(deployment.uses.all()), list(deployment.loans.all())
    return DeploymentFacts(
        kind=deployment.rule_kind,
        since=deployment.since,
        until=deployment.until,
        is_own=deployment.asked_by_id == person.pk,
        in_charge=deployment.in_charge_id == person.pk,
        takes_part=person.pk in {each.pk for each in deployment.people.all()},
        authorized=Kind.AUTHORIZED in kinds,
        closed=not kinds.isdisjoint(ENDS),
        ended=Kind.ENDED in kinds,
        out=sum(use.ended_at is None for use in uses) + sum(loan.returned_at is None for loan in loans),
        used=bool(uses or loans),
        answered=not kinds.isdisjoint({Kind.GRANTED, Kind.DECLINED}),
        reported=AfterAction.objects.filter(deployment=deployment).exists(),
    )


def subject_of(deployment: Deployment) -> str:
    """Return what the ledger calls a deployment."""
    return f"deployment:{deployment.pk}"


def _steps(*kinds: DeploymentStep.Kind) -> QuerySet[DeploymentStep]:
    return DeploymentStep.objects.filter(deployment=OuterRef("pk"), kind__in=kinds)
