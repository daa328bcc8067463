"""The audit packet of a year: what is in it, that it verifies by itself, and that nothing in it can be changed."""

from __future__ import annotations

import csv
import io
import json
import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pypdf import PdfReader
from pytest_django import Settings

from platekeeper import verify
from platekeeper.core.ledger.notes import checkpoint as note_of
from platekeeper.core.rules.audits import Step
from platekeeper.core.rules.complaints import Finding
from platekeeper.core.rules.query_audit import sample
from platekeeper.server.cli.main import main
from platekeeper.server.ledger import signing
from platekeeper.server.ledger.actions import Action, Outcome
from platekeeper.server.ledger.chain import key_record
from platekeeper.server.ledger.lookups import line_of
from platekeeper.server.ledger.models import LedgerCheckpoint, LedgerEntry, LedgerKey
from platekeeper.server.ledger.public import published
from platekeeper.server.policy import changes as policy
from platekeeper.server.procedures import audit_packet, sign_ledger
from platekeeper.server.procedures.annual_chapters.authority import versions
from platekeeper.server.procedures.audit_packet import export_audit_packet
from platekeeper.server.procedures.authority import Footing, RefusedAction, footing
from platekeeper.server.procedures.dispose_lpr_data import dispose_lpr_data
from platekeeper.server.querylog.models import QueryLogEntry
from platekeeper.server.register.period import PeriodError, between
from platekeeper.server.retention import changes as retention
from platekeeper.server.retention.models import Drill
from tests.bags import bagged
from tests.cast import FOUNDED, Cast
from tests.letters import keep_dead_letter
from tests.web.access.barred import barred
from tests.web.access.oversight import complained
from tests.web.access.query_log import searched, under_review
from tests.web.access.sharing import left
from tests.web.access.violations import violated
from tests.web.making import STAMP

pytestmark = [pytest.mark.django_db, pytest.mark.records]
NOW = datetime.now(UTC)
AT = NOW + timedelta(hours=2)
"""When the packet is made: after all that the tests let happen, however long they wait for their turn."""
YEAR = AT.astimezone(ZoneInfo("America/New_York")).year
PLATE = "KRL4821"


def _live_through_a_year(cast: Cast) -> None:
    """Let something of everything happen that the packet tells of."""
    for number in range(60):
        at = NOW - timedelta(minutes=10 * number + 5)
        searched(cast, at=at, terms={"plate": PLATE, "lprs": []}, justification=f"the car of {PLATE}", purpose="wanted")
    found = QueryLogEntry.objects.order_by("pk")[:3]
    under_review(cast, Step.FINE, entry=found[0])
    under_review(cast, Step.MISUSE, Step.ENDED, entry=found[1])
    under_review(cast, Step.MISUSE, Step.UNFOUNDED, entry=found[2])
    complained(cast, findings=(Finding.MISREAD, Finding.STEPS_NOT_TAKEN))
    keep_dead_letter(lpr=cast.lpr, format="t", reason="r", payload=b"?", at=NOW - timedelta(days=200))
    dispose_lpr_data(at=NOW)
    for day in range(3):
        before = NOW - timedelta(minutes=day + 1)
        begun = retention.begin_backup(at=before, by=0, target="/backups", reached=True, policy=STAMP)
        retention.end_backup(
            begun, at=NOW if day else None, files=41, bytes=10**9, failure="" if day else "No space left."
        )
    retention.add_drill(
        Drill.Kind.RESTORE, at=NOW, by=0, passed=True, said="Restored and compared: equal.", policy=STAMP
    )
    violated(cast)
    barred(cast)
    left(cast)
    sign_ledger.checkpoint(at=NOW)


def _trusted(files: dict[str, bytes]) -> str:
    return verify.fingerprint(verify.first_key(files))


def _packet(by: Footing) -> dict[str, bytes]:
    with export_audit_packet(by, year=YEAR, at=AT) as files:
        return dict(files)


def _table(files: dict[str, bytes], name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files[f"data/{name}.csv"].decode())))


def test_a_version_that_comes_into_force_later_is_not_of_the_year(cast: Cast) -> None:
    year = between(date(YEAR, 1, 1), date(YEAR, 12, 31), now=AT)
    draft = policy.open_draft(at=FOUNDED)
    policy.adopt(draft, at=NOW, by=cast.chief.pk, by_name="Chief", effective_at=AT + timedelta(days=1))
    assert [row["version"] for row in versions(year).rows] == [draft.number - 1]


