"""Reads on a memory stick: one byte changed, half a bundle, somebody else's, one twice. Each is refused, nothing is lost."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from django.conf import settings as live
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django.live_server_helper import LiveServer

from platekeeper.core.transfer import TransferError
from platekeeper.field import bundle as bundles
from platekeeper.field.bundle import export, take_receipt
from platekeeper.field.erasing import erase, make_room
from platekeeper.field.home import Enrollment, UnitHome
from platekeeper.field.link import Link
from platekeeper.field.spool import ALARM, OTHER, Spool
from platekeeper.field.upload import Uploader
from platekeeper.server.api import first, patience
from platekeeper.server.cli.main import main
from platekeeper.server.hotlist.models import EntryKey
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.procedures.authority import footing
from platekeeper.server.procedures.receive_reads import close_intakes
from platekeeper.server.procedures.signed_entries import end_key, enroll_key
from platekeeper.server.procedures.stores import read_store
from platekeeper.server.reads.models import BundleReceived
from platekeeper.server.storage.field_keys import field_keys
from tests.cast import Cast
from tests.field.making import keep, sighting, spool_in
from tests.web.making import signed_in

NOW = datetime.now(UTC)
READS = 40


@pytest.fixture
def home(cast: Cast, tmp_path: Path) -> UnitHome:
    made = UnitHome(tmp_path / "unit")
    signs, opens = (key.hex() for key in field_keys(live.HOME.field_keys).public)
    made.enroll(Enrollment("https://lpr.example.org", "", "Harbor Falls", cast.lpr.pk, cast.lpr.name, signs, opens))
    public = made.signing_key().public_key().public_bytes_raw().hex()
    enroll_key(footing(cast.administrator, at=NOW), public=public, lpr=cast.lpr)
    return made


@pytest.fixture
def spool(home: UnitHome) -> Iterator[Spool]:
    made = spool_in(home.folder)
    for number in range(READS):
        keep(made, sighting(number, at=NOW - timedelta(minutes=5)), rank=OTHER if number % 9 else ALARM)
    yield made
    made.close()


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    (tmp_path / "stick").mkdir()
    return tmp_path / "stick"


def _export(spool: Spool, home: UnitHome, stick: Path) -> Path:
    (written,) = export(spool, stick, enrollment=home.enrollment, key=home.signing_key())
    return written.place


def _stored() -> int:
    store = read_store()
    return sum(sum(store.count(day).values()) for day in store.days())


def _receipt(spool: Spool, home: UnitHome, bundle: Path) -> int:
    return take_receipt(spool, bundle.with_suffix(".receipt").read_bytes(), enrollment=home.enrollment)


def test_there_and_back(spool: Spool, home: UnitHome, stick: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bundle = _export(spool, home, stick)
    assert b"R000001" not in bundle.read_bytes()
    assert spool.counts() == {"": READS}, "written is not handed over"

    assert main(["reads", "receive", str(stick)]) == 0
    assert "40 reads of Bridge Street east. 40 stored" in capsys.readouterr().out
    assert _stored() == READS
    assert erase(spool, after=timedelta(0)) == 0, "nothing goes before the receipt"
    assert _receipt(spool, home, bundle) == READS
    assert spool.counts() == {"receipted": READS}
    assert erase(spool, after=timedelta(hours=1)) == 0
    assert erase(spool, after=timedelta(0)) == READS
    assert spool.counts() == {}
    leaves = LedgerEntry.objects.filter(action="bundle_received").order_by("index")
    assert [leaf.outcome for leaf in leaves] == ["begun", "done"]


def test_a_bundle_waits_while_the_server_takes_no_more_of_its_unit(
    spool: Spool, home: UnitHome, stick: Path, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "WITHIN", 2.0)
    monkeypatch.setattr(first, "AGAIN", "1")
    patience.READS.forget()
    patience.READS.spend(home.enrollment.unit, patience.READS.most, now=time.monotonic())
    bundle = _export(spool, home, stick)
    assert main(["reads", "receive", str(stick), "--server", live_server.url]) == 0
    assert _receipt(spool, home, bundle) == READS
    close_intakes()


def test_bundles_are_handed_in_on_a_page(spool: Spool, home: UnitHome, stick: Path, cast: Cast) -> None:
    bundle, page = _export(spool, home, stick), signed_in(cast.custodian)
    whole = bundle.read_bytes()
    files = [SimpleUploadedFile("half.reads", whole[:-50]), SimpleUploadedFile("whole.reads", whole)]
    for told in (
        ("half.reads: refused", "40 reads of Bridge Street east are in"),
        ("half.reads", "received already on"),
    ):
        said = page.post("/lprs/bundles/", {"bundles": files}, follow=True).content.decode()
        assert [each for each in told if each not in said] == []
        for file in files:
            file.seek(0)
    (received,) = BundleReceived.objects.all()
    bundle.with_suffix(".receipt").write_bytes(page.get(f"/lprs/bundles/{received.uid}/receipt/").content)
    assert _receipt(spool, home, bundle) == READS
    leaf = LedgerEntry.objects.filter(action="bundle_received", outcome="done").get()
    assert leaf.person == cast.custodian.pk


def test_a_bundle_twice_is_refused_with_its_receipt_again(
    spool: Spool, home: UnitHome, stick: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = _export(spool, home, stick)
    assert main(["reads", "receive", str(bundle)]) == 0
    receipt = bundle.with_suffix(".receipt")
    first = receipt.read_bytes()
    receipt.unlink()
    assert main(["reads", "receive", str(bundle)]) == 1
    assert "received already on" in capsys.readouterr().err
    assert _stored() == READS
    assert receipt.read_bytes() == first
    assert (_receipt(spool, home, bundle), _receipt(spool, home, bundle)) == (READS, READS)


def test_every_changed_byte_and_every_half_is_refused(
    spool: Spool, home: UnitHome, stick: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = _export(spool, home, stick).read_bytes()
    spoiled = stick / "spoiled.reads"
    trailer = whole.rindex(b"\0\0\0\0{")
    places = [*range(26), *range(26, trailer, max(1, trailer // 60)), *range(trailer, len(whole), 7)]
    for place in places:
        spoiled.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert main(["reads", "receive", str(spoiled)]) == 1
        said = capsys.readouterr().err
        assert "refused" in said, place
        assert "changed" in said or "cut off" in said or "no bundle" in said, (place, said)
    for length in (0, 10, 24, 1000, len(whole) // 2, trailer, trailer + 4, len(whole) - 1):
        spoiled.write_bytes(whole[:length])
        assert main(["reads", "receive", str(spoiled)]) == 1
        said = capsys.readouterr().err
        assert "cut off" in said or "no bundle" in said, (length, said)
    assert _stored() == 0
    assert not spoiled.with_suffix(".receipt").exists()
    assert spool.counts() == {"": READS}
    assert BundleReceived.objects.count() == 0
    refused = LedgerEntry.objects.filter(action="bundle_received", outcome="refused").count()
    assert refused == len(places) + 8

    spoiled.write_bytes(whole)
    assert main(["reads", "receive", str(spoiled)]) == 0
    assert _stored() == READS


def test_somebody_elses_bundle_is_refused(
    cast: Cast, spool: Spool, home: UnitHome, stick: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stranger = Ed25519PrivateKey.generate()
    elsewhere = Enrollment(
        **{**_facts(home), "opens": X25519PrivateKey.generate().public_key().public_bytes_raw().hex()}
    )
    renamed = Enrollment(**{**_facts(home), "unit": cast.lpr.pk + 1})
    cases = (
        (home.enrollment, stranger, "somebody else's bundle"),
        (renamed, home.signing_key(), "another LPR"),
        (elsewhere, home.signing_key(), "another department"),
    )
    for enrollment, key, why in cases:
        (written,) = export(spool, stick, enrollment=enrollment, key=key)
        assert main(["reads", "receive", str(written.place)]) == 1
        assert why in capsys.readouterr().err
    assert _stored() == 0

    (good,) = export(spool, stick, enrollment=home.enrollment, key=home.signing_key())
    end_key(footing(cast.administrator, at=NOW), EntryKey.objects.get(lpr=cast.lpr))
    assert main(["reads", "receive", str(good.place)]) == 1
    assert "has ended" in capsys.readouterr().err
    assert spool.counts() == {"": READS}


def test_a_receipt_of_something_else_lets_go_of_nothing(
    spool: Spool, home: UnitHome, stick: Path, tmp_path: Path
) -> None:
    bundle = _export(spool, home, stick)
    main(["reads", "receive", str(bundle)])
    receipt = bundle.with_suffix(".receipt").read_bytes()
    elsewhere = spool_in(tmp_path / "elsewhere")
    cases = [
        (spool, receipt.replace(b'"stored":40', b'"stored":41'), home.enrollment, "does not hold"),
        (spool, receipt[:100], home.enrollment, "cut off"),
        (spool, receipt, Enrollment(**{**_facts(home), "unit": 99}), "this unit's"),
        (spool, receipt, Enrollment(**{**_facts(home), "signs": "11" * 32}), "another key"),
        (elsewhere, receipt, home.enrollment, "no such bundle"),
    ]
    for each, content, enrollment, why in cases:
        with pytest.raises(TransferError, match=why):
            take_receipt(each, content, enrollment=enrollment)
    assert spool.counts() == {"": READS}


def test_what_went_up_by_network_too_is_stored_once(
    spool: Spool, home: UnitHome, stick: Path, link: Link, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = _export(spool, home, stick)
    assert Uploader(spool, link).run() == READS
    assert main(["reads", "receive", str(bundle), "--server", link.server]) == 0
    assert "0 stored, 40 known already" in capsys.readouterr().out
    assert _stored() == READS
    assert spool.counts() == {"kept": READS}


def test_a_power_cut_while_a_bundle_is_written_loses_neither_it_nor_its_receipt(
    spool: Spool, home: UnitHome, stick: Path
) -> None:
    bundle = _export(spool, home, stick)
    with spool.changing() as rows:
        rows.execute("UPDATE bundles SET sha256 = ''")  # cut off after the file was there
    again = _export(spool, home, stick)
    assert main(["reads", "receive", str(stick)]) == 0
    assert (_receipt(spool, home, again), _receipt(spool, home, bundle)) == (READS, READS)
    assert _stored() == READS


def test_a_full_or_missing_stick_costs_nothing(spool: Spool, home: UnitHome, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        export(spool, tmp_path / "gone", enrollment=home.enrollment, key=home.signing_key())
    assert spool.counts() == {"": READS}


def test_many_reads_make_several_bundles(
    spool: Spool, home: UnitHome, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundles, "MOST_OF_A_BUNDLE", 10_000)
    written = export(spool, stick, enrollment=home.enrollment, key=home.signing_key())
    assert len(written) > 1
    assert sum(each.reads for each in written) == READS
    assert main(["reads", "receive", str(stick)]) == 0
    for each in written:
        _receipt(spool, home, each.place)
    assert spool.counts() == {"receipted": READS}


def test_room_is_made_of_what_the_department_has(spool: Spool, link: Link) -> None:
    assert make_room(spool) == 0
    Uploader(spool, link).run()
    keep(spool, sighting(99, at=NOW))
    assert make_room(spool, reads=10_000) == READS
    assert spool.counts() == {"": 1}


def _facts(home: UnitHome) -> dict[str, Any]:
    return asdict(home.enrollment)
