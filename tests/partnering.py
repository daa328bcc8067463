"""A partner for the tests: Mill County, whose key the tests hold, so that they say what it says."""

from __future__ import annotations

import secrets
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from platekeeper.core.federation.line import Invitation, Line, invite
from platekeeper.core.federation.words import Answered, Asked, answered_in, plain
from platekeeper.server.partners.lookups import partners
from platekeeper.server.partners.models import Partner
from platekeeper.server.procedures.answer_partners import answer_partner
from platekeeper.server.procedures.authority import footing
from platekeeper.server.procedures.connect_partners import connect, own_keys
from tests.cast import Cast

MILL = Ed25519PrivateKey.from_private_bytes(b"mill" * 8)
NOWHERE = "http://127.0.0.1:9"
"""Where no server is: who asks there finds it down at once."""


def invitation(*, at: datetime, address: str = NOWHERE) -> str:
    """Return Mill County's invitation."""
    public = MILL.public_key().public_bytes_raw()
    made = Invitation("Mill County", "NY0000001", address, public)
    return invite(made, uid=secrets.token_hex(16), at=at, sign=MILL.sign).decode()


def connected(cast: Cast, *, at: datetime, address: str = NOWHERE) -> Partner:
    """Connect Mill County, once."""
    agency = cast.outsider.agency
    return partners().first() or connect(
        footing(cast.chief, at=at), agency=agency, invitation=invitation(at=at, address=address), compared=True
    )


def their_end() -> Line:
    """Return Mill County's end of the line."""
    return Line(MILL.public_key().public_bytes_raw(), own_keys().public[0], MILL.sign)


def ask(asked: Asked, *, at: datetime) -> Answered:
    """Let Mill County ask; return what it is told, its signature checked."""
    line = their_end()
    request = line.ask(plain(asked), uid=secrets.token_hex(16), at=at)
    return answered_in(line.take_answer(answer_partner(request, at=at), to=request, at=at))
