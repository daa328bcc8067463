"""The way up: HTTPS, one server, and nothing believed that does not account for what was sent."""

from __future__ import annotations

import datetime as dt
import ipaddress
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from platekeeper.field.link import Link, NotTaken
from platekeeper.field.upload import Uploader
from tests.field.making import SetClock, keep, now_of, sighting, spool_in

GOOD = {"stored": 1, "repeated": 0, "dead_letters": 0, "past_ceiling": 0, "ids": []}


@contextmanager
def _answering(
    status: int, content: bytes, *, place: str = "", tls: Path | None = None
) -> Iterator[tuple[str, list[bytes]]]:
    """Answer everything but the greeting with this; give the address and what came."""
    came: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["Content-Length"]))
            came.append(sent)
            greeting = sent == b"[]"
            answer = json.dumps({**GOOD, "stored": 0}).encode() if greeting else content
            self.send_response(200 if greeting else status)
            if place:
                self.send_header("Location", place)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        if tls is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(tls)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http{'s' if tls else ''}://127.0.0.1:{server.server_port}", came
        server.shutdown()


@pytest.mark.parametrize(
    ("status", "content"),
    [
        (200, b"<html>Welcome to the hotel. Please log in.</html>"),
        (200, b"[1]"),
        (200, b"{}"),
        (200, json.dumps({**GOOD, "stored": 0}).encode()),
        (200, json.dumps({**GOOD, "stored": 2}).encode()),
        (200, json.dumps({**GOOD, "stored": True}).encode()),
        (200, json.dumps({**GOOD, "stored": 2, "repeated": -1}).encode()),
        (302, b""),
        (503, b'{"error": "The disk is full."}'),
        (500, b"oops"),
    ],
)
def test_what_does_not_account_for_a_read_confirms_nothing(tmp_path: Path, status: int, content: bytes) -> None:
    spool = spool_in(tmp_path)
    keep(spool, sighting(1, at=now_of(SetClock())))
    with _answering(status, content, place="http://127.0.0.1:9/") as (server, came), pytest.raises(NotTaken):
        Uploader(spool, Link(server, "lpr-key")).run()
    assert len(came) == 2, "a redirect is not followed"
    assert spool.counts() == {"": 1}
    spool.close()


def test_a_department_with_certificates_of_its_own(tmp_path: Path) -> None:
    spool, certificate = spool_in(tmp_path), _certificate(tmp_path / "server.pem")
    keep(spool, sighting(1, at=now_of(SetClock())))
    with _answering(200, json.dumps(GOOD).encode(), tls=certificate) as (server, came):
        with pytest.raises(NotTaken, match="certificate"):
            Uploader(spool, Link(server, "lpr-key")).run()
        assert came == []
        assert Uploader(spool, Link(server, "lpr-key", authorities=str(certificate))).run() == 1
    spool.close()


@pytest.mark.parametrize("address", ["http://lpr.example.org", "ftp://127.0.0.1", "https://", "https://a@b.c", "x"])
def test_reads_go_over_https_only(address: str) -> None:
    with pytest.raises(ValueError, match=r"HTTPS only|not the address"):
        Link(address, "lpr-key")


def _certificate(place: Path) -> Path:
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now - dt.timedelta(days=1), now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=True)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    place.write_bytes(private + made.public_bytes(Encoding.PEM))
    return place
