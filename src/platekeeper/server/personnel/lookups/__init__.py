"""Read people and their training."""

from platekeeper.server.personnel.lookups.people import (
    accounts_ended_by,
    accounts_unused_since,
    actor_of,
    agencies,
    authorities_of,
    authority_of,
    department,
    holders,
    people,
    positions,
    staying,
)

__all__ = [
    "accounts_ended_by",
    "accounts_unused_since",
    "actor_of",
    "agencies",
    "authorities_of",
    "authority_of",
    "department",
    "holders",
    "people",
    "positions",
    "staying",
]
