"""Two who do the same, or the opposite, at the same moment: what both were allowed to do a moment ago, one of them does."""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection, transaction

from platekeeper.core.formats.reads import ParsedRead
from platekeeper.core.formats.signed_entries import SignedEntry, sign_entry
from platekeeper.core.hotlists.in_force import Matcher
from platekeeper.core.investigations.terms import StakeOutTerms
from platekeeper.core.matching import HowMatched
from platekeeper.core.policy import digest_of
from platekeeper.core.rules.complaints import Finding
from platekeeper.core.rules.deployments import Kind
from platekeeper.core.rules.field_entries import Ground
from platekeeper.server.deployments.lookups import open_loans, open_uses
from platekeeper.server.hits.changes import add_step
from platekeeper.server.hits.lookups import open_alarms
from platekeeper.server.hits.models import Hit, HitStep
from platekeeper.server.hotlist.models import HotListEntry, SignedLine
from platekeeper.server.ledger.changes import add_witness, stand_in_line
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.oversight.hits_over import hits_over
from platekeeper.server.oversight.models import Correction
from platekeeper.server.personnel import changes as personnel
from platekeeper.server.personnel.lookups import staying
from platekeeper.server.personnel.models import Person, Seal
from platekeeper.server.policy import changes as policy
from platekeeper.server.policy.models import PolicyVersion
from platekeeper.server.procedures import (
    adopt_policy,
    answer_hit,
    connect_partners,
    correct_entry,
    deploy_lprs,
    draft_policy,
    hand_over,
    handle_complaints,
    inquire,
    keep_routines,
    lend_lprs,
    manage_people,
    propose_disposal,
    recall,
    sealed_account,
    stake_out,
    supervise_hits,
)
from platekeeper.server.procedures.authority import Footing, RefusedAction, footing
from platekeeper.server.procedures.dispose_lpr_data import dispose_lpr_data
from platekeeper.server.procedures.enter_alert import cancel_entry
from platekeeper.server.procedures.keep_cases import open_case
from platekeeper.server.procedures.keep_user_logs import check_log, forward_log, name_arrest
from platekeeper.server.procedures.question import Question
from platekeeper.server.procedures.receive_reads import Intake, Submission
from platekeeper.server.procedures.record_unit_acts import UnitAct, record_unit_acts
from platekeeper.server.procedures.signed_entries import enroll_key, hand_in
from platekeeper.server.procedures.stores import read_store
from platekeeper.server.retention.models import Disposal, Proposal
from platekeeper.server.sharing.models import Transfer
from platekeeper.server.stakeouts.models import StakeOut
from platekeeper.server.userlog import changes as userlog
from platekeeper.server.userlog.lookups import open_tours
from tests.cast import FOUNDED, Cast
from tests.deploying import detail
from tests.letters import keep_dead_letter
from tests.partnering import connected
from tests.retention.making import JPEG, come_in, want
from tests.touring import begin, end, hot_list_on_hand, patrol_car
from tests.web.access import oversight, retention, sharing
from tests.web.access.policy import drafted
from tests.web.making import make_hit

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.records]
NOW = datetime.now(UTC)
DONE, REFUSED = "done", "refused"
AtOnce = Callable[..., list[str]]
Meanwhile = Callable[[Any, str, Callable[[], object]], AbstractContextManager[None]]


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> Iterator[AtOnce]:
    """Return what does things at once, each on a connection of its own: all are allowed to before the first one acts."""
    plain, barrier = Footing.demand, threading.Barrier(2)

    def demand(by: Footing, *decisions: Any, **said: Any) -> None:
        plain(by, *decisions, **said)
        try:
            barrier.wait(2)
        except threading.BrokenBarrierError:
            return

    def done(act: Callable[[], object]) -> str:
        try:
            act()
        except RefusedAction:
            return REFUSED
        finally:
            connection.close()
        return DONE

    def run(*acts: Callable[[], object]) -> list[str]:
        barrier.reset()
        with monkeypatch.context() as held, ThreadPoolExecutor() as threads:
            held.setattr(Footing, "demand", demand)
            return sorted(threads.map(done, acts))

    yield run


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Meanwhile:
    """Return what has an act done, on a connection of its own, once somebody has done something else for the first time:
    who did that waits a second for it, which it may take longer than where it has to wait itself."""

    @contextmanager
    def during(where: Any, name: str, act: Callable[[], object]) -> Iterator[None]:
        does: Callable[..., Any] = getattr(where, name)
        begun: list[threading.Thread] = []

        def alone() -> None:
            try:
                act()
            except RefusedAction:
                pass
            finally:
                connection.close()

        def done(*said: Any, **named: Any) -> Any:
            made = does(*said, **named)
            if not begun:
                begun.append(threading.Thread(target=alone))
                begun[0].start()
                begun[0].join(1)
            return made

        with monkeypatch.context() as patched:
            patched.setattr(where, name, done)
            yield
            begun[0].join()

    return during


