"""On which ground LPR data leaves for another agency (IV.h, VI.l), and the record of what left."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from platekeeper.core.actor import Actor
from platekeeper.core.clauses import Clause
from platekeeper.core.policy import Policy
from platekeeper.core.rules.decision import Allowed, Decision, Refused
from platekeeper.core.rules.minimizing import UNBOUND
from platekeeper.core.rules.sharing import Share, Terms, is_destination, is_ordered
from platekeeper.server.ledger.actions import Action, Outcome
from platekeeper.server.ledger.changes import append
from platekeeper.server.personnel.lookups import agencies
from platekeeper.server.personnel.models import Agency, Person
from platekeeper.server.sharing import changes
from platekeeper.server.sharing.lookups import covering, order_facts, subject_of
from platekeeper.server.sharing.models import Dissemination, Mou, Order

_ANOTHERS = Refused(Clause.VI_l, "This order is in favor of another agency: choose that agency, or another order.")
UNADDRESSED = Refused(
    Clause.VI_l,
    "Choose the agency that the order is in favor of, too. What goes to a court or counsel names no order here.",
)
"""An order without its agency: what left would be on record as of no agency, and without its ground."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What lets something leave for an agency, and how little of it."""

    agency: Agency
    ground: Mou | Order
    terms: Terms

    @property
    def fields(self) -> dict[str, Any]:
        """The fields of a record of what left."""
        is_mou = isinstance(self.ground, Mou)
        return {"agency": self.agency, "mou": self.ground if is_mou else None, "order": None if is_mou else self.ground}


def ground_for(
    agency: Agency, *, what: Share, purpose: str, at: datetime, policy: Policy, order: Order | None = None,
    way: str = "request",
) -> Ground | Refused:  # fmt: skip
    """Return the order that is named, or else the MOU in force that covers it; a refusal where there is neither.

    An order obliges; an MOU lets something leave only `way`, "request" or "routine", and where the policy still says so.
    """
    if order is None:
        if isinstance(unnamed := is_destination(policy, agency.name, ways=(way,)), Refused):
            return unnamed
        mou, decision = covering(agency, what=what, purpose=purpose, at=at, zone=policy.zone)
        if isinstance(decision, Refused):
            return decision
        assert mou is not None  # what covers it was found
        return Ground(agency, mou, Terms.of(mou.terms))
    decision = is_ordered(order_facts(order, at=at, zone=policy.zone), what=what, at=at)
    if isinstance(decision, Refused):
        return decision
    return Ground(agency, order, UNBOUND) if order.agency_id == agency.pk else _ANOTHERS


def still_so(before: Ground, now: Ground | Refused) -> Decision:
    """Decide whether what was cut down by one ground may leave by the one that is there once it was."""
    if isinstance(now, Refused):
        return now
    return Allowed() if (now.ground, now.terms) == (before.ground, before.terms) else _CHANGED


_CHANGED = Refused(Clause.VI_l, "What lets this leave changed while it was put together. Begin again.")


def known_agency(name: str) -> Agency | None:
    """Return the other agency of a name; None for one that nobody entered, or that could be either of two."""
    alike = list(agencies().filter(name__iexact=name.strip()))
    exact = [each for each in alike if each.name == name.strip()]
    return (exact or alike)[0] if len(alike) == 1 or exact else None


def record_leaving(
    ground: Ground | None, *, to: str, what: Share, purpose: str, why: str, form: Dissemination.Form, source: str,
    content: bytes | None = None, sha256: str = "", size: int = 0, records: int = 0, withheld: int = 0,
    by: Person | None, at: datetime, policy: Policy, **more: Any,
) -> Dissemination:  # fmt: skip
    """Record what is about to leave, in the transaction of the act's own ledger entry; its manifest says all of it."""
    if content is not None:
        sha256, size = hashlib.sha256(content).hexdigest(), len(content)
    manifest: Mapping[str, Any] = {
        "agency": ground.agency.name if ground else "", "ori": ground.agency.ori if ground else "", "to": to.strip()[:160],
        "what": what.value, "purpose": purpose, "ground": subject_of(ground.ground) if ground else "",
        "document": ground.ground.sha256 if ground else "", "terms": ground.terms.kept() if ground else {},
        "form": form.value, "source": source, "records": records, "withheld": withheld, "bytes": size, "sha256": sha256,
        "at": at.isoformat(), "policy": list(policy.stamp),
    }  # fmt: skip
    return changes.begin_dissemination(
        to=to.strip()[:160], what=what, purpose=purpose, why=why.strip()[:240], form=form, source=source,
        records=records, withheld=withheld, size=size, sha256=sha256, manifest=manifest, begun_at=at, by=by,
        policy=policy.stamp, **(ground.fields if ground else {}), **more,
    )  # fmt: skip


def log_leaving(gone: Dissemination, outcome: Outcome, *, at: datetime, by: Actor, policy: Policy) -> None:
    """Append that something leaves, or what became of it."""
    details = {
        "agency": gone.agency.name if gone.agency else "", "what": gone.what, "form": gone.form, "source": gone.source,
        "ground": subject_of(ground) if (ground := gone.mou or gone.order) else "", "records": gone.records,
        "withheld": gone.withheld, "bytes": gone.size, "sha256": gone.sha256, "failure": gone.failure,
    }  # fmt: skip
    append(
        at=at, by=by, action=Action.DISSEMINATED, outcome=outcome, clause=Clause.VI_l, subject=subject_of(gone),
        details=details, sealed={"to": gone.to, "why": gone.why}, purpose=gone.purpose, case=gone.case_number,
        policy=policy.stamp,
    )  # fmt: skip
