"""The department's own entries: asked for, decided, canceled, each by whom the policy says (VI.a, VII.f-g)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from platekeeper.core.categories import Category, HitAction
from platekeeper.core.rules.field_entries import Ground
from platekeeper.server.hits.models import HitStep
from platekeeper.server.hotlist import lookups
from platekeeper.server.hotlist.models import HotListEntry
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.personnel.models import Person
from platekeeper.server.policy import changes as policy
from platekeeper.server.procedures import search_lpr_data
from platekeeper.server.procedures.authority import RefusedAction, footing
from platekeeper.server.procedures.enter_alert import (
    cancel_entry,
    decide_entry,
    look_up_prior_reads,
    owed_looks,
    to_look_up,
    view_entry,
)
from platekeeper.server.procedures.enter_in_field import FieldEntry, enter_in_field
from platekeeper.server.procedures.entries import DuplicateEntry, EntryResult, UnclearEntry, seen_entries
from platekeeper.server.procedures.inquire import open_results
from platekeeper.server.querylog.models import QueryLogEntry
from tests.cast import Cast
from tests.hotlist.making import NOW, ask, records
from tests.hotlist.traffic import drive_past

pytestmark = records


def _decide(by: Person, result: EntryResult, *, approve: bool = True, remark: str = "") -> EntryResult:
    return decide_entry(footing(by, at=NOW), result.entry.pk, approve=approve, remark=remark)


def _clause(refused: pytest.ExceptionInfo[RefusedAction]) -> str:
    return refused.value.refusal.clause.number


def test_a_request_waits_and_is_logged_with_its_plate_sealed(cast: Cast) -> None:
    entry = ask(cast.officer, "abc 1234", jurisdiction="ny").entry

    assert (entry.plate, entry.jurisdiction, entry.state) == ("ABC1234", "NY", "requested")
    assert lookups.requested().count() == 1
    assert not lookups.active_entries(NOW).exists()
    leaf = LedgerEntry.objects.get(subject=f"entry:{entry.pk}")
    assert (leaf.action, leaf.clause, leaf.content()["case"]) == ("entry_requested", "VI.a", "26-1182")
    assert b"ABC1234" not in bytes(leaf.body)


@pytest.mark.parametrize("role", ["officer", "detective", "sergeant", "custodian", "chief"])
def test_trained_members_may_ask(cast: Cast, role: str) -> None:
    assert ask(getattr(cast, role), "ABC1234").entry.state == "requested"


@pytest.mark.parametrize(
    ("role", "clause"),
    [("rookie", "IV.i"), ("clerk", "VI.a"), ("dispatcher", "VI.a"), ("trainer", "IV.b"), ("outsider", "VI.a")],
)
def test_others_may_not_and_the_refusal_is_logged(cast: Cast, role: str, clause: str) -> None:
    with pytest.raises(RefusedAction) as refused:
        ask(getattr(cast, role), "ABC1234")
    assert _clause(refused) == clause
    assert LedgerEntry.objects.latest("index").clause == clause
    assert not HotListEntry.objects.exists()


@pytest.mark.parametrize(
    ("plate", "jurisdiction", "field"),
    [
        ("", "NY", "plate"),
        ("AB/12", "NY", "plate"),
        ("ABCDEFGH1234", "NY", "plate"),
        ("*A*B*C*D*E*F*G*H*1*2*", "NY", "plate"),
        ("NONE", "NY", "plate"),
        ("ABC1234", "XX", "jurisdiction"),
    ],
)
def test_what_is_no_plate_or_state_is_said_so(cast: Cast, plate: str, jurisdiction: str, field: str) -> None:
    with pytest.raises(UnclearEntry) as unclear:
        ask(cast.officer, plate, jurisdiction=jurisdiction)
    assert unclear.value.field == field


@pytest.mark.parametrize(
    ("given", "clause"),
    [
        ({"plate": "A?*"}, "VI.a"),
        ({"plate": "ABC1234", "reason": " "}, "VII.f"),
        ({"plate": "ABC1234", "authority": ""}, "VII.f.2"),
        ({"plate": "ABC1234", "lasts": timedelta(days=400)}, "VI.a"),
        ({"plate": "ABC1234", "lasts": timedelta(0)}, "VI.a"),
    ],
)
def test_an_entry_must_be_narrow_reasoned_authorized_and_end(cast: Cast, given: dict[str, str], clause: str) -> None:
    with pytest.raises(RefusedAction) as refused:
        ask(cast.officer, **given)  # type: ignore[arg-type] # the table mixes types
    assert _clause(refused) == clause


def test_where_the_policy_allows_complete_plates_only_a_partial_one_is_refused(cast: Cast) -> None:
    draft = policy.open_draft(at=NOW)
    policy.fill(draft, key="VI.a.plates", value="complete")
    policy.adopt(draft, at=NOW, by=cast.chief.pk, by_name="C", effective_at=NOW)
    with pytest.raises(RefusedAction) as refused:
        ask(cast.officer, "ABC12*")
    assert _clause(refused) == "VI.a"
    assert ask(cast.officer, "ABC1234").entry.policy_number == 2


def test_the_decider_puts_it_on_the_list_and_prior_reads_are_looked_up_and_logged(cast: Cast) -> None:
    drive_past(cast, ["ABC1234", "XYZ9876"], at=NOW - timedelta(hours=3))
    result = _decide(cast.custodian, ask(cast.officer, "ABC1234"))

    assert result.entry.state == "active"
    assert result.entry.decided_by == cast.custodian
    assert lookups.active_entries(NOW).get() == result.entry
    query = QueryLogEntry.objects.get()
    assert (query.purpose, query.by, query.state, query.found) == ("alert", cast.custodian, "completed", 1)
    assert result.prior_reads is not None
    assert LedgerEntry.objects.filter(action="entry_decided", subject=f"entry:{result.entry.pk}").count() == 1


def test_a_refusal_says_why_and_keeps_it_off_the_list(cast: Cast) -> None:
    asked = ask(cast.officer, "ABC1234")
    with pytest.raises(UnclearEntry):
        _decide(cast.custodian, asked, approve=False)
    result = _decide(cast.custodian, asked, approve=False, remark="no case behind it")
    assert (result.entry.state, result.entry.decision_remark) == ("refused", "no case behind it")
    assert not QueryLogEntry.objects.exists()


@pytest.mark.parametrize("role", ["officer", "sergeant", "detective", "chief", "auditor", "dispatcher"])
def test_nobody_else_decides(cast: Cast, role: str) -> None:
    asked = ask(cast.officer, "ABC1234")
    with pytest.raises(RefusedAction) as refused:
        _decide(getattr(cast, role), asked)
    assert _clause(refused) == "VI.a"
    asked.entry.refresh_from_db()
    assert asked.entry.state == "requested"


def test_nobody_decides_on_their_own_request(cast: Cast) -> None:
    with pytest.raises(RefusedAction, match="Somebody else"):
        _decide(cast.custodian, ask(cast.custodian, "ABC1234"))


@pytest.mark.parametrize("category", [Category.AMBER, Category.MISSING_PERSON])
@pytest.mark.parametrize("role", ["sergeant", "custodian"])
def test_a_bulletin_is_entered_at_once_by_the_positions_that_may(cast: Cast, role: str, category: Category) -> None:
    result = ask(getattr(cast, role), "ABC1234", category=category)
    assert result.entry.state == "active"
    assert result.prior_reads is not None
    assert QueryLogEntry.objects.get().purpose == "alert"
    assert LedgerEntry.objects.get(subject=f"entry:{result.entry.pk}").clause == "VII.g"


def test_a_crime_just_occurred_is_entered_at_once_by_the_director_only(cast: Cast) -> None:
    assert ask(cast.sergeant, "ABC1234", category=Category.CRIME_JUST_OCCURRED).entry.state == "active"
    for role in (cast.custodian, cast.officer):
        assert ask(role, "XYZ9876", category=Category.CRIME_JUST_OCCURRED).entry.state == "requested"


def test_the_director_decides_on_urgent_requests_of_others(cast: Cast) -> None:
    asked = ask(cast.officer, "ABC1234", category=Category.MISSING_PERSON)
    assert _decide(cast.sergeant, asked).entry.state == "active"


def test_the_same_plate_state_and_category_stand_once(cast: Cast) -> None:
    first = _decide(cast.custodian, ask(cast.officer, "ABC1234")).entry
    with pytest.raises(DuplicateEntry) as twice:
        ask(cast.detective, "ABC-1234")
    assert twice.value.entry == first
    assert LedgerEntry.objects.latest("index").action == "action_refused"
    assert ask(cast.detective, "ABC1234", jurisdiction="NJ").entry.pk
    assert ask(cast.detective, "ABC1234", category=Category.FUGITIVE).entry.pk


def test_an_entry_without_alarms_is_for_who_asked_for_it_decides_or_reviews(cast: Cast) -> None:
    covert = _decide(cast.custodian, ask(cast.officer, "CVT1234", hit_action=HitAction.SILENT)).entry
    loud = _decide(cast.custodian, ask(cast.officer, "ABC1234")).entry
    for role, sees in (
        ("officer", True),
        ("custodian", True),
        ("sergeant", True),
        ("auditor", True),
        ("detective", False),
        ("dispatcher", False),
        ("chief", False),
    ):
        by = footing(cast.people()[role], at=NOW)
        assert list(seen_entries(by)) == ([loud, covert] if sees else [loud]), role
        assert view_entry(by, loud.pk) == loud
        if not sees:
            with pytest.raises(RefusedAction, match="raise no alarm"):
                view_entry(by, covert.pk)
    with pytest.raises(RefusedAction, match="raise no alarm"):
        look_up_prior_reads(footing(cast.detective, at=NOW), covert.pk)


def test_of_two_same_requests_one_is_decided_for(cast: Cast) -> None:
    one, two = ask(cast.officer, "ABC1234"), ask(cast.detective, "ABC1234")
    _decide(cast.custodian, one)
    with pytest.raises(DuplicateEntry):
        _decide(cast.custodian, two)
    assert HotListEntry.objects.get(pk=two.entry.pk).state == "requested"


def test_a_decision_made_twice_is_a_clear_refusal(cast: Cast) -> None:
    asked = ask(cast.officer, "ABC1234")
    _decide(cast.custodian, asked)
    with pytest.raises(RefusedAction, match="by now"):
        _decide(cast.custodian, asked, approve=False, remark="late")


def test_a_request_that_would_be_over_is_not_decided_for(cast: Cast) -> None:
    asked = ask(cast.officer, "ABC1234", at=NOW - timedelta(days=2), lasts=timedelta(days=1))
    with pytest.raises(RefusedAction, match="over already"):
        _decide(cast.custodian, asked)


def test_a_pattern_that_fits_much_of_the_traffic_is_too_broad(cast: Cast) -> None:
    traffic = [f"ABC{number:04d}" for number in range(20)] + [f"HVK{number:04d}" for number in range(280)]
    drive_past(cast, traffic, at=NOW - timedelta(hours=3))
    with pytest.raises(RefusedAction, match="Too broad: 20 of the last 300"):
        _decide(cast.custodian, ask(cast.officer, "ABC*"))
    with pytest.raises(RefusedAction, match="Too broad"):
        ask(cast.sergeant, "ABC*", category=Category.AMBER)
    assert not lookups.active_entries(NOW).exists()
    assert _decide(cast.custodian, ask(cast.officer, "HVK0?77")).entry.state == "active"


def test_a_canceled_entry_recalls_its_open_alarms(cast: Cast) -> None:
    entry = _decide(cast.custodian, ask(cast.officer, "ABC1234")).entry
    drive_past(cast, ["ABC1234"], at=NOW)
    cancel_entry(footing(cast.officer, at=NOW), entry.pk, reason="car recovered")

    entry.refresh_from_db()
    assert (entry.state, entry.canceled_by, entry.cancel_reason) == ("canceled", cast.officer, "car recovered")
    step = HitStep.objects.get(kind="recalled")
    assert "car recovered" in step.remark
    last = LedgerEntry.objects.latest("index")
    assert (last.action, last.content()["details"]["recalled"]) == ("entry_canceled", 1)


def test_a_waiting_request_is_withdrawn_by_who_made_it(cast: Cast) -> None:
    entry = ask(cast.officer, "ABC1234").entry
    with pytest.raises(RefusedAction):
        cancel_entry(footing(cast.detective, at=NOW), entry.pk, reason="not mine")
    with pytest.raises(UnclearEntry):
        cancel_entry(footing(cast.officer, at=NOW), entry.pk, reason="  ")
    assert cancel_entry(footing(cast.officer, at=NOW), entry.pk, reason="mistake").state == "canceled"
    with pytest.raises(RefusedAction, match="by now"):
        cancel_entry(footing(cast.officer, at=NOW), entry.pk, reason="again")


def test_looking_at_an_entry_is_logged_and_strangers_do_not(cast: Cast) -> None:
    entry = ask(cast.officer, "ABC1234").entry
    assert view_entry(footing(cast.dispatcher, at=NOW), entry.pk) == entry
    assert LedgerEntry.objects.latest("index").action == "entry_viewed"
    with pytest.raises(RefusedAction) as refused:
        view_entry(footing(cast.outsider, at=NOW), entry.pk)
    assert _clause(refused) == "IV.h"


def test_prior_reads_can_be_looked_up_again_by_who_may_inquire(cast: Cast) -> None:
    entry = _decide(cast.custodian, ask(cast.officer, "ABC1234")).entry
    assert look_up_prior_reads(footing(cast.detective, at=NOW), entry.pk).prior_reads is not None
    assert QueryLogEntry.objects.filter(purpose="alert", by=cast.detective, state="completed").count() == 1
    with pytest.raises(RefusedAction) as refused:
        look_up_prior_reads(footing(cast.officer, at=NOW), entry.pk)
    assert _clause(refused) == "VI.b"


def test_who_put_a_plate_on_the_list_looks_up_its_prior_reads_while_it_stands_and_they_work_with_lists(
    cast: Cast,
) -> None:
    entry = enter_in_field(footing(cast.officer, at=NOW), FieldEntry(plate="ABC1234", ground=Ground.AMBER)).entry
    before = entry.expires_at - timedelta(minutes=1)
    assert look_up_prior_reads(footing(cast.officer, at=before), entry.pk).prior_reads is not None
    for role in ("officer", "detective"):
        with pytest.raises(RefusedAction, match="has ended") as refused:
            look_up_prior_reads(footing(cast.people()[role], at=entry.expires_at), entry.pk)
        assert _clause(refused) == "VII.f.3"
    looked_up = QueryLogEntry.objects.latest("pk").pk
    assert open_results(footing(cast.officer, at=before), looked_up).pk == looked_up
    cast.officer.trainings.update(withdrawn_at=NOW)
    with pytest.raises(RefusedAction):
        look_up_prior_reads(footing(cast.officer, at=before), entry.pk)
    with pytest.raises(RefusedAction, match="Hot lists are open to"):
        open_results(footing(cast.officer, at=before), looked_up)


def _entered_and_cut_off(cast: Cast) -> EntryResult:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(search_lpr_data, "SECONDS", 0.0)
        return enter_in_field(footing(cast.officer, at=NOW), FieldEntry(plate="ABC1234", ground=Ground.AMBER))


def test_a_look_that_took_too_long_is_owed_and_made_though_the_entry_has_ended(cast: Cast) -> None:
    drive_past(cast, ["ABC1234"], at=NOW - timedelta(hours=3))
    result, later = _entered_and_cut_off(cast), NOW + timedelta(hours=3)
    entry = result.entry
    assert (entry.state, result.prior_reads, "takes too long" in result.stopped) == ("active", None, True)
    cancel_entry(footing(cast.officer, at=NOW + timedelta(hours=1)), entry.pk, reason="entered by mistake")
    drive_past(cast, ["ABC1234"], at=NOW + timedelta(hours=2))
    by = {role: footing(person, at=later) for role, person in cast.people().items()}
    assert {role for role in by if to_look_up(by[role]).exists()} == {"officer", "custodian", "sergeant"}
    with pytest.raises(RefusedAction) as refused:
        look_up_prior_reads(by["chief"], entry.pk)
    assert _clause(refused) == "VI.b"

    found = look_up_prior_reads(by["sergeant"], entry.pk).prior_reads
    assert found is not None and len(found.page.reads) == 1  # what came after its end is none of its prior reads
    assert not to_look_up(by["officer"]).exists()
    with pytest.raises(RefusedAction, match="canceled by now"):
        look_up_prior_reads(by["officer"], entry.pk)


def test_a_look_is_owed_while_reads_of_its_time_are_stored(cast: Cast) -> None:
    drive_past(cast, ["ABC1234"], at=NOW - timedelta(hours=3))
    entry = _entered_and_cut_off(cast).entry
    for days, owed in ((179, True), (182, False)):
        by = footing(cast.officer, at=entry.expires_at + timedelta(days=days))
        assert owed_looks(by).exists() is owed


@pytest.mark.parametrize(("days", "found"), [(1, 1), (7, 2), (None, 3)])
def test_a_look_that_is_repeated_goes_as_far_back_as_was_chosen(cast: Cast, days: int | None, found: int) -> None:
    for earlier in (timedelta(hours=3), timedelta(days=2), timedelta(days=20)):
        drive_past(cast, ["ABC1234"], at=NOW - earlier)
    entry = _entered_and_cut_off(cast).entry
    result = look_up_prior_reads(footing(cast.officer, at=NOW), entry.pk, back=timedelta(days) if days else None)
    assert result.prior_reads is not None and len(result.prior_reads.page.reads) == found
    assert not owed_looks(footing(cast.officer, at=NOW)).exists()
