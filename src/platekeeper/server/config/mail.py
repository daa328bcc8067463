"""How mail leaves: through the department's own mail server, which the environment names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_PORTS = {"starttls": 587, "tls": 465, "none": 25}
"""How the connection is encrypted -> the usual port."""


def mail(given: Mapping[str, str]) -> dict[str, Any]:
    """Return Django's settings of mail; without a server and a sender no mail is sent.

    Raises ValueError when a variable cannot mean anything.
    """
    told = {
        name: given.get(f"PLATEKEEPER_MAIL_{name}", "") for name in ("HOST", "PORT", "USER", "PASSWORD", "TLS", "FROM")
    }
    tls = told["TLS"] or "starttls"
    if tls not in _PORTS:
        raise ValueError(f"PLATEKEEPER_MAIL_TLS must be one of: {', '.join(_PORTS)}")
    if told["PORT"] and not (told["PORT"].isascii() and told["PORT"].isdigit()):
        raise ValueError("PLATEKEEPER_MAIL_PORT must be a number")
    return {
        "EMAIL_HOST": told["HOST"],
        "EMAIL_PORT": int(told["PORT"] or _PORTS[tls]),
        "EMAIL_HOST_USER": told["USER"],
        "EMAIL_HOST_PASSWORD": told["PASSWORD"],
        "EMAIL_USE_TLS": tls == "starttls",
        "EMAIL_USE_SSL": tls == "tls",
        "EMAIL_TIMEOUT": 20,
        "DEFAULT_FROM_EMAIL": told["FROM"],
    }
