"""Second factors in tests: an authenticator app, and a passkey that Chromium makes up."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass

from allauth.account.utils import user_pk_to_url_str
from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.cache import cache
from django.test import Client
from fido2.cose import ES256
from fido2.utils import sha256, websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData
from playwright.sync_api import Page

from platekeeper.server.personnel.models import Person
from platekeeper.server.web.second_factor import Adapter

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def give_app(person: Person) -> None:
    """Give somebody an authenticator app that knows `SECRET`."""
    secret = Adapter().encrypt(SECRET)
    Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={"secret": secret})


def code(secret: str = SECRET, *, later: int = 0) -> str:
    """Return the code of now, or of so many periods later, as if it had not been used before."""
    cache.clear()
    return str(auth.format_hotp_value(auth.hotp_value(secret, int(time.time()) // app_settings.TOTP_PERIOD + later)))


def make_up_a_passkey(page: Page) -> None:
    """Let the browser have a key of its own, which its owner confirms at once."""
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    key = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": key})


_SITE = "testserver"
_PRESENT, _VERIFIED, _NEW = AuthenticatorData.FLAG.UP, AuthenticatorData.FLAG.UV, AuthenticatorData.FLAG.AT


@dataclass(frozen=True, slots=True)
class Key:
    """A key on a stick, in whosever hand it is: it answers to a touch, and says so if its PIN was given."""

    owner: Person
    secret: ec.EllipticCurvePrivateKey
    number: bytes

    def answer(self, client: Client, *, verified: bool) -> str:
        """Return its answer to the challenge that waits in a session."""
        flags = _PRESENT | _VERIFIED if verified else _PRESENT
        said = AuthenticatorData.create(sha256(_SITE.encode()), flags, 1)
        asked = _asked("webauthn.get", client.session["mfa.webauthn.state"]["challenge"])
        signature = self.secret.sign(bytes(said) + asked.hash, ec.ECDSA(hashes.SHA256()))
        answer = {
            "clientDataJSON": websafe_encode(asked), "authenticatorData": websafe_encode(said),
            "signature": websafe_encode(signature), "userHandle": websafe_encode(user_pk_to_url_str(self.owner).encode()),
        }  # fmt: skip
        return json.dumps(_credential(self.number, answer))


def give_key(person: Person) -> Key:
    """Give somebody a key on a stick."""
    key = Key(person, ec.generate_private_key(ec.SECP256R1()), os.urandom(16))
    public = ES256.from_cryptography_key(key.secret.public_key())  # type: ignore[no-untyped-call]
    held = AttestedCredentialData.create(bytes(16), key.number, public)
    said = AuthenticatorData.create(sha256(_SITE.encode()), _PRESENT | _NEW, 0, held)
    answer = {
        "clientDataJSON": websafe_encode(_asked("webauthn.create", "")),
        "attestationObject": websafe_encode(AttestationObject.create("none", said, {})),
    }
    data = {"name": "stick", "credential": _credential(key.number, answer)}
    Authenticator.objects.create(user=person, type=Authenticator.Type.WEBAUTHN, data=data)
    return key


def _asked(kind: str, challenge: str) -> CollectedClientData:
    return CollectedClientData.create(kind, challenge, f"https://{_SITE}")


def _credential(number: bytes, answer: dict[str, str]) -> dict[str, object]:
    said = websafe_encode(number)
    return {"id": said, "rawId": said, "type": "public-key", "clientExtensionResults": {}, "response": answer}
