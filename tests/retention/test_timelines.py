"""Random timelines of reads, hits, cases, directives, policies and clock steps: on the model, and on the databases.

`PLATEKEEPER_TIMELINES` and `PLATEKEEPER_STORED_TIMELINES` set how many: few in `make test`, many in `make timelines`.
"""

from __future__ import annotations

import itertools
import json
import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test
from pytest_django import Settings

from platekeeper.core.formats.reads import ParsedRead
from platekeeper.core.rules.directives import Named
from platekeeper.server.casefiles import changes as casefiles
from platekeeper.server.casefiles.models import CaseFile, Preserved
from platekeeper.server.hits.models import Hit
from platekeeper.server.procedures import answer_hit, direct_keeping, keep_cases, preserve
from platekeeper.server.procedures.authority import footing
from platekeeper.server.procedures.certify_disposal import faults_of
from platekeeper.server.procedures.dispose_lpr_data import dispose_lpr_data
from platekeeper.server.procedures.receive_reads import Intake, Submission
from platekeeper.server.procedures.stores import read_store
from platekeeper.server.storage.home import Home
from tests.cast import Cast
from tests.retention.making import say, want
from tests.retention.timelines import BEGIN, LOCAL, WANTED, ModelCase, Read, Timeline
from tests.storage.making import schema_of

EXAMPLES = int(os.environ.get("PLATEKEEPER_TIMELINES", "40"))
STORED = int(os.environ.get("PLATEKEEPER_STORED_TIMELINES", "4"))
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
PERIODS = st.sampled_from(["never", "3 minutes", "20 minutes", "5 hours", "2 days"])
CEILINGS = st.sampled_from(["180 days", "3 days"])
HITS = st.sampled_from(["never", "1 hours", "2 days"])
PLATES = st.sampled_from([*sorted(WANTED), "JKL3322"])
AGES = st.sampled_from([0 * MINUTE, MINUTE, 4 * MINUTE, 17 * MINUTE, timedelta(hours=6), 2 * DAY, 4 * DAY])
STEPS = st.sampled_from([MINUTE, 2 * MINUTE, 16 * MINUTE, timedelta(hours=3), DAY, 2 * DAY, -timedelta(hours=2)])
WHICH = st.integers(0, 20)


class OnTheModel(RuleBasedStateMachine):
    """A timeline of the model alone; after each disposal what is gone and what is there is as the policy says."""

    def __init__(self) -> None:
        super().__init__()
        self.world = Timeline()
        self.ticks = itertools.count(1)

    @rule(plates=st.lists(PLATES, min_size=1, max_size=4), age=AGES)
    def reads_come_in(self, plates: list[str], age: timedelta) -> None:
        captured = self.world.now - age
        reads = [Read(plate, captured + timedelta(microseconds=next(self.ticks))) for plate in plates]
        for read in reads:
            self.world.come_in(read)
        self.stored_come_in(reads)

    @rule(no_hit=PERIODS, ceiling=CEILINGS, hits=HITS)
    def policy_changes(self, no_hit: str, ceiling: str, hits: str) -> None:
        self.world.say(no_hit=no_hit, ceiling=ceiling, hits=hits)
        self.stored_say(no_hit=no_hit, ceiling=ceiling, hits=hits)

    @rule(by=STEPS)
    def clock(self, by: timedelta) -> None:
        self.world.now += by

    @rule()
    def disposal(self) -> None:
        self.world.dispose()
        self.world.check()
        self.stored_dispose()

    @precondition(lambda self: len(self.world.cases) < 3)
    @rule()
    def a_case_is_opened(self) -> None:
        self.world.cases.append(ModelCase())
        self.stored_open(len(self.world.cases))

    @precondition(lambda self: self.world.hits and any(not case.ended for case in self.world.cases))
    @rule(which=WHICH, into=WHICH)
    def a_hit_is_preserved(self, which: int, into: int) -> None:
        number, case = self._hit(which), self._case(into)
        if number not in self.world.cases[case].hits:
            self.world.cases[case].hits.add(number)
            self.stored_preserve(number, case + 1)

    @precondition(lambda self: self.world.hits)
    @rule(which=WHICH)
    def a_vehicle_is_stopped(self, which: int) -> None:
        number = self._hit(which)
        if not self.world.hits[number].stopped:
            self.world.hits[number].stopped = True
            self.stored_stop(number)

    @precondition(lambda self: any(not case.ended for case in self.world.cases))
    @rule(into=WHICH, plate=st.none() | PLATES, days=st.integers(1, 5), bounded=st.booleans())
    def command_directs(self, into: int, plate: str | None, days: int, bounded: bool) -> None:
        now, case = self.world.now, self._case(into)
        named = Named(
            plates=(plate,) if plate else (),
            since=now - DAY if bounded or not plate else None,
            until=now + DAY if bounded or not plate else None,
        )
        until = now.astimezone(LOCAL).date() + days * DAY
        self.world.direct(self.world.cases[case], named, until)
        self.stored_direct(case + 1, named, until)

    @precondition(lambda self: any(not case.ended for case in self.world.cases))
    @rule(which=WHICH)
    def a_case_ends(self, which: int) -> None:
        case = self._case(which)
        self.world.cases[case].ended = True
        self.stored_end(case + 1)

    def _hit(self, which: int) -> int:
        numbers = sorted(self.world.hits)
        return numbers[which % len(numbers)]

    def _case(self, which: int) -> int:
        numbers = [number for number, case in enumerate(self.world.cases) if not case.ended]
        return numbers[which % len(numbers)]

    # What a timeline on the databases does besides.
    def stored_come_in(self, reads: list[Read]) -> None: ...
    def stored_say(self, **values: str) -> None: ...
    def stored_dispose(self) -> None: ...
    def stored_open(self, case: int) -> None: ...
    def stored_preserve(self, hit: int, case: int) -> None: ...
    def stored_stop(self, hit: int) -> None: ...
    def stored_direct(self, case: int, named: Named, until: object) -> None: ...
    def stored_end(self, case: int) -> None: ...


