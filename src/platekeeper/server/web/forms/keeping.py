"""Forms about the LPRs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from platekeeper.server.equipment.models import LPR


class FieldNamesForm(forms.Form):
    """Under which names an LPR sends the fields of a camera format; an empty one has its usual names."""

    def __init__(self, *args: Any, usual: Mapping[str, tuple[str, ...]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for ours, theirs in usual.items():
            self.fields[ours] = forms.CharField(
                label=ours.replace("_", " "),
                required=False,
                max_length=80,
                help_text=_("usually %(names)s") % {"names": _(" or ").join(theirs)},
            )


class RenameForm(forms.Form):
    """What an LPR is called."""

    name = forms.CharField(
        label=_("Name"), max_length=80,
        help_text=_("It stays the same LPR, with its key and reads. What was copied or handed out keeps the name it had."),
    )  # fmt: skip


class MakeForm(forms.Form):
    """Which model and software an LPR is."""

    model = forms.CharField(label=_("Make and model"), max_length=80, required=False)
    software = forms.CharField(label=_("Software version"), max_length=40, required=False)


class UploadForm(forms.Form):
    """How an LPR uploads, and how often at least."""

    way = forms.ChoiceField(
        label=_("How it uploads"), choices=(("", _("as the policy says")), *LPR.Way.choices), required=False
    )
    every = forms.CharField(
        label=_("At least every"),
        max_length=20,
        required=False,
        help_text=_("Such as 12 hours: shorter than the policy's period. Empty: as the policy says."),
    )


class PlaceForm(forms.Form):
    """Where an LPR is."""

    place = forms.CharField(label=_("Place, or the vehicle that carries it"), max_length=160, required=False)
    latitude = forms.FloatField(label=_("Latitude"), min_value=-90, max_value=90, required=False)
    longitude = forms.FloatField(label=_("Longitude"), min_value=-180, max_value=180, required=False)

    def clean(self) -> dict[str, Any]:
        """Demand both degrees or neither."""
        data = super().clean() or self.cleaned_data
        if not self.errors and (data["latitude"] is None) != (data["longitude"] is None):
            self.add_error("longitude", _("A place on the map has a latitude and a longitude: give both, or neither."))
        return data


class LPRForm(PlaceForm):
    """A new LPR."""

    name = forms.CharField(label=_("Name"), max_length=80)
    kind = forms.ChoiceField(label=_("Kind"), choices=LPR.Kind.choices)
    model = forms.CharField(label=_("Make and model"), max_length=80, required=False)
    software = forms.CharField(label=_("Software version"), max_length=40, required=False)
    field_order = ("name", "kind", "model", "software", "place", "latitude", "longitude")
