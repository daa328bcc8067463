"""The public's log: it verifies with the stand-alone file, nothing is missing, and it names no plate and no person."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from pytest_django import Settings

from platekeeper import verify
from platekeeper.core.ledger import canonical
from platekeeper.server.cli.main import main
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.ledger.models import LedgerCheckpoint, LedgerEntry, LedgerKey
from platekeeper.server.ledger.public import published
from platekeeper.server.procedures import sign_ledger
from platekeeper.server.procedures.authority import footing
from platekeeper.verify import Fault, Verdict, check_export, entry_hash
from tests.cast import FOUNDED, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.records]
START = FOUNDED + timedelta(days=1)
DAY = timedelta(days=1)


def _days(cast: Cast, count: int, *, first: datetime = START) -> None:
    """Let a day pass, and another: a few acts each, then a checkpoint."""
    for day in range(count):
        at = first + day * DAY
        by = footing(cast.detective, at=at)
        for number in range(3):
            with transaction.atomic():
                append(
                    at=at + timedelta(minutes=number), by=by.actor.serving("Betty Requestor"), action=Action.QUERY_BEGUN,
                    subject=f"query:{day}{number}", details={"said": f"{cast.officer.name} asked for KRL4821"},
                    sealed={"plate": "KRL4821"}, purpose="stolen", case="26-000114", policy=by.policy.stamp,
                )  # fmt: skip
        sign_ledger.checkpoint(at=at + timedelta(hours=1))


def _log(since: datetime, until: datetime) -> list[str]:
    sign_ledger.checkpoint(at=START + 400 * DAY)
    return list(published(since=since, until=until))


def _checked(lines: list[str], held: list[str] | None = None) -> Verdict:
    return check_export(lines, trusted=sign_ledger.first_fingerprint(), held=held or [])


def test_a_period_is_shown_with_the_leaf_before_and_the_leaf_after(cast: Cast) -> None:
    _days(cast, 9)
    verdict = _checked(_log(START + 3 * DAY, START + 5 * DAY))
    assert verdict.shown is not None
    inside = LedgerEntry.objects.filter(at__gte=START + 3 * DAY, at__lt=START + 5 * DAY).values_list("pk", flat=True)
    assert verdict.shown == range(min(inside) - 1, max(inside) + 2)
    assert verdict.leaves == LedgerEntry.objects.count()
    assert "without a gap" in "\n".join(verdict.words())


def test_however_many_checkpoints_lie_in_a_period_the_database_is_told_few(cast: Cast) -> None:
    at = START
    for _ in range(60):
        _days(cast, 1, first=(at := at + timedelta(hours=2)))
    told: list[int] = []

    def listen(execute: Callable[..., Any], sql: str, values: Sequence[Any] | None, *rest: Any) -> Any:
        told.append(len(values or ()))
        return execute(sql, values, *rest)

    with connection.execute_wrapper(listen):
        lines = _log(START, START + 40 * DAY)
    assert _checked(lines).leaves == LedgerEntry.objects.count()
    assert max(told) < 30


def test_a_period_ends_after_it_begins(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = ["ledger", "public", str(tmp_path / "log"), "--from", "2026-03-02", "--until", "2026-03-02"]
    assert main(told) == 2
    assert "must come after" in capsys.readouterr().err


def test_of_a_period_without_acts_the_leaf_before_and_the_leaf_after_are_shown(cast: Cast) -> None:
    _days(cast, 2)
    _days(cast, 2, first=START + 100 * DAY)
    after = LedgerEntry.objects.filter(at__gte=START + 60 * DAY).order_by("pk")[0].pk
    assert _checked(_log(START + 50 * DAY, START + 60 * DAY)).shown == range(after - 1, after + 1)
    size = LedgerEntry.objects.count()
    assert _checked(_log(START + 150 * DAY, START + 160 * DAY)).shown == range(size - 1, size)
    assert _checked(_log(START - 160 * DAY, START - 150 * DAY)).shown == range(1)


def test_it_ends_with_the_checkpoint_that_it_is_asked_for(cast: Cast) -> None:
    _days(cast, 4)
    under = LedgerCheckpoint.objects.order_by("size")[1]
    verdict = _checked(list(published(since=START, until=START + 9 * DAY, under=under)))
    assert (verdict.leaves, verdict.shown and verdict.shown.stop) == (under.size, under.size)
    assert verdict.root == verify.read_checkpoint(under.note).root


def test_the_key_is_followed_through_what_is_not_shown(cast: Cast) -> None:
    _days(cast, 3)
    sign_ledger.change_key(footing(cast.auditor, at=START + 3 * DAY))
    _days(cast, 2, first=START + 4 * DAY)
    sign_ledger.change_key(footing(cast.auditor, at=START + 6 * DAY))
    _days(cast, 3, first=START + 7 * DAY)
    verdict = _checked(_log(START + 8 * DAY, START + 9 * DAY))
    assert len(verdict.keys) == LedgerKey.objects.count() == 3


def test_after_a_lost_key_what_it_signed_is_compared_by_its_root(cast: Cast, settings: Settings) -> None:
    _days(cast, 3)
    held = list(LedgerCheckpoint.objects.values_list("note", flat=True))
    for path in settings.HOME.ledger_keys.iterdir():
        path.unlink()
    sign_ledger.change_key(footing(cast.auditor, at=START + 3 * DAY))
    _days(cast, 3, first=START + 4 * DAY)
    lines = _log(START + 4 * DAY, START + 5 * DAY)
    for note in held:
        verdict = _checked(lines, [note])
        assert (verdict.witnessed, len(verdict.keys)) == (verify.read_checkpoint(note).size, 1)


def test_a_checkpoint_of_any_evening_can_be_held_against_it(cast: Cast) -> None:
    _days(cast, 9)
    lines = _log(START + 3 * DAY, START + 5 * DAY)
    for note in [str(json.loads(line)["note"]) for line in lines if '"kind":"checkpoint"' in line]:
        assert _checked(lines, [note]).witnessed == verify.read_checkpoint(note).size
    other = "platekeeper/harbor-falls-police-department\n1\n" + "A" * 43 + "=\n\n"
    between = _checked(lines, [other])  # within leaves that are there by one hash
    assert (between.uncompared, between.witnessed) == ([1], 0)
    [first, *_] = (str(json.loads(line)["note"]) for line in lines if '"kind":"checkpoint"' in line)
    forged = first.replace(first.splitlines()[2], "A" * 43 + "=")
    with pytest.raises(Fault, match="history was rewritten"):
        _checked(lines, [forged])
    with pytest.raises(Fault, match="another ledger"):
        _checked(lines, [other.replace("harbor", "outer")])


def _drop(lines: list[str], place: int) -> list[str]:
    return lines[:place] + lines[place + 1 :]


def _say(lines: list[str], place: int) -> list[str]:
    record = json.loads(lines[place])
    record["shown"] |= {"purpose": "investigation"}
    return [*lines[:place], canonical(record).decode() + "\n", *lines[place + 1 :]]


def _hide(lines: list[str], place: int) -> list[str]:
    record = json.loads(lines[place])
    hidden = verify.leaf_hash(canonical(record["shown"])).hex()
    stood = canonical({"kind": "hidden", "index": record["index"], "level": 0, "hash": hidden}).decode()
    return [*lines[:place], stood + "\n", *lines[place + 1 :]]


@pytest.mark.parametrize("change", [_drop, _say, _hide])
def test_no_leaf_within_it_can_be_left_out_changed_or_withheld(change: object, cast: Cast) -> None:
    _days(cast, 6)
    lines = _log(START + 2 * DAY, START + 5 * DAY)
    shown = _checked(lines).shown
    assert shown is not None
    inner = {f'"index":{index},"kind":"shown"' for index in shown[1:-1]}
    for place in [place for place, line in enumerate(lines) if any(each in line for each in inner)]:
        with pytest.raises(verify.UNFIT):
            _checked(change(lines, place))  # type: ignore[operator]


def test_a_leaf_that_is_laid_open_can_be_held_against_it(cast: Cast) -> None:
    _days(cast, 2)
    shown = [json.loads(line) for line in _log(START, START + 2 * DAY) if '"kind":"shown"' in line]
    for record in shown:
        entry = LedgerEntry.objects.get(pk=record["index"])
        assert verify.leaf_hash(canonical(record["shown"])) == entry_hash(bytes(entry.body)) == bytes(entry.leaf_hash)


def test_an_entry_in_full_cannot_pass_for_another_by_its_public_form(cast: Cast) -> None:
    """A full export holds what was recorded, not what stands for it."""
    _days(cast, 1)
    lines = list(sign_ledger.export(None, openings=False, at=START + DAY))
    record = json.loads(lines[2])
    record["body"] = canonical(verify.public_form(record["body"].encode())).decode()
    with pytest.raises(verify.UNFIT):
        _checked([*lines[:2], canonical(record).decode() + "\n", *lines[3:]])


def test_the_command_writes_it_and_says_so_in_the_ledger(cast: Cast, tmp_path: Path) -> None:
    _days(cast, 2)
    file = tmp_path / "public.jsonl"
    assert main(["ledger", "public", str(file), "--from", "2026-01-01", "--until", "2027-01-01"]) == 0
    told = LedgerEntry.objects.get(action=Action.LEDGER_EXPORTED).content()
    assert told["details"] == {"public": True, "since": "2026-01-01", "until": "2027-01-01"}
    assert verify.main([str(file), "--fingerprint", sign_ledger.first_fingerprint()]) == 0
    assert "KRL4821" not in file.read_text()


def test_a_hand_over_next_to_the_period_is_shown_with_it(cast: Cast) -> None:
    _days(cast, 3)
    sign_ledger.change_key(footing(cast.auditor, at=START + 3 * DAY))
    handed_over = LedgerEntry.objects.filter(action=Action.LEDGER_KEY_CHANGED).latest("pk")
    _days(cast, 3, first=START + 4 * DAY)
    verdict = _checked(_log(START + 4 * DAY, START + 5 * DAY))
    assert verdict.shown == range(handed_over.pk, handed_over.pk + 5)
    assert verdict.first_at == f"{handed_over.at:%Y-%m-%dT%H:%MZ}"
