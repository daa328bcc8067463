"""Forms about the ledger."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from platekeeper.server.web.forms.calendar import Day


class WitnessForm(forms.Form):
    """Somebody outside who is mailed checkpoints."""

    name = forms.CharField(
        label=_("Who"), max_length=120, help_text=_("Somebody outside the department, such as the city clerk.")
    )
    email = forms.EmailField(label=_("E-mail address"), max_length=254)


class PublicLogForm(forms.Form):
    """The days that the public's log shows."""

    since, until = Day(label=_("First day")), Day(label=_("Last day"))


class TakerForm(forms.Form):
    """Who takes a checkpoint that is handed out."""

    to = forms.CharField(
        label=_("Who takes the checkpoint"), max_length=120,
        help_text=_("Somebody outside the department. What is handed out here counts as held by them from then on."),
    )  # fmt: skip