def _by(person: Person) -> Footing:
    return footing(Person.objects.get(pk=person.pk), at=datetime.now(UTC))


@pytest.mark.parametrize("way", ["end their position", "disable their account", "end their account some day"])
def test_of_two_who_govern_one_is_left(way: str, cast: Cast, at_once: AtOnce) -> None:
    personnel.give_position(cast.sergeant, personnel.ensure_position("Chief"), since=FOUNDED.date(), at=FOUNDED)

    def ends(one: Person, other: Person) -> Callable[[], object]:
        if way == "end their position":
            return lambda: manage_people.end_position(_by(one), person=other, title="Chief")
        if way == "disable their account":
            return lambda: manage_people.set_active(_by(one), person=other, active=False)
        return lambda: manage_people.set_last_day(_by(one), person=other, last_day=_by(one).today + timedelta(days=9))

    assert at_once(ends(cast.chief, cast.sergeant), ends(cast.sergeant, cast.chief)) == [DONE, REFUSED]
    assert staying(["Chief"]).count() == 1


def test_there_is_one_sealed_account(cast: Cast, at_once: AtOnce) -> None:
    assert at_once(*[lambda: sealed_account.seal(_by(cast.chief))] * 2) == [DONE, DONE]
    assert Person.objects.filter(username__startswith="sealed-").count() == 1
    assert Seal.objects.filter(ended_at=None).count() == 1


def test_a_day_is_disposed_of_once_and_certified_with_what_went(cast: Cast, at_once: AtOnce) -> None:
    come_in(cast, "A1", "A2", captured=NOW - timedelta(days=100))
    come_in(cast, "B1", captured=NOW - timedelta(days=101))
    at_once(*[lambda: dispose_lpr_data(at=NOW + timedelta(days=182))] * 2)
    assert sorted(sum(each.counts.values()) for each in Disposal.objects.all()) == [1, 2]


