"""Who may open disposals and command directives: who manages and approves, command, and those who keep and check."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from platekeeper.server.policy import changes as policy
from platekeeper.server.procedures.authority import footing
from platekeeper.server.procedures.direct_keeping import give_directive
from platekeeper.server.procedures.dispose_lpr_data import dispose_lpr_data
from platekeeper.server.procedures.propose_disposal import propose, refuse
from platekeeper.server.retention.lookups import standing_proposal
from platekeeper.server.retention.models import Directive, Disposal, Proposal
from tests.cast import Cast
from tests.letters import keep_dead_letter
from tests.web.access.cases import opened

SEEING = {"custodian", "chief", "auditor"}


def _old_letters(cast: Cast) -> datetime:
    now = datetime.now(UTC)
    keep_dead_letter(lpr=cast.lpr, format="t", reason="r", payload=b"?", at=now - timedelta(days=200))
    return now


def _certified(cast: Cast) -> list[Any]:
    if not Disposal.objects.exists():
        dispose_lpr_data(at=_old_letters(cast))
    return [Disposal.objects.get().pk]


def _waiting(cast: Cast) -> list[Any]:
    draft = policy.open_draft(at=(now := datetime.now(UTC)))
    policy.fill(draft, key="VI.k.disposal", value="two_persons")
    policy.adopt(draft, at=now, by=cast.chief.pk, by_name=cast.chief.name, effective_at=now)
    dispose_lpr_data(at=_old_letters(cast))
    proposal = standing_proposal()
    assert proposal is not None
    if proposal.proposed_by is not None:
        refuse(footing(cast.chief, at=now), proposal, why="the one before")
        return _waiting(cast)
    return [proposal.pk]


def _proposed(cast: Cast) -> list[Any]:
    [number] = _waiting(cast)
    propose(footing(cast.custodian, at=datetime.now(UTC)), Proposal.objects.get(pk=number))
    return [number]


def _named(cast: Cast) -> dict[str, Any]:
    return {"case": opened(cast).number, "plates": "ABC1234", "kept_until": "2050-01-01", "why": "civil suit"}


def _with_one(cast: Cast) -> list[Any]:
    directed(cast)
    return []


def directed(cast: Cast) -> Directive:
    """Give a directive."""
    by = footing(cast.chief, at=datetime.now(UTC))
    return give_directive(by, case=opened(cast), plates=("ABC1234",), kept_until=date(2050, 1, 1), why="civil suit")


ROWS: dict[str, dict[str, Any]] = {
    "disposals": {"args": lambda cast: _waiting(cast) and [], "allowed": SEEING},
    "disposal": {"args": _certified, "allowed": SEEING},
    "disposal_pdf": {"args": _certified, "allowed": SEEING},
    "disposal_propose": {"args": _waiting, "method": "post", "allowed": {"custodian"}},
    "disposal_approve": {"args": _proposed, "method": "post", "allowed": {"chief"}},
    "disposal_refuse": {
        "args": _waiting, "method": "post", "data": {"why": "a trial is set"}, "allowed": {"custodian", "chief"},
    },
    "directives": {"args": _with_one, "allowed": SEEING},
    "directive_give": {
        "method": "post",
        "data": _named,
        "allowed": {"chief"},
    },
    "directive_end": {"args": lambda cast: [directed(cast).pk], "method": "post", "allowed": {"chief"}},
}  # fmt: skip