class OnTheDatabases(OnTheModel):
    """The same timeline through the procedures: stores and records say what the model says."""

    def __init__(self, cast: Cast, settings: Settings, folder: Path) -> None:
        super().__init__()
        settings.HOME = Home(folder)
        settings.HOME.found()
        settings.LPR_SCHEMA = schema_of(str(folder))
        self._undo = transaction.atomic()
        self._undo._from_testcase = True  # type: ignore[attr-defined]  # none of the product's
        self._undo.__enter__()
        self.cast = cast
        self.numbers: dict[int, int] = {}
        say(cast, at=BEGIN - 10 * DAY, floor="1 minutes", hits="never")
        want(cast, *sorted(WANTED), at=BEGIN - 9 * DAY, lasts=360 * DAY)
        self.intake = Intake(read_store().writer(), id_key=b"k" * 32)

    def teardown(self) -> None:
        self.intake.close()
        transaction.set_rollback(True)
        self._undo.__exit__(None, None, None)

    def stored_come_in(self, reads: list[Read]) -> None:
        parsed = [(ParsedRead(raw_plate=read.plate, captured_at=read.captured), None) for read in reads]
        self.intake.take([Submission(self.cast.lpr, "t", parsed, (), self.world.now)])
        new = [number for number in self.world.hits if number not in self.numbers]
        for number, hit in zip(new, Hit.objects.exclude(pk__in=self.numbers.values()).order_by("pk"), strict=True):
            self.numbers[number] = hit.pk
        self.compare()

    def stored_say(self, **values: str) -> None:
        say(self.cast, at=self.world.now, **values)

    def stored_dispose(self) -> None:
        assert [fault for each in dispose_lpr_data(at=self.world.now) for fault in faults_of(each)] == []
        self.numbers = {number: pk for number, pk in self.numbers.items() if number in self.world.hits}
        self.compare()

    def stored_open(self, case: int) -> None:
        by = footing(self.cast.officer, at=self.world.now)
        keep_cases.open_case(by, number=f"26-{case}", title="t", offense_class="felony", is_felony=True)

    def stored_preserve(self, hit: int, case: int) -> None:
        by = footing(self.cast.officer, at=self.world.now)
        preserve.preserve_hit(by, Hit.objects.get(pk=self.numbers[hit]), case=_case(case))

    def stored_stop(self, hit: int) -> None:
        seen = self.world.hits[hit].read.plate
        answer_hit.record_stop(footing(self.cast.officer, at=self.world.now), self.numbers[hit], plate=seen)

    def stored_direct(self, case: int, named: Named, until: object) -> None:
        direct_keeping.give_directive(
            footing(self.cast.chief, at=self.world.now), case=_case(case), plates=named.plates, since=named.since,
            until=named.until, kept_until=until, why="civil suit",  # type: ignore[arg-type]
        )  # fmt: skip
        self.compare()

    def stored_end(self, case: int) -> None:
        casefiles.empty(_case(case), ending=CaseFile.Ending.DISPOSED, order="", at=self.world.now)

    def compare(self) -> None:
        stored = sorted((read.row.raw, read.row.at) for read in read_store().recent(100_000))
        assert stored == sorted((read.plate, _at(read)) for read in self.world.stored)
        assert sorted(Hit.objects.values_list("pk", flat=True)) == sorted(self.numbers.values())
        for number, case in enumerate(self.world.cases, 1):
            kept = Preserved.objects.filter(case=_case(number)).exclude(content=b"")
            reads = kept.filter(kind=Preserved.Kind.READ).values_list("content", flat=True)
            copies = sorted((told["plate"], told["read"]["at"]) for told in (json.loads(bytes(each)) for each in reads))
            expected = sorted((plate, _at(Read(plate, at))) for plate, at in case.copies)
            assert copies == ([] if case.ended else expected)
            assert kept.filter(kind=Preserved.Kind.HIT).count() == (0 if case.ended else len(case.hits))


def _at(read: Read) -> int:
    return round(read.captured.timestamp() * 1_000_000)


def _case(number: int) -> CaseFile:
    return CaseFile.objects.get(number=f"26-{number}")


def test_timelines_on_the_model() -> None:
    run_state_machine_as_test(
        OnTheModel,
        settings=hypothesis_settings(max_examples=EXAMPLES, stateful_step_count=40, deadline=None),
    )


@pytest.mark.django_db
@pytest.mark.records
def test_timelines_on_the_databases(staff: Cast, settings: Settings, tmp_path: Path) -> None:
    folders = itertools.count()
    run_state_machine_as_test(
        lambda: OnTheDatabases(staff, settings, tmp_path / f"home-{next(folders)}"),  # type: ignore[arg-type]
        settings=hypothesis_settings(
            max_examples=STORED, stateful_step_count=25, deadline=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
