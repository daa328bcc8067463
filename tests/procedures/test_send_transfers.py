"""Routine transfers: due files are sent and received, and what stands in the way stops them before the next file."""

from __future__ import annotations

import base64
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings as live
from pytest_django import Settings

from platekeeper.core import transfer as signed
from platekeeper.core.formats.transfer_files import receipt
from platekeeper.core.rules.sharing import Share, Terms
from platekeeper.core.rules.transfers import Every
from platekeeper.server.ledger.lookups import key as ledger_key
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.policy import changes as policy
from platekeeper.server.procedures import keep_routines, manage_mous
from platekeeper.server.procedures.authority import RefusedAction, footing
from platekeeper.server.procedures.send_transfers import send_transfers
from platekeeper.server.procedures.sign_ledger import checkpoint
from platekeeper.server.register.evidence.basis import Status
from platekeeper.server.register.evidence.sharing import transfers
from platekeeper.server.sharing.lookups import late_transfers
from platekeeper.server.sharing.models import Dissemination, Mou, Routine, Transfer
from tests.cast import Cast
from tests.hotlist.traffic import drive_past
from tests.register.judging import until
from tests.sharing import make_mou

pytestmark = [pytest.mark.django_db, pytest.mark.records]
NOW = datetime.now(UTC).replace(hour=12)
DAY = timedelta(days=1)
RECEIVER = Ed25519PrivateKey.generate()
KEY = base64.b64encode(RECEIVER.public_key().public_bytes_raw()).decode()


@pytest.fixture
def cast(cast: Cast) -> Cast:
    draft = policy.open_draft(at=(at := NOW - 3 * DAY))
    policy.fill(draft, key="VI.l.how", value="both")
    policy.adopt(draft, at=at, by=cast.chief.pk, by_name=cast.chief.name, effective_at=at)
    checkpoint(at=at)
    return cast


@pytest.fixture
def share(tmp_path: Path) -> Path:
    (folder := tmp_path / "county").mkdir()
    return folder


def _mou(cast: Cast) -> Mou:
    return make_mou(cast, at=NOW, terms=Terms(days=9, only_hits=False))


def _routine(cast: Cast, mou: Mou, place: Path | str = "/mnt", **changed: Any) -> Routine:
    facts: dict[str, Any] = {
        "what": Share.READS, "purpose": "stolen", "form": Dissemination.Form.JSONL, "every": Every.DAY, "place": str(place),
        "begins_on": NOW.date(), "receiver_key": KEY,
    }  # fmt: skip
    return keep_routines.begin_routine(footing(cast.custodian, at=NOW), mou, **(facts | changed))


def _run(*, at: datetime) -> list[Transfer]:
    return send_transfers(clock=lambda: at)


def _laid(share: Path) -> list[str]:
    return sorted(each.name for each in share.glob("*/*"))


def _steps() -> list[str]:
    leaves = LedgerEntry.objects.filter(action="transfer_step").order_by("index")
    return [leaf.content()["details"]["step"] for leaf in leaves]


def test_a_routine_that_fails_stops_no_other_and_is_not_passed_over(cast: Cast, share: Path) -> None:
    mou = _mou(cast)
    broken = _routine(cast, mou)
    Routine.objects.filter(pk=broken.pk).update(every="decade")
    _routine(cast, mou, share)
    with pytest.raises(ValueError, match="decade"):
        _run(at=NOW + DAY)
    assert "manifest.json" in _laid(share)


def test_a_day_is_sent_once_it_is_over_with_a_signed_manifest_and_kept_until_its_receipt(
    cast: Cast, share: Path, settings: Settings
) -> None:
    drive_past(cast, ["ABC1234", "XYZ9999"], at=NOW)
    _routine(cast, _mou(cast), share)
    assert not _run(at=NOW)
    [sent] = _run(at=NOW + DAY)
    name = f"reads-{NOW.date()}.jsonl"
    assert _laid(share) == ["manifest.json", name]
    content = (share / sent.uid / name).read_bytes()
    assert {json.loads(line)["plate"] for line in content.splitlines()} == {"ABC1234", "XYZ9999"}
    line = (share / sent.uid / "manifest.json").read_bytes()
    bundle, known = signed.opened(line), ledger_key()
    assert known is not None
    signed.check(bundle, bytes(known.public_key))
    gone = Dissemination.objects.get(transfer=sent)
    assert bundle.content["files"] == [[name, gone.sha256, gone.size, 2, 0]]
    assert list((settings.HOME.outgoing / sent.uid).iterdir())

    assert not _run(at=NOW + DAY), "sent once, and no receipt yet"
    ours, forger = RECEIVER.public_key().public_bytes_raw(), Ed25519PrivateKey.generate()
    theirs = forger.public_key().public_bytes_raw()
    for public, by in ((theirs, forger), (ours, forger)):
        _lay_receipt(share, sent, receipt(line, uid="0" * 32, at=NOW, public=public, sign=by.sign))
        assert not _run(at=NOW + DAY)
    assert "signature does not hold" in Transfer.objects.get(pk=sent.pk).trouble
    _lay_receipt(share, sent, receipt(line, uid="1" * 32, at=NOW, public=ours, sign=RECEIVER.sign))
    assert _run(at=NOW + DAY) == [sent]
    assert not (settings.HOME.outgoing / sent.uid).exists()
    assert _steps() == ["begun", "sent", "stopped", "stopped", "received"]


