"""Who acts: plain data, so that a record outlives the account it speaks of."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Actor:
    """A person as the ledger records them.

    `person` is the account's number, or 0 for the system itself (jobs, ingest); `positions` are the titles held at
    the time. `on_behalf_of` names the requestor when the act serves somebody else (VI.g).
    """

    person: int
    name: str
    positions: tuple[str, ...] = ()
    agency: str = ""
    on_behalf_of: str = ""

    def serving(self, requestor: str) -> Actor:
        """Return the same actor, acting on behalf of `requestor` (VI.g)."""
        return replace(self, on_behalf_of=requestor)


SYSTEM = Actor(person=0, name="Platekeeper")
"""The actor of scheduled work and of ingest, which nobody in person performs."""
