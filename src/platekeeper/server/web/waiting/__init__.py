"""What waits for a person, by the duties the policy gives their positions."""

from __future__ import annotations

from collections.abc import Callable

from platekeeper.server.procedures.authority import Footing
from platekeeper.server.web.waiting import field, office
from platekeeper.server.web.waiting.item import Waiting

_IN_ORDER: tuple[Callable[[Footing], list[Waiting]], ...] = (
    field.of_hits,
    field.of_hot_lists,
    field.of_tours,
    field.of_deployments,
    field.of_equipment,
    office.of_queries,
    office.of_requests,
    office.of_training,
    office.of_the_policy,
    office.of_sharing,
    office.of_backups,
)


def waiting_for(by: Footing) -> list[Waiting]:
    """Return what waits for a person; what is urgent first."""
    return [each for of in _IN_ORDER for each in of(by)]
