"""The form of an entry made in the field: a plate and a ground; the rest has what is usual on that ground."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from platekeeper.core.categories import Category
from platekeeper.core.rules.field_entries import REQUIRED, USUAL, Ground
from platekeeper.server.hotlist.field import GROUNDS
from platekeeper.server.personnel.models import Person
from platekeeper.server.procedures.enter_in_field import FieldEntry
from platekeeper.server.web.forms.choices import CHOOSE
from platekeeper.server.web.forms.entries import CATEGORIES

HOURS: dict[str, str | Promise] = {
    "4": _("4 hours"), "12": _("12 hours"), "24": _("1 day"), "72": _("3 days"), "168": _("7 days"), "720": _("30 days"),
}  # fmt: skip
"""How long an entry of the field may stand, in hours."""


def usual_of(ground: Ground) -> str | Promise:
    """Return how long an entry on a ground stands, in words."""
    return HOURS[f"{USUAL[ground].stands // timedelta(hours=1)}"]


class FieldEntryForm(forms.Form):
    """What a member enters in the car. Anything may be sent: the rules refuse, and the refusal is logged."""

    plate = forms.CharField(
        label=_("Plate"), max_length=30,
        widget=forms.TextInput(attrs={
            "autofocus": True, "autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false",
            "class": "is-plate",
        }),
    )  # fmt: skip
    jurisdiction = forms.CharField(
        label=_("State"), max_length=2, required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "size": 4}),
    )  # fmt: skip
    ground = forms.ChoiceField(
        label=_("Why"), choices=list(GROUNDS.items()), widget=forms.RadioSelect,
        error_messages={"required": _("Choose why this plate is entered.")},
    )  # fmt: skip
    director = forms.ModelChoiceField(
        label=_("Directed or authorized by"), queryset=Person.objects.none(), required=False,
        help_text=_("They are asked to confirm it (VII.f.2)."),
    )  # fmt: skip
    stands = forms.ChoiceField(
        label=_("It ends after"), choices=[("", _("what is usual")), *HOURS.items()], required=False,
        widget=forms.RadioSelect,
    )  # fmt: skip
    reason = forms.CharField(
        label=_("What to know"), max_length=240, required=False,
        help_text=_("Vehicle, persons, danger: what the member who sees the hit must know."),
    )  # fmt: skip
    authority = forms.CharField(
        label=_("Report or bulletin"), max_length=160, required=False,
        help_text=_("Its number or sender. Empty: that you heard it, and when."),
    )  # fmt: skip
    case_number = forms.CharField(label=_("Case or call number"), max_length=40, required=False)
    category = forms.ChoiceField(
        label=_("Category"), choices=[("", _("what is usual")), *CATEGORIES.items()], required=False
    )

    def __init__(self, *args: Any, directors: Sequence[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        field = self.fields["director"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Person.objects.filter(pk__in=[each.pk for each in directors])
        field.choices = [CHOOSE, *((each.pk, each.name) for each in directors)]

    @property
    def grounds(self) -> list[dict[str, Any]]:
        """Return the grounds as the page shows them: those that must be entered first."""
        chosen = self["ground"].value()
        return [
            {
                "value": str(ground), "words": words, "clause": USUAL[Ground(ground)].clause.number,
                "usual": usual_of(Ground(ground)), "required": ground in REQUIRED, "chosen": chosen == ground,
            }
            for ground, words in GROUNDS.items()
        ]  # fmt: skip

    @property
    def entry(self) -> FieldEntry:
        """Return what was written, once it is valid."""
        given = self.cleaned_data
        ground = Ground(given["ground"])
        return FieldEntry(
            plate=given["plate"],
            ground=ground,
            jurisdiction=given["jurisdiction"],
            category=Category(given["category"]) if given["category"] else None,
            reason=given["reason"],
            authority=given["authority"],
            case_number=given["case_number"],
            stands=timedelta(hours=int(given["stands"])) if given["stands"] else None,
            director=given["director"] if ground is Ground.DIRECTED else None,
        )
