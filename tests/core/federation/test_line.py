"""The line between two departments: what is taken, and what is wrong with everything else."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from platekeeper.core.federation import line as lines
from platekeeper.core.federation.line import Fault, Invitation, Line, MessageRefused, invite, read_invitation
from platekeeper.core.federation.words import (
    AskRows,
    AskSearch,
    Besides,
    Found,
    SharedRead,
    answered_in,
    asked_in,
    plain,
)

AT = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
FALLS, MILL, OTHER = (Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32) for number in (1, 2, 3))
UID = "0123456789abcdef" * 2


def _public(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()


def _line(own: Ed25519PrivateKey, partner: Ed25519PrivateKey) -> Line:
    return Line(_public(own), _public(partner), own.sign)


ASKING, ANSWERING = _line(FALLS, MILL), _line(MILL, FALLS)
SEARCH = AskSearch(
    number=7, operator="Dee Detective", requestor="", requestor_agency="", purpose="stolen", offense="larceny",
    case_number="26-118", justification="blue sedan left the scene", none_prohibited=True, plate="ABC1234",
    since=AT - timedelta(days=3), until=AT, besides=Besides(states=["NY"], look_alikes=True),
)  # fmt: skip
READ = SharedRead(plate="ABC1234", state="NY", at=AT, place="Mill Road", latitude=43_048_100, longitude=-76_147_400)
REQUEST = ASKING.ask(plain(SEARCH), uid=UID, at=AT)
ANSWER = ANSWERING.answer(plain(Found(number=3, reads=[READ])), to=REQUEST, at=AT)


def test_a_search_and_its_answer_arrive_as_they_were_said() -> None:
    bundle = ANSWERING.take_request(REQUEST, at=AT)
    assert asked_in(lines.said_in(bundle)) == SEARCH
    assert lines.asker_of(REQUEST) == bundle.key
    assert answered_in(ASKING.take_answer(ANSWER, to=REQUEST, at=AT)) == Found(number=3, reads=[READ])


def _changed(message: bytes) -> bytes:
    return message.replace(b"ABC1234", b"ABC1235")


REFUSED_REQUESTS: dict[str, tuple[Callable[[], bytes], timedelta, Fault]] = {
    "changed": (lambda: _changed(REQUEST), timedelta(), Fault.BAD_SIGNATURE),
    "for somebody else": (
        lambda: _line(FALLS, OTHER).ask(plain(SEARCH), uid=UID, at=AT), timedelta(), Fault.WRONG_PARTY
    ),
    "of somebody else": (
        lambda: _line(OTHER, MILL).ask(plain(SEARCH), uid=UID, at=AT), timedelta(), Fault.WRONG_PARTY
    ),
    "old": (lambda: REQUEST, lines.FRESH + lines.APART + timedelta(seconds=1), Fault.STALE),
    "of the future": (lambda: REQUEST, -lines.APART - timedelta(seconds=1), Fault.STALE),
    "an answer": (lambda: ANSWER, timedelta(), Fault.NO_MESSAGE),
    "no JSON": (lambda: b"<html>", timedelta(), Fault.NO_MESSAGE),
    "too large": (lambda: b" " * (lines.LARGEST_REQUEST + 1), timedelta(), Fault.NO_MESSAGE),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED_REQUESTS)
def test_a_request_that_is_none_is_not_taken(what: str) -> None:
    message, later, fault = REFUSED_REQUESTS[what]
    with pytest.raises(MessageRefused) as refused:
        ANSWERING.take_request(message(), at=AT + later)
    assert refused.value.fault is fault


REFUSED_ANSWERS: dict[str, tuple[Callable[[], bytes], Fault]] = {
    "changed": (lambda: _changed(ANSWER), Fault.BAD_SIGNATURE),
    "to an earlier request": (
        lambda: ANSWERING.answer(plain(SEARCH), to=ASKING.ask(plain(SEARCH), uid=UID[::-1], at=AT), at=AT),
        Fault.OTHER_REQUEST,
    ),
    "of somebody else": (
        lambda: _line(OTHER, FALLS).answer(plain(SEARCH), to=REQUEST, at=AT), Fault.WRONG_PARTY
    ),
    "our own request": (lambda: REQUEST, Fault.NO_MESSAGE),
    "a gigabyte, cut off": (lambda: b"0" * (lines.LARGEST_ANSWER + 1), Fault.NO_MESSAGE),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED_ANSWERS)
def test_an_answer_that_is_none_is_not_taken(what: str) -> None:
    message, fault = REFUSED_ANSWERS[what]
    with pytest.raises(MessageRefused) as refused:
        ASKING.take_answer(message(), to=REQUEST, at=AT)
    assert refused.value.fault is fault


@given(place=st.integers(0, len(ANSWER) - 1), flip=st.integers(1, 255))
def test_no_byte_of_an_answer_can_be_another(place: int, flip: int) -> None:
    changed = bytearray(ANSWER)
    changed[place] ^= flip
    with pytest.raises(MessageRefused):
        ASKING.take_answer(bytes(changed), to=REQUEST, at=AT)


INVITATION = Invitation("Mill County", "NY0000001", "https://lpr.mill.example", _public(MILL))


def test_an_invitation_says_who_invites_for_a_while() -> None:
    message = invite(INVITATION, uid=UID, at=AT, sign=MILL.sign)
    assert read_invitation(b"\n" + message + b"\r\n", at=AT + timedelta(days=13)) == INVITATION
    with pytest.raises(MessageRefused, match="14 days"):
        read_invitation(message, at=AT + timedelta(days=15))


@pytest.mark.parametrize("key", [b"", b"\0" * 31])
def test_an_invitation_without_a_key_is_none(key: bytes) -> None:
    message = invite(replace(INVITATION, public=key), uid=UID, at=AT, sign=MILL.sign)
    with pytest.raises(MessageRefused):
        read_invitation(message, at=AT)


def test_nobody_invites_with_somebody_elses_key() -> None:
    with pytest.raises(MessageRefused) as refused:
        read_invitation(invite(INVITATION, uid=UID, at=AT, sign=OTHER.sign), at=AT)
    assert refused.value.fault is Fault.BAD_SIGNATURE


@pytest.mark.parametrize(
    "said",
    [
        {"what": "everything"}, {}, plain(SEARCH) | {"plate": "A" * 8_001}, plain(SEARCH) | {"since": "yesterday"},
        plain(SEARCH) | {"since": "2026-11-27T12:00:00"}, plain(SEARCH) | {"lprs": [1]},
        plain(AskRows("own", "stolen")) | {"after": -1},
    ],
)  # fmt: skip
def test_what_no_partner_asks_is_no_message(said: dict[str, object]) -> None:
    with pytest.raises(MessageRefused) as refused:
        asked_in(json.loads(json.dumps(said)))
    assert refused.value.fault is Fault.NO_MESSAGE


def test_a_signature_of_the_ledger_or_of_a_unit_is_none_of_a_partners() -> None:
    told = json.loads(REQUEST)
    told["signature"] = base64.b64encode(FALLS.sign(json.dumps(told["bundle"]).encode())).decode()
    with pytest.raises(MessageRefused):
        ANSWERING.take_request(json.dumps(told, sort_keys=True, separators=(",", ":")).encode(), at=AT)


@pytest.mark.parametrize("text", ["a\0", "\x1b[2J", "\x7f", "\ud800"])
@pytest.mark.parametrize("where", ["reason", "what", "an unknown field"])
def test_what_is_no_text_is_not_taken_and_not_repeated(where: str, text: str) -> None:
    said = {"what": "refused", "reason": "no"}
    said |= {where + text: "x"} if where not in said else {where: text}
    for take in (answered_in, asked_in):
        with pytest.raises(MessageRefused) as fault:
            take(said)
        assert text not in str(fault.value)


def test_a_text_has_lines_and_any_letters() -> None:
    said = {"what": "refused", "reason": "Non.\r\n\tDéjà vu 😀"}
    assert plain(answered_in(said))["reason"] == said["reason"]
