"""Requests for searches with the whole cast: asked, decided, run, answered; who may what, and what the ledger keeps."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from platekeeper.core.clauses import Clause
from platekeeper.core.rules.audits import may_look
from platekeeper.core.rules.decision import Refused
from platekeeper.core.rules.search_requests import Asked
from platekeeper.server.casefiles.changes import open_case
from platekeeper.server.casefiles.models import CaseFile, Preserved
from platekeeper.server.ledger.models import LedgerEntry, LedgerOpening
from platekeeper.server.oversight import audits
from platekeeper.server.oversight.models import AuditItem, AuditRound
from platekeeper.server.personnel.changes import add_person
from platekeeper.server.personnel.models import Agency, Person
from platekeeper.server.policy import changes as policy
from platekeeper.server.policy.models import PolicyVersion
from platekeeper.server.procedures import approve_queries, manage_agencies
from platekeeper.server.procedures import request_searches as requests
from platekeeper.server.procedures.answer_searches import How, answer
from platekeeper.server.procedures.authority import Footing, RefusedAction, footing
from platekeeper.server.procedures.grounds import known_agency
from platekeeper.server.procedures.guests import received_by
from platekeeper.server.procedures.preserve import preserve_query
from platekeeper.server.procedures.question import Question
from platekeeper.server.procedures.search_lpr_data import QueryResult, run_approved
from platekeeper.server.querylog.models import QueryLogEntry, SearchRequest, SearchStep
from platekeeper.server.querylog.requests import search_requests, unread_answers
from platekeeper.server.sharing.models import Dissemination
from tests.cast import ROLES, Cast
from tests.hotlist.traffic import drive_past
from tests.sharing import end_mous, make_mou

pytestmark = [pytest.mark.django_db, pytest.mark.records]
NOW = datetime.now(UTC).replace(second=0, microsecond=0)
MILL = "Mill County Sheriff's Office"
WANTED = Asked(
    plate="abc 1234", description="", since=NOW - timedelta(days=1), until=NOW + timedelta(hours=1), purpose="stolen",
    offense="theft", case_number="26-7", justification="gray van seen on Canal Street",
)  # fmt: skip
CALLER = requests.Outsider("Deputy Dunn", MILL, contact="555-0100")


def _by(cast: Cast, role: str, *, at: datetime = NOW) -> Footing:
    return footing(cast.people()[role], at=at)


def _question(**changed: Any) -> Question:
    question = Question(
        plate="ABC1234", since=WANTED.since, until=WANTED.until, purpose="stolen", offense="theft", case_number="26-7",
        justification="gray van seen on Canal Street", none_prohibited=True,
    )  # fmt: skip
    return replace(question, **changed)


def _approved(cast: Cast, *, of: requests.Outsider | None = None, by: str = "officer") -> SearchRequest:
    request = requests.ask(_by(cast, by), WANTED, of=of)
    requests.approve(_by(cast, "custodian"), request)
    return request


def _run(cast: Cast, request: SearchRequest, *, role: str = "detective", **changed: Any) -> QueryResult:
    return requests.run(_by(cast, role), request, _question(**changed))


def _case(cast: Cast) -> CaseFile:
    return open_case(
        number="26-7",
        title="Theft",
        offense_class="felony",
        is_felony=True,
        at=NOW,
        today=NOW.date(),
        by=cast.detective,
    )


def _answer(cast: Cast, request: SearchRequest, *, role: str = "detective", **changed: Any) -> None:
    given = {"words": "Seen twice.", "how": How.PHONE, "recipients": [(request.name, request.outside)]} | changed
    case = given.pop("case", None) or CaseFile.objects.filter(number="26-7").first() or _case(cast)
    answer(_by(cast, role), request, case=case, **given)


def _refused(act: Callable[[], object], clause: str, says: str = "") -> None:
    before = LedgerEntry.objects.count()
    with pytest.raises(RefusedAction) as refused:
        act()
    assert (refused.value.refusal.clause.number, says in refused.value.refusal.reason) == (clause, True), refused.value
    last = LedgerEntry.objects.latest("index")
    assert (LedgerEntry.objects.count(), last.outcome, last.clause) == (before + 1, "refused", clause)


@pytest.mark.parametrize("role", ROLES)
def test_everybody_asks_for_themselves_and_sees_their_own(role: str, cast: Cast) -> None:
    request = requests.ask(_by(cast, role), WANTED)
    assert (request.plate, request.name, request.asked_by) == ("ABC1234", cast.people()[role].name, cast.people()[role])
    assert request.outside == (MILL if role == "outsider" else "")
    assert requests.view_request(_by(cast, role), request).is_own


def test_members_and_staff_enter_what_another_agency_asks_and_outsiders_only_their_own(cast: Cast) -> None:
    request = requests.ask(_by(cast, "dispatcher"), WANTED, of=replace(CALLER, agency=f" {MILL.lower()}"))
    assert (request.asked_by, request.agency, request.outside) == (None, cast.outsider.agency, MILL)
    unknown = requests.ask(_by(cast, "officer"), WANTED, of=replace(CALLER, agency="Elsewhere PD"))
    assert (unknown.agency, unknown.outside) == (None, "Elsewhere PD")
    _refused(lambda: requests.ask(_by(cast, "outsider"), WANTED, of=CALLER), "IV.h", "own name")
    _refused(lambda: requests.ask(_by(cast, "officer"), WANTED, of=replace(CALLER, agency="")), "IV.h")
    _refused(lambda: requests.ask(_by(cast, "officer"), WANTED, mutual_aid=True), "V.e", "between agencies")
    _refused(lambda: requests.ask(_by(cast, "officer"), replace(WANTED, justification=" ")), "VI.f")


def test_names_plates_and_reasons_are_sealed(cast: Cast) -> None:
    request = requests.ask(_by(cast, "dispatcher"), WANTED, of=CALLER)
    leaf = LedgerEntry.objects.get(action="search_requested")
    assert not any(each in bytes(leaf.body).decode() for each in ("ABC1234", "Dunn", "555-0100", "Canal"))
    openings = dict(LedgerOpening.objects.filter(entry=leaf).values_list("field", "value"))
    assert (openings["plate"], openings["on_behalf_of"]) == ("ABC1234", request.name)


@pytest.mark.parametrize(("mutual_aid", "allowed"), [(False, {"custodian"}), (True, {"sergeant"})])
@pytest.mark.parametrize("role", ROLES)
def test_who_decides(role: str, mutual_aid: bool, allowed: set[str], cast: Cast) -> None:
    request = requests.ask(_by(cast, "dispatcher"), WANTED, of=CALLER, mutual_aid=mutual_aid)
    if role in allowed:
        requests.approve(_by(cast, role), request)
        assert request.steps.get().kind == SearchStep.Kind.APPROVED
    else:
        _refused(lambda: requests.approve(_by(cast, role), request), "V.e" if mutual_aid else "IV.e")


def test_nobody_decides_on_what_they_asked_or_entered(cast: Cast) -> None:
    for of in (None, CALLER):
        request = requests.ask(_by(cast, "custodian"), WANTED, of=of)
        _refused(partial(requests.approve, _by(cast, "custodian"), request), "IV.e", "somebody else")


def test_a_refusal_carries_its_reason_and_clause_and_ends_the_request(cast: Cast) -> None:
    request = requests.ask(_by(cast, "officer"), WANTED)
    requests.refuse(_by(cast, "custodian"), request, why="No case is named.", under=Clause.VI_f)
    step = request.steps.get()
    assert (step.kind, step.clause, step.words) == ("refused", "VI.f", "No case is named.")
    _refused(lambda: requests.approve(_by(cast, "custodian"), request), "IV.h", "closed")
    _refused(lambda: requests.withdraw(_by(cast, "officer"), request), "IV.h", "closed")
    assert [each.pk for each in unread_answers(cast.officer)] == [request.pk]
    requests.view_request(_by(cast, "officer", at=NOW + timedelta(minutes=1)), request)
    assert not unread_answers(cast.officer)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"VI.l.how": "none"}, "does not share"),
        ({"VI.l.destinations": []}, "no such destination"),
        ({"VI.l.how": None}, "does not say yet"),
    ],
)
def test_what_could_not_be_answered_is_not_approved(values: dict[str, Any], says: str, cast: Cast) -> None:
    version = PolicyVersion.objects.get()
    kept = {key: value for key, value in (version.values | values).items() if value is not None}
    request = requests.ask(_by(cast, "dispatcher"), WANTED, of=CALLER)
    PolicyVersion.objects.update(values=kept)
    _refused(lambda: requests.approve(_by(cast, "custodian"), request), "VI.l", says)
    requests.refuse(_by(cast, "custodian"), request, why="Not shared.", under=Clause.VI_l)


@pytest.mark.parametrize("role", ROLES)
def test_who_runs_and_that_both_point_at_each_other(role: str, cast: Cast) -> None:
    drive_past(cast, ["ABC1234"], at=NOW)
    request = _approved(cast, of=CALLER)
    if role not in {"detective", "clerk", "custodian"}:
        with pytest.raises(RefusedAction):
            _run(cast, request, role=role)
        assert not QueryLogEntry.objects.exists()
        return
    found = _run(cast, request, role=role)
    assert len(found.page.reads) == 1
    assert (found.entry.requestor, found.entry.requestor_agency) == ("Deputy Dunn", MILL)
    assert found.entry.asked_for.request == request
    step = LedgerEntry.objects.get(action="search_request_step", subject=f"search:{request.pk}", clause="VI.g")
    assert json.loads(bytes(step.body))["details"]["query"] == found.entry.pk


def test_ones_own_request_is_run_on_nobodys_behalf(cast: Cast) -> None:
    found = _run(cast, _approved(cast, by="detective"))
    assert (found.entry.requestor, found.entry.requestor_agency) == ("", "")


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"plate": "ABC*"}, "ABC1234 was approved"),
        ({"since": WANTED.since - timedelta(minutes=1)}, "time span"),
        ({"case_number": "26-8"}, "approved for 26-7"),
    ],
)
def test_more_than_was_approved_is_not_searched(changed: dict[str, Any], says: str, cast: Cast) -> None:
    request = _approved(cast)
    _refused(lambda: _run(cast, request, **changed), "IV.h", says)
    assert not QueryLogEntry.objects.exists()


def test_an_approval_lapses_and_is_given_anew(cast: Cast) -> None:
    request, later = _approved(cast), NOW + timedelta(hours=72)
    _refused(lambda: requests.run(_by(cast, "detective", at=later), request, _question()), "IV.e", "lapsed")
    requests.approve(_by(cast, "custodian", at=later), request)
    assert requests.run(_by(cast, "detective", at=later), request, _question()).entry.state == "completed"


def test_a_step_taken_meanwhile_stops_the_search_and_leaves_no_entry(cast: Cast) -> None:
    seen = search_requests().get(pk=_approved(cast).pk)  # with its steps, as somebody saw them
    requests.withdraw(_by(cast, "officer"), SearchRequest.objects.get())
    _refused(lambda: _run(cast, seen), "IV.h", "closed")
    assert not QueryLogEntry.objects.exists()
    _refused(lambda: requests.direct(_by(cast, "chief"), seen), "IV.h", "closed")


def test_an_answer_to_our_own_keeps_search_and_request_in_the_case(cast: Cast) -> None:
    request = _approved(cast)
    _refused(lambda: _answer(cast, request), "VI.h", "Run it first")
    entry = _run(cast, request).entry
    _refused(lambda: _answer(cast, request, role="clerk"), "VI.h", "Run it first")
    _refused(lambda: _answer(cast, request, recipients=[]), "VIII.c", "who gets")
    _refused(lambda: _answer(cast, request, how=How.PACKET), "VI.h", "evidence packet")
    _answer(cast, request)
    kept = {each.key: each for each in Preserved.objects.filter(case__number="26-7")}
    assert set(kept) == {f"query:{entry.pk}", f"search:{request.pk}"}
    copy = json.loads(bytes(kept[f"search:{request.pk}"].content))
    assert [step["kind"] for step in copy["steps"]] == ["approved", "run", "answered"]
    assert copy["steps"][-1]["recipients"] == [["Olive Officer", ""]]
    assert [each.pk for each in unread_answers(cast.officer)] == [request.pk]
    _refused(lambda: _answer(cast, request), "IV.h", "closed")


def test_what_the_case_holds_already_is_not_copied_twice(cast: Cast) -> None:
    request, case = _approved(cast), _case(cast)
    entry = _run(cast, request).entry
    preserve_query(_by(cast, "detective"), entry, case=case)
    _answer(cast, request, case=case)
    assert Preserved.objects.filter(case=case).count() == 2


def test_another_agency_is_answered_upon_direction_only(cast: Cast) -> None:
    request = _approved(cast, of=CALLER)
    _run(cast, request)
    _refused(lambda: _answer(cast, request), "VI.l", "upon the direction of: Chief")
    _refused(lambda: _answer(cast, request, recipients=[("Deputy Dunn", "")]), "VI.l", "upon the direction")
    _refused(lambda: requests.direct(_by(cast, "custodian"), request), "VI.l", "gives this to: Chief")
    requests.direct(_by(cast, "chief"), request)
    _refused(lambda: _answer(cast, request, recipients=[("Ray", "Elsewhere PD")]), "VI.l", "Elsewhere PD")
    _answer(cast, request)
    last = LedgerEntry.objects.latest("index")
    assert (last.action, last.clause) == ("search_request_step", "VI.l")


@pytest.mark.parametrize("spelled", [False, True])
def test_the_agency_that_asked_gets_it_under_an_mou_however_the_list_names_who_gets_it(
    spelled: bool, cast: Cast
) -> None:
    request = _approved(cast, of=CALLER)
    _run(cast, request)
    requests.direct(_by(cast, "chief"), request)
    end_mous(cast, at=NOW)
    nobody_there = [("Deputy Dunn", "")]
    _refused(lambda: _answer(cast, request, recipients=nobody_there), "VI.l")
    make_mou(cast, at=NOW)
    _answer(cast, request, recipients=[*nobody_there, ("Otto", MILL.upper())] if spelled else nobody_there)
    gone = Dissemination.objects.get()
    assert (gone.agency, gone.what, gone.to) == (cast.outsider.agency, "searches", "Otto" if spelled else request.name)


def test_an_outside_account_reads_its_own_answer(cast: Cast) -> None:
    request = _approved(cast, by="outsider")
    found = _run(cast, request)
    assert (found.entry.requestor, found.entry.requestor_agency) == ("Otto Outsider", MILL)
    requests.direct(_by(cast, "chief"), request)
    _answer(cast, request)
    assert [each.pk for each in unread_answers(cast.outsider)] == [request.pk]
    assert requests.view_request(_by(cast, "outsider"), request).closed


def test_our_own_may_share_with_a_named_agency_upon_direction(cast: Cast) -> None:
    request = _approved(cast)
    _run(cast, request)
    both = [("Olive Officer", "Harbor Falls Police Department"), ("Deputy Dunn", MILL)]
    _refused(lambda: _answer(cast, request, recipients=both), "VI.l")
    requests.direct(_by(cast, "chief"), request)
    _answer(cast, request, recipients=both)


def test_who_asked_for_a_search_is_neither_its_second_person_nor_its_reviewer(cast: Cast) -> None:
    long_ago = WANTED.since - timedelta(days=300)
    older = replace(WANTED, since=long_ago)
    request = requests.ask(_by(cast, "chief"), older)
    requests.approve(_by(cast, "custodian"), request)
    waiting = _run(cast, request, since=long_ago).entry
    assert waiting.state == QueryLogEntry.State.WAITING
    number = waiting.approval.pk
    _refused(lambda: approve_queries.decide(_by(cast, "chief"), number, granted=True, remark=""), "VIII.b", "your own")
    asked = requests.ask(_by(cast, "auditor"), WANTED)
    requests.approve(_by(cast, "custodian"), asked)
    entry = _run(cast, asked).entry
    drawn = AuditRound.objects.create(
        kind=AuditRound.Kind.SURVEY, until=NOW, drawn_at=NOW, leaf=0, seed="0" * 64, entries=1, sampled=1,
        policy_number=1, policy_digest="0" * 64,
    )  # fmt: skip
    item = AuditItem.objects.create(round=drawn, entry=entry, drawn=True, score=0, reasons=[])
    facts = {each: audits.facts_of(item, person=cast.people()[each]) for each in ("auditor", "chief", "detective")}
    assert [each.asked_for for each in facts.values()] == [True, False, False]
    by = _by(cast, "auditor")
    refused = may_look(by.authority, by.policy, facts["auditor"])
    assert isinstance(refused, Refused) and "You asked for this query" in refused.reason


def test_what_waits_for_whom(cast: Cast) -> None:
    first = requests.ask(_by(cast, "officer"), WANTED)
    urgent = requests.ask(_by(cast, "dispatcher", at=NOW + timedelta(minutes=1)), WANTED, of=CALLER, urgent=True)
    aid = requests.ask(_by(cast, "dispatcher"), WANTED, of=CALLER, mutual_aid=True)

    def waiting(role: str, *, hours: int = 0) -> tuple[list[int], list[int], list[int]]:
        found = requests.waiting_requests(_by(cast, role, at=NOW + timedelta(hours=hours, minutes=2)))
        to_decide, to_direct, to_run = (
            [each.pk for each in some] for some in (found.to_decide, found.to_direct, found.to_run)
        )
        return to_decide, to_direct, to_run

    assert waiting("custodian") == ([urgent.pk, first.pk], [], [])
    assert waiting("sergeant") == ([aid.pk], [], [])
    requests.approve(_by(cast, "custodian"), urgent)
    assert waiting("chief") == ([], [urgent.pk], [])
    assert waiting("detective") == ([], [], [urgent.pk])
    assert waiting("officer") == ([], [], [])
    requests.approve(_by(cast, "custodian"), first)
    _run(cast, first)
    assert waiting("custodian", hours=71) == ([], [], [urgent.pk, first.pk])
    assert waiting("custodian", hours=72) == ([urgent.pk, first.pk], [], [])  # to be decided anew
    assert waiting("detective", hours=72) == ([], [], [first.pk])  # ran it, and can still answer


@pytest.mark.parametrize("role", ROLES)
def test_who_looks_into_somebody_elses_request(role: str, cast: Cast) -> None:
    request = requests.ask(_by(cast, "officer"), WANTED)
    if role in {"officer", "custodian", "chief", "auditor"}:
        requests.view_request(_by(cast, role), request)
        assert LedgerEntry.objects.filter(action="search_request_viewed").count() == 1
    else:
        _refused(lambda: requests.view_request(_by(cast, role), request), "IV.h", "is seen by")


def test_a_plate_that_was_approved_is_not_those_that_look_like_it(cast: Cast) -> None:
    request = _approved(cast)
    with pytest.raises(RefusedAction, match="look like it"):
        requests.run(_by(cast, "detective"), request, _question(besides={"look_alikes": True}))
    assert not QueryLogEntry.objects.exists()


def test_a_search_that_waits_does_not_run_once_its_request_is_refused(cast: Cast) -> None:
    older = replace(WANTED, since=NOW - timedelta(days=60))
    request = requests.ask(_by(cast, "officer"), older)
    requests.approve(_by(cast, "custodian"), request)
    waiting = requests.run(_by(cast, "detective"), request, _question(since=older.since)).entry
    assert waiting.state == QueryLogEntry.State.WAITING
    requests.refuse(_by(cast, "custodian"), request, why="taken back", under=Clause.IV_h)
    approve_queries.decide(_by(cast, "sergeant"), waiting.approval.pk, granted=True, remark="")
    with pytest.raises(RefusedAction):
        run_approved(_by(cast, "detective"), waiting.pk)
    assert QueryLogEntry.objects.get().state == QueryLogEntry.State.APPROVED


def test_an_answer_goes_to_the_agency_that_asked_whatever_it_is_called_meanwhile(cast: Cast) -> None:
    """It was renamed, and another one took its name: no name that was written down then leads to the wrong one."""
    chief, agency = _by(cast, "chief"), cast.outsider.agency
    request = _approved(cast, by="outsider")
    draft = policy.open_draft(at=NOW)
    policy.fill(draft, key="VI.l.destinations", value=["Mill County Police", MILL])
    policy.adopt(draft, at=NOW, by=cast.chief.pk, by_name=cast.chief.name, effective_at=NOW)
    manage_agencies.change_agency(chief, agency=agency, name="Mill County Police", ori=agency.ori, contact="")
    manage_agencies.add_agency(chief, name=MILL)
    requests.direct(_by(cast, "chief"), request)
    request = search_requests().get()
    assert request.outside == "Mill County Police"
    _run(cast, request, requestor=request.name, requestor_agency=request.outside)
    _answer(cast, request)
    gone = Dissemination.objects.get()
    assert (gone.agency, gone.what) == (agency, "searches")
    assert list(received_by(footing(cast.outsider, at=NOW))) == [gone]
    colleague = add_person(username="otto2", name=request.name, kind=Person.Kind.OUTSIDE, agency=agency, at=NOW)
    assert not received_by(footing(colleague, at=NOW)).exists()


def test_no_two_agencies_have_names_that_differ_in_case_alone(cast: Cast) -> None:
    chief = _by(cast, "chief")
    other = manage_agencies.add_agency(chief, name="Elsewhere PD")
    with pytest.raises(ValidationError, match="of this name already"):
        manage_agencies.add_agency(chief, name=MILL.upper())
    with pytest.raises(ValidationError, match="of this name already"):
        manage_agencies.change_agency(chief, agency=other, name=MILL.lower(), ori="", contact="")
    manage_agencies.change_agency(chief, agency=other, name="Elsewhere pd", ori="", contact="")
    Agency.objects.create(name="Elsewhere PD")  # as of before such a name was refused
    assert (known_agency("Elsewhere pd"), known_agency("ELSEWHERE PD")) == (other, None)
