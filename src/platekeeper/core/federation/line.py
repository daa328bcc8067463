"""The line between two departments: what either end signs, and what it takes from the other.

Every message is a bundle of `core.transfer`. A request names the key of its receiver, an answer that and the digest of its
request: neither can be handed to somebody else, nor an old answer to a new request. A request is good for `FRESH`; whoever
takes one remembers its number for `REMEMBERED` and takes no number twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from platekeeper.core.transfer import Bundle, Sign, TransferError, check, fingerprint, opened, sealed

INVITATION, REQUEST, ANSWER = "partner-invitation", "partner-request", "partner-answer"
INVITED_FOR = timedelta(days=14)
FRESH, APART = timedelta(minutes=2), timedelta(minutes=2)
"""How long a message is good, and how far apart two departments' clocks may be."""
REMEMBERED = FRESH + 2 * APART
LARGEST_INVITATION, LARGEST_REQUEST, LARGEST_ANSWER = 4 * 1024, 16 * 1024, 1024 * 1024
"""Bytes."""
_MOST_TEXT = 240


class Fault(StrEnum):
    """What is wrong with a message that is not taken."""

    NO_MESSAGE = "no_message"
    WRONG_PARTY = "wrong_party"
    BAD_SIGNATURE = "bad_signature"
    STALE = "stale"
    OTHER_REQUEST = "other_request"


class MessageRefused(ValueError):
    """A message is not taken; `fault` and the message say why."""

    def __init__(self, fault: Fault, message: str) -> None:
        super().__init__(message)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Invitation:
    """Who invites: the department's name and ORI, where its server is reached, and its public key (32 bytes)."""

    department: str
    ori: str
    address: str
    public: bytes

    @property
    def fingerprint(self) -> str:
        """What two people compare before their departments are connected."""
        return fingerprint(self.public)


@dataclass(frozen=True, slots=True)
class Line:
    """One end of a connection: the own key and what signs with it, and the partner's key (32 bytes each)."""

    own: bytes
    partner: bytes
    sign: Sign

    def ask(self, said: Mapping[str, Any], *, uid: str, at: datetime) -> bytes:
        """Return a request to the partner; `uid` is 128 random bits in hexadecimal."""
        return self._said({"said": dict(said)}, kind=REQUEST, uid=uid, at=at)

    def take_request(self, message: bytes, *, at: datetime) -> Bundle:
        """Return the partner's request; `asked_in` reads it. Raises `MessageRefused`."""
        return self._taken(message, kind=REQUEST, longest=LARGEST_REQUEST, at=at)

    def answer(self, said: Mapping[str, Any], *, to: bytes, at: datetime) -> bytes:
        """Return the answer to a request, given as it came."""
        content = {"said": dict(said), "request": digest_of(to)}
        return self._said(content, kind=ANSWER, uid=opened(to, longest=LARGEST_REQUEST).uid, at=at)

    def take_answer(self, message: bytes, *, to: bytes, at: datetime) -> Mapping[str, Any]:
        """Return what the partner answers to the request `to`. Raises `MessageRefused`."""
        bundle = self._taken(message, kind=ANSWER, longest=LARGEST_ANSWER, at=at)
        if bundle.content.get("request") != digest_of(to):
            raise MessageRefused(Fault.OTHER_REQUEST, "The answer is to another request: an old one, sent again.")
        return said_in(bundle)

    def _said(self, content: Mapping[str, Any], *, kind: str, uid: str, at: datetime) -> bytes:
        addressed = {**content, "to": fingerprint(self.partner)}
        return sealed(addressed, kind=kind, uid=uid, made_at=at, expires_at=at + FRESH, public=self.own, sign=self.sign)

    def _taken(self, message: bytes, *, kind: str, longest: int, at: datetime) -> Bundle:
        bundle = _opened(message, kind=kind, longest=longest)
        if bundle.key != fingerprint(self.partner) or bundle.content.get("to") != fingerprint(self.own):
            raise MessageRefused(Fault.WRONG_PARTY, "The message is from somebody else, or for somebody else.")
        _check(bundle, self.partner)
        if not bundle.made_at - APART <= at <= bundle.made_at + FRESH + APART:
            raise MessageRefused(
                Fault.STALE, "The message is not of now: it is an old one, or one of the two clocks is wrong."
            )
        return bundle


def invite(invitation: Invitation, *, uid: str, at: datetime, sign: Sign) -> bytes:
    """Return the one line that invites another department, signed with the key that it names."""
    content = {"department": invitation.department, "ori": invitation.ori, "address": invitation.address,
               "public": invitation.public.hex()}  # fmt: skip
    return sealed(
        content, kind=INVITATION, uid=uid, made_at=at, expires_at=at + INVITED_FOR, public=invitation.public, sign=sign
    )


def read_invitation(message: bytes, *, at: datetime) -> Invitation:
    """Return who invites. That it is really them, people must find out by comparing fingerprints. Raises `MessageRefused`."""
    bundle = _opened(message.strip(), kind=INVITATION, longest=LARGEST_INVITATION)
    told = {name: bundle.content.get(name) for name in ("department", "ori", "address", "public")}
    try:
        if not all(isinstance(text, str) and len(text) <= _MOST_TEXT for text in told.values()):
            raise ValueError
        public = bytes.fromhex(str(told.pop("public")))
        Ed25519PublicKey.from_public_bytes(public)
    except ValueError as error:
        raise MessageRefused(
            Fault.NO_MESSAGE, "The invitation does not say who invites, and with which key."
        ) from error
    _check(bundle, public)
    if not bundle.made_at - APART <= at <= bundle.made_at + INVITED_FOR:
        raise MessageRefused(Fault.STALE, f"An invitation is good for {INVITED_FOR.days} days. Ask them for a new one.")
    return Invitation(**{name: str(text) for name, text in told.items()}, public=public)


def asker_of(message: bytes) -> str:
    """Return the fingerprint of the key that a request names as its own, unchecked as yet. Raises `MessageRefused`."""
    return _opened(message, kind=REQUEST, longest=LARGEST_REQUEST).key


def said_in(bundle: Bundle) -> Mapping[str, Any]:
    """Return what a request or an answer says. Raises `MessageRefused`."""
    said = bundle.content.get("said")
    if not isinstance(said, dict):
        raise MessageRefused(Fault.NO_MESSAGE, "The message says nothing.")
    return said


def digest_of(message: bytes) -> str:
    """Return how an answer and both ledgers name a message: SHA-256, hexadecimal."""
    return hashlib.sha256(message).hexdigest()


def _opened(message: bytes, *, kind: str, longest: int) -> Bundle:
    try:
        bundle = opened(message, longest=longest)
    except TransferError as error:
        raise MessageRefused(Fault.NO_MESSAGE, str(error)) from error
    if bundle.kind != kind:
        raise MessageRefused(Fault.NO_MESSAGE, f"This is no {kind.replace('-', ' ')}.")
    return bundle


def _check(bundle: Bundle, public: bytes) -> None:
    try:
        check(bundle, public)
    except TransferError as error:
        raise MessageRefused(Fault.BAD_SIGNATURE, str(error)) from error
