"""What the deployment map asks: a scene, a ring, and LPRs."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from platekeeper.core.perimeter.files import LARGEST
from platekeeper.server.deployments.models import Deployment
from platekeeper.server.equipment.lookups import lprs
from platekeeper.server.equipment.models import LPR
from platekeeper.server.procedures.place_lprs import Asked, at_hand
from platekeeper.server.web.forms.areas import AreaField


class PerimeterForm(forms.Form):
    """Where it happened, how far somebody may have got, and what is at hand."""

    scene = AreaField(help_text=_("circle 43.0481,-76.1474 100 (meters), or polygon and its corners"))
    ahead = forms.IntegerField(
        label=_("Head start, in minutes"), min_value=0, max_value=59, initial=0,
        help_text=_("how long ago they left: nobody is placed where they may have passed already"),
    )  # fmt: skip
    minutes = forms.IntegerField(
        label=_("Ring, in minutes of driving"), min_value=1, max_value=60, initial=10,
        help_text=_("posts stand within it; longer than the head start, and than the way to the posts"),
    )  # fmt: skip
    lprs = forms.ModelMultipleChoiceField(
        label=_("LPRs at hand"), queryset=LPR.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )
    more = forms.IntegerField(
        label=_("LPRs of other agencies"), min_value=0, max_value=50, initial=0, help_text=_("mutual aid")
    )
    per_lane = forms.BooleanField(label=_("One LPR a lane, not one a road"), required=False)
    wrong_way = forms.BooleanField(label=_("Reckon with driving against one-way signs"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        free = [each.pk for each in at_hand()]
        self.fields["scene"].label, self.fields["scene"].required = _("Scene"), True
        self.fields["lprs"].queryset = lprs().filter(pk__in=free)  # type: ignore[attr-defined]
        self.fields["lprs"].initial = free

    def clean(self) -> dict[str, Any]:
        """Demand a ring outside the head start."""
        data = super().clean() or self.cleaned_data
        if data.get("minutes", 1) <= data.get("ahead", 0):
            self.add_error("minutes", _("The ring has to be longer than the head start."))
        return data

    def asked(self) -> Asked:
        """Return what is asked."""
        data = self.cleaned_data
        return Asked(**(data | {"lprs": tuple(lpr.pk for lpr in data["lprs"])}))


class _DeploymentField(forms.ModelChoiceField):  # type: ignore[type-arg] # Django's own is no generic at run time
    def label_from_instance(self, obj: Any) -> str:
        """Return what somebody chooses it by."""
        return f"{obj.get_kind_display()}: {obj.place}"


class KeepForm(forms.Form):
    """The deployment with which posts are kept."""

    deployment = _DeploymentField(label=_("Keep these posts with"), queryset=Deployment.objects.none())

    def __init__(self, *args: Any, offered: list[Deployment], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = Deployment.objects.filter(pk__in=[each.pk for each in offered])
        self.fields["deployment"].queryset = chosen  # type: ignore[attr-defined]


class RoadsForm(forms.Form):
    """A file of roads."""

    file = forms.FileField(
        label=_("File of roads"), widget=forms.ClearableFileInput(attrs={"accept": ".osm,.xml,.geojson,.json"}),
        help_text=_("OpenStreetMap XML or GeoJSON lines, up to %(most)s MB") % {"most": LARGEST // 1024**2},
    )  # fmt: skip
