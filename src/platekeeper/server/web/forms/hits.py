"""Forms about hits."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from platekeeper.server.hits.models import HitStep


class AttestForm(forms.Form):
    """The member's own word for what dispatch said by voice."""

    who = forms.CharField(label=_("Who at dispatch answered"), max_length=120)


class OutcomeForm(forms.Form):
    """How a hit ended, and what followed."""

    outcome = forms.ChoiceField(label=_("How it ended"), choices=HitStep.Outcome.choices)
    followed = forms.CharField(
        label=_("What followed"),
        max_length=240,
        required=False,
        help_text=_("arrest, citation, vehicle recovered, nothing"),
    )


class RemarkForm(forms.Form):
    """A remark."""

    remark = forms.CharField(label=_("What came of the review"), max_length=240)
