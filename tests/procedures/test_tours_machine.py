"""Tours, hits, arrests and Daily User Logs in any order by anybody: the records are what a plain model of them says.

No log is lost between members, shifts or a change of designation: after every act each is with its member, or waits for
whoever checks logs by now, or was accepted. `PLATEKEEPER_MACHINE` sets the number of examples.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
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

from platekeeper.core.rules.user_logs import user_log_kept_until
from platekeeper.server.casefiles.models import CaseFile
from platekeeper.server.equipment.models import LPR
from platekeeper.server.hits import changes as hit_changes
from platekeeper.server.hits.models import Hit, HitStep
from platekeeper.server.hotlist.models import HotListDelivery
from platekeeper.server.ledger.lookups import check
from platekeeper.server.personnel import changes as personnel
from platekeeper.server.policy.models import PolicyVersion
from platekeeper.server.procedures import keep_cases, keep_user_logs, override_tour, preserve
from platekeeper.server.procedures.authority import Footing, RefusedAction, footing
from platekeeper.server.procedures.fill_user_log import content_of
from platekeeper.server.storage.home import Home
from platekeeper.server.userlog.lookups import arrests_of, facts_of, logs, matters_of, unfinished_logs
from platekeeper.server.userlog.models import DailyUserLog, LogRevision, Tour, TourOverride
from tests.cast import FOUNDED, Cast, assemble
from tests.register import making
from tests.touring import begin, end, patrol_car

pytestmark = [pytest.mark.django_db, pytest.mark.records]
EXAMPLES, STEPS = int(os.environ.get("PLATEKEEPER_MACHINE", "5")), 40
MOST_CASES = 4
BEGIN, LOCAL = datetime(2026, 6, 1, 12, 0, tzinfo=UTC), ZoneInfo("America/New_York")
USERS = ("officer", "detective", "sergeant")  # the detective is given the officer's position, too
WHO, WHICH = st.sampled_from([*USERS, *USERS, "rookie", "custodian"]), st.integers(0, 30)


@dataclass
class ModelTour:
    """A tour of the model, by its number in the records."""

    member: str
    lpr: int
    open: bool = True
    where_said: bool = True
    hits: dict[int, bool] = field(default_factory=dict)  # number -> whether it has an outcome


@dataclass
class ModelLog:
    """A log of the model: its tours, what was frozen, the cases of its arrests, and since when it is as it is."""

    member: str
    since: datetime
    state: str = "open"
    tours: list[int] = field(default_factory=list)
    frozen: list[str] = field(default_factory=list)
    arrests: set[str] = field(default_factory=set)


class Shifts(RuleBasedStateMachine):
    """A department on the road."""

    def __init__(self, cast: Cast) -> None:
        super().__init__()
        self._undo = transaction.atomic()
        self._undo.__enter__()
        self.cast, self.now, self.fill, self.checker = cast, BEGIN, 1, "sergeant"
        self.cars = [patrol_car("Car 3"), patrol_car("Car 7")]
        self.tours: dict[int, ModelTour] = {}
        self.logs: dict[int, ModelLog] = {}
        self.cases: dict[str, date | None] = {}
        self.overridden: set[tuple[str, date]] = set()

    def teardown(self) -> None:
        try:
            self.arrests_keep_their_logs()
            self.every_log_tells_the_hits_of_its_tours()
            assert check().faults == []
        finally:
            transaction.set_rollback(True)
            self._undo.__exit__(None, None, None)

    def act(self, who: str, clause: str, do: Callable[[Footing], object]) -> bool:
        """Let somebody act a minute later: refused under the clause that the model names, "" for none."""
        self.now += timedelta(minutes=1)
        refused = ""
        try:
            do(footing(self.cast.people()[who], at=self.now))
        except RefusedAction as refusal:
            refused = refusal.refusal.clause.number
        assert refused == clause
        return not refused

    def today(self) -> date:
        return self.now.astimezone(LOCAL).date()

    def log(self, which: int) -> tuple[int, ModelLog]:
        return sorted(self.logs.items())[which % len(self.logs)]

    def open_of(self, who: str) -> int | None:
        return next((number for number, tour in self.tours.items() if tour.open and tour.member == who), None)

    def log_of(self, tour: int) -> ModelLog:
        return next(log for log in self.logs.values() if tour in log.tours)

    @initialize(fill=st.sampled_from([1, 1, 2]))
    def adopt(self, fill: int) -> None:
        """Let one or two tours fill a log; two cars leave, and one has a hit."""
        self.fill = fill
        for version in PolicyVersion.objects.all():
            PolicyVersion.objects.update(values=version.values | {"VII.h.1.tours": fill})
        self.begin(who="officer", car=0, over=False, stale=False)
        self.begin(who="detective", car=1, over=False, stale=False)
        self.hit(car=0)

    # ---- tours

    @rule(who=WHO, car=st.integers(0, 1), over=st.booleans(), stale=st.sampled_from([False, False, False, True]))
    def begin(self, who: str, car: int, over: bool, stale: bool) -> None:
        HotListDelivery.objects.all().update(delivered_at=self.now - timedelta(days=3))
        if not stale:
            making.delivery(self.cast, self.now)
        lpr = self.cars[car]
        taken = next((number for number, tour in self.tours.items() if tour.open and tour.lpr == lpr.pk), None)
        clause = self.in_the_way(who, stale=stale, taken=taken is not None and not over)
        done: list[Tour] = []
        if self.act(who, clause, lambda by: done.append(begin(by, lpr, taking_over=over))):
            if taken is not None:
                self.close(taken)
            number = done[0].pk
            self.tours[number] = ModelTour(who, lpr.pk)
            self.in_log(who).tours.append(number)
            self.log_of(number).since = self.now

    def in_the_way(self, who: str, *, stale: bool, taken: bool) -> str:
        if who not in USERS:
            return "VII.b" if who == "rookie" else "IV.a"
        if stale and (who, (self.now + timedelta(minutes=1)).astimezone(LOCAL).date()) not in self.overridden:
            return "V.a"
        return "VII.h" if taken or self.open_of(who) is not None else ""

    def in_log(self, who: str) -> ModelLog:
        """Return the log that a new tour of somebody's goes into."""
        newest = sorted(self.logs.items(), reverse=True)
        room = [log for _, log in newest if log.member == who and log.state == "open" and len(log.tours) < self.fill]
        if not room:
            number = DailyUserLog.objects.latest("pk").pk
            assert number not in self.logs
            self.logs[number] = ModelLog(who, self.now)
            return self.logs[number]
        return room[0]

    def close(self, number: int, *, said: bool = True) -> None:
        self.tours[number].open, self.tours[number].where_said = False, said
        self.log_of(number).since = self.now

    @precondition(lambda self: any(tour.open for tour in self.tours.values()))
    @rule(which=WHICH)
    def end_own(self, which: int) -> None:
        running = [number for number, tour in self.tours.items() if tour.open]
        number = running[which % len(running)]
        self.act(self.tours[number].member, "", lambda by: end(by, Tour.objects.get(pk=number)))
        self.close(number)

    @precondition(lambda self: self.tours)
    @rule(who=WHO, which=WHICH)
    def end_anothers(self, who: str, which: int) -> None:
        number, tour = sorted(self.tours.items(), reverse=True)[which % len(self.tours)]
        who = self.checker if which % 2 else who
        if who == tour.member:
            return
        clause = "VII.h.2" if who != self.checker else "" if tour.open else "VII.h"
        if self.act(who, clause, lambda by: end(by, Tour.objects.get(pk=number), answers=None)):
            self.close(number, said=False)

    @rule(who=st.sampled_from(USERS), granted=st.booleans(), decider=WHO)
    def override(self, who: str, granted: bool, decider: str) -> None:
        HotListDelivery.objects.all().update(delivered_at=self.now - timedelta(days=3))
        if (who, (self.now + timedelta(minutes=1)).astimezone(LOCAL).date()) in self.overridden:
            return
        if not TourOverride.objects.filter(member=self.cast.people()[who], granted=None).exists():
            self.act(who, "", lambda by: override_tour.ask_override(by, lpr=self.cars[0], purpose="patrol", why="now"))
        asked = TourOverride.objects.get(member=self.cast.people()[who], granted=None)
        clause = "VII.e" if decider != self.checker else "V.a" if decider == who else ""
        if self.act(decider, clause, lambda by: override_tour.decide_override(by, asked, grant=granted, reason="down")):
            self.overridden |= {(who, self.today())} if granted else set()

    # ---- hits and arrests

    @rule(car=st.integers(0, 1))
    def hit(self, car: int) -> None:
        self.now += timedelta(minutes=1)
        found = making.hit(self.cast, self.now)
        Hit.objects.filter(pk=found.pk).update(lpr=self.cars[car])
        for tour in self.tours.values():
            if tour.open and tour.lpr == self.cars[car].pk:
                tour.hits[found.pk] = False

    @rule(which=WHICH)
    def outcome(self, which: int) -> None:
        """Let the officer end a hit of any car: on a tour of theirs, it is a hit of that, too."""
        unworked = sorted({hit for tour in self.tours.values() for hit, worked in tour.hits.items() if not worked})
        if unworked:
            self.now += timedelta(minutes=1)
            number = unworked[which % len(unworked)]
            hit_changes.add_step(
                Hit.objects.get(pk=number), kind=HitStep.Kind.OUTCOME, at=self.now, by=self.cast.officer,
                outcome=HitStep.Outcome.CORRECT, policy=(1, "0" * 64),
            )  # fmt: skip
            for tour in self.tours.values():
                if number in tour.hits or (tour.open and tour.member == "officer"):
                    tour.hits[number] = True

    @precondition(lambda self: self.logs and len(self.cases) < MOST_CASES)
    @rule(who=WHO, which=WHICH)
    def arrest(self, who: str, which: int) -> None:
        number, log = self.log(which)
        name, case = self.open_case()
        clause = "" if who in {log.member, self.checker} else "VII.h.2"
        if self.act(
            who, clause, lambda by: keep_user_logs.name_arrest(by, DailyUserLog.objects.get(pk=number), case=case)
        ):
            log.arrests.add(name)

    @precondition(lambda self: len(self.cases) < MOST_CASES and any(tour.hits for tour in self.tours.values()))
    @rule(which=WHICH)
    def arrest_of_a_hit(self, which: int) -> None:
        """Preserve a hit in a case with an arrest, without a word in the log."""
        found = sorted({hit for tour in self.tours.values() for hit in tour.hits})
        number = found[which % len(found)]
        name, case = self.open_case()
        self.act("officer", "", lambda by: keep_cases.change_case(by, case, arrested_on=by.today))
        self.act("officer", "", lambda by: preserve.preserve_hit(by, Hit.objects.get(pk=number), case=case))
        for tour, each in self.tours.items():
            if number in each.hits:
                self.log_of(tour).arrests.add(name)

    def open_case(self) -> tuple[str, CaseFile]:
        name = f"26-{len(self.cases)}"
        self.act("officer", "", lambda by: keep_cases.open_case(
            by, number=name, title="x", offense_class="felony", is_felony=False
        ))  # fmt: skip
        self.cases[name] = None
        return name, CaseFile.objects.get(number=name)

    @precondition(lambda self: self.cases)
    @rule(which=WHICH)
    def dispose(self, which: int) -> None:
        name = sorted(self.cases)[which % len(self.cases)]
        case = CaseFile.objects.get(number=name)
        self.act("officer", "", lambda by: keep_cases.change_case(by, case, disposed_on=by.today))
        self.cases[name] = self.today()

    # ---- logs

    @precondition(lambda self: any(map(self.is_ready, self.logs.values())))
    @rule(which=WHICH)
    def forward_one_that_can_go(self, which: int) -> None:
        ready = [number for number, log in sorted(self.logs.items()) if self.is_ready(log)]
        self.forward_log(self.logs[ready[which % len(ready)]].member, ready[which % len(ready)], "as it is")

    @precondition(lambda self: self.logs)
    @rule(who=WHO, which=WHICH, remark=st.sampled_from(["", "as it is"]))
    def forward(self, who: str, which: int, remark: str) -> None:
        self.forward_log(who if which % 3 else self.checker, self.log(which)[0], remark)

    def forward_log(self, who: str, number: int, remark: str) -> None:
        log = self.logs[number]
        tours = [self.tours[tour] for tour in log.tours]
        if who not in {log.member, self.checker}:
            clause = "VII.h.2"
        elif log.state in {"forwarded", "accepted"} or any(tour.open for tour in tours):
            clause = "VII.h.1"
        elif remark:
            clause = ""
        elif not all(worked for tour in tours for worked in tour.hits.values()) or not all(t.where_said for t in tours):
            clause = "VII.h.2"
        else:
            clause = "" if who == log.member else "VII.h.1"
        if self.act(
            who, clause, lambda by: keep_user_logs.forward_log(by, DailyUserLog.objects.get(pk=number), remark=remark)
        ):
            log.state, log.since = "forwarded", self.now
            log.frozen.append(LogRevision.objects.get(log=number, number=len(log.frozen) + 1).sha256)

    def is_ready(self, log: ModelLog) -> bool:
        return log.state in {"open", "sent_back"} and not any(self.tours[tour].open for tour in log.tours)

    @precondition(lambda self: any(log.state == "forwarded" for log in self.logs.values()))
    @rule(who=st.sampled_from(USERS), which=WHICH, accept=st.sampled_from([True, True, False]))
    def check(self, who: str, which: int, accept: bool) -> None:
        waiting = sorted(
            (number for number, log in self.logs.items() if log.state == "forwarded"),
            key=lambda number: (not self.logs[number].arrests, number),
        )
        number = waiting[which % len(waiting) if which < 10 else 0] if waiting and which < 25 else self.log(which)[0]
        log, who = self.logs[number], self.checker if which % 3 else who
        clause = "" if who == self.checker and who != log.member and log.state == "forwarded" else "VII.h.2"
        if self.act(who, clause, lambda by: keep_user_logs.check_log(
            by, DailyUserLog.objects.get(pk=number), accept=accept, reason="" if accept else "the arrest"
        )):  # fmt: skip
            log.state, log.since = "accepted" if accept else "sent_back", self.now

    @rule()
    def change_who_checks(self) -> None:
        """Take the checker's position from one and give it to another: what waits, waits for the new one."""
        title, at, before = personnel.ensure_position("Patrol Sergeant"), self.now, self.cast.people()[self.checker]
        personnel.end_position(before, title, at=at, today=self.today())
        self.checker = "detective" if self.checker == "sergeant" else "sergeant"
        self.now += timedelta(minutes=1)
        personnel.give_position(self.cast.people()[self.checker], title, since=self.today(), at=self.now)

    @rule(hours=st.sampled_from([1, 8, 30, 80]))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    # ---- what holds after every act

    @invariant()
    def no_log_is_lost(self) -> None:
        assert {log.pk: sorted(tour.pk for tour in log.tours.all()) for log in logs()} == {
            number: log.tours for number, log in self.logs.items()
        }
        waiting = {log.pk: log for log in unfinished_logs()}
        assert set(waiting) == {number for number, log in self.logs.items() if log.state != "accepted"}
        by = footing(self.cast.people()[self.checker], at=self.now)
        assert {number: facts_of(log, fill=self.fill, at=self.now).state for number, log in waiting.items()} == {
            number: self.logs[number].state for number in waiting
        }
        assert keep_user_logs.may_read_logs(by)
        late = {log.pk for log in keep_user_logs.late_logs(by.policy, at=self.now)}
        assert late == {number for number, log in self.logs.items() if self.is_late(log)}

    def is_late(self, log: ModelLog) -> bool:
        is_open = any(self.tours[tour].open for tour in log.tours)
        filled = log.state != "open" or len(log.tours) >= self.fill or is_open
        hours = {"forwarded": 72, "accepted": 10**6}.get(log.state, 24 if filled else 7 * 24)
        return self.now - log.since > timedelta(hours=hours)

    def every_log_tells_the_hits_of_its_tours(self) -> None:
        for log in logs():
            told = content_of(log, at=self.now)["tours"]
            assert {tour["tour"]: {hit["hit"]: bool(hit["outcome"]) for hit in tour["hits"]} for tour in told} == {
                tour: self.tours[tour].hits for tour in self.logs[log.pk].tours
            }

    @invariant()
    def what_was_forwarded_stays(self) -> None:
        for number, log in self.logs.items():
            kept = LogRevision.objects.filter(log=number).order_by("number")
            assert [revision.sha256 for revision in kept] == log.frozen

    def arrests_keep_their_logs(self) -> None:
        for log in logs():
            expected, cases = self.logs[log.pk], arrests_of(log, at=self.now)
            assert {case.number for case in cases} == expected.arrests
            ends = [self.cases[name] for name in expected.arrests]
            until = None if None in ends else max((end for end in ends if end), default=None)
            assert user_log_kept_until(matters_of(cases)).until == until
            if expected.state == "accepted" and log.arrests.exists():
                keys = {f"tour:{tour}" for tour in expected.tours}
                assert all(keys <= set(each.case.preserved.values_list("key", flat=True)) for each in log.arrests.all())


def test_tours_and_logs_are_what_their_model_says(own_home: Home) -> None:
    cast = assemble(today=BEGIN.date())
    personnel.give_position(
        cast.detective, personnel.ensure_position("Patrol Officer"), since=FOUNDED.date(), at=FOUNDED
    )
    personnel.give_position(
        cast.sergeant, personnel.ensure_position("Patrol Officer"), since=FOUNDED.date(), at=FOUNDED
    )
    LPR.objects.filter(pk=cast.lpr.pk).update(in_service=False)
    run_state_machine_as_test(
        lambda: Shifts(cast),  # type: ignore[arg-type] # any factory will do
        settings=hypothesis_settings(
            max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None, suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink],
        ),
    )  # fmt: skip
