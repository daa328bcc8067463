"""Requests for records are answered in time, each step on record, and a packet's digest stands with its answer."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from platekeeper.core.clauses import Clause
from platekeeper.server.casefiles import lookups
from platekeeper.server.casefiles.models import CaseFile, RecordsRequest, RequestStep
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.procedures import answer_requests, keep_cases, preserve
from platekeeper.server.procedures.authority import Footing, RefusedAction, footing
from platekeeper.server.register.evidence import Status
from platekeeper.server.register.lines import line_of
from tests.bags import content_of
from tests.cast import ROLES, Cast
from tests.register.judging import until
from tests.web.making import make_hit

pytestmark = [pytest.mark.django_db, pytest.mark.records]
NOW = datetime.now(UTC)
Kind = RequestStep.Kind


@pytest.fixture
def keeper(cast: Cast) -> Footing:
    return footing(cast.custodian, at=NOW)


def _asked(by: Footing, case: CaseFile | None = None, **changed: Any) -> RecordsRequest:
    facts: dict[str, Any] = {
        "kind": "discovery" if case else "public", "asked_by": "Ms. Counsel", "contact": "by post", "what": "all of it",
        "case": case, "received_on": by.today - timedelta(days=3), "due_on": by.today + timedelta(days=4),
    }  # fmt: skip
    return answer_requests.record_request(by, **(facts | changed))


def test_discovery_goes_from_asked_to_answered_with_its_packet(cast: Cast, keeper: Footing) -> None:
    case = keep_cases.open_case(keeper, number="26-1", title="t", offense_class="felony", is_felony=True)
    preserve.preserve_hit(keeper, make_hit(cast), case=case)
    request = _asked(keeper, case)
    answer_requests.acknowledge(keeper, request)
    until = keeper.today + timedelta(days=20)
    answer_requests.extend(keeper, request, until=until, why="the lab is asked")
    assert lookups.request_facts(lookups.requests().get()).due_on == until
    with pytest.raises(RefusedAction, match="Hand over the evidence packet"):
        answer_requests.answer(keeper, request, kind=Kind.GRANTED, words="")
    packed = answer_requests.hand_over(keeper, request)
    answer_requests.answer(keeper, request, kind=Kind.GRANTED, words="")
    steps = request.steps.values_list("kind", "sha256")
    digest = hashlib.sha256(content_of(packed)).hexdigest()
    assert list(steps) == [("acknowledged", ""), ("extended", ""), ("packet", digest), ("granted", "")]
    exported = LedgerEntry.objects.filter(action="packet_exported").first()
    assert exported is not None
    assert exported.openings.get(field="to").value == "Ms. Counsel"
    assert not lookups.waiting().exists()
    for again in (
        lambda: answer_requests.acknowledge(keeper, request),
        lambda: answer_requests.hand_over(keeper, request),
        lambda: answer_requests.answer(keeper, request, kind=Kind.DENIED, words="x"),
    ):
        with pytest.raises(RefusedAction, match="answered already"):
            again()


def test_what_a_case_has_is_granted_in_part_without_its_packet(cast: Cast, keeper: Footing) -> None:
    case = keep_cases.open_case(keeper, number="26-1", title="t", offense_class="felony", is_felony=True)
    request = _asked(keeper, case)
    with pytest.raises(RefusedAction, match="what is withheld"):
        answer_requests.answer(keeper, request, kind=Kind.IN_PART, words=" ")
    answer_requests.answer(keeper, request, kind=Kind.IN_PART, words="the image alone, handed over on paper: VI.h")
    assert list(request.steps.values_list("kind", "sha256")) == [("in_part", "")]


def test_the_public_is_answered_without_a_case_and_a_denial_has_a_ground(keeper: Footing) -> None:
    request = _asked(keeper)
    with pytest.raises(RefusedAction, match="of no case"):
        answer_requests.hand_over(keeper, request)
    with pytest.raises(RefusedAction, match="ground"):
        answer_requests.answer(keeper, request, kind=Kind.DENIED, words=" ")
    with pytest.raises(ValueError, match="no answer"):
        answer_requests.answer(keeper, request, kind=Kind.PACKET, words="x")
    answer_requests.answer(keeper, request, kind=Kind.IN_PART, words="names withheld: an investigation is open")
    assert LedgerEntry.objects.filter(action="request_step").count() == 1


@pytest.mark.parametrize(
    "late", [{"received_on": date(2050, 1, 1), "due_on": date(2050, 2, 1)}, {"due_on": date(2020, 1, 1)}]
)
def test_no_request_comes_tomorrow_or_is_due_before_it_came(late: dict[str, Any], keeper: Footing) -> None:
    with pytest.raises(RefusedAction, match="once it has come"):
        _asked(keeper, **late)
    assert not RecordsRequest.objects.exists()


def test_what_is_past_its_day_shows_until_it_is_answered(cast: Cast, keeper: Footing) -> None:
    asked = _asked(keeper)
    days = [keeper.at + timedelta(days=each) for each in range(9)]  # due on the fifth
    answer_requests.extend(footing(cast.custodian, at=days[1]), asked, until=keeper.today + timedelta(days=6), why="x")
    answer_requests.answer(footing(cast.custodian, at=days[8]), asked, kind=Kind.NOTHING, words="No read is left.")
    late = [line_of(Clause.VI_h, until(at, days=1)).status is Status.CAUTION for at in days]
    assert late == [False] * 7 + [True, False]


def test_a_wrong_day_is_put_right_and_a_wrong_answer_lets_the_request_wait_again(cast: Cast, keeper: Footing) -> None:
    asked = _asked(keeper)
    days = [footing(cast.custodian, at=keeper.at + timedelta(days=each)) for each in range(9)]  # due on the fifth
    answer_requests.extend(days[0], asked, until=keeper.today + timedelta(days=3650), why="the lab is asked")
    with pytest.raises(RefusedAction, match="Say why"):
        answer_requests.correct_day(days[1], asked, until=keeper.today + timedelta(days=6), why=" ")
    answer_requests.correct_day(days[1], asked, until=keeper.today + timedelta(days=6), why="2036 for 2026")
    with pytest.raises(RefusedAction, match="nothing to take up again"):
        answer_requests.reopen(days[1], asked, why="x")
    answer_requests.answer(days[2], asked, kind=Kind.NOTHING, words="No read is left.")
    assert not lookups.waiting().exists()
    answer_requests.reopen(days[4], asked, why="that was of another request")
    assert [each.pk for each in lookups.waiting()] == [asked.pk]
    assert not lookups.answered().exists()
    late = [line_of(Clause.VI_h, until(day.at, days=1)).status is Status.CAUTION for day in days]
    assert late == [False] * 7 + [True, True]
    answer_requests.answer(days[8], asked, kind=Kind.WITHDRAWN, words="")
    assert [each.pk for each in lookups.answered()] == [asked.pk]
    assert [each.pk for each in lookups.waiting(at=days[5].at)] == [asked.pk]
    assert not lookups.waiting(at=days[3].at).exists()


def test_a_request_for_what_a_case_held_is_not_taken_up_again(cast: Cast, keeper: Footing) -> None:
    case = keep_cases.open_case(keeper, number="26-1", title="t", offense_class="felony", is_felony=True)
    request = _asked(keeper, case)
    answer_requests.answer(keeper, request, kind=Kind.IN_PART, words="the image alone")
    CaseFile.objects.filter(pk=case.pk).update(ended_at=NOW, ending="disposed")
    with pytest.raises(RefusedAction, match="Nothing is kept in this case"):
        answer_requests.reopen(keeper, request, why="they ask for the rest")


@pytest.mark.parametrize("role", ROLES)
def test_the_custodian_answers_and_few_others_look(role: str, cast: Cast, keeper: Footing) -> None:
    request, by = _asked(keeper), footing(cast.people()[role], at=NOW)
    if role != "custodian":
        with pytest.raises(RefusedAction):
            answer_requests.acknowledge(by, request)
    if role in {"custodian", "auditor", "chief"}:
        answer_requests.view_requests(by, request=request)
        assert LedgerEntry.objects.filter(action="requests_viewed", person=by.person.pk).exists()
    else:
        with pytest.raises(RefusedAction):
            answer_requests.view_requests(by)
