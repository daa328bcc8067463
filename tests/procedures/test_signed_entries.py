"""Signed entries are handed in once each, judged by what held when they were made, and keep both times (VII.f-g)."""

from __future__ import annotations

import json
import secrets
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.exceptions import ValidationError
from django.test import Client

from platekeeper.core.formats.signed_entries import SignedEntry, sign_entry
from platekeeper.core.ledger import canonical
from platekeeper.core.rules.field_entries import Ground
from platekeeper.server.cli.main import main
from platekeeper.server.hotlist.models import HotListEntry, SignedLine
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.personnel import changes as personnel
from platekeeper.server.procedures import search_lpr_data
from platekeeper.server.procedures.authority import RefusedAction, footing
from platekeeper.server.procedures.enter_in_field import FieldEntry, enter_in_field
from platekeeper.server.procedures.signed_entries import HandedIn, end_key, enroll_key, hand_in
from platekeeper.server.querylog.models import QueryLogEntry
from tests.cast import Cast
from tests.hotlist.making import NOW, records
from tests.hotlist.traffic import drive_past

pytestmark = records

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()
MADE = NOW - timedelta(hours=2)


@pytest.fixture
def cast(cast: Cast) -> Cast:
    _enroll(cast, lpr=cast.lpr)
    return cast


def _enroll(cast: Cast, *, public: bytes = PUBLIC, **whose: Any) -> None:
    enroll_key(footing(cast.administrator, at=NOW - timedelta(days=1)), public=public.hex(), **whose)


def _signed(
    plate: str = "KHB4471", ground: Ground = Ground.AMBER, *, made_at: datetime = MADE, uid: str = "",
    key: Ed25519PrivateKey = KEY, **more: Any,
) -> bytes:  # fmt: skip
    entry = SignedEntry(plate=plate, ground=ground, **{"member": "officer", **more})
    public = key.public_key().public_bytes_raw()
    return sign_entry(entry, uid=uid or secrets.token_hex(16), made_at=made_at, public=public, sign=key.sign)


def _hand_in(line: bytes, *, at: datetime = NOW) -> HandedIn:
    [handed_in] = hand_in(None, line + b"\n", at=at, via="command")
    return handed_in


def test_an_alert_stands_from_when_it_was_made_and_the_ledger_has_both_times(cast: Cast) -> None:
    drive_past(cast, ["KHB4471"], at=NOW - timedelta(hours=3))
    handed_in = _hand_in(_signed(jurisdiction="NY"))
    entry = HotListEntry.objects.get()
    assert (handed_in.line.state, handed_in.line.entry) == ("entered", entry)
    assert (entry.requested_at, entry.effective_at, entry.decided_at) == (MADE, MADE, NOW)
    assert (entry.requested_by, entry.state) == (cast.officer, "active")
    assert handed_in.result is not None and handed_in.result.prior_reads is not None
    assert QueryLogEntry.objects.get().by == cast.officer
    made, came = LedgerEntry.objects.filter(subject=f"entry:{entry.pk}").order_by("index")
    assert (made.action, made.clause, made.at) == ("entry_requested", "VII.g", NOW)
    assert made.content()["details"]["made_at"] == MADE.isoformat()
    assert (came.action, came.content()["details"]["made_at"]) == ("entry_handed_in", MADE.isoformat())


def test_a_look_that_took_too_long_keeps_no_other_line_out(cast: Cast) -> None:
    drive_past(cast, ["KHB4471", "XYZ9876"], at=NOW - timedelta(hours=3))
    lines = _signed() + b"\n" + _signed("XYZ9876") + b"\n"
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(search_lpr_data, "SECONDS", 0.0)
        handed_in = hand_in(None, lines, at=NOW, via="command")
    assert [each.line.state for each in handed_in] == ["entered", "entered"]
    assert [bool(each.result and each.result.stopped) for each in handed_in] == [True, True]


def test_what_need_not_be_entered_begins_when_it_is_handed_in(cast: Cast) -> None:
    _hand_in(_signed(ground=Ground.BOLO, stands=timedelta(hours=4)))
    entry = HotListEntry.objects.get()
    assert (entry.effective_at, entry.expires_at) == (NOW, NOW + timedelta(hours=4))


def test_a_directed_one_names_who_directed_it(cast: Cast) -> None:
    assert _hand_in(_signed(ground=Ground.DIRECTED)).line.clause == "VII.f.2"
    assert _hand_in(_signed(ground=Ground.DIRECTED, director="detective")).line.clause == "VII.f.2"
    assert _hand_in(_signed(ground=Ground.DIRECTED, director="sergeant")).line.state == "entered"
    assert HotListEntry.objects.get().directed_by == cast.sergeant


def test_handed_in_twice_it_is_entered_once_whoever_hands_it_in(cast: Cast) -> None:
    line = _signed()
    first = _hand_in(line).line
    before = LedgerEntry.objects.count()
    again = hand_in(footing(cast.sergeant, at=NOW), line + b"\n" + line, at=NOW + timedelta(days=9))
    assert [each.line for each in again] == [first, first]
    assert (LedgerEntry.objects.count(), HotListEntry.objects.count()) == (before, 1)


def test_another_entry_of_the_same_number_is_refused(cast: Cast) -> None:
    _hand_in(_signed(uid="a" * 32))
    replayed = _hand_in(_signed("XYZ9876", uid="a" * 32)).line
    assert (replayed.state, "of this number" in replayed.reason) == ("refused", True)
    assert HotListEntry.objects.count() == 1


OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"key": OTHER}, "No key of this fingerprint"),
        ({"made_at": NOW + timedelta(minutes=6)}, "in the future"),
        ({"made_at": NOW - timedelta(days=8)}, "was not enrolled when"),
        ({"member": "nobody"}, "not that of the member"),
        ({"member": "rookie"}, "No LPR training"),
        ({"member": "clerk"}, "policy gives this"),
        ({"plate": "NONE"}, "want of a plate"),
        ({"stands": timedelta(days=31)}, "30 days"),
        ({"ground": Ground.DIRECTED}, "Name who directed"),
    ],
)
def test_what_cannot_be_taken_is_kept_with_its_reason(cast: Cast, given: dict[str, Any], said: str) -> None:
    line = _signed(**given)
    kept = _hand_in(line).line
    assert (kept.state, said in kept.reason, bytes(kept.content)) == ("refused", True, line), kept.reason
    assert not HotListEntry.objects.exists()
    leaf = LedgerEntry.objects.get(action="entry_handed_in")
    assert (leaf.outcome, leaf.subject) == ("refused", f"signed-line:{kept.pk}")


def test_tampered_with_it_is_refused_and_kept(cast: Cast) -> None:
    said = json.loads(_signed())
    said["bundle"]["content"]["plate"] = "XYZ9876"
    for line, reason in (
        (canonical(said), "signature does not hold"),
        (b'{"bundle":', "cut off"),
        (b"\xff", "cut off"),
    ):
        kept = _hand_in(line).line
        assert (kept.state, reason in kept.reason) == ("refused", True)
    assert (SignedLine.objects.count(), HotListEntry.objects.count()) == (3, 0)


def test_too_late_over_or_on_the_list_already(cast: Cast) -> None:
    late = _hand_in(_signed(stands=timedelta(days=20)), at=MADE + timedelta(days=7)).line
    assert (late.state, "too late" in late.reason) == ("refused", True)
    assert _hand_in(_signed(stands=timedelta(hours=1))).line.state == "over"
    there = enter_in_field(footing(cast.sergeant, at=NOW), FieldEntry(plate="KHB4471", ground=Ground.AMBER)).entry
    known = _hand_in(_signed()).line
    assert (known.state, known.entry) == ("known", there)
    assert HotListEntry.objects.count() == 1


def test_it_is_judged_by_what_held_when_it_was_made(cast: Cast) -> None:
    personnel.set_active(cast.officer, active=False, at=NOW - timedelta(hours=1))
    assert _hand_in(_signed()).line.state == "entered"
    assert _hand_in(_signed("XYZ9876", made_at=NOW - timedelta(minutes=30))).line.state == "refused"


def test_a_members_key_signs_for_them_alone_and_an_ended_one_for_nobody(cast: Cast) -> None:
    _enroll(cast, public=OTHER.public_key().public_bytes_raw(), member=cast.sergeant)
    assert "not that of the member" in _hand_in(_signed(key=OTHER)).line.reason
    theirs = _hand_in(_signed(key=OTHER, member="sergeant")).line
    assert theirs.state == "entered" and theirs.key is not None
    end_key(footing(cast.administrator, at=NOW), theirs.key)
    assert "has ended since" in _hand_in(_signed("XYZ9876", key=OTHER, member="sergeant")).line.reason


@pytest.mark.parametrize("public", ["", "xyz", "00" * 31, PUBLIC.hex()])
def test_keys_are_enrolled_once_by_who_keeps_them(cast: Cast, public: str) -> None:
    with pytest.raises(RefusedAction):
        enroll_key(footing(cast.officer, at=NOW), public=public, lpr=cast.lpr)
    with pytest.raises(ValidationError):
        enroll_key(footing(cast.administrator, at=NOW), public=public, lpr=cast.lpr)


def test_from_the_command_line_without_network_and_back(
    cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key, file = tmp_path / "unit.key", tmp_path / "entries.jsonl"
    assert main(["entries", "key", str(key)]) == 0
    public = capsys.readouterr().out.strip()
    assert main(["entries", "key", str(key)]) == 1
    _enroll(cast, public=bytes.fromhex(public), member=cast.officer)
    for plate in ("KHB4471", "NONE"):
        sign = [
            "entries",
            "sign",
            plate,
            "--kind",
            "amber",
            "--key",
            str(key),
            "--member",
            "officer",
            "--to",
            str(file),
        ]
        assert main(sign) == 0
    assert main(["entries", "ingest", str(file)]) == 1  # one of the two is refused
    out = capsys.readouterr().out
    assert "1: entered" in out and "2: refused" in out
    assert HotListEntry.objects.get().plate == "KHB4471"
    assert main(["entries", "ingest", str(tmp_path / "none")]) == 1


def test_a_unit_hands_in_by_itself_with_its_key(cast: Cast, client: Client) -> None:
    made_at = datetime.now(NOW.tzinfo) - timedelta(minutes=1)
    sent = {"data": _signed(made_at=made_at), "content_type": "application/x-ndjson"}
    assert client.post("/api/entries", **sent).status_code == 401  # type: ignore[arg-type]
    bearer = {"Authorization": f"Bearer {cast.lpr_key}"}
    answer = client.post("/api/entries", headers=bearer, **sent)  # type: ignore[arg-type]
    assert [each["state"] for each in answer.json()["lines"]] == ["entered"]
    huge = client.post("/api/entries", headers=bearer, data=b"x" * 600_000, content_type="text/plain")
    assert huge.status_code == 413
