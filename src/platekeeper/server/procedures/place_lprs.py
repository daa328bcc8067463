"""Where LPRs stand around a scene (V.e): roads are handed in, posts proposed on them, and kept with a deployment."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

from django.db import transaction

from platekeeper.core.clauses import Clause
from platekeeper.core.perimeter import Network, Plan, Post, Snapper, packed, parse_roads, propose, unpacked
from platekeeper.core.rules.deployments import may_hand_in_roads, may_place
from platekeeper.core.search.drawn import drawn
from platekeeper.core.sphere import Place
from platekeeper.server.deployments import changes
from platekeeper.server.deployments.lookups import facts_of, open_loans, open_uses, road_maps, subject_of
from platekeeper.server.deployments.models import Deployment, Perimeter, RoadMap
from platekeeper.server.equipment.lookups import lprs
from platekeeper.server.equipment.models import LPR
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.procedures.authority import Footing, demanded
from platekeeper.server.procedures.deploy_lprs import log
from platekeeper.server.storage.holding import hold

ON_THE_ROAD = 40.0
"""Meters from a road within which a fixed LPR is taken to read it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A scene as it was drawn, the ring and the head start in minutes, LPRs by number and how many others bring."""

    scene: str
    minutes: int
    ahead: int = 0
    lprs: tuple[int, ...] = ()
    more: int = 0
    per_lane: bool = False
    wrong_way: bool = False


@dataclass(frozen=True, slots=True)
class Stand:
    """A post with its road in words, and the LPRs that go there; "" is one that another agency brings."""

    post: Post
    road: str
    line: tuple[Place, ...]
    lprs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A plan in words: the posts, and (LPR, road) of the fixed LPRs that read a road of the cut already."""

    plan: Plan
    stands: tuple[Stand, ...]
    standing: tuple[tuple[str, str], ...]


def hand_in_roads(by: Footing, *, file_name: str, content: bytes) -> RoadMap:
    """Take over a file of roads; it replaces the one before. Raises `RoadsError`."""
    by.demand(may_hand_in_roads(by.authority, by.policy), attempted=Action.ROADS_HANDED_IN)
    network = parse_roads(content)
    with transaction.atomic():
        made = changes.add_roads(
            file_name=file_name[-160:], sha256=hashlib.sha256(content).hexdigest(), content=packed(network),
            crossings=len(network.places), roads=len(network.roads), at=by.at, by=by.person,
        )  # fmt: skip
        details = {"file": made.file_name, "sha256": made.sha256, "crossings": made.crossings, "roads": made.roads}
        append(
            at=by.at, by=by.actor, action=Action.ROADS_HANDED_IN, clause=Clause.V_e, subject=f"roads:{made.pk}",
            details=details, policy=by.policy.stamp,
        )  # fmt: skip
    return made


def at_hand() -> list[LPR]:
    """Return the LPRs that can be brought to a post: mobile or portable, in service, and neither lent nor on a deployment."""
    away = {*open_loans().values_list("lpr", flat=True), *open_uses().values_list("lpr", flat=True)}
    found = lprs().filter(in_service=True).exclude(kind=LPR.Kind.FIXED)
    return [each for each in found if each.pk not in away]


def where_they_stand() -> dict[int, tuple[str, int, float]]:
    """Return of each LPR with a position the nearest road in words, its number, and the meters to it."""
    network = _roads()
    if network is None:
        return {}
    sha256, found = road_maps()[0].sha256, dict[int, tuple[str, int, float]]()
    for number, latitude, longitude in lprs().filter(in_service=True).values_list("pk", "latitude", "longitude"):
        if latitude is not None and longitude is not None:
            road, meters = _nearest(sha256, (latitude, longitude))
            found[number] = (_named(network, road), road, meters)
    return found


def propose_posts(asked: Asked) -> Proposal | None:
    """Return the fewest posts that leave no way out of the ring; None while there is no file of roads.

    Raises `RoadsError` and, where the scene is no area, ValueError.
    """
    network, scene = _roads(), drawn(asked.scene)
    if network is None:
        return None
    names = dict(lprs().values_list("pk", "name"))
    fixed = set(lprs().filter(kind=LPR.Kind.FIXED, in_service=True).values_list("pk", flat=True))
    stand = ((lpr, road) for lpr, (_road, road, meters) in where_they_stand().items() if meters <= ON_THE_ROAD)
    reads = {road: names[lpr] for lpr, road in stand if lpr in fixed}
    plan = propose(
        network, scene, within=60.0 * asked.minutes, head_start=60.0 * asked.ahead, at_hand=len(asked.lprs) + asked.more,
        standing=reads, per_lane=asked.per_lane, wrong_way=asked.wrong_way,
    )  # fmt: skip
    return Proposal(
        plan=plan,
        stands=_stands(network, plan, [names.get(each, "") for each in asked.lprs] + [""] * asked.more),
        standing=tuple((reads[road], _named(network, road)) for road in plan.standing),
    )


def keep_posts(by: Footing, deployment: Deployment, asked: Asked) -> Perimeter | None:
    """Propose posts once more and keep them with a deployment; None while there is no file of roads. Raises ValueError."""
    subject = subject_of(deployment)
    by.demand(
        may_place(by.authority, by.policy, facts_of(deployment, person=by.person)),
        attempted=Action.PERIMETER_KEPT, subject=subject,
    )  # fmt: skip
    proposal, road_map = propose_posts(asked), road_maps().first()
    if proposal is None or road_map is None:
        return None
    with by.act(Action.PERIMETER_KEPT, subject=subject):
        hold(deployment)
        demanded(may_place(by.authority, by.policy, facts_of(deployment, person=by.person)))
        kept = changes.keep_perimeter(
            deployment, road_map=road_map, asked=asdict(asked), posts=[_kept(each) for each in proposal.stands], at=by.at,
            by=by.person, policy=by.policy.stamp,
        )  # fmt: skip
        details = {"posts": len(kept.posts), "open": len(proposal.plan.open_posts), "roads": road_map.pk}
        log(by, Action.PERIMETER_KEPT, deployment, details, sealed={"scene": asked.scene})
    return kept


def _stands(network: Network, plan: Plan, names: list[str]) -> tuple[Stand, ...]:
    found, given = [], iter(names)
    for post in plan.posts:
        who = tuple(next(given) for _ in range(post.given))
        found.append(Stand(post, _named(network, post.road), network.roads[post.road].line, who))
    return tuple(found)


def _kept(stand: Stand) -> dict[str, Any]:
    post = stand.post
    return {"road": stand.road, "place": list(post.place), "seconds": round(post.seconds), "need": post.need,
            "lprs": list(stand.lprs), "line": [list(each) for each in stand.line]}  # fmt: skip


def _named(network: Network, road: int) -> str:
    """Return a road in words: its name, or where it is."""
    found = network.roads[road]
    return found.name or f"road at {found.middle[0]:.5f}, {found.middle[1]:.5f}"


def _roads() -> Network | None:
    newest = road_maps().first()
    return None if newest is None else _network(newest.sha256)


@lru_cache(maxsize=1)
def _network(sha256: str) -> Network:
    return unpacked(bytes(RoadMap.objects.filter(sha256=sha256)[0].content))


@lru_cache(maxsize=1)
def _snapper(sha256: str) -> Snapper:
    return Snapper(_network(sha256))


@lru_cache(maxsize=4096)
def _nearest(sha256: str, place: Place) -> tuple[int, float]:
    """Return the nearest road and the meters to it: each look goes through all roads, and LPRs seldom move."""
    road, meters, _on_it = _snapper(sha256).nearest(place)
    return road, meters