def _lay_receipt(share: Path, transfer: Transfer, line: bytes) -> None:
    (share / transfer.uid / "receipt.json").write_bytes(line)


@pytest.mark.parametrize("how", ["suspended", "expired", "ended", "policy"])
def test_what_ends_mid_transfer_stops_it_before_the_next_file(cast: Cast, share: Path, how: str) -> None:
    mou = _mou(cast)
    _routine(cast, mou, share, receiver_key="")
    times = iter([NOW + 3 * DAY] * 4)

    def clock() -> datetime:
        """Let it happen once the first file is away."""
        at = next(times, NOW + 3 * DAY)
        if Dissemination.objects.exclude(ended_at=None).exists():
            match how:
                case "suspended" if "suspended" not in mou.steps.values_list("kind", flat=True):
                    manage_mous.suspend(footing(cast.custodian, at=at), mou, why="a leak")
                case "ended" if "ended" not in mou.steps.values_list("kind", flat=True):
                    manage_mous.end(footing(cast.chief, at=at), mou, why="over")
                case "policy" if policy.open_draft(at=at).values.get("VI.l.how") != "none":
                    draft = policy.open_draft(at=at)
                    policy.fill(draft, key="VI.l.how", value="none")
                    policy.adopt(draft, at=at, by=cast.chief.pk, by_name=cast.chief.name, effective_at=at)
                case "expired":
                    at = NOW + 31 * DAY
        return at

    send_transfers(clock=clock)
    assert len(_laid(share)) == 1
    stopped = Transfer.objects.exclude(trouble="").order_by("since").first()
    assert stopped is not None
    assert Dissemination.objects.exclude(ended_at=None).count() == 1, "no file after the first"
    assert "stopped" in _steps()


def test_what_is_suspended_while_a_file_is_made_does_not_leave(cast: Cast, share: Path, settings: Settings) -> None:
    mou = _mou(cast)
    _routine(cast, mou, share, receiver_key="")

    def clock() -> datetime:
        if [*settings.HOME.outgoing.glob("*/reads-*")] and not mou.steps.filter(kind="suspended").exists():
            manage_mous.suspend(footing(cast.custodian, at=NOW + DAY), mou, why="a leak")
        return NOW + DAY

    assert not send_transfers(clock=clock)
    assert _laid(share) == [] and not Dissemination.objects.exists()
    assert "suspended" in Transfer.objects.get().trouble and _steps() == ["begun", "stopped"]


def test_a_transfer_goes_on_where_it_stood_and_the_ledger_says_once_why_it_stood(cast: Cast, share: Path) -> None:
    _routine(cast, _mou(cast), share, receiver_key="")
    share.rename(away := share.with_name("unmounted"))
    for hours in (1, 2):
        assert not _run(at=NOW + DAY + timedelta(hours=hours))
    assert _steps() == ["begun", "stopped"]
    transfer = Transfer.objects.get()
    assert (transfer.tries, "is not there" in transfer.trouble) == (2, True)
    assert late_transfers(at=NOW + 3 * DAY) == [transfer]
    first = Dissemination.objects.get().sha256
    away.rename(share)
    assert _run(at=NOW + DAY + timedelta(hours=3)) == [transfer]
    assert Dissemination.objects.get().sha256 == first, "what was made is delivered as it is"
    outcomes = LedgerEntry.objects.filter(action="disseminated").order_by("index").values_list("outcome", flat=True)
    assert list(outcomes) == ["begun", "failed", "begun", "failed", "begun", "done"]
    assert late_transfers(at=NOW + 6 * DAY) == [Transfer.objects.get()]
    by = footing(cast.custodian, at=NOW + 2 * DAY)
    keep_routines.confirm_receipt(by, Transfer.objects.get(), receipt="Analyst Ames, by letter")
    assert not late_transfers(at=NOW + 6 * DAY)


