"""Signing in through the department's own identity provider: `sign-in.json` in the home names it."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

_KINDS = {
    "openid_connect": ("id", "name", "server_url", "client_id", "secret", "person_by", "claim"),
    "saml": ("id", "name", "entity_id", "sso_url", "certificate", "person_by", "claim"),
}
"""What each kind of provider is told by; all of it is needed."""
HAS_SAML = importlib.util.find_spec("onelogin") is not None
"""Whether the packages of the extra `sso` are installed."""
_LOOPBACK = {"localhost", "127.0.0.1"}


@dataclass(frozen=True, slots=True)
class Identity:
    """What the file says: Django's settings of the providers, and by what each finds a person."""

    providers: dict[str, Any] = field(default_factory=dict)
    person_by: dict[str, tuple[str, str]] = field(default_factory=dict)  # id -> (field of a person, claim)
    names: tuple[tuple[str, str, str], ...] = ()  # kind, id, name
    origins: tuple[str, ...] = ()


def identity(file: Path) -> Identity:
    """Return what `file` says; nothing where there is none. Raises ValueError, which says what to mend."""
    if not file.exists():
        return Identity()
    try:
        told = json.loads(file.read_text())
    except ValueError as error:
        raise ValueError(f"{file.name} is not JSON: {error}") from error
    if not isinstance(told, dict) or set(told) - set(_KINDS):
        raise ValueError(f"{file.name} has lists of providers under: {', '.join(_KINDS)}")
    each = [(kind, _checked(kind, given)) for kind in _KINDS for given in told.get(kind, [])]
    if any(kind == "saml" for kind, _given in each) and not HAS_SAML:
        raise ValueError("SAML needs two more packages: pip install platekeeper[sso]")
    return Identity(
        providers={kind: {"APPS": [_APP[kind](given) for of, given in each if of == kind]} for kind, _given in each},
        person_by={given["id"]: (given["person_by"], given["claim"]) for _kind, given in each},
        names=tuple((kind, given["id"], given["name"]) for kind, given in each),
        origins=tuple(sorted({_origin(given.get("server_url") or given["sso_url"]) for _kind, given in each})),
    )


def _checked(kind: str, given: Any) -> Mapping[str, str]:
    if not isinstance(given, dict):
        raise ValueError(f"Each provider under {kind} is written as {{...}}.")
    if missing := [name for name in _KINDS[kind] if not isinstance(given.get(name), str) or not given[name]]:
        raise ValueError(f"A provider under {kind} lacks: {', '.join(missing)}")
    if given["person_by"] not in {"username", "email"}:
        raise ValueError(f"person_by of {given['id']} is username or email.")
    _origin(given.get("server_url") or given["sso_url"])
    return given


def _origin(url: str) -> str:
    address = urlsplit(url)
    if not address.hostname or (address.scheme != "https" and address.hostname not in _LOOPBACK):
        raise ValueError(f"{url} must begin with https://: what it says of people is believed.")
    return f"{address.scheme}://{address.netloc}"


def _openid(given: Mapping[str, str]) -> dict[str, Any]:
    return {
        "provider_id": given["id"], "name": given["name"], "client_id": given["client_id"], "secret": given["secret"],
        "settings": {"server_url": given["server_url"], "oauth_pkce_enabled": True},
    }  # fmt: skip


def _saml(given: Mapping[str, str]) -> dict[str, Any]:
    return {
        "provider_id": given["id"], "name": given["name"], "client_id": given["id"],
        "settings": {
            "attribute_mapping": {given["person_by"]: given["claim"]},
            "idp": {"entity_id": given["entity_id"], "sso_url": given["sso_url"], "x509cert": given["certificate"]},
            "advanced": {
                "want_assertion_signed": True, "reject_idp_initiated_sso": True,
                "allow_single_label_domains": True,  # a server inside a department's own network may have such a name
            },
        },
    }  # fmt: skip


_APP = {"openid_connect": _openid, "saml": _saml}
