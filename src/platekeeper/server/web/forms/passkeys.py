"""What passkeys answer, before the library looks into it: it breaks on what no browser sends."""

from __future__ import annotations

from typing import Any

from allauth.mfa.webauthn import forms as library
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


class _Answer(forms.JSONField):
    """An object with the number of a key, as JSON."""

    def to_python(self, value: Any) -> Any:
        """Refuse what is none."""
        try:
            said = super().to_python(value)
        except RecursionError:  # the library of JSON goes as deep as it is led
            said = value
        if not isinstance(said, dict) or not isinstance(said.get("rawId"), str):
            raise ValidationError(_("This passkey gave no answer that can be read. Try again."))
        return said

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Show nothing of it again."""
        return None


class _Answers(forms.Form):
    credential = _Answer(widget=forms.HiddenInput)


class Adding(_Answers, library.AddWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    """A new one."""


class Alone(_Answers, library.LoginWebAuthnForm):  # type: ignore[misc]
    """One that signs in alone."""


class Second(_Answers, library.AuthenticateWebAuthnForm):  # type: ignore[misc]
    """One asked for after a password."""


class Again(_Answers, library.ReauthenticateWebAuthnForm):  # type: ignore[misc]
    """One before an act that hurts when it is somebody else's."""
