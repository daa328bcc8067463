"""How allauth is bent to a department: accounts are made by the department, never by those who come along."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from allauth.account import signals
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.stagekit import clear_login
from allauth.core import context
from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from axes.signals import user_locked_out
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from platekeeper.server.ledger.actions import Action
from platekeeper.server.personnel.models import Person
from platekeeper.server.policy.lookups import in_force
from platekeeper.server.procedures.sealed_account import noticed
from platekeeper.server.procedures.sign_in import (
    failures_count_since,
    has_ended,
    is_locked,
    password_changed,
    record,
    record_failure,
)


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """No open signup, and no mail about accounts."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are added on the People page."""
        return False

    def pre_login(self, request: HttpRequest, user: Person, **kwargs: Any) -> HttpResponse | None:
        """Keep out a locked account, and a temporary one after its last day, whatever it signs in with."""
        if is_locked(user, at=timezone.now()):
            return render(request, settings.AXES_LOCKOUT_TEMPLATE, status=403)
        if has_ended(user, at=timezone.now()):  # the job that disables it comes later
            record_failure(user.username, at=timezone.now())
            clear_login(request)
            return self.respond_user_inactive(request, user)  # type: ignore[no-any-return]
        found: HttpResponse | None = super().pre_login(request, user, **kwargs)
        return found

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Ask nobody again who has just signed in and sees to their second factors, as everybody does the first time."""
        age = timezone.now().timestamp() - context.request.session.get("began", 0)
        return app != "allauth.mfa" or age > settings.ACCOUNT_REAUTHENTICATION_TIMEOUT

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Go on to the first page, from which a first password kept somebody away."""
        return reverse("home")

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """Mail comes with the gateways."""


class Failures(AxesDatabaseHandler):  # type: ignore[misc]  # axes has no types
    """Counts failures, also where others are counted, and forgotten after somebody's success, at the same moment."""

    _TRIES = 5

    def user_login_failed(self, *args: Any, **kwargs: Any) -> None:
        """Count one. Where another's row is in the way of ours, and is gone when one more is added to it: once more."""
        for _again in range(self._TRIES - 1):
            with suppress(IntegrityError):
                super().user_login_failed(*args, **kwargs)
                return
        super().user_login_failed(*args, **kwargs)

    def get_user_attempts(self, *args: Any, **kwargs: Any) -> list[QuerySet[AccessAttempt]]:
        """Return those that count by now."""
        since = failures_count_since(at=timezone.now())
        return [attempts.filter(attempt_time__gt=since) for attempts in super().get_user_attempts(*args, **kwargs)]

    def clean_expired_user_attempts(self, *args: Any, **kwargs: Any) -> int:
        """Forget those that do not count any more, before one is added to them; return how many rows."""
        since = failures_count_since(at=timezone.now())
        forgotten: int = AccessAttempt.objects.filter(attempt_time__lte=since).delete()[0]
        return forgotten


class NotOfWordsNearby:
    """Refuse a password that is little more than words which anybody near a police department would try first."""

    _WORDS = ("platekeeper", "password", "passphrase", "welcome", "letmein", "police", "sheriff", "department", "county",
              "officer", "detective", "license", "plate", "reader", "login", "secret", "admin", "chief")  # fmt: skip

    def validate(self, password: str, user: Person | None = None) -> None:
        """Raise ValidationError where fewer than six letters are left without those words and the department's own."""
        own = (
            in_force(at=timezone.now()).text("III.name").casefold().split() if user else []
        )  # the first has no department
        left = password.casefold()
        for word in sorted((*self._WORDS, *own), key=len, reverse=True):
            left = left.replace(word, "")
        if sum(letter.isalpha() for letter in left) < 6:
            raise ValidationError(
                _("This is made of words that are tried first. Choose a few words that nobody expects.")
            )

    def get_help_text(self) -> str:
        """Say so beforehand."""
        return str(_("Not made of the department's name and words such as police or password."))


def login_name(request: HttpRequest | None, credentials: dict[str, Any] | None) -> str | None:
    """Return the login name that an attempt is counted against, however the library calls it."""
    given = (credentials or {}).get("username") or (request.POST.get("login") if request else None)
    return str(given).strip().lower() if given else None


def listen() -> None:
    """Hear what the libraries say about sign-ins and hand it to procedures."""
    user_logged_in.connect(_signed_in)
    user_logged_out.connect(_signed_out)
    user_login_failed.connect(_failed)
    signals.password_changed.connect(_password_changed)
    signals.password_set.connect(_password_changed)
    user_locked_out.connect(_failed_for_good)


def _signed_in(sender: object, request: HttpRequest, user: Person, **_kwargs: object) -> None:
    now = timezone.now()
    request.session["began"] = request.session["active"] = now.timestamp()
    record(user, Action.SIGNED_IN, at=now)
    noticed(user, at=now)
    if user.last_login is not None and hasattr(request, "_messages"):
        last = user.last_login.astimezone(in_force(at=now).zone)
        messages.info(request, _("You last signed in on %(when)s.") % {"when": f"{last:%Y-%m-%d at %H:%M}"})


def _signed_out(sender: object, request: HttpRequest, user: Person | None, **_: object) -> None:
    if user is not None:
        record(user, Action.SIGNED_OUT, at=timezone.now())


def _failed(sender: object, credentials: dict[str, Any], **_: object) -> None:
    record_failure(str(credentials.get("username", "")), at=timezone.now())


def _failed_for_good(sender: object, username: str = "", **_: object) -> None:
    record_failure(f"{username} (locked)", at=timezone.now())


def _password_changed(sender: object, request: HttpRequest, user: Person, **_: object) -> None:
    password_changed(user, at=timezone.now())
