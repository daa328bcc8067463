"""Second factors in tests: an authenticator app, and a passkey that Chromium makes up."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth
from django.core.cache import cache
from playwright.sync_api import Page

from platekeeper.server.personnel.models import Person
from platekeeper.server.web.second_factor import Adapter

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def give_app(person: Person) -> None:
    """Give somebody an authenticator app that knows `SECRET`."""
    secret = Adapter().encrypt(SECRET)
    Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={"secret": secret})


def code(secret: str = SECRET) -> str:
    """Return the code of now, as if it had not been used before."""
    cache.clear()
    return str(auth.format_hotp_value(auth.hotp_value(secret, next(iter(auth.yield_hotp_counters_from_time())))))


def make_up_a_passkey(page: Page) -> None:
    """Let the browser have a key of its own, which its owner confirms at once."""
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    key = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": key})
