"""How allauth is bent to a department: accounts are made by the department, never by those who come along."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.signals import password_changed
from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest
from django.utils import timezone

from platekeeper.server.ledger.actions import Action
from platekeeper.server.personnel.models import Person
from platekeeper.server.procedures.sign_in import record, record_failure


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """No open signup, and no mail about accounts."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are added on the People page."""
        return False

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """Mail comes with the gateways."""


def login_name(request: HttpRequest | None, credentials: dict[str, Any] | None) -> str | None:
    """Return the login name that an attempt is counted against, however the library calls it."""
    given = (credentials or {}).get("username") or (request.POST.get("login") if request else None)
    return str(given).strip().lower() if given else None


def listen() -> None:
    """Hear what the libraries say about sign-ins and hand it to procedures."""
    user_logged_in.connect(_signed_in)
    user_logged_out.connect(_signed_out)
    user_login_failed.connect(_failed)
    password_changed.connect(_password_changed)
    user_locked_out.connect(_failed_for_good)


def _signed_in(sender: object, request: HttpRequest, user: Person, **_: object) -> None:
    now = timezone.now()
    request.session["began"] = request.session["active"] = now.timestamp()
    record(user, Action.SIGNED_IN, at=now)


def _signed_out(sender: object, request: HttpRequest, user: Person | None, **_: object) -> None:
    if user is not None:
        record(user, Action.SIGNED_OUT, at=timezone.now())


def _failed(sender: object, credentials: dict[str, Any], **_: object) -> None:
    record_failure(str(credentials.get("username", "")), at=timezone.now())


def _failed_for_good(sender: object, username: str = "", **_: object) -> None:
    record_failure(f"{username} (locked)", at=timezone.now())


def _password_changed(sender: object, request: HttpRequest, user: Person, **_: object) -> None:
    record(user, Action.PASSWORD_CHANGED, at=timezone.now())
