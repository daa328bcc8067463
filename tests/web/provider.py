"""A small OpenID Connect provider, as a city has one: it knows one person at a time and signs what it says of them."""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "platekeeper", "a secret of the client"


class Provider(ThreadingHTTPServer):
    """`claims`: what it says of whoever is before it. `asked`: what it was asked for, by path."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.audience = CLIENT
        self.claims: dict[str, Any] = {}
        self.asked: dict[str, dict[str, str]] = {}

    def discovery(self) -> dict[str, Any]:
        """Return what it says of itself."""
        return {
            "issuer": self.url, "authorization_endpoint": f"{self.url}/authorize", "token_endpoint": f"{self.url}/token",
            "userinfo_endpoint": f"{self.url}/userinfo", "jwks_uri": f"{self.url}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }  # fmt: skip

    def tokens(self) -> dict[str, Any]:
        """Return the tokens of whoever is before it."""
        now = int(time.time())
        said = {"iss": self.url, "aud": self.audience, "iat": now, "exp": now + 60, **self.claims}
        return {
            "access_token": "an access token", "token_type": "Bearer", "expires_in": 60,
            "id_token": jwt.encode(said, self.key, algorithm="RS256", headers={"kid": "1"}),
        }  # fmt: skip


class _Answers(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.server.asked[parts.path] = asked
        match parts.path:
            case "/.well-known/openid-configuration":
                self._say(self.server.discovery())
            case "/authorize":
                self.send_response(302)
                back = urlencode({"code": secrets.token_hex(8), "state": asked["state"]})
                self.send_header("Location", f"{asked['redirect_uri']}?{back}")
                self.end_headers()
            case "/userinfo":
                self._say(self.server.claims)
            case "/keys":
                public = jwt.algorithms.RSAAlgorithm.to_jwk(self.server.key.public_key(), as_dict=True)
                self._say({"keys": [{**public, "kid": "1", "alg": "RS256"}]})

    def do_POST(self) -> None:
        typed = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.server.asked[self.path] = {name: values[0] for name, values in typed.items()}
        self._say(self.server.tokens())

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _say(self, body: object) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())


@contextmanager
def provider() -> Iterator[Provider]:
    """Run a provider."""
    with Provider() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()
