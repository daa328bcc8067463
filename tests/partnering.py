"""A partner for the tests: Mill County, whose key the tests hold, so that they say what it says."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.test import override_settings

from platekeeper.core.federation.line import Invitation, Line, invite, said_in
from platekeeper.core.federation.words import Answered, Asked, answered_in, asked_in, plain
from platekeeper.server.partners.lookups import partners
from platekeeper.server.partners.models import Partner
from platekeeper.server.procedures.answer_partners import answer_partner
from platekeeper.server.procedures.authority import footing
from platekeeper.server.procedures.connect_partners import connect, own_keys
from tests.cast import Cast

MILL = Ed25519PrivateKey.from_private_bytes(b"mill" * 8)
NOWHERE = "http://127.0.0.1:9"
"""Where no server is: who asks there finds it down at once."""


def invitation(*, at: datetime, address: str = "https://lpr.mill.example") -> str:
    """Return Mill County's invitation."""
    public = MILL.public_key().public_bytes_raw()
    made = Invitation("Mill County", "NY0000001", address, public)
    return invite(made, uid=secrets.token_hex(16), at=at, sign=MILL.sign).decode()


def connected(cast: Cast, *, at: datetime, address: str = NOWHERE) -> Partner:
    """Connect Mill County, once: on this machine, as the demo may."""
    agency = cast.outsider.agency
    with override_settings(DEMO=True):
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
    return answered_in(line.take_answer(answer_partner(request, at=at), to=request, at=datetime.now(UTC)))


@contextmanager
def answering(say: Callable[[Asked], Answered]) -> Iterator[str]:
    """Serve Mill County for a block: rightly signed, it says whatever the test wants; give its address."""
    line = their_end()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request, now = self.rfile.read(int(self.headers["Content-Length"])), datetime.now(UTC)
            asked = asked_in(said_in(line.take_request(request, at=now)))
            answer = line.answer(plain(say(asked)), to=request, at=now)
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
