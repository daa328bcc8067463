"""What command names when it directs that data be kept (VI.k.4)."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from platekeeper.core.partial import PatternError, parse_pattern
from platekeeper.server.casefiles.models import CaseFile
from platekeeper.server.equipment.lookups import lprs
from platekeeper.server.equipment.models import LPR
from platekeeper.server.storage.terms import MOST_PARTIALS, MOST_PLATES
from platekeeper.server.web.forms.areas import AreaField
from platekeeper.server.web.forms.calendar import Day, Moment


class NamedForm(forms.Form):
    """Plates, LPRs, an area or a time; why, until when, and the case that keeps the copies."""

    case = forms.ModelChoiceField(
        label=_("Case that keeps the copies"), queryset=CaseFile.objects.filter(ended_at=None), to_field_name="number",
        widget=forms.TextInput, help_text=_("its number"),
        error_messages={"invalid_choice": _("There is no such case. Whoever works hits or searches opens it under Cases.")},
    )  # fmt: skip
    plates = forms.CharField(
        label=_("Plates"), required=False, max_length=5_000, widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
        help_text=_("Complete, or ? for one character and * for any run. Several: one a line."),
    )  # fmt: skip
    lprs = forms.ModelMultipleChoiceField(
        label=_("LPRs"), queryset=LPR.objects.none(), required=False, help_text=_("none chosen: all of them")
    )
    area = AreaField(help_text=_("circle 43.0481,-76.1474 800 (meters)"))
    since = Moment(label=_("Captured from"), required=False)
    until = Moment(label=_("Captured before"), required=False)
    kept_until = Day(label=_("Keep until"))
    why = forms.CharField(label=_("Why"), max_length=240)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lprs"].queryset = lprs()  # type: ignore[attr-defined]

    def clean_plates(self) -> tuple[str, ...]:
        """Return the plates and patterns as a search takes them."""
        texts = [each for each in re.split(r"[,;\n]+", self.cleaned_data["plates"]) if each.strip()]
        try:
            plates = tuple(dict.fromkeys(parse_pattern(each).text for each in texts))
        except PatternError as error:
            raise forms.ValidationError(str(error)) from error
        if len(plates) > MOST_PLATES or sum(bool(set(each) & {"?", "*"}) for each in plates) > MOST_PARTIALS:
            raise forms.ValidationError(
                _("Name %(plates)s plates at most, %(partial)s of them partial."),
                params={"plates": MOST_PLATES, "partial": MOST_PARTIALS},
            )
        return plates

    def directive(self) -> dict[str, Any]:
        """Return the cleaned form as a directive says it."""
        return self.cleaned_data | {"lprs": tuple(lpr.pk for lpr in self.cleaned_data["lprs"])}
