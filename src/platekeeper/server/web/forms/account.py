"""The forms of signing in and of one's own password. They stand apart: the library asks for them while its own are made."""

from __future__ import annotations

from typing import Any

from allauth.account import forms
from allauth.account.adapter import get_adapter
from django.utils.translation import gettext as _


class LoginForm(forms.LoginForm):  # type: ignore[misc]
    """The labels say what goes into each field: the library's own words inside would call it otherwise."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Leave every field empty."""
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)


class ChangePasswordForm(forms.ChangePasswordForm):  # type: ignore[misc]  # allauth has no types
    """Whoever sits at somebody's screen guesses here no more often than at sign-in (AC-7), and no guess goes unrecorded."""

    def clean_oldpassword(self) -> str:
        """Ask as at sign-in, where what is wrong is counted."""
        given: str = self.cleaned_data["oldpassword"]
        if not get_adapter().reauthenticate(self.user, given):
            raise get_adapter().validation_error("enter_current_password")
        return given

    def clean(self) -> dict[str, Any]:
        """Refuse the password that is set already: one that somebody else chose is not replaced by itself (IA-5).

        Said only to whoever has given it: to anybody else it would tell that a guess was right.
        """
        cleaned: dict[str, Any] = super().clean()
        if "oldpassword" in cleaned and cleaned["oldpassword"] == cleaned.get("password1"):
            self.add_error("password1", _("This is the password you have. Choose another one."))
        return cleaned
