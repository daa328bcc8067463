"""The second factor of every account (CJIS IA-2): set up at the first sign-in, asked for at each, guarded like a password."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import Any

from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa import app_settings, signals
from allauth.mfa.adapter import DefaultMFAAdapter, get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import views
from allauth.mfa.webauthn.internal.auth import clear_state, get_state
from cryptography.fernet import Fernet
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.signals import user_login_failed
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from fido2.webauthn import UserVerificationRequirement

from platekeeper.server.ledger.actions import Action
from platekeeper.server.personnel.models import Person
from platekeeper.server.procedures.second_factors import factor_changed, has_other_factor
from platekeeper.server.procedures.sign_in import is_locked

_PASSED = "second_factor"
"""In a session: the number of the person who passed a second factor in it. A session may have been another's before."""


class Adapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """Secrets are not stored as they are, and nobody is left without a second factor."""

    def encrypt(self, text: str) -> str:
        """Encrypt a secret with a key of the home: whoever reads the database alone cannot make codes."""
        return _fernet().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Return the secret again."""
        return _fernet().decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Keep the last one: another is added first."""
        return has_other_factor(authenticator)


class SecondFactor:
    """Let nobody go on who has not passed a second factor: whoever has none sets one up first."""

    _OPEN = (
        "account_change_password", "account_logout", "account_reauthenticate", "mfa_reauthenticate",
        "mfa_reauthenticate_webauthn", "mfa_index", "mfa_activate_totp", "mfa_add_webauthn", "set_language",
        "still_here",
    )  # fmt: skip

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        person = request.user
        passed = not settings.SECOND_FACTOR or request.session.get(_PASSED) == person.pk
        if passed or not isinstance(person, Person):
            return self._get_response(request)
        if request.path in {reverse(name) for name in self._OPEN}:
            return self._get_response(request)
        return redirect("mfa_index")


def remove_passkey(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a passkey off, unless it is the last second factor: of keys the library asks nobody whether it may go."""
    passkey = get_object_or_404(Authenticator, pk=pk, user=request.user, type=Authenticator.Type.WEBAUTHN)
    if has_other_factor(passkey):
        answer: HttpResponse = views.remove_webauthn(request, pk=pk)
        return answer
    messages.error(request, _("This is your only second factor: add another one first."))
    return redirect("mfa_index")


@login_not_required
def passkey_alone(request: HttpRequest) -> HttpResponse:
    """Sign in by a passkey alone, which its PIN, finger or face makes two factors.

    The library would also take the answer to a challenge that it put after somebody's password, where a touch is enough.
    """
    wanted = (get_state() or {}).get("user_verification")
    if request.method == "POST" and wanted != UserVerificationRequirement.REQUIRED:
        clear_state()
    answer: HttpResponse = views.login_webauthn(request)
    return answer


class _Guarded:
    """A code is guessed at as a password is: five wrong ones lock the account (AC-7)."""

    def clean_code(self) -> str:
        if is_locked(self.user, at=timezone.now()):  # type: ignore[attr-defined]
            raise ValidationError(_("This account is locked. The LPR Administrator releases it."))
        code: str = super().clean_code()  # type: ignore[misc]
        used = f"code-used:{self.user.pk}:{normalize_user_code(code)}"  # type: ignore[attr-defined]
        # The library takes a code for three periods, and remembers it for one.
        if not cache.add(used, True, 3 * app_settings.TOTP_PERIOD):
            raise get_adapter().validation_error("incorrect_code")
        return code


class CodeForm(_Guarded, AuthenticateForm):  # type: ignore[misc]
    """A code at sign-in: typed at once, on a phone with its numbers."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs |= {"autofocus": True, "inputmode": "numeric"}


class CodeAgainForm(_Guarded, ReauthenticateForm):  # type: ignore[misc]
    """A code before an act that hurts when it is somebody else's."""


def listen() -> None:
    """Hear what the library says about second factors."""
    signals.authenticator_added.connect(_added)
    signals.authenticator_removed.connect(_removed)
    signals.authenticator_reset.connect(_renewed)
    signals.authenticator_used.connect(_used)
    signals.authentication_failed.connect(_failed)


def _added(sender: object, request: HttpRequest, user: Person, authenticator: Authenticator, **_: object) -> None:
    if authenticator.type != Authenticator.Type.RECOVERY_CODES:
        request.session[_PASSED] = user.pk
    factor_changed(user, authenticator, Action.SECOND_FACTOR_ADDED, at=timezone.now())


def _removed(sender: object, user: Person, authenticator: Authenticator, **_: object) -> None:
    factor_changed(user, authenticator, Action.SECOND_FACTOR_REMOVED, at=timezone.now())


def _renewed(sender: object, user: Person, authenticator: Authenticator, **_: object) -> None:
    factor_changed(user, authenticator, Action.SECOND_FACTOR_ADDED, at=timezone.now())


def _used(sender: object, request: HttpRequest, user: Person, **_: object) -> None:
    request.session[_PASSED] = user.pk


def _failed(sender: object, request: HttpRequest, user: Person, **_: object) -> None:
    user_login_failed.send(sender=__name__, credentials={"username": user.username}, request=request)


def _fernet() -> Fernet:
    key = hashlib.sha256(f"second factors:{settings.SECRET_KEY}".encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
