"""What the department records of its units: lists issued, bundles received, acts told. On both databases."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings as live

from platekeeper.core.formats.reads_bundle import Signing, written
from platekeeper.core.hotlists.issued import GOOD_FOR, read_issue
from platekeeper.core.transfer import TransferError, opened
from platekeeper.server.equipment.models import LPR
from platekeeper.server.hotlist.models import HotListUpload
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.procedures.authority import RefusedAction, footing
from platekeeper.server.procedures.enter_alert import decide_entry
from platekeeper.server.procedures.issue_hot_list import Issue, NoSuchRows, issue_hot_list, rows_in_force, rows_since
from platekeeper.server.procedures.receive_bundle import AlreadyReceived, receive_bundle
from platekeeper.server.procedures.record_unit_acts import UnitAct, record_unit_acts
from platekeeper.server.procedures.signed_entries import enroll_key
from platekeeper.server.storage.field_keys import field_keys
from tests import touring
from tests.cast import Cast
from tests.hotlist.making import ask, deliver, file, line, made_a_unit, records

pytestmark = records
NOW = datetime.now(UTC)
BATCH = json.dumps([{"plate": "ABC1234", "captured_at": NOW.isoformat(), "event_id": "e1"}]).encode()


def _issued(cast: Cast, *, known: str = "", at: datetime = NOW) -> tuple[Issue, str]:
    issue = issue_hot_list(cast.lpr, known=known, at=at)
    assert issue is not None
    return issue, str(opened(issue.line).content["sha256"])


def test_a_list_is_issued_anew_when_it_changed_or_half_its_day_is_over(cast: Cast) -> None:
    deliver(file(line("ABC1234")), by=cast.custodian, at=NOW)
    issue, digest = _issued(cast)
    public = field_keys(live.HOME.field_keys).public[0]
    bundle, contents = read_issue(issue.line, issue.contents, unit=cast.lpr.pk, public=public)
    assert bundle.expires_at - bundle.made_at == GOOD_FOR
    assert [each.slug for each in contents.lists] == ["portal"]
    assert issue_hot_list(cast.lpr, known=digest, at=NOW + GOOD_FOR / 3) is None
    assert _issued(cast, known=digest, at=NOW + GOOD_FOR / 2)[1] == digest, "for another day"
    deliver(file(line("ABC1234"), line("XYZ9876")), by=cast.custodian, at=NOW + timedelta(minutes=1))
    assert _issued(cast, known=digest)[1] != digest
    assert HotListUpload.objects.count() == LedgerEntry.objects.filter(action="hot_list_issued").count() == 3


def test_what_a_unit_has_not_got_is_issued_to_it_once_and_it_is_noted_when_it_has(cast: Cast) -> None:
    deliver(file(line("ABC1234")), by=cast.custodian, at=NOW)
    first, digest = _issued(cast)
    assert _issued(cast, at=NOW + timedelta(minutes=5))[0] == first, "the same line"
    upload = HotListUpload.objects.get()
    assert upload.held_at is None and LedgerEntry.objects.filter(action="hot_list_issued").count() == 1
    for minutes in (6, 7):
        assert issue_hot_list(cast.lpr, known=digest, at=NOW + timedelta(minutes=minutes)) is None
    upload.refresh_from_db()
    assert upload.held_at == NOW + timedelta(minutes=6)
    assert _issued(cast, at=NOW + timedelta(minutes=8))[0] != first, "it had it, and lost it"
    assert HotListUpload.objects.count() == 2


def test_a_renewal_that_did_not_come_is_not_had(cast: Cast) -> None:
    deliver(file(line("ABC1234")), by=cast.custodian, at=NOW)
    _, digest = _issued(cast)
    first = HotListUpload.objects.get()
    half, again = NOW + GOOD_FOR / 2, NOW + GOOD_FOR / 2 + timedelta(minutes=1)
    assert issue_hot_list(cast.lpr, known=digest, uid=first.uid, at=half) is not None
    renewed = HotListUpload.objects.exclude(pk=first.pk).get()
    assert issue_hot_list(cast.lpr, known=digest, uid=first.uid, at=again) is not None
    renewed.refresh_from_db()
    assert (renewed.held_at, HotListUpload.objects.count()) == (None, 2)
    for uid in (renewed.uid, first.uid, renewed.uid):  # as two commands of a unit do, each of which names what it has
        issue_hot_list(cast.lpr, known=digest, uid=uid, at=again)
    assert HotListUpload.objects.count() == 2


def test_a_unit_has_what_it_had_while_something_newer_is_on_its_way(cast: Cast) -> None:
    made_a_unit(cast, cast.lpr)
    deliver(file(line("ABC1234")), by=cast.custodian, at=NOW)
    by, (_, digest) = footing(cast.officer, at=NOW), _issued(cast)
    with pytest.raises(RefusedAction, match="has not said"):
        touring.begin(by, cast.lpr)
    entry = ask(cast.officer, "LMN5555", at=NOW)
    decide_entry(footing(cast.custodian, at=NOW), entry.entry.pk, approve=True)
    _issued(cast, known=digest)  # has the first, and is sent the entry
    assert touring.begin(by, cast.lpr).checks.get(question="hot_list").answer == "ours"


def test_rows_are_given_by_digest_and_as_what_changed(cast: Cast) -> None:
    deliver(file(line("ABC1234")), by=cast.custodian, at=NOW)
    _issued(cast)
    (before,) = HotListUpload.objects.get().files
    assert rows_in_force(before, after=5, most=10) == rows_in_force(before)[5:15]
    deliver(file(line("ABC1234"), line("XYZ9876")), by=cast.custodian, at=NOW + timedelta(minutes=1))
    _issued(cast)
    (after,) = HotListUpload.objects.latest("pk").files
    assert rows_since(cast.lpr, sha256=after, known=before)
    for sha256, known in ((before, after), (after, "00" * 32)):
        with pytest.raises(NoSuchRows):
            rows_since(cast.lpr, sha256=sha256, known=known)


def _bundle(cast: Cast, key: Ed25519PrivateKey, *, uid: str = "ab" * 16) -> io.BytesIO:
    by = Signing(key.public_key().public_bytes_raw(), key.sign, field_keys(live.HOME.field_keys).public[1])
    return io.BytesIO(b"".join(written([(1, BATCH)] * 2, unit=cast.lpr.pk, uid=uid, made_at=NOW, by=by)))


def test_a_bundle_that_broke_off_goes_on_and_one_that_is_whole_is_refused_with_its_receipt(cast: Cast) -> None:
    key, came = Ed25519PrivateKey.generate(), list[bytes]()
    with pytest.raises(TransferError, match="somebody else's"):
        receive_bundle(_bundle(cast, key), receive=lambda _lpr, _batch: {}, at=NOW)
    enroll_key(footing(cast.administrator, at=NOW), public=key.public_key().public_bytes_raw().hex(), lpr=cast.lpr)

    def broken(_lpr: LPR, _batch: bytes) -> dict[str, Any]:
        raise OSError("the power went")

    def whole(lpr: LPR, batch: bytes) -> dict[str, Any]:
        assert lpr == cast.lpr
        came.append(batch)
        return {"stored": 1, "repeated": 0, "dead_letters": 0, "past_ceiling": 0, "ids": []}

    with pytest.raises(OSError, match="power"):
        receive_bundle(_bundle(cast, key), receive=broken, at=NOW)
    received = receive_bundle(_bundle(cast, key), receive=whole, at=NOW)
    assert came == [BATCH, BATCH]
    assert (received.reads, received.counts["stored"]) == (2, 2)
    with pytest.raises(AlreadyReceived) as twice:
        receive_bundle(_bundle(cast, key), receive=broken, at=NOW)
    assert twice.value.receipt == bytes(received.receipt)
    leaves = LedgerEntry.objects.filter(action="bundle_received").order_by("index")
    assert [leaf.outcome for leaf in leaves] == ["refused", "begun", "begun", "done", "refused"]
    assert str(leaves[4].content()["details"]["reason"]).startswith("This bundle was received already on")


def test_an_act_is_in_the_ledger_once(cast: Cast) -> None:
    acts = [UnitAct("01" * 16, NOW, "look_up", "officer", "ABC1234", "AMBER Alert")]
    for _ in range(2):
        record_unit_acts(cast.lpr, acts, at=NOW)
    leaf = LedgerEntry.objects.get(action="unit_act")
    assert (leaf.clause, leaf.content()["details"]["lpr"]) == ("VII.g", cast.lpr.pk)


def test_a_step_that_takes_back_another_is_in_the_ledger_beside_it_whatever_is_told_again(cast: Cast) -> None:
    differs, agrees = (
        UnitAct(f"{number:032x}", NOW + timedelta(minutes=number), "step", "officer", "ABC1234", said)
        for number, said in enumerate(("image_differs", "image_verified"))
    )
    for told in ([differs, agrees], [agrees, differs], [agrees]):
        record_unit_acts(cast.lpr, told, at=NOW)
    leaves = LedgerEntry.objects.filter(action="unit_act").order_by("index")
    assert [leaf.content()["details"]["at"] for leaf in leaves] == [differs.at.isoformat(), agrees.at.isoformat()]
