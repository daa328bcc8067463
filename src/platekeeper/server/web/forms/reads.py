"""Forms about reads."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class CloseLetterForm(forms.Form):
    """What was done about a payload that was not understood."""

    remark = forms.CharField(label=_("What was done about it"), max_length=240)
