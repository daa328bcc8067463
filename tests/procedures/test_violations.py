"""Violations from a finding, a complaint or by hand, tracked to an end in the records and in the ledger."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from platekeeper.core.amendments import amended
from platekeeper.core.rules.audits import Step as AuditStep
from platekeeper.core.rules.complaints import Finding
from platekeeper.core.rules.violations import Step
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.lookups import of_subject
from platekeeper.server.oversight.models import Violation
from platekeeper.server.oversight.violations import facts_of, open_violations
from platekeeper.server.policy import changes as policy
from platekeeper.server.procedures.answer_hit import record_stop
from platekeeper.server.procedures.authority import RefusedAction, footing
from platekeeper.server.procedures.handle_violations import open_violation, take_step, view_violation
from platekeeper.server.register.evidence.audits import reviewed
from platekeeper.server.register.evidence.basis import Status
from platekeeper.server.register.period import period_of
from platekeeper.server.web.waiting import waiting_for
from tests.cast import FOUNDED, Cast
from tests.register.making import asked, search_step
from tests.web.access.oversight import complained
from tests.web.access.query_log import searched, under_review
from tests.web.making import make_hit, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.records]
NOW = datetime.now(UTC)


def _opened(cast: Cast, *, at: datetime = NOW) -> Violation:
    by = footing(cast.auditor, at=at)
    return open_violation(by, clause="VI.f", what="Searched the plate of a neighbor.", about=cast.detective)


def test_one_comes_to_its_end(cast: Cast) -> None:
    violation = _opened(cast)
    take_step(footing(cast.sergeant, at=NOW), violation, Step.FOUNDED, words="The log shows it.")
    take_step(footing(cast.sergeant, at=NOW), violation, Step.MEASURE, words="Access suspended.")
    with pytest.raises(RefusedAction, match="The policy gives this to: Chief"):
        take_step(footing(cast.sergeant, at=NOW), violation, Step.CLOSED, words="Done.", outcome="retrained")
    take_step(footing(cast.chief, at=NOW), violation, Step.CLOSED, words="Done.", outcome="retrained")
    assert facts_of(violation, person=cast.chief).closed
    assert not open_violations()
    told = [leaf.content() for leaf in of_subject(f"violation:{violation.pk}")]
    assert [leaf["action"] for leaf in told if leaf["outcome"] == "done"] == ["violation_opened"] + [
        "violation_step"
    ] * 3
    assert "neighbor" not in str(told)


def test_nobody_deals_with_their_own(cast: Cast) -> None:
    by_item = open_violation(
        footing(cast.auditor, at=NOW), clause="VI.f", what="A vague reason.", about=None,
        item=under_review(cast, AuditStep.MISUSE, entry=searched(cast, by=cast.sergeant)),
    )  # fmt: skip
    hit = make_hit(cast)
    record_stop(footing(cast.sergeant, at=NOW), hit.pk)
    by_complaint = open_violation(
        footing(cast.chief, at=NOW), clause="VII.e", what="No comparison.", about=None,
        complaint=complained(cast, hit=hit),
    )  # fmt: skip
    query = searched(cast)
    search_step(cast, NOW, "run", by=cast.detective, on=asked(cast, NOW, asked_by=cast.sergeant), query=query)
    asked_for = open_violation(
        footing(cast.auditor, at=NOW), clause="VI.f", what="A vague reason.", about=None,
        item=under_review(cast, AuditStep.MISUSE, entry=query),
    )  # fmt: skip
    own = ((_opened(cast), "detective"), (by_item, "sergeant"), (by_complaint, "sergeant"), (asked_for, "sergeant"))
    for violation, role in own:
        with pytest.raises(RefusedAction):
            view_violation(footing(cast.people()[role], at=NOW), violation)


def test_it_comes_from_what_its_opener_may_look_into(cast: Cast) -> None:
    item = under_review(cast, AuditStep.MISUSE, entry=searched(cast, by=cast.sergeant))
    complaint = complained(cast, hit=make_hit(cast))
    record_stop(footing(cast.sergeant, at=NOW), complaint.hit.pk)  # type: ignore[union-attr] # it has one
    open_still = under_review(cast, AuditStep.ASKED)
    for named in (f"item={item.pk}", f"complaint={complaint.pk}", f"item={open_still.pk}"):
        assert signed_in(cast.sergeant).get(f"/violations/new/?{named}").status_code == 403, named
        assert signed_in(cast.auditor).get(f"/violations/new/?{named}").status_code == 200, named
    sergeant = footing(cast.sergeant, at=NOW)
    with pytest.raises(RefusedAction, match="Somebody else reviews your own"):
        open_violation(sergeant, clause="VI.f", what="x", about=cast.officer, item=item)
    with pytest.raises(RefusedAction, match="about your own stop"):
        open_violation(sergeant, clause="VI.f", what="x", about=cast.officer, complaint=complaint)


def test_it_remembers_where_it_came_from(cast: Cast) -> None:
    complaint = complained(cast, findings=(Finding.STEPS_NOT_TAKEN,))
    violation = open_violation(
        footing(cast.chief, at=NOW), clause="VII.e", what="No comparison.", about=cast.officer, complaint=complaint
    )
    assert violation.complaint == complaint
    with pytest.raises(RefusedAction, match="Name the clause"):
        open_violation(footing(cast.chief, at=NOW), clause="XII", what="x", about=None)


def test_overdue_it_waits_at_home_and_stands_in_the_register(cast: Cast) -> None:
    _opened(cast, at=NOW - timedelta(days=40))
    said = {str(each.what): each.count for each in waiting_for(footing(cast.chief, at=NOW))}
    assert said["violations overdue"] == 1
    found = reviewed(period_of(now=NOW))
    assert found.status is Status.CAUTION
    assert "violations without an end for 30 days" in found.words
    assert not [each for each in waiting_for(footing(cast.officer, at=NOW)) if "violations" in str(each.what)]


def test_a_look_is_logged(cast: Cast) -> None:
    violation = _opened(cast)
    view_violation(footing(cast.chief, at=NOW), violation)
    assert of_subject(f"violation:{violation.pk}").filter(action=Action.VIOLATION_VIEWED).count() == 1


def test_a_clause_of_the_departments_own_can_be_violated_and_none_that_is_not_there(cast: Cast) -> None:
    draft = policy.open_draft(at=FOUNDED)
    drones = amended("VI.n", how="added", title="Drones", text="No LPR flies.", reason="asked by the board")
    policy.amend(draft, number="VI.n", amendment=drones)
    policy.adopt(draft, at=FOUNDED, by=cast.chief.pk, by_name=cast.chief.name, effective_at=FOUNDED)
    auditor = signed_in(cast.auditor)
    page = auditor.get("/violations/new/").content.decode()
    offered = re.findall(r'<option value="([^"]+)"', page.partition('name="about"')[0])
    assert offered[offered.index("VI.m") + 1] == "VI.n" and 'value="VI.n">VI.n · Drones<' in page
    told = {"clause": "VI.n", "what": "One was flown."}
    assert "Select a valid choice" in auditor.post("/violations/new/", told | {"clause": "VI.o"}).content.decode()
    assert auditor.post("/violations/new/", told).status_code == 302
    assert Violation.objects.get().clause == "VI.n"
    with pytest.raises(RefusedAction, match="Name the clause"):
        open_violation(footing(cast.auditor, at=NOW), clause="VI.o", what="One was flown.", about=None)
