"""A unit whose key is in wrong hands, and the units beside it."""

from __future__ import annotations

import io
import json
import secrets
import tracemalloc
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings as live
from django.test import Client

from platekeeper.core.formats.reads_bundle import Signing, written
from platekeeper.core.formats.signed_entries import SignedEntry, sign_entry
from platekeeper.core.rules.field_entries import Ground
from platekeeper.core.transfer import TransferError
from platekeeper.server.equipment.changes import add_lpr
from platekeeper.server.equipment.models import LPR
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.procedures.authority import footing
from platekeeper.server.procedures.receive_bundle import receive_bundle, take_in
from platekeeper.server.procedures.signed_entries import enroll_key
from platekeeper.server.reads.models import BundleReceived
from platekeeper.server.storage.field_keys import field_keys
from tests.cast import Cast
from tests.hotlist.making import records

pytestmark = records
NOW = datetime.now(UTC)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()


@pytest.fixture
def cast(cast: Cast) -> Cast:
    enroll_key(footing(cast.administrator, at=NOW - timedelta(days=1)), public=PUBLIC.hex(), lpr=cast.lpr)
    return cast


def _post(cast: Cast, address: str, body: bytes) -> Any:
    headers = {"Authorization": f"Bearer {cast.lpr_key}"}
    return Client().post(address, body, content_type="application/json", headers=headers)


@pytest.mark.parametrize("name", ["plate", "jurisdiction", "reason", "authority", "case_number", "director", "member"])
@pytest.mark.parametrize("word", ["a\x00b", "x" * 240, "\u202e" * 30])
def test_a_word_in_a_signed_entry_holds_up_no_other(word: str, name: str, cast: Cast) -> None:
    told: dict[str, Any] = {"plate": "KHB4471", "member": "officer", name: word}
    lines = [
        sign_entry(
            SignedEntry(ground=Ground.AMBER, **each),
            uid=secrets.token_hex(16),
            made_at=NOW,
            public=PUBLIC,
            sign=KEY.sign,
        )
        for each in (told, {"plate": "ABC1234", "member": "officer"})
    ]
    answer = _post(cast, "/api/entries", b"\n".join(lines))
    assert answer.status_code == 200
    assert answer.json()["lines"][1]["state"] == "entered"


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2026-01-01T00:00:00Z"])
def test_an_act_at_the_end_of_the_world_is_taken(at: str, cast: Cast) -> None:
    act = {"uid": secrets.token_hex(16), "at": at, "kind": "step", "member": "a\x00", "plate": "\x00", "said": "b"}
    answer = _post(cast, "/api/unit/acts", json.dumps({"acts": [act]}).encode())
    assert answer.status_code == 200
    assert LedgerEntry.objects.filter(subject=f"unit-act:{act['uid']}").count() == 1


@pytest.mark.parametrize(
    "told", [{"sha256": "../../secrets.json"}, {"sha256": "", "after": 2**70}, {"sha256": "\x00", "since": "../x"}]
)
def test_rows_that_are_none_are_said_to_be_gone(told: dict[str, Any], cast: Cast) -> None:
    assert _post(cast, "/api/hot-list/rows", json.dumps(told).encode()).status_code == 404


def test_differences_of_long_lists_are_not_made_without_end(cast: Cast) -> None:
    asked = json.dumps({"sha256": "0" * 64, "since": "1" * 64}).encode()
    told = [_post(cast, "/api/hot-list/rows", asked).status_code for _ in range(40)]
    assert set(told) == {404, 429}


def _bundle(lpr: LPR, key: Ed25519PrivateKey, batch: bytes, *, uid: str) -> io.BytesIO:
    by = Signing(key.public_key().public_bytes_raw(), key.sign, to=field_keys(live.HOME.field_keys).public[1])
    return io.BytesIO(b"".join(written([(1, batch)], unit=lpr.pk, uid=uid, made_at=NOW, by=by)))


@pytest.mark.parametrize("breaks_off", [False, True])
def test_a_number_that_another_units_bundle_took_lets_go_of_no_reads(breaks_off: bool, cast: Cast) -> None:
    """Each bundle says its number in the clear, so that it can be read off a stick."""
    thiefs, uid = Ed25519PrivateKey.generate(), secrets.token_hex(16)
    other = add_lpr(name="Car 12", kind=LPR.Kind.MOBILE, zone="America/New_York", at=NOW)
    enroll_key(footing(cast.administrator, at=NOW), public=thiefs.public_key().public_bytes_raw().hex(), lpr=other)

    def takes_in(lpr: LPR, batch: bytes) -> dict[str, object]:
        if breaks_off and lpr == other:
            raise OSError
        return {"stored": 1, "repeated": 0, "dead_letters": 0, "past_ceiling": 0}

    with pytest.raises(OSError) if breaks_off else nullcontext():
        receive_bundle(_bundle(other, thiefs, b"[]", uid=uid), receive=takes_in, at=NOW)
    with pytest.raises(TransferError, match="from Car 12"):
        receive_bundle(_bundle(cast.lpr, KEY, b"[{}]", uid=uid), receive=takes_in, at=NOW)
    assert [each.lpr for each in BundleReceived.objects.all()] == [other]
    assert LedgerEntry.objects.filter(action="bundle_received", outcome="refused").count() == 1
    assert receive_bundle(_bundle(cast.lpr, KEY, b"[{}]", uid=uid[::-1]), receive=takes_in, at=NOW).lpr == cast.lpr


def test_a_bundle_of_millions_of_nothings_is_refused_in_little_memory(cast: Cast) -> None:
    bundle = _bundle(cast.lpr, KEY, b"[" + b"0," * (30 << 20) + b"0]", uid=secrets.token_hex(16))
    tracemalloc.start()
    try:
        with pytest.raises(TransferError, match="More than"):
            receive_bundle(bundle, receive=take_in(NOW), at=NOW)
        assert tracemalloc.get_traced_memory()[1] < 256 << 20
    finally:
        tracemalloc.stop()
