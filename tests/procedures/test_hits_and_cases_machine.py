"""Hits and cases worked in any order by anybody: the records are what a plain model of them says, after every act.

`PLATEKEEPER_MACHINE` sets the number of examples: few in `make test`, many in `make crash`.
"""

from __future__ import annotations

import hashlib
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
from platekeeper.server.ledger.lookups import check, key
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.personnel import changes as personnel
from platekeeper.server.policy.lookups import in_force
from platekeeper.server.procedures import (
    answer_hit,
    copies,
    enter_alert,
    keep_cases,
    preserve,
    sign_ledger,
    supervise_hits,
)
from platekeeper.server.procedures.authority import Footing, RefusedAction, footing
from platekeeper.server.procedures.export_packet import export_packet
from platekeeper.server.procedures.receive_reads import Intake, Submission
from platekeeper.server.procedures.stores import read_store
from platekeeper.server.querylog.models import QueryLogEntry
from platekeeper.server.storage.home import Home
from platekeeper.verify import check_export, check_packet, fingerprint
from tests.bags import content_of
from tests.cast import FOUNDED, Cast, assemble
from tests.procedures import casework as model
from tests.procedures.acts import ACTS, AGAINST, WORKERS, Act
from tests.web.making import JPEG

pytestmark = [pytest.mark.django_db, pytest.mark.records]
EXAMPLES = int(os.environ.get("PLATEKEEPER_MACHINE", "5"))
STEPS, PHASES = 30, [Phase.generate, Phase.shrink]
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

ANYBODY = st.sampled_from(
    [*["officer", "detective", "clerk", "custodian"] * 2, "rookie", "chief", "dispatcher", "auditor"]
)
PLATE, WHICH = st.sampled_from(sorted(WANTED)), st.integers(0, 30)
DAYS = st.sampled_from([None, -30, -2, 0, 0, -9, 1])
Leaf = tuple[str, str, str]
T = TypeVar("T")
QUERY: tuple[Leaf, Leaf] = (("query_begun", "begun", "VI.c"), ("query_completed", "done", "VI.c"))


