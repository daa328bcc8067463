"""The forms of defects."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from platekeeper.server.equipment.models.defects import KINDS
from platekeeper.server.procedures.report_defects import LARGEST_PHOTO


class DefectForm(forms.Form):
    """What is wrong: a tap, a photograph, and words for who has the time."""

    kind = forms.ChoiceField(label=_("What is wrong"), choices=list(KINDS.items()), widget=forms.RadioSelect)
    photograph = forms.FileField(
        label=_("Photograph"), required=False,
        widget=forms.ClearableFileInput(attrs={"accept": "image/jpeg,image/png", "capture": "environment"}),
    )  # fmt: skip
    words = forms.CharField(label=_("In words"), max_length=400, required=False)

    def clean_photograph(self) -> bytes | None:
        """Return the bytes; what is too large is not read."""
        file = self.cleaned_data["photograph"]
        if file is None:
            return None
        if file.size > LARGEST_PHOTO:
            raise forms.ValidationError(_("This photograph is larger than 16 MB."))
        content: bytes = file.read()
        return content
