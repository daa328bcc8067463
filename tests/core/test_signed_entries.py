"""Signed entries: what was signed comes out as it was, and whatever is changed in between is found."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from platekeeper.core.formats.signed_entries import GOOD_FOR, SignedEntry, read_entry, sign_entry
from platekeeper.core.ledger import canonical
from platekeeper.core.rules.field_entries import Ground
from platekeeper.core.transfer import (
    LARGEST,
    LONGEST_LINE,
    MOST_LINES,
    TransferError,
    check,
    fingerprint,
    lines,
    opened,
    sealed,
)

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()
MADE = datetime(2026, 6, 1, 12, 0, 0, 123456, tzinfo=UTC)
UID = "0123456789abcdef" * 2
ENTRY = SignedEntry(member="olive", plate="KHB4471", ground=Ground.AMBER, jurisdiction="NY", reason="grün, 2 Türen")

_words = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)
_entries = st.builds(
    SignedEntry, member=_words, plate=_words, ground=st.sampled_from(Ground), jurisdiction=_words, reason=_words,
    authority=_words, case_number=_words, director=_words,
    stands=st.none() | st.integers(1, 30 * 86_400).map(lambda seconds: timedelta(seconds=seconds)),
)  # fmt: skip


def line(entry: SignedEntry = ENTRY, *, made_at: datetime = MADE) -> bytes:
    return sign_entry(entry, uid=UID, made_at=made_at, public=PUBLIC, sign=KEY.sign)


@given(_entries, st.datetimes(datetime(2001, 1, 1), datetime(2199, 1, 1)))
def test_what_was_signed_comes_out_as_it_was(entry: SignedEntry, naive: datetime) -> None:
    made_at = naive.replace(tzinfo=UTC)
    bundle = opened(line(entry, made_at=made_at))
    check(bundle, PUBLIC)
    assert read_entry(bundle) == entry
    assert (bundle.uid, bundle.made_at, bundle.expires_at) == (UID, made_at, made_at + GOOD_FOR)


@given(st.integers(0), st.integers(1, 255))
def test_a_change_of_any_byte_is_found(place: int, by: int) -> None:
    changed = bytearray(line())
    changed[place % len(changed)] ^= by
    with pytest.raises(TransferError):
        check(opened(bytes(changed)), PUBLIC)


@given(st.integers(0), st.integers(0), st.binary(max_size=8))
def test_what_is_cut_out_or_put_in_is_found(first: int, second: int, put_in: bytes) -> None:
    whole = line()
    begin, end = sorted((first % len(whole), second % (len(whole) + 1)))
    changed = whole[:begin] + put_in + whole[end:]
    if changed.removesuffix(b"\r") != whole:
        with pytest.raises(TransferError):
            check(opened(changed), PUBLIC)


@pytest.mark.parametrize("name", ["kind", "uid", "key", "made_at", "expires_at", "content"])
def test_a_field_exchanged_for_that_of_another_bundle_is_found(name: str) -> None:
    other = Ed25519PrivateKey.from_private_bytes(bytes(32))
    theirs = json.loads(
        sealed({"x": 1}, kind="other", uid="f" * 32, made_at=MADE + timedelta(days=1),
               expires_at=MADE + timedelta(days=2), public=other.public_key().public_bytes_raw(), sign=other.sign)
    )  # fmt: skip
    ours = json.loads(line())
    ours["bundle"][name] = theirs["bundle"][name]
    with pytest.raises(TransferError):
        check(opened(canonical(ours)), PUBLIC)


def test_another_key_did_not_sign_it() -> None:
    other = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key().public_bytes_raw()
    with pytest.raises(TransferError, match="another key"):
        check(opened(line()), other)
    forged = json.loads(line())
    forged["bundle"]["key"] = fingerprint(other)
    with pytest.raises(TransferError, match="signature does not hold"):
        check(opened(canonical(forged)), other)


@given(st.binary(max_size=200))
def test_whatever_comes_is_a_bundle_or_a_clear_refusal(content: bytes) -> None:
    with pytest.raises(TransferError):
        opened(content)


@pytest.mark.parametrize(
    "content",
    [b"[" * 5000, b"{" * 5000, b"1e999", b"null", b"[]", b'{"bundle":1,"signature":""}', b"x" * (LONGEST_LINE + 1)],
)
def test_shapes_that_are_no_bundle(content: bytes) -> None:
    with pytest.raises(TransferError):
        opened(content)


_LEAST = {"ground": "amber", "member": "o", "plate": "A"}


@pytest.mark.parametrize(
    "content",
    [
        {}, {"ground": "amber"}, {**_LEAST, "ground": "joyride"}, {**_LEAST, "plate": 1}, {**_LEAST, "more": "x"},
        {**_LEAST, "stands": 0}, {**_LEAST, "stands": True}, {**_LEAST, "member": "o" * 300},
    ],
)  # fmt: skip
def test_a_bundle_that_holds_no_entry(content: dict[str, object]) -> None:
    made = {"uid": UID, "made_at": MADE, "expires_at": MADE + GOOD_FOR, "public": PUBLIC, "sign": KEY.sign}
    for kind in ("field-entry", "reads"):
        with pytest.raises(TransferError):
            read_entry(opened(sealed(content, kind=kind, **made)))  # type: ignore[arg-type] # the table mixes types


def test_a_file_has_a_line_a_bundle_and_keeps_within_its_limits() -> None:
    assert [*lines(line() + b"\r\n\n" + line() + b"\n" + line()[:50])] == [line() + b"\r", line(), line()[:50]]
    assert opened(line() + b"\r") == opened(line())
    for content in (b"x" * (LARGEST + 1), b"x\n" * (MOST_LINES + 1)):
        with pytest.raises(TransferError):
            [*lines(content)]
