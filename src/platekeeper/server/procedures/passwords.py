"""Passwords as they are stored. A hash takes half a second on purpose, so it is made before a transaction begins."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from django.contrib.auth.hashers import PBKDF2PasswordHasher, make_password

_ROUNDS = 10_000
"""Of PBKDF2 for a password of 64 bits of chance: nobody tries 2^64 of them. Django stores it anew, with all its rounds, at
the first sign-in."""


@dataclass(frozen=True, slots=True)
class Password:
    """A password: what its owner types, and what is stored. One that was `made` for them is replaced at the first sign-in."""

    typed: str
    stored: str
    made: bool


def chosen(typed: str) -> Password:
    """Return a password that its owner chose."""
    return Password(typed, make_password(typed), made=False)


def made() -> Password:
    """Make a first password of chance, to be shown once."""
    typed = "-".join(secrets.token_hex(2) for _ in range(4))
    hasher = PBKDF2PasswordHasher()
    return Password(typed, hasher.encode(typed, hasher.salt(), iterations=_ROUNDS), made=True)
