"""Who may open the pages about the policy: everybody reads it, the department reviews it, few draft it, one adopts it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from platekeeper.core.policy import digest_of
from platekeeper.server.policy import changes
from platekeeper.server.policy.models import PolicyVersion
from tests.cast import ROLES, Cast
from tests.days import today as department_day

DRAFTING = {"chief", "custodian"}
DEPARTMENT = set(ROLES) - {"outsider"}
NOW = datetime.now(UTC)


def drafted(cast: Cast, *, effective: int = 0) -> PolicyVersion:
    """Draft a second version that could be adopted, effective in so many days, and put it up for review."""
    draft = changes.open_draft(at=NOW)
    day = department_day(effective)
    changes.fill(draft, key="header.effective", value=day.isoformat())
    changes.fill(draft, key="header.review", value=(day + timedelta(days=365)).isoformat())
    changes.fill(draft, key="VI.k.ceiling", value="90 days")
    changes.put_up(draft, at=NOW)
    return draft


def shown() -> dict[str, str]:
    """Return what the draft's page posts along: the digest of the draft as it was read."""
    draft = PolicyVersion.objects.get(adopted_at=None)
    return {"shown": digest_of(draft.values, draft.amendments)}


def _draft(cast: Cast) -> dict[str, Any]:
    drafted(cast)
    return {"clause": "VI.k", "text": "Why ninety?", **shown()}


def _first(cast: Cast) -> list[Any]:
    drafted(cast)
    return []


def _second(cast: Cast) -> list[Any]:
    version = drafted(cast)
    changes.adopt(version, at=NOW, by=cast.chief.pk, by_name=cast.chief.name, effective_at=NOW)
    return [2]


ROWS: dict[str, dict[str, Any]] = {
    "policy": {"allowed": "all"},
    "policy_blank": {"args": lambda cast: ["VI.k.floor"], "allowed": DRAFTING},
    "policy_profiles": {"allowed": DRAFTING},
    "policy_clause": {"args": lambda cast: ["VI.l"], "allowed": DRAFTING},
    "policy_clause_add": {"allowed": DRAFTING},
    "policy_draft": {"args": _first, "allowed": DEPARTMENT},
    "policy_put_up": {"method": "post", "data": _draft, "allowed": DRAFTING},
    "policy_comment": {"method": "post", "data": _draft, "allowed": DEPARTMENT},
    "policy_discard": {"method": "post", "data": _draft, "allowed": DRAFTING},
    "policy_adopt": {"method": "post", "data": _draft, "allowed": {"chief"}},
    "policy_version": {"args": lambda cast: [1], "allowed": "all"},
    "policy_changes": {"args": _second, "allowed": "all"},
    "policy_file": {"args": lambda cast: [1, "pdf"], "allowed": "all"},
    "annual_review": {"allowed": DEPARTMENT},
    "annual_review_act": {"args": lambda cast: ["begin"], "method": "post", "allowed": {"custodian"}},
}