class Casework(RuleBasedStateMachine):
    """One department, from the first read to the packet; `hits`, `departures` and `cases` are the model, by number."""

    def __init__(self, cast: Cast, settings: Settings, folder: Path) -> None:
        super().__init__()
        settings.HOME = Home(folder)
        settings.HOME.found()
        self._undo = transaction.atomic()
        self._undo._from_testcase = True  # type: ignore[attr-defined]  # none of the product's
        self._undo.__enter__()
        self.cast, self.now, self.leaves, self.numbers = cast, BEGIN, 0, itertools.count(1)
        self.entries: dict[str, int] = {}
        self.hits: dict[int, model.ModelHit] = {}
        self.departures: dict[int, model.ModelDeparture] = {}
        self.cases: dict[int, model.ModelCase] = {}
        self.reads: set[tuple[str, datetime]] = set()
        self.queries: list[int] = []
        self.policy = in_force(at=BEGIN)
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
        """Return a hit of the model and its number: mostly the newest that is open."""
        newest = sorted(self.hits.items(), key=lambda item: (item[1].closed, -item[0]))
        return newest[which % len(newest) if which < 12 else 0]

    def case(self, which: int) -> tuple[CaseFile, model.ModelCase]:
        number, expected = sorted(self.cases.items())[which % len(self.cases) if which < 12 else 0]
        return CaseFile.objects.get(pk=number), expected

    def first_key(self) -> list[Leaf]:
        """Return the leaf that the first signature of all brings along."""
        return [] if key() else [("ledger_key_changed", "done", "VI.e")]

    # ---- entries and reads

    @initialize(is_asked=st.booleans())
    def begin(self, is_asked: bool) -> None:
        """Want plates, drive past, open a case; at times somebody has asked dispatch already."""
        for plate in WANTED:
            self.want(plate)
        self.drive(plate="ABC1234", ages=AGES[:1])
        self.drive(plate="HVK4410", ages=AGES[1:3])
        self.open_case(who="officer", offense="felony", is_felony=True)
        for act in ACTS[0], ACTS[2]:
            if is_asked:
                self.step(self.hit(0)[0], act, "sergeant")

    @precondition(lambda self: len(self.entries) < len(WANTED))
    @rule()
    def want_again(self) -> None:
        self.want(min(WANTED.keys() - self.entries.keys()))

    def want(self, plate: str) -> None:
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

    @precondition(lambda self: self.entries and len(self.departures) > 0)
    @rule(which=WHICH)
    def cancel(self, which: int) -> None:
        number = self.entries.pop(sorted(self.entries)[which % len(self.entries)])
        of_it = [hit for hit in self.hits.values() if hit.entry == number]
        gone = [hit for hit in of_it if not hit.closed]
        steps = [("hit_step", "done", "VII.e")] * len(gone)
        canceled = ("entry_canceled", "done", "VI.a")
        self.act(
            "", lambda by: enter_alert.cancel_entry(by, number, reason="recovered"), *steps, canceled, who="officer"
        )
        for hit in gone:
            hit.steps.append("recalled")
        for hit in of_it:
            hit.entry_over = True

    @rule(plate=PLATE, ages=st.lists(st.sampled_from(AGES), min_size=1, max_size=3))
    def drive(self, plate: str, ages: list[timedelta]) -> None:
        """Let the LPR send reads of a plate, seen so long ago each, in one batch."""
        self.now += timedelta(minutes=7)
        self.take(plate, [self.now - age for age in ages])

    @precondition(lambda self: self.reads)
    @rule(which=WHICH)
    def send_again(self, which: int) -> None:
        plate, seen = sorted(self.reads)[which % len(self.reads)]
        self.now += timedelta(minutes=1)
        self.take(plate, [seen])

    def take(self, plate: str, moments: list[datetime]) -> None:
        reads = [
            ParsedRead(raw_plate=plate, captured_at=seen, event_id=f"{plate} {seen}", state="NY", confidence=0.9)
            for seen in moments
        ]
        known = set(self.hits)
        submission = Submission(self.cast.lpr, "test", [(read, JPEG) for read in reads], [], received_at=self.now)
        self.intake.take([submission])
        new = list(Hit.objects.exclude(pk__in=known).order_by("pk"))
        expected: list[datetime] = []
        for seen in moments:
            if (hit := self.raised(plate, seen)) is not None:
                assert len(new) > len(expected)
                self.hits[new[len(expected)].pk] = hit
                expected.append(hit.seen)
        assert [hit.seen_at for hit in new] == expected
        assert all(bytes(hit.image.content) == JPEG for hit in new)
        is_new = not {(plate, seen) for seen in moments} <= self.reads
        self.logged(*[("reads_received", "done", "V.b")] * bool(new or is_new))
        self.reads |= {(plate, seen) for seen in moments}

    def raised(self, plate: str, seen: datetime) -> model.ModelHit | None:
        """Return the hit that a read raises: one a read and entry; a repeat of the earliest open alarm within the window."""
        entry = self.entries.get(plate)
        if entry is None or any((hit.entry, hit.seen) == (entry, seen) for hit in self.hits.values()):
            return None
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
        return model.ModelHit(entry, seen, silent, urgent, repeat_of)

    # ---- a hit is worked

    @precondition(lambda self: self.hits)
    @rule(
        which=WHICH,
        how=st.sampled_from([*["by the policy", "as allowed"] * 3, *AGAINST]),
        data=st.data(),
    )
    def work(self, which: int, how: str, data: st.DataObject) -> None:
        """Take a step on a hit: the one that leads on to a stop by the policy, one that is allowed, or one that is not."""
        number, hit = self.hit(which)
        acts = [(act, who) for act in ACTS for who in WORKERS if bool(act.refused(who, hit)) == (how in AGAINST)]
        leading = [(act, who) for act, who in acts if act.kind in model.leads_on(hit)]
        acts = leading if how == "by the policy" and leading else acts
        others = [(act, who) for act, who in acts if any(not act.refused(other, hit) for other in WORKERS)]
        others = [(act, who) for act, who in others if who == hit.asked_by] or others
        acts = others if how == "in another's place" and others else acts
        act = data.draw(st.sampled_from(sorted({act.title for act, _who in acts})))
        act, who = data.draw(st.sampled_from([(each, who) for each, who in acts if each.title == act]))
        self.step(number, act, who)

    def step(self, number: int, act: Act, who: str) -> None:
        hit = self.hits[number]
        clause, departs = act.refused(who, hit), hit.before_stop() if act.kind == "stopped" else ""
        leaf = ("hit_step", "done", departs or act.leaf)
        departure = self.act(clause, lambda by: act.do(by, number, **act.given), leaf, who=who)
        assert (departure is not None) == bool(departs and not clause)
        if departure is not None:
            self.departures[departure.pk] = model.ModelDeparture(number, departs, who)
        if not clause:
            hit.steps.append(act.kind)
            hit.concerned.add(who)
            hit.compared_by = who if act.kind.startswith("image_") else hit.compared_by
            if act.kind in {"confirmed", "not_confirmed"}:
                attests = act.do is answer_hit.attest_confirmation
                hit.own_word_of = who if attests or hit.own_word_of == who else ""
            hit.stopped_by = who if act.kind == "stopped" else hit.stopped_by
            hit.asked_by = who if act.kind == "confirmation_asked" else hit.asked_by
            if act.kind in {"outcome", "reopened"}:
                ends = act.kind == "outcome"
                hit.outcome, hit.closed_by = (act.given["outcome"].value, who) if ends else ("", "")

    work_also, work_more, work_again = work, work, work  # three times as often as anything else

    @precondition(lambda self: self.hits)
    @rule(which=WHICH, who=ANYBODY)
    def show(self, which: int, who: str) -> None:
        number, hit = self.hit(which)
        seen = HitStep.objects.filter(hit=number, kind="shown", by=self.cast.people()[who]).exists()
        logged = [] if seen else [("hit_shown", "done", "VII.e")]
        clause = model.sees_hit(who, hit)
        self.act(clause, lambda by: answer_hit.show_hit(by, number), *logged, who=who)

    @precondition(lambda self: self.departures)
    @rule(
        which=WHICH,
        who=st.sampled_from(["sergeant", "sergeant", "officer"]),
        review=st.sampled_from(["talked", "talked", ""]),
    )
    def review(self, which: int, who: str, review: str) -> None:
        number, departure = sorted(self.departures.items())[which % len(self.departures)]
        clause = model.to_review(who, departure, review)
        done = [] if departure.reviewed else [("departure_reviewed", "done", "VII.e"), *self.first_key()]
        self.act(clause, lambda by: supervise_hits.review_departure(by, number, review=review), *done, who=who)
        departure.reviewed = departure.reviewed or not clause

    review_also, review_again = review, review

    # ---- cases

    @rule(who=ANYBODY, offense=st.sampled_from([*model.YEARS, "unheard of"]), is_felony=st.booleans())
    def open_case(self, who: str, offense: str, is_felony: bool) -> None:
        facts = {"number": f"26-{next(self.numbers)}", "title": "t", "offense_class": offense}
        case = self.act(
            model.works_cases(who), lambda by: keep_cases.open_case(by, is_felony=is_felony, **facts),
            ("case_opened", "done", "V.c"), who=who,
        )  # fmt: skip
        if case is not None:
            self.cases[case.pk] = model.ModelCase(self.today(), offense, is_felony)

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
        days=st.sampled_from([9999, 4000, 90, None]),
        why=st.sampled_from(["civil suit", "civil suit", ""]),
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
        copied = Hit.objects.get(pk=number)
        now = copies.of_hit(copied, image=None, proof=copied.proof)
        later = preserve.went_on(case, now)
        twice = "V.c" if now.key in expected.copies and not later else ""
        clause = model.sees_hit(who, hit) or model.works_cases(who) or twice
        self.act(clause, lambda by: preserve.preserve_hit(by, copied, case=case), ("preserved", "done", "V.c"), who=who)
        if not clause:
            beside = f"later:{now.key}.{hashlib.sha256(now.text).hexdigest()[:10]}"
            expected.copies[beside if later else now.key] = list(hit.steps)

    @precondition(lambda self: self.cases and self.queries)
    @rule(which=WHICH, of=WHICH, who=ANYBODY)
    def preserve_query(self, which: int, of: int, who: str) -> None:
        (case, expected), number = self.case(which), self.queries[of % len(self.queries)]
        clause = (
            model.reads_log(who) or model.works_cases(who) or ("VI.d" if f"query:{number}" in expected.copies else "")
        )
        copied = QueryLogEntry.objects.get(pk=number)
        self.act(
            clause, lambda by: preserve.preserve_query(by, copied, case=case), ("preserved", "done", "VI.d"), who=who
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
            archive, signing = zipfile.ZipFile(io.BytesIO(content_of(packed))), key()
            files = {name.split("/", 1)[1]: archive.read(name) for name in archive.namelist()}
            assert signing is not None
            packet = check_packet(files, trusted=fingerprint(bytes(signing.public_key)))
            images = sum(name.startswith(("hit:", "later:hit:")) for name in expected.copies)
            assert (packet.copies, packet.images) == (len(expected.copies), images)

    # ---- what holds after every act

    @invariant()
    def the_records_are_what_the_model_says(self) -> None:
        self.every_hit_is_as_far_as_its_model()
        self.the_lists_of_hits_are_those_of_the_model()
        self.every_case_holds_its_copies_until_its_day()
        self.the_ledger_has_a_leaf_of_every_act_and_no_other()

    def every_hit_is_as_far_as_its_model(self) -> None:
        for hit in Hit.objects.prefetch_related("steps"):
            expected, facts = self.hits[hit.pk], lookups.facts_of(hit, at=self.now)
            steps = expected.steps
            assert (facts.image_verified_at is not None, facts.image_differs) == (
                expected.stands("image_verified"), expected.stands("image_differs"),
            )  # fmt: skip
            assert (facts.confirmed_at is not None, facts.not_confirmed) == (
                expected.stands("confirmed"),
                expected.stands("not_confirmed"),
            )
            assert (facts.stopped_at is not None, facts.recalled) == (expected.stands("stopped"), "recalled" in steps)
            assert facts.outcome == expected.outcome
            assert (hit.closed_at is not None) == facts.is_closed
            assert (hit.repeat_of_id, hit.urgent, hit.action == "silent") == (
                expected.repeat_of, expected.urgent, expected.silent,
            )  # fmt: skip
        assert Hit.objects.count() == len(self.hits)

    def the_lists_of_hits_are_those_of_the_model(self) -> None:
        order = sorted(self.hits, key=lambda number: (not self.hits[number].urgent, -number))
        board = [number for number in order if self.hits[number].is_open_alarm]
        assert list(lookups.board().values_list("pk", flat=True)) == board
        assert lookups.open_count() == len(board)
        waiting = {number for number, hit in self.hits.items() if hit.waits_for_dispatch}
        assert set(lookups.confirmations().values_list("pk", flat=True)) == waiting
        silent = {n for n, hit in self.hits.items() if hit.silent and not hit.closed and hit.repeat_of is None}
        stopped = {number for number in silent if self.hits[number].stands("stopped")}
        assert set(lookups.silent().values_list("pk", flat=True)) == silent - stopped
        assert set(lookups.open_hits().values_list("pk", flat=True)) == stopped.union(board)
        expected = {
            (number, each.hit, each.clause, self.cast.people()[each.member].pk, each.reviewed)
            for number, each in self.departures.items()
        }
        found = Departure.objects.values_list("pk", "hit", "clause", "member", "reviewed_at")
        assert {(*facts, reviewed is not None) for *facts, reviewed in found} == expected
        still_open = set(lookups.departures().values_list("pk", flat=True))
        assert still_open == {number for number, each in self.departures.items() if not each.reviewed}

    def every_case_holds_its_copies_until_its_day(self) -> None:
        for case in CaseFile.objects.prefetch_related("preserved__image"):
            expected = self.cases[case.pk]
            copies = {kept.key: json.loads(bytes(kept.content)).get("steps", []) for kept in case.preserved.all()}
            worked = {name: [s["kind"] for s in steps if s["kind"] != "shown"] for name, steps in copies.items()}
            assert worked == expected.copies
            assert rules_of_cases.kept_until(facts_of_case(case), self.policy).until == expected.kept_until()
        assert CaseFile.objects.count() == len(self.cases)
        images = Preserved.objects.filter(kind="hit").values_list("image__content", flat=True)
        assert {bytes(each) for each in images} <= {JPEG}

    def the_ledger_has_a_leaf_of_every_act_and_no_other(self) -> None:
        assert LedgerEntry.objects.count() == self.leaves
        assert check().faults == []
        standing = HotListEntry.objects.filter(state="active").values_list("pk", flat=True)
        assert set(standing) == set(self.entries.values())

    def today(self) -> date:
        return self.now.astimezone(LOCAL).date()

    def day(self, days: int | None) -> date | None:
        return None if days is None else self.today() + timedelta(days=days)


def test_hits_and_cases_are_what_their_model_says(settings: Settings, tmp_path: Path) -> None:
    cast, number = assemble(today=BEGIN.date()), itertools.count()
    personnel.give_position(cast.sergeant, personnel.ensure_position("Dispatcher"), since=FOUNDED.date(), at=FOUNDED)
    run_state_machine_as_test(
        lambda: Casework(cast, settings, tmp_path / f"{next(number)}"),  # type: ignore[arg-type] # any factory will do
        settings=hypothesis_settings(
            max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None, suppress_health_check=list(HealthCheck),
            phases=PHASES,
        ),
    )  # fmt: skip