def test_what_was_put_forward_and_approved_while_it_was_drawn_up_stays_so(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction.atomic():
        [number] = retention._waiting(cast)
        standing = Proposal.objects.get(pk=number)
    keep_dead_letter(lpr=cast.lpr, format="t", reason="r", payload=b"2", at=NOW - timedelta(days=201))
    counted = hits_over

    def and_meanwhile(*said: Any, **named: Any) -> Any:
        propose_disposal.propose(_by(cast.custodian), standing)
        propose_disposal.approve(_by(cast.chief), standing)
        return counted(*said, **named)

    monkeypatch.setattr(propose_disposal, "hits_over", and_meanwhile)
    by = _by(cast.chief)
    propose_disposal.draw_up(by.policy, at=by.at)
    standing.refresh_from_db()
    assert (standing.proposed_by, standing.approved_by) == (cast.custodian, cast.chief)
    assert standing.letters == 1


def test_a_hit_has_one_answer_and_one_end(cast: Cast, at_once: AtOnce) -> None:
    compared, asked = make_hit(cast), make_hit(cast, steps=("image_verified", "confirmation_asked"))
    silent, unworked, stopped = make_hit(cast, how=HowMatched.LOOK_ALIKE), make_hit(cast), make_hit(cast)
    misread = HitStep.Outcome.MISREAD
    twice: list[tuple[Callable[[], object], Callable[[], object]]] = [
        (
            lambda: answer_hit.verify_image(_by(cast.officer), compared.pk, agrees=True),
            lambda: answer_hit.verify_image(_by(cast.officer), compared.pk, agrees=False),
        ),
        (
            lambda: answer_hit.answer_confirmation(_by(cast.dispatcher), asked.pk, confirmed=True),
            lambda: answer_hit.answer_confirmation(_by(cast.dispatcher), asked.pk, confirmed=False),
        ),
        (
            lambda: supervise_hits.close_silent(_by(cast.custodian), silent.pk, outcome=misread),
            lambda: supervise_hits.close_silent(_by(cast.custodian), silent.pk, outcome=misread),
        ),
        (
            lambda: answer_hit.record_stop(_by(cast.officer), stopped.pk),
            lambda: answer_hit.record_stop(_by(cast.sergeant), stopped.pk),
        ),
        (
            lambda: supervise_hits.close_unworked(_by(cast.sergeant), unworked.pk, reason="no unit"),
            lambda: supervise_hits.close_unworked(_by(cast.sergeant), unworked.pk, reason="too late"),
        ),
    ]
    assert [at_once(*acts) for acts in twice] == [[DONE, REFUSED]] * 5


def test_a_stop_is_judged_by_the_steps_that_are_there_when_it_is_recorded(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    hit = make_hit(cast, steps=("image_verified", "confirmation_asked", "confirmed"))

    def in_line_late() -> None:
        stand_in_line()
        add_step(hit, kind=HitStep.Kind.NOT_CONFIRMED, at=NOW, by=cast.dispatcher, policy=(1, "0" * 64))

    monkeypatch.setattr(answer_hit, "stand_in_line", in_line_late)  # the moment between the look and the lock
    departure = answer_hit.record_stop(_by(cast.officer), hit.pk)
    assert departure is not None and "not confirm" in departure.reason


def test_an_entry_is_corrected_once_and_its_suppression_lifted_once(cast: Cast, at_once: AtOnce) -> None:
    with transaction.atomic():
        complaint = oversight.complained(cast, hit=oversight.stopped_hit(cast), findings=(Finding.WRONG_ENTRY,))
    until = NOW + timedelta(days=14)

    def correct() -> None:
        correct_entry.correct_entry(
            _by(cast.chief), complaint, source="State portal", text="Recovered on the 3rd.", until=until
        )

    assert at_once(correct, correct) == [DONE, REFUSED]
    assert Correction.objects.count() == 1
    with transaction.atomic():
        correction = oversight.corrected(cast)

    def lift() -> None:
        correct_entry.end_suppression(_by(cast.chief), correction, why="stolen again")

    assert at_once(lift, lift) == [DONE, REFUSED]


def test_steps_on_the_way_to_partners_are_taken_once(cast: Cast, at_once: AtOnce) -> None:
    with transaction.atomic():
        partner, [number] = connected(cast, at=NOW), sharing._sent(cast)
    transfer = Transfer.objects.get(pk=number)
    stop = [lambda: connect_partners.stop(_by(cast.chief), partner, why="a look at it")] * 2
    resume = [lambda: connect_partners.resume(_by(cast.chief), partner)] * 2
    confirm = [lambda: keep_routines.confirm_receipt(_by(cast.custodian), transfer, receipt="by letter")] * 2
    assert [at_once(*acts) for acts in (stop, resume, confirm)] == [[DONE, REFUSED]] * 3


def test_a_witness_ends_once(cast: Cast, at_once: AtOnce) -> None:
    witness = add_witness(name="The county clerk", email="clerk@example.org", at=NOW)
    at_once(*[lambda: hand_over.end_witness(_by(cast.auditor), witness)] * 2)
    assert LedgerEntry.objects.filter(action="witness_ended").count() == 1


def test_a_policy_that_was_adopted_is_not_discarded(
    cast: Cast, at_once: AtOnce, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction.atomic():
        draft = drafted(cast)
    adopts = policy.adopt

    def slowly(*said: Any, **named: Any) -> PolicyVersion:
        time.sleep(0.5)  # while nobody else may change the draft
        return adopts(*said, **named)

    monkeypatch.setattr(policy, "adopt", slowly)
    done = at_once(lambda: adopt_policy.adopt(_by(cast.chief)), lambda: draft_policy.discard(_by(cast.chief)))
    adopted = LedgerEntry.objects.filter(action="policy_adopted").count()
    discarded = LedgerEntry.objects.filter(action="policy_discarded").count()
    assert adopted + discarded == 1, done
    assert PolicyVersion.objects.filter(pk=draft.pk).exists() is bool(adopted)


def test_an_lpr_is_in_one_place(cast: Cast, at_once: AtOnce) -> None:
    with transaction.atomic():
        used = detail(cast, authorized=True)
        aided = detail(cast, kind=Kind.AID_GIVEN, by="dispatcher", authorized=True)
    uses = lambda: deploy_lprs.begin_use(_by(cast.officer), used, lpr=cast.lpr)  # noqa: E731
    lends = lambda: lend_lprs.lend(_by(cast.officer), aided, lpr=cast.lpr, receiver="Otto Outsider")  # noqa: E731
    assert at_once(uses, lends) == [DONE, REFUSED]
    assert open_uses().count() + open_loans().count() == 1


def test_a_unit_that_asks_again_while_its_line_is_entered_is_answered(cast: Cast) -> None:
    """It waited, gave up and sent it once more: all are told the same, and one entry is made."""
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw()
    enroll_key(footing(cast.administrator, at=NOW - timedelta(days=1)), public=public.hex(), lpr=cast.lpr)
    entry = SignedEntry(member="officer", plate="KHB4471", ground=Ground.AMBER)
    line = sign_entry(entry, uid=secrets.token_hex(16), made_at=NOW, public=public, sign=key.sign)
    together = threading.Barrier(3)

    def hands_in(_number: int) -> str:
        try:
            together.wait(5)
            return str(hand_in(None, line, at=datetime.now(UTC), via="unit")[0].line.state)
        finally:
            connection.close()

    with ThreadPoolExecutor() as threads:
        assert set(threads.map(hands_in, range(3))) == {"entered"}
    assert HotListEntry.objects.count() == SignedLine.objects.count() == 1


def test_an_act_that_a_unit_tells_again_meanwhile_is_one_leaf(cast: Cast) -> None:
    act = UnitAct(uid=secrets.token_hex(16), at=NOW, kind="look_up", member="officer", plate="KHB4471", said="x")
    together = threading.Barrier(4)

    def tells(_number: int) -> None:
        try:
            together.wait(5)
            record_unit_acts(cast.lpr, [act], at=datetime.now(UTC))
        finally:
            connection.close()

    with ThreadPoolExecutor() as threads:
        list(threads.map(tells, range(4)))
    assert LedgerEntry.objects.filter(action="unit_act").count() == 1


def test_a_stake_out_that_is_withdrawn_while_it_is_decided_waits_for_nobody_who_waits(
    cast: Cast, meanwhile: Meanwhile
) -> None:
    with transaction.atomic():
        until = NOW + timedelta(days=7)
        terms = StakeOutTerms(("ABC1234",), (), NOW, until).terms()
        question = Question(
            plate=terms["plate"], since=NOW, until=until, purpose="investigation", offense="burglary", case_number="26-7",
            justification="series of burglaries on Mill Road", tool=terms, none_prohibited=True,
        )  # fmt: skip
        asked = stake_out.ask(_by(cast.detective), question)
    ends = lambda: stake_out.end(_by(cast.detective), asked.pk)  # noqa: E731
    with meanwhile(inquire, "enter", ends):  # each has what it asked for first, the ledger or the stake-out
        stake_out.decide(_by(cast.chief), asked.pk, approve=True)
    asked.refresh_from_db()
    assert asked.state == StakeOut.State.RUNNING


def test_no_alarm_outlives_an_entry_that_is_canceled_while_it_is_raised(cast: Cast, meanwhile: Meanwhile) -> None:
    want(cast, "KHB4471", at=NOW - timedelta(hours=1))
    entry = HotListEntry.objects.get()
    cancels = lambda: cancel_entry(_by(cast.custodian), entry.pk, reason="car recovered")  # noqa: E731
    with meanwhile(Matcher, "match", cancels):
        come_in(cast, "KHB4471", captured=NOW)
    assert HotListEntry.objects.get().state == HotListEntry.State.CANCELED
    assert not open_alarms().exists()


def test_an_alarm_that_is_worked_while_the_read_before_it_is_corrected_waits_for_nobody_who_waits(
    cast: Cast, meanwhile: Meanwhile
) -> None:
    want(cast, "KHB4471", at=NOW - timedelta(hours=1))

    def reads(plate: str, event: str) -> Submission:
        read = ParsedRead(raw_plate=plate, captured_at=NOW, event_id=event)
        return Submission(lpr=cast.lpr, format="t", reads=[(read, JPEG)], unparsed=(), received_at=NOW)

    with closing(Intake(read_store().writer(), id_key=b"k" * 32)) as intake:
        intake.take([reads("KHB4471", "e1")])
        intake.take([reads("KHB4471", "e2")])
        repeat = Hit.objects.exclude(repeat_of=None).get()
        works = lambda: answer_hit.record_outcome(_by(cast.officer), repeat.pk, outcome=HitStep.Outcome.MISREAD)  # noqa: E731
        with meanwhile(recall, "take_its_place", works):
            intake.take([reads("KHB4479", "e1")])
    repeat.refresh_from_db()
    assert repeat.repeat_of is None and repeat.closed_at is not None


def test_an_lpr_on_a_tour_is_not_lent(cast: Cast, at_once: AtOnce) -> None:
    with transaction.atomic():
        aided = detail(cast, kind=Kind.AID_GIVEN, by="dispatcher", authorized=True)
        hot_list_on_hand(cast, at=datetime.now(UTC))
    begins = lambda: begin(_by(cast.sergeant), cast.lpr)  # noqa: E731
    lends = lambda: lend_lprs.lend(_by(cast.officer), aided, lpr=cast.lpr, receiver="Otto Outsider")  # noqa: E731
    assert at_once(begins, lends) == [DONE, REFUSED]
    assert open_tours().count() + open_loans().count() == 1


def test_no_tour_begins_in_a_log_that_is_being_forwarded(cast: Cast, at_once: AtOnce) -> None:
    with transaction.atomic():
        version = PolicyVersion.objects.get()
        PolicyVersion.objects.update(values=version.values | {"VII.h.1.tours": 2})
        hot_list_on_hand(cast, at=datetime.now(UTC))
        first = begin(_by(cast.officer), patrol_car())
        end(_by(cast.officer), first)
    begins = lambda: begin(_by(cast.officer), patrol_car())  # noqa: E731
    forwards = lambda: forward_log(_by(cast.sergeant), first.log, remark="goes on leave")  # noqa: E731
    done = at_once(begins, forwards)
    revision = first.log.revisions.first()
    assert done in ([DONE, DONE], [DONE, REFUSED]) and (revision is not None or REFUSED in done)
    if revision is not None:
        assert len(json.loads(bytes(revision.content))["tours"]) == first.log.tours.count() == 1


def test_a_log_that_is_accepted_while_an_arrest_is_named_goes_into_its_case(cast: Cast, meanwhile: Meanwhile) -> None:
    with transaction.atomic():
        hot_list_on_hand(cast, at=datetime.now(UTC))
        tour = begin(_by(cast.officer), patrol_car())
        end(_by(cast.officer), tour)
        forward_log(_by(cast.officer), tour.log)
        number, title = "26-9", "robbery"
        case = open_case(_by(cast.officer), number=number, title=title, offense_class="", is_felony=False)

    def names() -> None:
        with transaction.atomic():
            name_arrest(_by(cast.officer), tour.log, case=case)
            time.sleep(2)  # and has not committed while the other looks for arrests

    with meanwhile(userlog, "decide", names):
        check_log(_by(cast.sergeant), tour.log, accept=True)
    assert list(case.preserved.values_list("key", flat=True)) == [f"tour:{tour.pk}"]


def test_what_is_put_up_is_the_draft_that_was_read(cast: Cast, meanwhile: Meanwhile) -> None:
    with transaction.atomic():
        draft = drafted(cast)
    shown = digest_of(draft.values, draft.amendments)
    fills = lambda: draft_policy.fill_blank(_by(cast.chief), key="VII.e.window", value="9")  # noqa: E731
    with meanwhile(draft_policy, "as_read", fills):
        draft_policy.put_up(_by(cast.chief), shown=shown)
    draft.refresh_from_db()
    assert draft.put_up_at is None and draft.values["VII.e.window"]


def test_a_complaint_is_closed_on_the_finding_that_stands(cast: Cast, at_once: AtOnce) -> None:
    with transaction.atomic():
        complaint = oversight.complained(cast, hit=oversight.stopped_hit(cast), findings=(Finding.STOP_RIGHT,))
        handle_complaints.answer(_by(cast.chief), complaint, text="We wrote to her.")

    def finds() -> None:
        found, text = [Finding.WRONG_ENTRY], "It had been recovered."
        handle_complaints.record_finding(_by(cast.chief), complaint, findings=found, text=text)

    assert at_once(lambda: handle_complaints.close(_by(cast.chief), complaint), finds) == [DONE, REFUSED]
