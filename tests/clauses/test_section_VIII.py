"""Section VIII, investigations: named positions, granted access, a recorded reason, and the member's own log entry."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from platekeeper.core.clauses import Clause
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.personnel.models import Grant
from platekeeper.server.policy.lookups import in_force
from platekeeper.server.procedures.authority import RefusedAction, footing
from platekeeper.server.procedures.manage_people import end_grant
from platekeeper.server.procedures.question import Question
from platekeeper.server.procedures.search_lpr_data import search
from platekeeper.server.procedures.view_logs import view_query_log
from platekeeper.server.querylog.models import QueryLogEntry
from platekeeper.server.register.evidence import Status
from tests.cast import Cast
from tests.register.judging import status as judged

pytestmark = [pytest.mark.django_db, pytest.mark.records]
NOW = datetime.now(UTC)


def _question(**changed: str) -> Question:
    return Question(
        plate="ABC1234",
        since=NOW - timedelta(days=1),
        until=NOW,
        purpose="investigation",
        offense="burglary",
        case_number=changed.get("case_number", "26-101"),
        justification="seen on Canal Street",
        none_prohibited=True,
        requestor=changed.get("requestor", ""),
        requestor_agency=changed.get("requestor_agency", ""),
    )


def test_viii_a_and_b_access_ends_with_the_grant(cast: Cast) -> None:
    search(footing(cast.detective, at=NOW), _question())
    end_grant(footing(cast.chief, at=NOW), person=cast.detective, kind=Grant.Kind.INQUIRIES)
    with pytest.raises(RefusedAction) as refused:
        search(footing(cast.detective, at=NOW), _question())
    assert refused.value.refusal.clause is Clause.VIII_b


def test_viii_c_a_request_is_recorded_with_requestor_agency_and_case(cast: Cast) -> None:
    asked = _question(requestor="Lt. Moss", requestor_agency="Mill County Sheriff's Office")
    entry = search(footing(cast.clerk, at=NOW), asked).entry
    assert (entry.requestor, entry.requestor_agency, entry.case_number) == (
        "Lt. Moss",
        "Mill County Sheriff's Office",
        "26-101",
    )
    leaf = LedgerEntry.objects.get(action="query_begun")
    assert {opening.field for opening in leaf.openings.all()} >= {"on_behalf_of", "plate", "justification"}
    assert "Lt. Moss" not in bytes(leaf.body).decode()


def test_viii_d_the_entry_comes_first_and_then_the_search(cast: Cast) -> None:
    search(footing(cast.detective, at=NOW), _question())
    actions = LedgerEntry.objects.order_by("index").values_list("action", flat=True)
    assert list(actions) == ["query_begun", "query_completed"]


def test_viii_d_every_record_keeps_the_policy_it_was_judged_under(cast: Cast) -> None:
    entry = search(footing(cast.detective, at=NOW), _question()).entry
    assert (entry.policy_number, entry.policy_digest) == in_force(at=NOW).stamp


def test_vi_e_looking_at_the_log_is_itself_logged(cast: Cast) -> None:
    view_query_log(footing(cast.auditor, at=NOW), filters={"person": "Dee"})
    with pytest.raises(RefusedAction):
        view_query_log(footing(cast.detective, at=NOW), filters={})
    actions = LedgerEntry.objects.order_by("index").values_list("action", "outcome")
    assert list(actions) == [("query_log_viewed", "done"), ("action_refused", "refused")]


def test_viii_the_register_is_green_on_queries_with_reasons(cast: Cast) -> None:
    search(footing(cast.detective, at=NOW), _question())
    with pytest.raises(RefusedAction):
        search(footing(cast.detective, at=NOW), _question(case_number=""))
    assert judged(Clause.VIII_d, at=NOW) is Status.KEPT
    assert QueryLogEntry.objects.filter(state=QueryLogEntry.State.REFUSED).count() == 1
