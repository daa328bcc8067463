"""Section VI, stored LPR data: queries (VI.c-f), dead letters (VI.j), retention (VI.k) and backup (VI.m)."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import transaction
from pytest_django import Settings

from platekeeper.core.clauses import Clause
from platekeeper.core.formats.reads import ParsedRead
from platekeeper.server.casefiles.changes import empty
from platekeeper.server.casefiles.models import CaseFile
from platekeeper.server.cli import backup as command
from platekeeper.server.jobs.health import facts
from platekeeper.server.procedures import propose_disposal
from platekeeper.server.procedures.authority import RefusedAction, footing
from platekeeper.server.procedures.back_up import back_up
from platekeeper.server.procedures.certify_disposal import faults_of
from platekeeper.server.procedures.direct_keeping import give_directive
from platekeeper.server.procedures.dispose_lpr_data import dispose_lpr_data
from platekeeper.server.procedures.drill_backups import check_backups
from platekeeper.server.procedures.keep_cases import open_case
from platekeeper.server.procedures.preserve import preserve_hit
from platekeeper.server.procedures.question import Question
from platekeeper.server.procedures.receive_reads import Intake, Receipt, Submission
from platekeeper.server.procedures.search_lpr_data import search
from platekeeper.server.procedures.stores import read_store
from platekeeper.server.querylog.models import QueryLogEntry
from platekeeper.server.register.evidence import Status
from platekeeper.server.retention.lookups import standing_proposal
from platekeeper.server.retention.models import Directive
from platekeeper.server.storage.home import Home
from tests.cast import Cast
from tests.letters import keep_dead_letter
from tests.recovery import SHARES, give_recovery_key
from tests.register.judging import status as judged
from tests.register.making import hit
from tests.retention.making import say

pytestmark = [pytest.mark.django_db, pytest.mark.records]
NOW = datetime.now(UTC)
CEILING = timedelta(days=180)


def _receive(cast: Cast, *, captured_at: datetime, at: datetime = NOW) -> Receipt:
    intake = Intake(read_store().writer(), id_key=b"k" * 32)
    try:
        read = ParsedRead(raw_plate="ABC1234", captured_at=captured_at)
        [receipt] = intake.take(
            [Submission(lpr=cast.lpr, format="t", reads=[(read, None)], unparsed=[], received_at=at)]
        )
    finally:
        intake.close()
    return receipt


def _status(clause: Clause, at: datetime = NOW) -> Status:
    return judged(clause, at=at, store=read_store())


def _question(*, justification: str = "seen leaving the pawn shop") -> Question:
    return Question(
        plate="ABC1234", since=NOW - timedelta(days=1), until=NOW + timedelta(days=1), purpose="stolen",
        offense="theft", case_number="26-1", justification=justification, none_prohibited=True,
    )  # fmt: skip


def test_vi_f_a_lawful_query_runs_and_is_in_the_log_with_what_it_found(cast: Cast) -> None:
    _receive(cast, captured_at=NOW)
    found = search(footing(cast.detective, at=NOW), _question())
    assert len(found.page.reads) == 1
    assert (found.entry.state, found.entry.found) == (QueryLogEntry.State.COMPLETED, 1)
    assert _status(Clause.VI_f) is Status.KEPT


def test_vi_f_a_query_without_a_reason_does_not_run_and_is_in_the_log(cast: Cast) -> None:
    with pytest.raises(RefusedAction) as refused:
        search(footing(cast.detective, at=NOW), _question(justification=""))
    assert refused.value.refusal.clause is Clause.VI_f
    assert QueryLogEntry.objects.get().state == QueryLogEntry.State.REFUSED


@pytest.mark.parametrize(
    ("role", "clause"),
    [
        ("officer", "VI.b"), ("rookie", "VI.b"), ("temp", "IV.c"), ("dispatcher", "IV.c"), ("chief", "VI.b"),
        ("outsider", "IV.h"), ("auditor", "IV.c"),
    ],
)  # fmt: skip
def test_vi_b_others_are_refused_by_name_of_the_clause(role: str, clause: str, cast: Cast) -> None:
    with pytest.raises(RefusedAction) as refused:
        search(footing(cast.people()[role], at=NOW), _question())
    assert refused.value.refusal.clause.number == clause


def test_vi_k_a_read_past_its_time_is_counted_and_not_stored(cast: Cast) -> None:
    receipt = _receive(cast, captured_at=NOW - CEILING - timedelta(days=2))
    assert (receipt.stored, receipt.past_ceiling) == (0, 1)
    assert read_store().days() == []


def test_vi_k_what_is_past_its_time_is_red_until_it_is_disposed_of(cast: Cast) -> None:
    _receive(cast, captured_at=NOW)
    later = NOW + CEILING + timedelta(days=2)
    assert _status(Clause.VI_k) is Status.KEPT
    assert _status(Clause.VI_k, later) is Status.BREACH
    dispose_lpr_data(at=later)
    assert _status(Clause.VI_k, later) is Status.KEPT
    assert search(footing(cast.detective, at=NOW), _question()).page.reads == []


def test_vi_k_a_disposal_is_judged_by_the_least_time_of_its_moment(cast: Cast) -> None:
    _receive(cast, captured_at=NOW)
    later = NOW + CEILING + timedelta(days=2)
    dispose_lpr_data(at=later)
    say(cast, at=later + timedelta(hours=1), floor="300 days", ceiling="400 days")
    assert _status(Clause.VI_k, later + timedelta(hours=2)) is Status.KEPT


def test_vi_k_what_waits_for_two_persons_is_a_caution_and_after_a_week_a_breach(cast: Cast) -> None:
    say(cast, at=NOW, disposal="two_persons")
    _receive(cast, captured_at=NOW)
    later = NOW + CEILING + timedelta(days=3)
    dispose_lpr_data(at=later)
    assert _status(Clause.VI_k, later) is Status.CAUTION
    assert _status(Clause.VI_k, later + timedelta(days=7)) is Status.BREACH
    waits = [
        (found.reads_waiting, found.reads_over) for found in (facts(at=later), facts(at=later + timedelta(days=7)))
    ]
    assert waits == [(True, False), (True, True)]
    proposal = standing_proposal()
    assert proposal is not None
    propose_disposal.propose(footing(cast.custodian, at=later), proposal)
    propose_disposal.approve(footing(cast.chief, at=later), proposal)
    assert len(dispose_lpr_data(at=later)) == 1
    assert _status(Clause.VI_k, later) is Status.KEPT


def test_vi_k_what_a_new_policy_puts_past_its_time_has_its_week_as_well(cast: Cast) -> None:
    say(cast, at=NOW, disposal="two_persons", ceiling="never")
    _receive(cast, captured_at=NOW)
    later = NOW + CEILING
    say(cast, at=later, ceiling="90 days")
    assert _status(Clause.VI_k, later + timedelta(hours=1)) is Status.KEPT
    assert _status(Clause.VI_k, later + timedelta(hours=3)) is Status.CAUTION
    assert _status(Clause.VI_k, later + timedelta(days=8)) is Status.BREACH


def test_vi_k_reads_without_a_hit_end_within_minutes(cast: Cast) -> None:
    say(cast, at=NOW - timedelta(minutes=1), floor="1 minutes", no_hit="3 minutes")
    _receive(cast, captured_at=NOW)
    dispose_lpr_data(at=NOW + timedelta(minutes=4, seconds=1))
    assert read_store().recent(5) == []
    assert _receive(cast, captured_at=NOW, at=NOW + timedelta(minutes=5)).past_ceiling == 1


def test_vi_k_minutes_past_their_time_are_red_the_same_day(cast: Cast) -> None:
    say(cast, at=NOW - timedelta(minutes=1), floor="1 minutes", no_hit="3 minutes")
    _receive(cast, captured_at=NOW)
    later = NOW + timedelta(hours=2, minutes=5)
    assert _status(Clause.VI_k, NOW + timedelta(hours=2)) is Status.KEPT
    assert (_status(Clause.VI_k, later), facts(at=later).reads_over) == (Status.BREACH, True)
    dispose_lpr_data(at=later)
    assert (_status(Clause.VI_k, later), facts(at=later).reads_over) == (Status.KEPT, False)


@pytest.mark.parametrize("of_a_hit", [True, False])
@pytest.mark.parametrize(("disposal", "then"), [("automatic", Status.BREACH), ("two_persons", Status.CAUTION)])
def test_vi_k_hits_and_dead_letters_past_their_time_are_seen(
    of_a_hit: bool, disposal: str, then: Status, cast: Cast
) -> None:
    say(cast, at=NOW, disposal=disposal, hits="30 days", ceiling="30 days")
    if of_a_hit:
        hit(cast, NOW)
    else:
        keep_dead_letter(lpr=cast.lpr, format="t", reason="r", payload=b"x", at=NOW)
    over = NOW + timedelta(days=31, hours=3)
    assert _status(Clause.VI_k, NOW + timedelta(days=30)) is Status.IDLE
    assert _status(Clause.VI_k, over) is then
    assert _status(Clause.VI_k, over + timedelta(days=7)) is Status.BREACH
    if disposal == "automatic":
        dispose_lpr_data(at=over)
        assert _status(Clause.VI_k, over) is Status.KEPT


def test_vi_k_a_hit_that_a_case_held_until_now_is_not_late_already(cast: Cast) -> None:
    say(cast, at=NOW, disposal="two_persons", hits="30 days")
    case = open_case(footing(cast.detective, at=NOW), number="26-1", title="t", offense_class="", is_felony=False)
    preserve_hit(footing(cast.officer, at=NOW), hit(cast, NOW), case=case)
    over = NOW + timedelta(days=366)
    assert _status(Clause.VI_k, over) is not Status.BREACH
    with transaction.atomic():
        empty(case, ending=CaseFile.Ending.DISPOSED, order="", at=over)
    assert _status(Clause.VI_k, over + timedelta(days=1)) is Status.CAUTION
    assert _status(Clause.VI_k, over + timedelta(days=8)) is Status.BREACH


def test_vi_k_4_what_command_names_is_copied_and_disposal_takes_the_rest(cast: Cast) -> None:
    _receive(cast, captured_at=NOW)
    case = open_case(footing(cast.detective, at=NOW), number="26-1", title="t", offense_class="", is_felony=False)
    until = NOW.date() + timedelta(days=4000)
    chief = footing(cast.chief, at=NOW)
    give_directive(chief, case=case, plates=("ABC1234",), kept_until=until, why="civil suit")
    assert _status(Clause.VI_k_4) is Status.KEPT
    later = NOW + CEILING + timedelta(days=2)
    [disposal] = dispose_lpr_data(at=later)
    assert (read_store().days(), case.preserved.count(), faults_of(disposal)) == ([], 1, [])
    Directive.objects.update(followed_at=None)
    assert _status(Clause.VI_k_4, later) is Status.BREACH


def test_vi_m_a_backup_is_green_and_an_overdue_one_red(cast: Cast, settings: Settings, tmp_path: Path) -> None:
    assert _status(Clause.VI_m) is Status.IDLE
    give_recovery_key()
    back_up(at=NOW)
    assert _status(Clause.VI_m, datetime.now(UTC)) is Status.CAUTION  # the policy names two copies
    back_up(at=NOW, target=tmp_path / "vault")
    assert _status(Clause.VI_m, datetime.now(UTC)) is Status.KEPT
    check_backups(at=NOW)
    assert _status(Clause.VI_m, datetime.now(UTC)) is Status.KEPT
    next(settings.HOME.backups.glob("*/records/[0-9a-f]*")).unlink()
    check_backups(at=NOW + timedelta(minutes=1))
    assert _status(Clause.VI_m, NOW + timedelta(minutes=2)) is Status.BREACH
    assert _status(Clause.VI_m, NOW + timedelta(hours=30)) is Status.BREACH


def test_vi_m_what_was_backed_up_comes_back(
    cast: Cast, settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _receive(cast, captured_at=NOW)
    target, shares = tmp_path / "copies", tmp_path / "shares"
    give_recovery_key()
    shares.write_text("\n".join(SHARES[1:]))

    def run(*words: str) -> int:
        parser = argparse.ArgumentParser()
        command.register(parser.add_subparsers())
        chosen = parser.parse_args(["backup", *words, "--target", str(target)])
        return int(chosen.run(chosen))

    assert run("run") == 0
    assert run("verify") == 0
    assert run("list") == 0
    assert str(target) in capsys.readouterr().out
    settings.HOME = Home(tmp_path / "restored")
    assert run("restore", "--shares", str(shares)) == 0
    assert read_store().days() == [NOW.date()]
    assert run("restore", "--shares", str(shares)) == 1  # a home that holds something is not written over
    damaged = max((path for path in target.rglob("*") if path.is_file()), key=lambda path: path.stat().st_size)
    damaged.write_bytes(damaged.read_bytes()[:-1])
    assert run("verify") == 1
