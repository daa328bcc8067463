"""After a deployment: the records count what they know, and who was in charge says what came of it (V.d, V.e)."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from django.db.models import Q

from platekeeper.core.investigations.sightings import Window
from platekeeper.core.rules.decision import Decision, Refused
from platekeeper.core.rules.deployments import may_report
from platekeeper.server.casefiles.lookups import preserved
from platekeeper.server.deployments import changes
from platekeeper.server.deployments.lookups import facts_of, subject_of
from platekeeper.server.deployments.models import AfterAction, Deployment
from platekeeper.server.hits.lookups import alarms, standing_steps
from platekeeper.server.hits.models import Hit, HitStep
from platekeeper.server.hits.reading import last_outcomes
from platekeeper.server.ledger.actions import Action
from platekeeper.server.procedures.authority import Footing, demanded
from platekeeper.server.procedures.deploy_lprs import log
from platekeeper.server.procedures.stores import read_store
from platekeeper.server.register.days import WRONG
from platekeeper.server.storage.errors import SearchTooWide
from platekeeper.server.storage.holding import hold

NUMBERS = ("reads", "hits", "correct", "misread", "stops", "arrests")
"""What an after-action report counts."""
_SECONDS = 5.0


def counted(deployment: Deployment, *, at: datetime) -> dict[str, int | None]:
    """Count what the LPRs did while they were in use on a deployment, as far as it is stored still.

    Reads are None where counting them would take too long. An arrest is a case with one that preserves such a hit.
    """
    seen = _seen_in_use(deployment, at=at)
    hits, raised = Hit.objects.filter(seen), alarms().filter(seen)
    outcomes = Counter(last_outcomes().filter(hit__in=raised).values_list("outcome", flat=True))
    stops = standing_steps(HitStep.Kind.STOPPED).filter(hit__in=hits)
    keys = [f"hit:{number}" for number in hits.values_list("pk", flat=True)]
    arrests = preserved().filter(key__in=keys, case__arrested_on__isnull=False)
    return {
        "reads": _reads(deployment, at=at),
        "hits": raised.count(),
        "correct": outcomes[HitStep.Outcome.CORRECT],
        "misread": sum(outcomes[each] for each in WRONG),
        "stops": stops.values("hit").distinct().count(),
        "arrests": arrests.values("case").distinct().count(),
    }


def report(by: Footing, deployment: Deployment, *, numbers: dict[str, int], words: str) -> AfterAction:
    """Make the after-action report; what the records counted is kept beside it."""
    subject = subject_of(deployment)

    def decision() -> Decision:
        facts = facts_of(deployment, person=by.person)
        return may_report(by.authority, facts, at=by.at, numbers=numbers, words=words)

    by.demand(decision(), attempted=Action.DEPLOYMENT_REPORTED, subject=subject)
    known = counted(deployment, at=by.at)
    twice = Refused(deployment.rule_kind.clause, "It is reported already.")
    with by.act(Action.DEPLOYMENT_REPORTED, subject=subject, twice=twice):
        hold(deployment)
        demanded(decision())
        made = changes.report(
            deployment, numbers=numbers, counted=known, words=words.strip()[:1_000], at=by.at, by=by.person,
            policy=by.policy.stamp,
        )  # fmt: skip
        log(
            by,
            Action.DEPLOYMENT_REPORTED,
            deployment,
            {"said": numbers, "counted": known},
            sealed={"words": made.words},
        )
    return made


def _seen_in_use(deployment: Deployment, *, at: datetime) -> Q:
    """Return the condition that a hit was seen by an LPR of a deployment while it was in use there, within its times."""
    seen = Q(pk__in=[])
    for lpr, since, until in _stretches(deployment, at=at):
        seen |= Q(lpr=lpr, seen_at__gte=since, seen_at__lt=until)
    return seen


def _reads(deployment: Deployment, *, at: datetime) -> int | None:
    windows = [Window(_micro(since), _micro(until), (lpr,)) for lpr, since, until in _stretches(deployment, at=at)]
    try:
        return sum(len(sightings) for sightings in read_store().scan(windows, seconds=_SECONDS)) if windows else 0
    except SearchTooWide:
        return None


def _stretches(deployment: Deployment, *, at: datetime) -> list[tuple[int, datetime, datetime]]:
    """Return (LPR, from, until) of each use, as far as it lies within the deployment's times."""
    uses = [
        (use.lpr_id, max(use.begun_at, deployment.since), min(use.ended_at or at, deployment.until))
        for use in deployment.uses.all()
    ]
    return [(lpr, since, until) for lpr, since, until in uses if since < until]


def _micro(moment: datetime) -> int:
    return round(moment.timestamp() * 1e6)
