"""The form of a tour of duty."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from platekeeper.server.equipment.lookups import lprs
from platekeeper.server.equipment.models import LPR
from platekeeper.server.userlog.models import PURPOSES


class TourForm(forms.Form):
    """Any LPR may be sent and no purpose is required here: the rule refuses, and the refusal is logged."""

    lpr = forms.ModelChoiceField(label=_("LPR"), queryset=LPR.objects.none())
    purpose = forms.ChoiceField(
        label=_("Purpose"), choices=[("", _("Choose one")), *PURPOSES.items()], required=False,
        help_text=_("LPRs are used for a legitimate law enforcement purpose only (VII.a)."),
    )  # fmt: skip

    def __init__(self, *args: Any, offered: Iterable[LPR], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["lpr"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = lprs()
        named = [(lpr.pk, f"{lpr.name} ({lpr.get_kind_display()})") for lpr in offered]
        field.choices = [("", _("Choose one")), *named]
