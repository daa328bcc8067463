"""Hits and cases worked in any order by anybody: the records are what a plain model of them says, after every act.

`PLATEKEEPER_MACHINE` sets the number of examples: few in `make test`, many in `make crash`.
"""

from __future__ import annotations

import io
import itertools
import json
import os
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from pytest_django import Settings

from platekeeper.core.categories import Category, HitAction
from platekeeper.core.formats.reads import ParsedRead
from platekeeper.core.rules import cases as rules_of_cases
from platekeeper.server.casefiles.lookups import facts_of as facts_of_case
from platekeeper.server.casefiles.models import CaseFile, Preserved
from platekeeper.server.hits import lookups
from platekeeper.server.hits.models import Departure, Hit, HitStep
from platekeeper.server.hotlist.models import HotListEntry
from platekeeper.server.ledger.lookups import faults, key
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.personnel import changes as personnel
from platekeeper.server.procedures import answer_hit, enter_alert, keep_cases, sign_ledger
from platekeeper.server.procedures.authority import Footing, RefusedAction, footing
from platekeeper.server.procedures.export_packet import export_packet
from platekeeper.server.procedures.receive_reads import Intake, Submission
from platekeeper.server.procedures.stores import read_store
from platekeeper.server.querylog.models import QueryLogEntry
from platekeeper.server.storage.home import Home
from platekeeper.verify import check_export, check_packet, fingerprint
from tests.cast import FOUNDED, Cast, assemble
from tests.procedures import casework as model
from tests.web.making import JPEG

pytestmark = [pytest.mark.django_db, pytest.mark.records]
EXAMPLES = int(os.environ.get("PLATEKEEPER_MACHINE", "12"))
BEGIN = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
LOCAL = ZoneInfo("America/New_York")
WANTED = {
    "ABC1234": (Category.CRIME_SUSPECT, HitAction.STOP),
    "HVK4410": (Category.AMBER, HitAction.STOP),
    "WTX9876": (Category.CRIME_SUSPECT, HitAction.SILENT),
}
DAY = model.ALARMS_FOR
AGES = [
    timedelta(0),
    timedelta(minutes=9),
    timedelta(minutes=21),
    DAY - timedelta(minutes=4),
    DAY + timedelta(minutes=4),
]

MEMBER = st.sampled_from(["officer", "officer", "officer", "sergeant", "rookie", "detective", "dispatcher"])
DISPATCHER = st.sampled_from(["dispatcher", "dispatcher", "sergeant", "officer", "auditor"])
ANYBODY = st.sampled_from(["officer", "detective", "clerk", "custodian", "rookie", "chief", "dispatcher", "auditor"])
PLATE, WHICH = st.sampled_from(sorted(WANTED)), st.integers(0, 30)
DAYS = st.none() | st.integers(-40, 0) | st.just(1)
Leaf = tuple[str, str, str]
T = TypeVar("T")
STEP: dict[str, Leaf] = {clause: ("hit_step", "done", clause) for clause in ("VII.e", "VII.e.1", "VII.e.2")}
QUERY: tuple[Leaf, Leaf] = (("query_begun", "begun", "VI.c"), ("query_completed", "done", "VI.c"))


