"""Who may open the Query Log and its review: the Custodian and the auditors the log, auditors alone the review."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from platekeeper.core.rules.audits import ENDS, Step
from platekeeper.server.casefiles.changes import change_case
from platekeeper.server.oversight import changes
from platekeeper.server.oversight.models import AuditItem, AuditRound
from platekeeper.server.personnel.models import Person
from platekeeper.server.querylog.models import QueryLogEntry
from tests.cast import Cast
from tests.days import today as department_day
from tests.web.access.cases import opened
from tests.web.making import STAMP

ENDING = {"sergeant", "chief"}
_TERMS = {"lprs": [], "since": "2026-01-01T00:00:00+00:00", "until": "2026-01-02T00:00:00+00:00"}


def searched(cast: Cast, *, by: Person | None = None, at: datetime | None = None, **fields: Any) -> QueryLogEntry:
    """Enter a query that ran, of the detective unless somebody is named."""
    at = at or datetime.now(UTC)
    given = {
        "agency": "Harbor Falls", "begun_at": at, "ended_at": at, "purpose": "stolen", "offense": "theft",
        "terms": {"plate": "ABC1234", **_TERMS}, "case_number": "26-114", "justification": "investigation",
        "state": "completed", "found": 3, "pages": 1, "policy_number": STAMP[0], "policy_digest": STAMP[1],
    }  # fmt: skip
    return QueryLogEntry.objects.create(by=by or cast.detective, **(given | fields))


def under_review(cast: Cast, *steps: Step, entry: QueryLogEntry | None = None, at: datetime | None = None) -> AuditItem:
    """Draw a round of one entry, and take steps on it: the member's by the member, the end by the Chief."""
    entry, at = entry or searched(cast), at or datetime.now(UTC)
    item = AuditItem(
        entry=entry,
        drawn=True,
        score=3,
        reasons=[["vague", 3, "The justification says nothing of its own: “investigation”."]],
    )
    changes.draw(
        kind=AuditRound.Kind.WEEKLY, since=None, until=at, drawn_at=at, drawn_by=None, leaf=0, seed="0" * 64, entries=1,
        sampled=1, policy=STAMP, items=[item],
    )  # fmt: skip
    for number, step in enumerate(steps):
        by = {Step.ANSWERED: entry.by, Step.ENDED: cast.chief}.get(step, cast.auditor)
        changes.take_audit_step(
            item, kind=step, words=f"{step} it is", at=at + timedelta(seconds=number), by=by, policy=STAMP
        )
    return item


def _item(*steps: Step) -> Any:
    return lambda cast: [under_review(cast, *steps).pk]


def _filled(cast: Cast) -> list[Any]:
    """Fill the log, the queue and the findings; their pages take no number."""
    change_case(opened(cast), {"arrested_on": department_day()})
    for number in range(3):
        searched(cast, case_number="26-114", justification=f"silver Civic left the bank, witness {number}")
    for steps in (
        (),
        (Step.ASKED,),
        (Step.ASKED, Step.ANSWERED),
        (Step.MISUSE,),
        *((Step.MISUSE, end) for end in ENDS),
    ):
        under_review(cast, *steps)
    under_review(cast, at=datetime.now(UTC) - timedelta(days=15))
    return []


def _made_under_a_case(cast: Cast) -> list[Any]:
    case = opened(cast)
    searched(cast, case_number=case.number)
    return [case.pk]


def _among_others(cast: Cast) -> list[Any]:
    searched(cast, by=cast.clerk)
    searched(cast, terms={"plate": "XYZ9876", **_TERMS})
    return [under_review(cast, Step.ASKED, Step.ANSWERED).pk]


ROWS: dict[str, dict[str, Any]] = {
    "query_log": {"args": _filled, "allowed": {"custodian", "auditor"}},
    "query_log_entry": {"args": lambda cast: [searched(cast).pk], "allowed": {"custodian", "auditor"}},
    "query_case": {
        "args": lambda cast: [searched(cast).pk],
        "method": "post",
        "data": {"number": "26-999", "why": "26-114 is another matter"},
        "allowed": {"detective", "auditor"},  # who made it, and who audits
    },
    "query_log_export": {"method": "post", "status": 200, "data": {"form": "csv"}, "allowed": {"custodian", "auditor"}},
    "query_log_export_whole": {
        "method": "post",
        "status": 200,
        "data": {"form": "csv", "to": "Town council", "why": "yearly report"},
        "allowed": {"custodian", "auditor"},
    },
    "query_log_preserve": {"args": _made_under_a_case, "method": "post", "allowed": {"custodian", "detective"}},
    "query_audit": {"args": _filled, "allowed": {"auditor"}},
    "query_audit_item": {"args": _among_others, "allowed": {"auditor"}},
    "query_audit_step": {"args": _item(), "method": "post", "data": {"step": "fine"}, "allowed": {"auditor"}},
    "query_audit_findings": {"args": _filled, "allowed": ENDING | {"auditor"}},
    "query_audit_survey": {
        "args": _filled,
        "method": "post",
        "data": {"size": "5"},
        "allowed": {"auditor"},
    },
    "query_audit_round": {"args": lambda cast: [under_review(cast).round_id], "allowed": ENDING | {"auditor"}},
}