def test_hits_are_sent_as_long_as_hits_are_kept_though_reads_go_within_minutes(cast: Cast, share: Path) -> None:
    draft = policy.open_draft(at=(at := NOW - 2 * DAY))
    policy.fill(draft, key="VI.k.no_hit", value="3 minutes")
    policy.adopt(draft, at=at, by=cast.chief.pk, by_name=cast.chief.name, effective_at=at)
    _routine(cast, _mou(cast), share, what=Share.HITS)
    [sent] = _run(at=NOW + DAY)
    assert _laid(share) == [f"hits-{NOW.date()}.jsonl", "manifest.json"]
    _run(at=NOW + 500 * DAY)
    assert not (live.HOME.outgoing / sent.uid).exists(), "past the time of hits its copies go"


def test_what_is_past_its_time_is_given_up_and_its_copies_go(cast: Cast, share: Path, settings: Settings) -> None:
    _routine(cast, _mou(cast), share.with_name("nowhere"), receiver_key="")
    _run(at=NOW + DAY)
    assert list(settings.HOME.outgoing.iterdir())
    make_mou(cast, at=NOW, title="a longer one", ends_on=NOW.date() + timedelta(days=300))
    _run(at=NOW + 200 * DAY)
    first = Transfer.objects.order_by("since").first()
    assert first is not None
    assert first.given_up_at
    assert not (settings.HOME.outgoing / first.uid).exists()
    judged = transfers(until(NOW + 201 * DAY))
    assert judged.status is Status.BREACH and "given up: their data was past its time" in judged.words
    keep_routines.end_routine(footing(cast.custodian, at=NOW + 201 * DAY), Routine.objects.get())
    judged = transfers(until(NOW + 202 * DAY))  # what ends later makes it no better
    assert judged.status is Status.BREACH and "given up: their data was past its time" in judged.words


@pytest.mark.parametrize(
    ("role", "changed", "said"),
    [
        ("detective", {}, "gives this to"),
        ("custodian", {"what": Share.SEARCHES}, "sends reads or hits"),
        ("custodian", {"purpose": "audit"}, "bars this purpose"),
        ("custodian", {"every": Every.MONTH}, "more often"),
    ],
)
def test_a_routine_is_begun_by_whom_the_policy_names_and_within_the_mou(
    cast: Cast, role: str, changed: dict[str, Any], said: str
) -> None:
    facts: dict[str, Any] = {
        "what": Share.READS, "purpose": "stolen", "form": Dissemination.Form.CSV, "every": Every.DAY, "place": "/mnt/county",
        "begins_on": NOW.date(),
    }  # fmt: skip
    with pytest.raises(RefusedAction, match=said):
        keep_routines.begin_routine(footing(getattr(cast, role), at=NOW), _mou(cast), **(facts | changed))


@pytest.mark.parametrize(
    "changed",
    [
        {"place": "county"},
        {"place": "http://data.example.gov/x"},
        {"place": "https://u@data.example.gov"},
        {"receiver_key": "x"},
    ],
)
def test_a_place_or_a_key_that_is_none_is_an_error(cast: Cast, changed: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"folder|44"):
        _routine(cast, _mou(cast), **({"place": "/mnt/county"} | changed))


def test_one_strange_destination_keeps_no_other_waiting_and_what_left_has_its_outcome(
    cast: Cast, share: Path, settings: Settings
) -> None:
    mou = _mou(cast)
    with strange() as address:
        strangers = [_routine(cast, mou, address), _routine(cast, mou, address), _routine(cast, mou, share)]
        settings.HOME.destination_tokens.mkdir()
        (settings.HOME.destination_tokens / f"{strangers[1].pk}.token").write_bytes(b"\xff")
        assert [sent.routine_id for sent in _run(at=NOW + DAY)] == [strangers[2].pk]
    first, second, third = Transfer.objects.order_by("routine")
    assert "no answer of a server" in first.trouble and second.trouble and not third.trouble
    outcomes = LedgerEntry.objects.filter(action="disseminated").order_by("index").values_list("outcome", flat=True)
    assert list(outcomes) == ["begun", "failed", "begun", "done"]


@contextmanager
def strange() -> Iterator[str]:
    """Serve one connection with what is no HTTP; give its address."""

    def serve() -> None:
        there, _ = listening.accept()
        with there:
            there.recv(65536)
            there.sendall(b"SSH-2.0-OpenSSH\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        thread.join(5)