class Casework(RuleBasedStateMachine):
    """One department, from the first read to the packet; `hits`, `departures` and `cases` are the model, by number."""

    def __init__(self, cast: Cast, settings: Settings, folder: Path) -> None:
        super().__init__()
        settings.HOME = Home(folder)
        settings.HOME.found()
        self._undo = transaction.atomic()
        self._undo.__enter__()
        self.cast, self.now, self.leaves, self.numbers = cast, BEGIN, 0, itertools.count(1)
        self.entries: dict[str, int] = {}
        self.hits: dict[int, model.ModelHit] = {}
        self.departures: dict[int, model.ModelDeparture] = {}
        self.cases: dict[int, model.ModelCase] = {}
        self.reads: set[tuple[str, datetime]] = set()
        self.queries: list[int] = []
        self.intake = Intake(read_store().writer(), id_key=b"k" * 32)

    def teardown(self) -> None:
        try:
            lines = list(sign_ledger.export(None, openings=True, at=self.now))
            assert check_export(lines, trusted=sign_ledger.first_fingerprint()).leaves == LedgerEntry.objects.count()
        finally:
            self.intake.close()
            transaction.set_rollback(True)
            self._undo.__exit__(None, None, None)

    def act(self, clause: str, do: Callable[[Footing], T], *logged: Leaf, who: str) -> T | None:
        """Let somebody act: refused under the clause that the model names ("" for none), and logged as it says."""
        self.now += timedelta(minutes=1)
        found, refused = None, ""
        try:
            found = do(footing(self.cast.people()[who], at=self.now))
        except RefusedAction as refusal:
            refused = refusal.refusal.clause.number
        assert refused == clause
        self.logged(*([("action_refused", "refused", clause)] if clause else logged))
        return None if refused else found

    def logged(self, *leaves: Leaf) -> None:
        """Demand that exactly these leaves are new."""
        new = LedgerEntry.objects.filter(pk__gte=self.leaves).values_list("action", "outcome", "clause")
        assert list(new) == list(leaves)
        self.leaves += len(leaves)

    def hit(self, which: int) -> tuple[int, model.ModelHit]:
        return sorted(self.hits.items())[-1 - which % len(self.hits)]

    def case(self, which: int) -> tuple[CaseFile, model.ModelCase]:
        number, expected = sorted(self.cases.items())[which % len(self.cases)]
        return CaseFile.objects.get(pk=number), expected

    def first_key(self) -> list[Leaf]:
        """Return the leaf that the first signature of all brings along."""
        return [] if key() else [("ledger_key_changed", "done", "VI.e")]

    # ---- entries and reads

    @initialize()
    def begin(self) -> None:
        for plate in WANTED:
            self.want(plate)
        self.drive(plate="ABC1234", age=AGES[0])
        self.open_case(who="officer", offence="felony", is_felony=True)

    @rule(plate=PLATE)
    def want(self, plate: str) -> None:
        if plate in self.entries:
            return
        category, action = WANTED[plate]
        entry = self.act("", lambda by: enter_alert.request_entry(
            by, plate=plate, jurisdiction="NY", category=category, reason="left the scene", authority="desk officer",
            case_number="26-1182", hit_action=action, effective_at=BEGIN - timedelta(days=2),
            expires_at=BEGIN + timedelta(days=30),
        ).entry, ("entry_requested", "done", "VII.g" if category is Category.AMBER else "VI.a"), who="officer")  # fmt: skip
        assert entry is not None
        decided = ("entry_decided", "done", "VII.g" if category is Category.AMBER else "VI.a")
        self.act("", lambda by: enter_alert.decide_entry(by, entry.pk, approve=True), decided, *QUERY, who="custodian")
        self.entries[plate] = entry.pk
        self.queries.append(QueryLogEntry.objects.latest("pk").pk)

    @rule(plate=PLATE)
    def cancel(self, plate: str) -> None:
        if plate not in self.entries:
            return
        number = self.entries.pop(plate)
        gone = [hit for hit in self.hits.values() if hit.entry == number and not hit.closed]
        steps = [STEP["VII.e"]] * len(gone)
        cancelled = ("entry_cancelled", "done", "VI.a")
        self.act(
            "", lambda by: enter_alert.cancel_entry(by, number, reason="recovered"), *steps, cancelled, who="officer"
        )
        for hit in gone:
            hit.steps.append("recalled")

    @rule(plate=PLATE, age=st.sampled_from(AGES))
    def drive(self, plate: str, age: timedelta) -> None:
        """Let the LPR read a plate, seen so long ago; hits are the model's own."""
        self.now += timedelta(minutes=1)
        seen = self.now - age
        self.take(plate, seen)

    @precondition(lambda self: self.reads)
    @rule(which=WHICH)
    def send_again(self, which: int) -> None:
        plate, seen = sorted(self.reads)[which % len(self.reads)]
        self.now += timedelta(minutes=1)
        self.take(plate, seen)

    def take(self, plate: str, seen: datetime) -> None:
        read = ParsedRead(raw_plate=plate, captured_at=seen, event_id=f"{plate} {seen}", state="NY", confidence=0.9)
        known = set(Hit.objects.values_list("pk", flat=True))
        self.intake.take([Submission(self.cast.lpr, "test", [(read, JPEG)], [], received_at=self.now)])
        new = list(Hit.objects.exclude(pk__in=known))
        raised = self.raised(plate, seen)
        self.logged(*[("reads_received", "done", "V.b")] * bool(raised or (plate, seen) not in self.reads))
        self.reads.add((plate, seen))
        assert len(new) == len(raised)
        for hit, expected in zip(new, raised, strict=True):
            self.hits[hit.pk] = expected
            assert bytes(hit.image.content) == JPEG

    def raised(self, plate: str, seen: datetime) -> list[model.ModelHit]:
        """Return the hit that a read raises: one a read and entry; a repeat of the earliest open alarm within the window."""
        entry = self.entries.get(plate)
        if entry is None or any((hit.entry, hit.seen) == (entry, seen) for hit in self.hits.values()):
            return []
        category, action = WANTED[plate]
        silent = action is HitAction.SILENT or self.now - seen > model.ALARMS_FOR
        near = [
            (other.seen, number)
            for number, other in self.hits.items()
            if (other.entry, other.repeat_of, other.closed) == (entry, None, False)
            and abs(other.seen - seen) <= model.WINDOW
            and (silent or not other.silent)  # what alarms is never hidden behind what does not
        ]
        repeat_of = min(near)[1] if near else None
        urgent = category is Category.AMBER and not silent
        return [model.ModelHit(entry, seen, silent, urgent, repeat_of)]

    # ---- a hit is worked

    def step(
        self, clause: str, hit: model.ModelHit, kind: str, do: Callable[[Footing], object], *, leaf: str, who: str
    ) -> bool:
        self.act(clause, do, STEP[leaf], who=who)
        if not clause:
            hit.steps.append(kind)
        return not clause

    @precondition(lambda self: self.hits)
    @rule(which=WHICH, who=MEMBER, agrees=st.sampled_from([True, True, False]))
    def verify(self, which: int, who: str, agrees: bool) -> None:
        number, hit = self.hit(which)
        kind = "image_verified" if agrees else "image_differs"
        do = lambda by: answer_hit.verify_image(by, number, agrees=agrees)  # noqa: E731
        self.step(model.to_verify(who, hit), hit, kind, do, leaf="VII.e.1", who=who)

    @precondition(lambda self: self.hits)
    @rule(which=WHICH, who=MEMBER)
    def ask(self, which: int, who: str) -> None:
        number, hit = self.hit(which)
        do = lambda by: answer_hit.ask_confirmation(by, number)  # noqa: E731
        if self.step(model.to_ask(who, hit), hit, "confirmation_asked", do, leaf="VII.e.2", who=who):
            hit.asked_by = who

    @precondition(lambda self: self.hits)
    @rule(which=WHICH, who=DISPATCHER, confirmed=st.booleans())
    def answer(self, which: int, who: str, confirmed: bool) -> None:
        number, hit = self.hit(which)
        kind = "confirmed" if confirmed else "not_confirmed"
        do = lambda by: answer_hit.answer_confirmation(by, number, confirmed=confirmed)  # noqa: E731
        self.step(model.to_answer(who, hit), hit, kind, do, leaf="VII.e.2", who=who)

    @precondition(lambda self: self.hits)
    @rule(which=WHICH, who=MEMBER, confirmed=st.booleans(), said_by=st.sampled_from(["Dora", "Dora", " "]))
    def attest(self, which: int, who: str, confirmed: bool, said_by: str) -> None:
        number, hit = self.hit(which)
        kind = "confirmed" if confirmed else "not_confirmed"
        clause = model.works_hits(who) or ("" if said_by.strip() else "VII.e.2") or model.to_confirm(hit)
        do = lambda by: answer_hit.attest_confirmation(by, number, confirmed=confirmed, who=said_by)  # noqa: E731
        self.step(clause, hit, kind, do, leaf="VII.e.2", who=who)

    @precondition(lambda self: self.hits)
    @rule(which=WHICH, who=MEMBER)
    def stop(self, which: int, who: str) -> None:
        number, hit = self.hit(which)
        departs = hit.before_stop()
        clause = model.works_hits(who) or ("VII.e" if "stopped" in hit.steps else "")
        departure = self.act(clause, lambda by: answer_hit.record_stop(by, number), STEP[departs or "VII.e"], who=who)
        assert (departure is not None) == bool(departs and not clause)
        if not clause:
            hit.steps.append("stopped")
        if departure is not None:
            self.departures[departure.pk] = model.ModelDeparture(number, departs, who)

    @precondition(lambda self: self.hits)
    @rule(which=WHICH, who=MEMBER, outcome=st.sampled_from(HitStep.Outcome))
    def end(self, which: int, who: str, outcome: HitStep.Outcome) -> None:
        number, hit = self.hit(which)
        do = lambda by: answer_hit.record_outcome(by, number, outcome=outcome)  # noqa: E731
        if self.step(model.works_hits(who), hit, "outcome", do, leaf="VII.e", who=who):
            hit.outcome = outcome.value

    @precondition(lambda self: self.hits)
    @rule(which=WHICH, who=st.sampled_from(["custodian", "custodian", "officer"]))
    def end_silent(self, which: int, who: str) -> None:
        number, hit = self.hit(which)
        clause = "VI.j" if who != "custodian" or not hit.silent else ""
        do = lambda by: answer_hit.close_silent(by, number, outcome=HitStep.Outcome.MISREAD)  # noqa: E731
        if self.step(clause, hit, "outcome", do, leaf="VII.e", who=who):
            hit.outcome = "misread"

    @precondition(lambda self: self.hits)
    @rule(which=WHICH, who=ANYBODY)
    def show(self, which: int, who: str) -> None:
        number, _hit = self.hit(which)
        seen = HitStep.objects.filter(hit=number, kind="shown", by=self.cast.people()[who]).exists()
        logged = [] if seen else [("hit_shown", "done", "VII.e")]
        clause = "" if who in model.SEES_HITS else "IV.a"
        self.act(clause, lambda by: answer_hit.show_hit(by, number), *logged, who=who)

    @precondition(lambda self: self.departures)
    @rule(which=WHICH, who=st.sampled_from(["sergeant", "sergeant", "officer"]), review=st.sampled_from(["talked", ""]))
    def review(self, which: int, who: str, review: str) -> None:
        number, departure = sorted(self.departures.items())[which % len(self.departures)]
        clause = model.to_review(who, departure, review)
        done = [] if departure.reviewed else [("departure_reviewed", "done", "VII.e"), *self.first_key()]
        self.act(clause, lambda by: answer_hit.review_departure(by, number, review=review), *done, who=who)
        departure.reviewed = departure.reviewed or not clause

    # ---- cases

    @rule(who=ANYBODY, offence=st.sampled_from([*model.YEARS, "unheard of"]), is_felony=st.booleans())
    def open_case(self, who: str, offence: str, is_felony: bool) -> None:
        facts = {"number": f"26-{next(self.numbers)}", "title": "t", "offence_class": offence}
        case = self.act(
            model.works_cases(who), lambda by: keep_cases.open_case(by, is_felony=is_felony, **facts),
            ("case_opened", "done", "V.c"), who=who,
        )  # fmt: skip
        if case is not None:
            self.cases[case.pk] = model.ModelCase(self.today(), offence, is_felony)

    @precondition(lambda self: self.cases)
    @rule(which=WHICH, who=ANYBODY, arrested=DAYS, disposed=DAYS, is_felony=st.booleans())
    def change(self, which: int, who: str, arrested: int | None, disposed: int | None, is_felony: bool) -> None:
        case, expected = self.case(which)
        days = {"arrested_on": self.day(arrested), "disposed_on": self.day(disposed)}
        late = any(day is not None and day > self.today() for day in days.values())
        clause = model.works_cases(who) or ("VI.k.1" if late else "")
        self.act(
            clause, lambda by: keep_cases.change_case(by, case, is_felony=is_felony, directed_until=None, **days),
            ("case_changed", "done", "VI.k.1"), who=who,
        )  # fmt: skip
        if not clause:
            expected.arrested_on, expected.disposed_on = days["arrested_on"], days["disposed_on"]
            expected.is_felony = is_felony

    @precondition(lambda self: self.cases)
    @rule(
        which=WHICH,
        who=st.sampled_from(["chief", "chief", "officer"]),
        days=st.none() | st.integers(0, 9999),
        why=st.sampled_from(["civil suit", ""]),
    )
    def direct(self, which: int, who: str, days: int | None, why: str) -> None:
        case, expected = self.case(which)
        until = self.day(days)
        clause = "VI.k.4" if who != "chief" or (until and not why) else ""
        self.act(
            clause, lambda by: keep_cases.direct_keeping(by, case, until=until, why=why),
            ("case_changed", "done", "VI.k.4"), who=who,
        )  # fmt: skip
        if not clause:
            expected.directed_until = until

    @precondition(lambda self: self.cases and self.hits)
    @rule(which=WHICH, of=WHICH, who=ANYBODY)
    def preserve_hit(self, which: int, of: int, who: str) -> None:
        (case, expected), (number, hit) = self.case(which), self.hit(of)
        clause = model.works_cases(who) or ("V.c" if f"hit:{number}" in expected.copies else "")
        copied = Hit.objects.get(pk=number)
        self.act(
            clause, lambda by: keep_cases.preserve_hit(by, copied, case=case), ("preserved", "done", "V.c"), who=who
        )
        if not clause:
            expected.copies[f"hit:{number}"] = list(hit.steps)

    @precondition(lambda self: self.cases and self.queries)
    @rule(which=WHICH, of=WHICH, who=ANYBODY)
    def preserve_query(self, which: int, of: int, who: str) -> None:
        (case, expected), number = self.case(which), self.queries[of % len(self.queries)]
        clause = model.works_cases(who) or ("VI.d" if f"query:{number}" in expected.copies else "")
        copied = QueryLogEntry.objects.get(pk=number)
        self.act(
            clause, lambda by: keep_cases.preserve_query(by, copied, case=case), ("preserved", "done", "VI.d"), who=who
        )
        if not clause:
            expected.copies[f"query:{number}"] = []

    @precondition(lambda self: self.cases)
    @rule(which=WHICH, who=ANYBODY, to=st.sampled_from(["District Attorney", "District Attorney", " "]))
    def export(self, which: int, who: str, to: str) -> None:
        case, expected = self.case(which)
        clause = model.works_cases(who) or ("V.c" if not to.strip() or not expected.copies else "")
        logged = [("packet_exported", "begun", "V.c"), *self.first_key(), ("packet_exported", "done", "V.c")]
        packed = self.act(clause, lambda by: export_packet(by, case, to=to, why="discovery"), *logged, who=who)
        if packed is not None:
            archive, signing = zipfile.ZipFile(io.BytesIO(packed)), key()
            files = {name.split("/", 1)[1]: archive.read(name) for name in archive.namelist()}
            assert signing is not None
            packet = check_packet(files, trusted=fingerprint(bytes(signing.public_key)))
            images = sum(name.startswith("hit:") for name in expected.copies)
            assert (packet.copies, packet.images) == (len(expected.copies), images)

    @rule(hours=st.integers(1, 30))
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    # ---- what holds after every act

    @invariant()
    def every_hit_is_as_far_as_its_model(self) -> None:
        for hit in Hit.objects.prefetch_related("steps"):
            expected, facts = self.hits[hit.pk], lookups.facts_of(hit)
            steps = expected.steps
            assert (facts.image_verified_at is not None, facts.image_differs) == (
                "image_verified" in steps, "image_differs" in steps,
            )  # fmt: skip
            assert (facts.confirmed_at is not None, facts.not_confirmed) == (
                "confirmed" in steps,
                "not_confirmed" in steps,
            )
            assert (facts.stopped_at is not None, facts.recalled) == ("stopped" in steps, "recalled" in steps)
            assert facts.outcome == expected.outcome
            assert (hit.repeat_of_id, hit.urgent, hit.action == "silent") == (
                expected.repeat_of, expected.urgent, expected.silent,
            )  # fmt: skip
        assert Hit.objects.count() == len(self.hits)

    @invariant()
    def the_lists_of_hits_are_those_of_the_model(self) -> None:
        order = sorted(self.hits, key=lambda number: (not self.hits[number].urgent, -number))
        board = [number for number in order if self.hits[number].is_open_alarm]
        assert [hit.pk for hit in lookups.board()] == board
        assert lookups.open_count() == len(board)
        waiting = {number for number, hit in self.hits.items() if hit.waits_for_dispatch}
        assert {hit.pk for hit in lookups.confirmations()} == waiting
        silent = {n for n, hit in self.hits.items() if hit.silent and not hit.closed and hit.repeat_of is None}
        assert {hit.pk for hit in lookups.silent()} == silent
        for departures, wanted in ((Departure.objects.all(), True), (lookups.departures(), False)):
            expected = {
                (number, each.hit, each.clause, self.cast.people()[each.member].pk)
                for number, each in self.departures.items()
                if wanted or not each.reviewed
            }
            assert set(departures.values_list("pk", "hit", "clause", "member")) == expected

    @invariant()
    def every_case_holds_its_copies_until_its_day(self) -> None:
        policy = footing(self.cast.chief, at=self.now).policy
        for case in CaseFile.objects.prefetch_related("preserved__image"):
            expected = self.cases[case.pk]
            copies = {kept.key: json.loads(bytes(kept.content)).get("steps", []) for kept in case.preserved.all()}
            worked = {name: [s["kind"] for s in steps if s["kind"] != "shown"] for name, steps in copies.items()}
            assert worked == expected.copies
            assert rules_of_cases.kept_until(facts_of_case(case), policy).until == expected.kept_until()
        assert CaseFile.objects.count() == len(self.cases)
        images = Preserved.objects.filter(kind="hit").values_list("image__content", flat=True)
        assert {bytes(each) for each in images} <= {JPEG}

    @invariant()
    def the_ledger_has_a_leaf_of_every_act_and_no_other(self) -> None:
        assert LedgerEntry.objects.count() == self.leaves
        assert faults() == []
        standing = HotListEntry.objects.filter(state="active").values_list("pk", flat=True)
        assert set(standing) == set(self.entries.values())

    def today(self) -> date:
        return self.now.astimezone(LOCAL).date()

    def day(self, days: int | None) -> date | None:
        return None if days is None else self.today() + timedelta(days=days)


def test_hits_and_cases_are_what_their_model_says(settings: Settings, tmp_path: Path) -> None:
    cast, number = assemble(today=BEGIN.date()), itertools.count()
    personnel.give_position(cast.sergeant, personnel.ensure_position("Dispatcher"), since=FOUNDED.date(), at=FOUNDED)
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        lambda: Casework(cast, settings, tmp_path / f"{next(number)}"),
        settings=hypothesis_settings(
            max_examples=EXAMPLES, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate],
        ),
    )  # fmt: skip
