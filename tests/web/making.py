"""What screens are about: a hit, a departure, a query, made the short way."""

from __future__ import annotations

import io
import secrets
import time
from datetime import UTC, datetime

from django.test import Client
from PIL import Image, ImageDraw

from platekeeper.core.categories import Category, HitAction
from platekeeper.core.matching import HowMatched, StateAgreement
from platekeeper.server.hits import changes
from platekeeper.server.hits.models import Hit, HitStep
from platekeeper.server.personnel.models import Person
from tests.cast import Cast


def _photograph() -> bytes:
    """Return a small picture of a car's back, so that pages look as they do with one."""
    picture, out = Image.new("RGB", (480, 270), "#5d6772"), io.BytesIO()
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 190, 480, 270), fill="#3a3f45")
    draw.rounded_rectangle((90, 40, 390, 220), 30, fill="#7d2b2b")
    draw.rounded_rectangle((125, 55, 355, 120), 14, fill="#1c2730")
    for left in (100, 340):
        draw.rounded_rectangle((left, 135, left + 40, 165), 6, fill="#d9483b")
    draw.rectangle((185, 150, 295, 195), fill="#f6f3e6")
    draw.text((195, 160), "A PLATE", fill="#12284c", font_size=22)
    picture.save(out, "JPEG", quality=70)
    return out.getvalue()


BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
STAMP = (1, "0" * 64)
JPEG = _photograph()
_READ_AS = {StateAgreement.AGREES: "NY", StateAgreement.DIFFERS: "PA", StateAgreement.UNKNOWN: ""}
_count = 0


def make_hit(
    cast: Cast,
    *,
    plate: str = "ABC1234",
    urgent: bool = True,
    how: HowMatched = HowMatched.PLATE,
    agreement: StateAgreement = StateAgreement.AGREES,
    image: bytes = JPEG,
    entry_key: str = "",
    steps: tuple[str, ...] = (),
    at: datetime | None = None,
) -> Hit:
    """Raise a hit of its own on an entry of its own, and take steps on it as the officer (dispatch answers)."""
    global _count
    _count += 1
    now = at or datetime.now(UTC)
    hit = changes.raise_hit(
        read_id=secrets.token_hex(16), entry_key=entry_key or f"own:{9000 + _count}", lpr_id=cast.lpr.pk, plate=plate,
        read_state=_READ_AS[agreement],
        read={"confidence": 0.93}, entry={"plate": plate, "state": "NY", "reason": "left the scene", "source": "department"},
        category=Category.CRIME_SUSPECT, how=how, state_agreement=agreement,
        action=HitAction.SILENT if how is HowMatched.LOOK_ALIKE else HitAction.STOP, urgent=urgent, list_stale=False,
        seen_at=now, raised_at=now, repeat_of=None, image=(image, "image/jpeg"), policy=STAMP,
    )  # fmt: skip
    for kind in steps:
        by = cast.dispatcher if kind in {"confirmed", "not_confirmed"} else cast.officer
        changes.add_step(hit, kind=HitStep.Kind(kind), at=now, by=by, policy=STAMP)
    return hit


def signed_in(person: Person) -> Client:
    """Return a client in which somebody has signed in, with their second factor."""
    client = Client()
    client.force_login(person, backend=BACKEND)
    return past_second_factor(client)


def past_second_factor(client: Client) -> Client:
    """Let whoever signed in have passed a second factor."""
    session = client.session
    session["second_factor"] = int(session["_auth_user_id"])
    session.save()
    return client


def stepped_up(client: Client) -> Client:
    """Let the password have been asked for just now, as step-up wants."""
    session = client.session
    session["account_authentication_methods_user"] = session["_auth_user_id"]
    session["account_authentication_methods"] = [{"method": "password", "at": time.time(), "reauthenticated": True}]
    session.save()
    return client
