"""Who may open the pages of investigations. Results are their asker's own: tests/web/test_investigations.py."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from platekeeper.core.investigations.terms import StakeOutTerms
from platekeeper.server.procedures import stake_out
from platekeeper.server.procedures.authority import footing
from platekeeper.server.procedures.question import Question
from platekeeper.server.stakeouts.models import StakeOut
from tests.cast import Cast
from tests.hotlist.traffic import drive_past

INQUIRING = {"detective", "clerk", "custodian"}
DECIDING = {"chief", "sergeant"}


def asked(cast: Cast, *, running: bool = False) -> StakeOut:
    """Ask for a stake-out as the detective, and let the chief approve it."""
    now = datetime.now(UTC)
    terms = StakeOutTerms(("ABC1234", "XY?99*"), (cast.lpr.pk,), now, now + timedelta(days=7)).terms()
    question = Question(
        plate=terms["plate"], since=now, until=now + timedelta(days=7), purpose="investigation", offense="burglary",
        case_number="26-101", justification="series of burglaries on Mill Road", tool=terms,
        none_prohibited=True,
    )  # fmt: skip
    made = stake_out.ask(footing(cast.detective, at=now), question)
    return stake_out.decide(footing(cast.chief, at=now), made.pk, approve=True) if running else made


def _both(cast: Cast) -> list[Any]:
    asked(cast, running=True)
    drive_past(cast, ["ABC1234"], at=datetime.now(UTC))
    stake_out.evaluate(at=datetime.now(UTC))
    asked(cast)
    return []


ROWS: dict[str, dict[str, Any]] = {
    "investigations": {"allowed": INQUIRING},
    "investigate_scenes": {"allowed": INQUIRING},
    "investigate_travels_with": {"allowed": INQUIRING},
    "investigation": {"public": True},
    "investigation_preserve": {"public": True},
    "stake_outs": {"args": _both, "allowed": INQUIRING | DECIDING},
    "stake_out_new": {"allowed": INQUIRING},
    "stake_out": {"public": True},
    "stake_out_image": {"public": True},
    "stake_out_decide": {
        "args": lambda cast: [asked(cast).pk], "method": "post", "data": {"answer": "refuse", "remark": "too wide"},
        "allowed": DECIDING,
    },
    "stake_out_end": {
        "args": lambda cast: [asked(cast, running=True).pk], "method": "post", "allowed": DECIDING | {"detective"},
    },
}  # fmt: skip
