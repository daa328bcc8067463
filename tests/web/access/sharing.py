"""Who may open the pages of sharing: who directs, keeps and transfers acts there, the auditor reads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from platekeeper.core.rules.sharing import Share
from platekeeper.core.rules.transfers import Every
from platekeeper.server.policy import changes as policy
from platekeeper.server.procedures import hand_out, keep_routines
from platekeeper.server.procedures.authority import footing
from platekeeper.server.procedures.hand_out import To
from platekeeper.server.sharing import changes
from platekeeper.server.sharing.models import Dissemination, Mou, Routine, Transfer
from tests.cast import Cast
from tests.sharing import make_mou, make_order
from tests.web.making import STAMP, make_hit

SEEING = {"custodian", "chief", "auditor"}
DRAFTING = {"custodian", "chief"}
NOW = datetime.now(UTC)


def _mou(cast: Cast) -> list[Any]:
    return [make_mou(cast, at=NOW, agency=cast.outsider.agency).pk]


def _order(cast: Cast) -> list[Any]:
    return [make_order(cast, at=NOW).pk]


def left(cast: Cast) -> list[Any]:
    make_hit(cast)
    to = To(cast.outsider.agency, "Otto Outsider", "their burglary 26-9", Dissemination.Form.CSV)
    by, day = footing(cast.custodian, at=NOW), timedelta(days=1)
    handed = hand_out.hand_out_hits(by, to, purpose="stolen", since=NOW - day, until=NOW + day)
    handed.file.close()
    return [handed.record.pk]


def _routine(cast: Cast) -> Routine:
    if Routine.objects.filter(ended_at=None).exists():
        return Routine.objects.filter(ended_at=None)[0]
    draft = policy.open_draft(at=NOW)
    policy.fill(draft, key="VI.l.how", value="both")
    policy.adopt(draft, at=NOW, by=cast.chief.pk, by_name=cast.chief.name, effective_at=NOW)
    by, mou = footing(cast.custodian, at=NOW), Mou.objects.get(title="Mutual sharing")
    return keep_routines.begin_routine(
        by, mou, what=Share.READS, purpose="stolen", form=Dissemination.Form.JSONL, every=Every.DAY, place="/mnt/county",
        begins_on=by.today - timedelta(days=3),
    )  # fmt: skip


def _sent(cast: Cast) -> list[Any]:
    routine, day = _routine(cast), NOW.date() - timedelta(days=3 + Transfer.objects.count())
    made = changes.begin_transfer(routine, since=day, until=day, due_at=NOW - timedelta(days=2), at=NOW, policy=STAMP)
    changes.note_transfer(made, sent_at=NOW)
    return [made.pk]


def _shown(cast: Cast) -> list[Any]:
    _sent(cast)
    stopped = Transfer.objects.get(pk=_sent(cast)[0])
    changes.note_transfer(stopped, sent_at=None, trouble="The MOU “Mutual sharing” is suspended.")
    return []


def _listed(cast: Cast) -> list[Any]:
    make_order(cast, at=NOW)
    return []


ROWS: dict[str, dict[str, Any]] = {
    "sharing": {"args": _listed, "allowed": SEEING},
    "mou_new": {"allowed": DRAFTING},
    "mou": {"args": _mou, "allowed": SEEING},
    "mou_document": {"args": _mou, "allowed": SEEING},
    "mou_step": {
        "args": lambda cast: [*_mou(cast), "suspend"], "method": "post", "data": {"note": "a leak"}, "allowed": DRAFTING,
    },
    "order_new": {"allowed": DRAFTING},
    "order_document": {"args": _order, "allowed": SEEING},
    "order_withdraw": {"args": _order, "method": "post", "data": {"note": "quashed"}, "allowed": DRAFTING},
    "disseminations": {"args": lambda cast: left(cast) and [], "allowed": SEEING},
    "dissemination": {"args": left, "allowed": SEEING},
    "dissemination_confirm": {"args": left, "method": "post", "data": {"note": "Otto"}, "allowed": DRAFTING},
    "hits_hand_out": {"allowed": DRAFTING},
    "query_hand_out": {"public": True},  # one's own query alone: tests/web/test_sharing.py
    "guest": {"allowed": {"outsider"}},
    "transfers": {"args": _shown, "allowed": SEEING},
    "routine_new": {"args": _mou, "allowed": {"custodian"}},
    "routine_end": {"args": lambda cast: [_routine(cast).pk], "method": "post", "allowed": {"custodian"}},
    "transfer_confirm": {"args": _sent, "method": "post", "data": {"note": "Ames"}, "allowed": {"custodian"}},
}  # fmt: skip
