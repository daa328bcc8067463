"""HTTP digest login (RFC 7616) for cameras whose firmware knows nothing else; docs/decisions/0008 says why it is ours.

The server remembers nothing between requests: a nonce is a signed time, good for five minutes. Within them a listener
without TLS could send a header again; what it sends again is recognized as a repeat.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import parse_http_list

from django.core import signing
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from platekeeper.server.equipment.digests import ALGORITHMS, REALM
from platekeeper.server.equipment.lookups import lprs_called
from platekeeper.server.equipment.models import LPR

NONCE_SECONDS = 300
_COUNT = re.compile(r"[0-9a-fA-F]{8}")


@dataclass(frozen=True, slots=True)
class Login:
    """Who logged in, or nobody; `stale` where the answer was right and its nonce only too old."""

    lpr: LPR | None = None
    stale: bool = False


def challenges(*, stale: bool = False) -> list[str]:
    """Return the values of `WWW-Authenticate`, MD5 first: most cameras look at the first one alone."""
    nonce = _signer().sign(secrets.token_urlsafe(12))
    old = ", stale=true" if stale else ""
    return [f'Digest realm="{REALM}", qop="auth", algorithm={name}, nonce="{nonce}"{old}' for name in ALGORITHMS]


def log_in(request: HttpRequest, given: str) -> Login:
    """Return who `Authorization: Digest <given>` logs in."""
    fields = _fields(given)
    if fields.get("realm") != REALM or not _is_for(request, fields.get("uri", "")):
        return Login()
    algorithm = next((name for name in ALGORITHMS if name.lower() == fields.get("algorithm", "MD5").lower()), "")
    user = fields.get("username", "")
    for lpr in lprs_called(user) if algorithm else ():
        kept: Mapping[str, Mapping[str, str]] = lpr.key_digests
        known = kept.get(algorithm, {}).get(user, "")
        if known and _is_right(fields, known, algorithm, str(request.method)):
            return _unless_stale(lpr, fields["nonce"])
    return Login()


def _unless_stale(lpr: LPR, nonce: str) -> Login:
    try:
        _signer().unsign(nonce, max_age=NONCE_SECONDS)
    except signing.SignatureExpired:
        return Login(stale=True)
    except signing.BadSignature:
        return Login()
    return Login(lpr=lpr)


def _is_right(fields: Mapping[str, str], known: str, algorithm: str, method: str) -> bool:
    digest = ALGORITHMS[algorithm]
    asked = digest(f"{method}:{fields.get('uri', '')}".encode())
    qop, nonce = fields.get("qop", "").lower(), fields.get("nonce", "")
    if qop == "auth" and _COUNT.fullmatch(fields.get("nc", "")) and fields.get("cnonce"):
        middle = f"{nonce}:{fields['nc']}:{fields['cnonce']}:{fields['qop']}"
    elif not qop:  # the older way (RFC 2069), which some firmware keeps to
        middle = nonce
    else:
        return False
    return constant_time_compare(digest(f"{known}:{middle}:{asked}".encode()), fields.get("response", "").lower())


def _is_for(request: HttpRequest, uri: str) -> bool:
    """Say whether the digest was made for this address; a digest for another one is somebody else's."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return False
    return unquote(parts.path) == request.path and parts.query == request.META.get("QUERY_STRING", "")


def _fields(given: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    for pair in parse_http_list(given[:4000]):
        name, equals, value = pair.partition("=")
        if equals:
            fields.setdefault(name.strip().lower(), value.strip().strip('"').replace('\\"', '"'))
    if "username" in fields:
        with suppress(UnicodeEncodeError, UnicodeDecodeError):  # headers arrive as Latin-1, names may be UTF-8
            fields["username"] = fields["username"].encode("latin-1").decode()
    return fields


def _signer() -> Any:
    return signing.TimestampSigner(salt="platekeeper.digest")