def test_a_year_in_one_packet(cast: Cast) -> None:
    _live_through_a_year(cast)
    by = footing(cast.auditor, at=AT)
    files = _packet(by)
    if folder := os.environ.get("PLATEKEEPER_SHOTS"):
        (Path(folder) / "audit-packet.pdf").write_bytes(files["data/report.pdf"])
    checked = verify.check_audit_packet(files, trusted=_trusted(files))
    assert checked.year == YEAR
    assert checked.log.shown
    report = "".join(page.extract_text() for page in PdfReader(io.BytesIO(files["data/report.pdf"])).pages)
    for heading in ("Authorized users", "Random survey of accesses", "Complaints", "Retention", "Backups", "Drills"):
        assert heading in report
    users = {row["name"]: row for row in _table(files, "authorized-users")}
    assert users["Dee Detective"]["authorized"] == "reach LPR data; make inquiries"
    assert users["Rory Rookie"]["last_training"] == users["Rory Rookie"]["authorized"] == ""
    assert [row["findings"] for row in _table(files, "complaints")] == [
        "misread by the LPR; both steps of VII.e were not taken"
    ]
    assert [row["failure"] for row in _table(files, "backups")].count("No space left.") == 1
    ended = [row["ended"] for row in _table(files, "findings-of-misuse")]
    assert all(ended) and [each.endswith(", unfounded") for each in ended] == [False, True]
    assert [(row["clause"], row["stands"]) for row in _table(files, "violations")] == [("VI.f", "assessed: founded")]
    assert [row["name"] for row in _table(files, "barred-places")] == ["Canal Street Clinic"]
    assert [row["stood"] for row in _table(files, "agreements")] == ["in force"]
    assert [row["agency"] for row in _table(files, "disseminations")] == ["Mill County Sheriff's Office"]
    assert {"data/policy.pdf", "data/clause-register.pdf", "data/verify.py"} <= files.keys()
    assert [path for path in files if path.startswith("data/certificates/")]


def test_the_survey_can_be_drawn_again_and_shows_no_plate(cast: Cast) -> None:
    _live_through_a_year(cast)
    files = _packet(footing(cast.chief, at=AT))
    leaf = LedgerEntry.objects.get(pk=json.loads(files["data/packet.json"])["survey_leaf"])
    numbers = list(QueryLogEntry.objects.values_list("pk", flat=True))
    drawn = sample(numbers, seed=bytes(leaf.leaf_hash).hex(), size=50)
    assert sorted(int(row["query"]) for row in _table(files, "random-survey")) == drawn
    assert not [path for path, content in files.items() if PLATE.encode() in content]


def test_what_is_changed_added_or_left_out_is_found(cast: Cast) -> None:
    _live_through_a_year(cast)
    files = _packet(footing(cast.auditor, at=AT))
    trusted = _trusted(files)
    payload = [path for path in files if path.startswith("data/")]
    for path in payload:
        kept = {
            other: content for other, content in files.items() if other.startswith("data/") or other == "bag-info.txt"
        }
        for changed in ({**kept, path: kept[path] + b" "}, {other: kept[other] for other in kept if other != path}):
            with pytest.raises(verify.UNFIT):
                verify.check_audit_packet(bagged(changed), trusted=trusted)
    with pytest.raises(verify.Fault, match="fingerprint"):
        verify.check_audit_packet(files, trusted="0" * 64)


def test_the_log_in_it_is_of_the_tree_that_is_signed_and_of_the_whole_year(cast: Cast, settings: Settings) -> None:
    """Its digest is in no leaf: the payload is named before the log is written."""
    for minutes in (40, 30, 20, 0):
        sign_ledger.export(None, openings=False, at=NOW - timedelta(minutes=minutes))
    files = _packet(footing(cast.auditor, at=AT))
    verify.check_audit_packet(files, trusted=_trusted(files))
    entry = LedgerEntry.objects.get(action=Action.AUDIT_PACKET_EXPORTED, outcome=Outcome.BEGUN)
    under = LedgerCheckpoint.objects.get(size=entry.pk + 1)
    moment = (NOW - timedelta(minutes=10), NOW + timedelta(minutes=10))
    year = (AT - timedelta(days=366), AT + timedelta(days=1))
    logs = [
        (published(since=moment[0], until=moment[1], under=under), "not all of the packet's time"),
        (published(since=year[0], until=year[1], under=LedgerCheckpoint.objects.earliest("size")), "does not end with"),
        (_of_another_ledger(settings), "does not end with"),
    ]
    for log, fault in logs:
        changed = {**files, "data/ledger/public-log.jsonl": "".join(log).encode()}
        with pytest.raises(verify.Fault, match=fault):
            verify.check_audit_packet(bagged(changed), trusted=_trusted(files))


