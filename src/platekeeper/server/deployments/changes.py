"""The only writer of deployments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from platekeeper.server.deployments.models import (
    AfterAction,
    Deployment,
    DeploymentStep,
    Loan,
    Perimeter,
    RoadMap,
    Use,
)
from platekeeper.server.equipment.models import LPR
from platekeeper.server.personnel.models import Person


def ask(
    *, lprs: Iterable[LPR], people: Iterable[Person], at: datetime, by: Person, policy: tuple[int, str], **facts: Any
) -> Deployment:
    """Enter what is asked for."""
    deployment = Deployment.objects.create(
        asked_at=at, asked_by=by, policy_number=policy[0], policy_digest=policy[1], **facts
    )
    deployment.lprs.set(lprs)
    deployment.people.set(people)
    return deployment


def add_step(
    deployment: Deployment, *, kind: DeploymentStep.Kind, at: datetime, by: Person, policy: tuple[int, str], words: str
) -> DeploymentStep:
    """Add a step. Raises IntegrityError when it was taken already."""
    return DeploymentStep.objects.create(
        deployment=deployment, kind=kind, at=at, by=by, words=words, policy_number=policy[0], policy_digest=policy[1]
    )


def begin_use(deployment: Deployment, *, lpr: LPR, at: datetime, by: Person, policy: tuple[int, str]) -> Use:
    """Begin the use of an LPR. Raises IntegrityError while it is in use on a deployment."""
    return Use.objects.create(
        deployment=deployment, lpr=lpr, member=by, begun_at=at, policy_number=policy[0], policy_digest=policy[1]
    )


def end_use(use: Use, *, at: datetime, by: Person) -> bool:
    """End a use; False when it had ended already."""
    return bool(Use.objects.filter(pk=use.pk, ended_at=None).update(ended_at=at, ended_by=by))


def report(
    deployment: Deployment, *, numbers: Mapping[str, int], counted: Mapping[str, int | None], words: str, at: datetime,
    by: Person, policy: tuple[int, str],
) -> AfterAction:  # fmt: skip
    """Keep the after-action report. Raises IntegrityError when there is one."""
    return AfterAction.objects.create(
        deployment=deployment, at=at, by=by, counted=dict(counted), words=words, policy_number=policy[0],
        policy_digest=policy[1], **numbers,
    )  # fmt: skip


def lend(
    deployment: Deployment, *, lpr: LPR, receiver: str, state: str, at: datetime, by: Person, policy: tuple[int, str]
) -> Loan:
    """Hand an LPR over to another agency. Raises IntegrityError while it is lent."""
    return Loan.objects.create(
        deployment=deployment, lpr=lpr, receiver=receiver, state=state, lent_at=at, lent_by=by,
        policy_number=policy[0], policy_digest=policy[1],
    )  # fmt: skip


def take_back(loan: Loan, *, giver: str, state: str, at: datetime, by: Person) -> bool:
    """Take a lent LPR back; False when it was back already."""
    found = Loan.objects.filter(pk=loan.pk, returned_at=None)
    return bool(found.update(returned_at=at, returned_to=by, giver=giver, state_back=state))


def add_roads(
    *, file_name: str, sha256: str, content: bytes, crossings: int, roads: int, at: datetime, by: Person
) -> RoadMap:
    """Keep the roads of a file, and nothing but the facts of those before it."""
    RoadMap.objects.exclude(content=b"").update(content=b"")
    return RoadMap.objects.create(
        file_name=file_name, sha256=sha256, content=content, crossings=crossings, roads=roads, added_at=at, added_by=by
    )


def keep_perimeter(
    deployment: Deployment, *, road_map: RoadMap, asked: Mapping[str, Any], posts: list[dict[str, Any]], at: datetime,
    by: Person, policy: tuple[int, str],
) -> Perimeter:  # fmt: skip
    """Keep posts with a deployment."""
    return Perimeter.objects.create(
        deployment=deployment, road_map=road_map, asked=dict(asked), posts=posts, at=at, by=by, policy_number=policy[0],
        policy_digest=policy[1],
    )  # fmt: skip
