"""What is entered about the recovery key of the backups."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from platekeeper.core.rules.backups import MOST_HOLDERS


class RecoveryKeyForm(forms.Form):
    """Who gets a share, and how many are needed."""

    holders = forms.CharField(
        label=_("Holders, one a line"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=2000,
        help_text=_("People who can be reached, and whose paper does not lie in one building."),
    )
    needed = forms.IntegerField(label=_("Shares that are needed"), min_value=2, max_value=MOST_HOLDERS, initial=2)

    def clean_holders(self) -> list[str]:
        """Return the names."""
        return [name.strip() for name in self.cleaned_data["holders"].splitlines() if name.strip()]


class SharesForm(forms.Form):
    """Shares, as their holders type them in."""

    shares = forms.CharField(
        label=_("Shares, one a line: 33 words each"),
        widget=forms.Textarea(attrs={"rows": 6, "autocomplete": "off", "spellcheck": "false"}),
        max_length=10_000,
    )

    def clean_shares(self) -> list[str]:
        """Return the shares."""
        return [share.strip() for share in self.cleaned_data["shares"].splitlines() if share.strip()]