def _of_another_ledger(settings: Settings) -> list[str]:
    """Return the public's log of one leaf that the same key signed."""
    key = LedgerKey.objects.get()
    private = signing.load(bytes(key.public_key), settings.HOME.ledger_keys)
    shown = verify.public_form(bytes(LedgerEntry.objects.latest("pk").body))
    root = verify.leaf_hash(verify.canonical(shown))
    note = note_of(origin=key.origin, size=1, root=root, public=bytes(key.public_key), sign=private.sign)
    begin = {"kind": "public", "v": 1, **key_record(key)}
    return [
        line_of(each)
        for each in (begin, {"kind": "shown", "index": 0, "shown": shown}, {"kind": "checkpoint", "note": note})
    ]


def test_the_ledger_says_before_and_after_that_it_was_handed_out(cast: Cast) -> None:
    _live_through_a_year(cast)
    files = _packet(footing(cast.auditor, at=AT))
    begun, done = LedgerEntry.objects.filter(action=Action.AUDIT_PACKET_EXPORTED).order_by("pk")
    assert (begun.outcome, done.outcome) == (Outcome.BEGUN, Outcome.DONE)
    assert begun.content()["details"]["payload"] == verify.exported(files)


@pytest.mark.parametrize("role", ["officer", "custodian", "sergeant", "detective"])
def test_others_are_refused(role: str, cast: Cast) -> None:
    with pytest.raises(RefusedAction):
        export_audit_packet(footing(cast.people()[role], at=AT), year=YEAR, at=AT)


def test_a_year_to_come_is_refused(cast: Cast) -> None:
    with pytest.raises(PeriodError):
        export_audit_packet(footing(cast.auditor, at=AT), year=YEAR + 1, at=AT)


def test_after_a_lost_key_the_packet_verifies_by_the_one_after_it(cast: Cast, settings: Settings) -> None:
    sign_ledger.checkpoint(at=NOW)
    for path in settings.HOME.ledger_keys.iterdir():
        path.unlink()
    sign_ledger.change_key(footing(cast.auditor, at=NOW))
    checked = verify.check_audit_packet(_packet(footing(cast.auditor, at=AT)), trusted=sign_ledger.first_fingerprint())
    assert checked.log.keys == [sign_ledger.first_fingerprint()]


def test_what_does_not_verify_is_not_handed_out_and_it_is_said(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(audit_packet, "published", lambda **_: iter(()))
    with pytest.raises(RefusedAction, match=r"Nothing was handed out: .*no checkpoint"):
        _packet(footing(cast.auditor, at=AT))
    assert LedgerEntry.objects.latest("pk").action == Action.ACTION_REFUSED
    assert main(["audit", "packet", "--year", str(YEAR), str(tmp_path / "packet")]) == 1
    assert capsys.readouterr().err.startswith("Nothing was handed out")


def test_the_command_writes_a_folder_that_verify_checks(
    cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "packet"
    assert main(["audit", "packet", "--year", str(YEAR), str(out)]) == 0
    assert verify.main([str(out), "--fingerprint", sign_ledger.first_fingerprint()]) == 0
    newest = (out / "data/ledger/checkpoint.txt").read_text()
    size, later = verify.read_checkpoint(newest).size, tmp_path / "later.txt"
    later.write_text(newest.replace(f"\n{size}\n", f"\n{size + 5}\n"))
    capsys.readouterr()
    asked = [str(out), "--fingerprint", sign_ledger.first_fingerprint(), "--held", str(later)]
    assert verify.main(asked) == 1  # handed over after the packet was made: nothing is wrong with either
    said = capsys.readouterr()
    assert "every byte" in said.out and said.err.startswith("NOT COMPARED") and f" {size + 5} leaves" in said.err
    assert main(["audit", "packet", "--year", str(YEAR), str(out)]) == 2
    assert main(["audit", "packet", "--year", str(YEAR), str(tmp_path / "packet.zip")]) == 0
    assert (tmp_path / "packet.zip").read_bytes()[:2] == b"PK"
