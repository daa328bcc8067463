"""Forms about partners: their invitations, and the hot lists that go either way."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from platekeeper.server.personnel.lookups import agencies
from platekeeper.server.querylog.models import QueryLogEntry

PURPOSES = [choice for choice in QueryLogEntry.Purpose.choices if choice[0] != QueryLogEntry.Purpose.ALERT]


class InviteForm(forms.Form):
    """Where this server is reached."""

    address = forms.CharField(
        label=_("Address of this server"), max_length=240, widget=forms.URLInput,
        help_text=_("as the other department reaches it: https://lpr.example.gov"),
    )  # fmt: skip


class ConnectForm(forms.Form):
    """The other department's invitation, and whose it is."""

    agency = forms.ModelChoiceField(label=_("Agency"), queryset=agencies())
    invitation = forms.CharField(
        label=_("Their invitation"), max_length=4096, widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        help_text=_("the line that they sent you, all of it"),
    )  # fmt: skip
    compared = forms.BooleanField(label=_("We compared the fingerprint by phone or in person"), required=False)


class SubscribeForm(forms.Form):
    """A list that a partner offers, and what it is for."""

    offered = forms.CharField(widget=forms.HiddenInput, max_length=20)
    title = forms.CharField(widget=forms.HiddenInput, max_length=120)
    purpose = forms.ChoiceField(label=_("Purpose"), choices=PURPOSES)


class OfferForm(forms.Form):
    """One of the department's lists."""

    name = forms.ChoiceField(label=_("Hot list"))

    def __init__(self, *args: Any, lists: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].choices = list(lists.items())  # type: ignore[attr-defined]
