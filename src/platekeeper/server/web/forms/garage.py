"""The forms of what an LPR consists of, is worth, who has it, and what is done for it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from platekeeper.server.equipment.models.care import CARE
from platekeeper.server.personnel.models import Person
from platekeeper.server.web.forms.calendar import Day


class CameraForm(forms.Form):
    """A camera."""

    position = forms.CharField(label=_("Where it is on the vehicle or pole"), max_length=60)
    model = forms.CharField(label=_("Make and model"), max_length=80, required=False)
    serial = forms.CharField(label=_("Serial number"), max_length=60, required=False)
    firmware = forms.CharField(label=_("Firmware"), max_length=40, required=False)
    direction = forms.IntegerField(
        label=_("Direction it looks in, degrees from north"), min_value=0, max_value=359, required=False,
        help_text=_("For what stands still."),
    )  # fmt: skip


class PapersForm(forms.Form):
    """What an LPR cost and is worth."""

    serial = forms.CharField(label=_("Serial number"), max_length=60, required=False)
    value = forms.IntegerField(label=_("Value in dollars"), min_value=0, max_value=10_000_000, required=False)
    bought_on = Day(label=_("Bought on"), required=False)
    warranty_until = Day(label=_("Warranty until"), required=False)
    on_plan = forms.BooleanField(label=_("It is on the municipality's insurance plan"), required=False)


class CustodyForm(forms.Form):
    """Who has an LPR, or where it is."""

    holder = forms.ModelChoiceField(
        label=_("Who has it"), queryset=Person.objects.none(), required=False, empty_label=_("nobody: it is at a place")
    )
    place = forms.CharField(label=_("Or where it is"), max_length=120, required=False)

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["holder"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = people


class CareForm(forms.Form):
    """What was done for an LPR, and when it is due again."""

    kind = forms.ChoiceField(label=_("What was done"), choices=list(CARE.items()), widget=forms.RadioSelect)
    on = Day(label=_("Day"))
    in_order = forms.BooleanField(
        label=_("It was found in order, or is now"), required=False, initial=True,
        help_text=_("If not, a defect is opened with the words below."),
    )  # fmt: skip
    words = forms.CharField(label=_("In words"), max_length=400, required=False)
    next_on = Day(
        label=_("Due again by"), required=False, help_text=_("Whoever keeps the LPRs is reminded on that day.")
    )
