"""Who may open complaints: who supervises or signs the policy handles them, auditors and the Custodian read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from platekeeper.core.rules.complaints import Finding
from platekeeper.server.hits.changes import record_departure
from platekeeper.server.hits.models import Hit
from platekeeper.server.hotlist import changes as hotlist
from platekeeper.server.oversight import changes
from platekeeper.server.oversight.models import Complaint, ComplaintStep, Correction
from tests.cast import Cast
from tests.web.making import STAMP, make_hit

HANDLING = {"sergeant", "chief"}
READING = HANDLING | {"auditor", "custodian"}
CORRECTING = HANDLING | {"custodian"}
SAID = {
    "received_on": f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%d}", "way": "letter", "name": "Wendy Wronged",
    "contact": "12 Mill Street", "what_happened": "I was stopped at gunpoint on Bridge Street.", "plate": "ABC1234",
    "stopped_at": f"{datetime.now(ZoneInfo('America/New_York')):%Y-%m-%dT%H:%M}", "about": "",
}  # fmt: skip


def stopped_hit(cast: Cast, **changed: Any) -> Hit:
    """Raise a hit on which the officer made a stop without both steps."""
    hit = make_hit(cast, steps=("shown", "stopped"), **changed)
    record_departure(
        hit, clause="VII.e.1", reason="Compare first.", at=datetime.now(UTC), member=cast.officer, policy=STAMP
    )
    return hit


def complained(cast: Cast, *, hit: Hit | None = None, findings: tuple[Finding, ...] = ()) -> Complaint:
    """Receive a complaint, about a hit and with a finding if they are given."""
    now = datetime.now(UTC)
    complaint = changes.receive(
        received_on=now.date(), way="letter", name="Wendy Wronged", contact="12 Mill Street",
        what_happened="I was stopped at gunpoint on Bridge Street. My car was never stolen.", plate="ABC1234",
        stopped_at=now, hit=hit, at=now, by=cast.chief, policy=STAMP,
    )  # fmt: skip
    if findings:
        changes.add_step(
            complaint, kind=ComplaintStep.Kind.FINDING, at=now, by=cast.chief, policy=STAMP, findings=findings,
            text="The car was recovered a week before.",
        )  # fmt: skip
    return complaint


def corrected(cast: Cast) -> Correction:
    """Correct the line that a complaint's hit stood on: suppressed, and the officer told."""
    hit = stopped_hit(cast)
    complaint, now = complained(cast, hit=hit, findings=(Finding.WRONG_ENTRY,)), datetime.now(UTC)
    step = changes.add_step(
        complaint, kind=ComplaintStep.Kind.CORRECTED, at=now, by=cast.chief, policy=STAMP, text="Recovered on the 3rd."
    )
    suppression = hotlist.suppress(
        entry_key=hit.entry_key,
        reason="found wrong",
        ends_at=now + timedelta(days=14),
        at=now,
        by=cast.chief,
        policy=STAMP,
    )
    return changes.correct(step, hit=hit, source="State portal", suppression=suppression, tell=[cast.officer.pk])


def _wrong(cast: Cast) -> list[Any]:
    return [complained(cast, hit=stopped_hit(cast), findings=(Finding.WRONG_ENTRY,)).pk]


def _notice(cast: Cast) -> list[Any]:
    return [corrected(cast).notices.get().pk]


ROWS: dict[str, dict[str, Any]] = {
    "days": {"args": lambda cast: [stopped_hit(cast)][:0], "allowed": READING},
    "complaints": {"allowed": READING},
    "complaint_new": {"allowed": HANDLING},
    "complaint": {"args": lambda cast: [corrected(cast).step.complaint_id], "allowed": READING},
    "complaint_hits": {"args": lambda cast: [complained(cast).pk], "allowed": HANDLING},
    "complaint_hit": {
        "args": lambda cast: [complained(cast).pk, make_hit(cast).pk],
        "method": "post",
        "allowed": HANDLING,
    },
    "complaint_step": {
        "args": lambda cast: [complained(cast).pk, "answer"],
        "method": "post",
        "data": {"text": "We wrote to her."},
        "allowed": HANDLING,
    },
    "complaint_correct": {
        "args": _wrong,
        "method": "post",
        "data": {"source": "State portal", "text": "Recovered on the 3rd."},
        "allowed": CORRECTING,
    },
    "complaint_lift": {
        "args": lambda cast: [corrected(cast).pk],
        "method": "post",
        "data": {"why": "stolen again"},
        "allowed": CORRECTING,
    },
    "correction_seen": {"args": _notice, "method": "post", "allowed": {"officer"}},
}
