"""Forms about case files."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from platekeeper.core.policy import Policy
from platekeeper.server.casefiles.lookups import ANSWERS
from platekeeper.server.casefiles.models import CaseFile, RecordsRequest, RequestStep
from platekeeper.server.web.forms.calendar import Day
from platekeeper.server.web.forms.grounds import GroundForm


class CaseForm(forms.Form):
    """A case: what decides how long it is kept. The classes of offense are those of the policy's record schedule."""

    number = forms.CharField(label=_("Case number"), max_length=40)
    title = forms.CharField(label=_("What it is about"), max_length=160)
    offense_class = forms.ChoiceField(label=_("Class of offense"), required=False)
    is_felony = forms.BooleanField(label=_("Felony investigation"), required=False)

    def __init__(self, *args: Any, policy: Policy, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        classes = [what for what, _period in policy.values.get("VI.k.2.schedule", ())]
        field = self.fields["offense_class"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [("", _("not known yet")), *((each, each) for each in classes)]


class CaseFactsForm(CaseForm):
    """What becomes of a case. What the page showed comes along, so that nobody takes back what another wrote."""

    arrested_on = Day(label=_("Arrest on"), required=False)
    charges = forms.CharField(label=_("Charges"), max_length=240, required=False)
    disposed_on = Day(label=_("Final disposition on"), required=False)
    disposition = forms.CharField(label=_("Final disposition"), max_length=160, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["number"]
        for field in self.fields.values():
            field.show_hidden_initial = True

    @property
    def changed(self) -> dict[str, Any]:
        """What is not as the page showed it, once it is valid."""
        return {name: self.cleaned_data[name] for name in self.changed_data}


class PacketForm(GroundForm):
    """To whom an evidence packet goes, and why."""

    field_order = ("to", "why", "agency", "order")
    to = forms.CharField(label=_("To whom it goes"), max_length=160)
    why = forms.CharField(label=_("Why"), max_length=240)


class OrderForm(forms.Form):
    """The order by which a case is sealed, opened or expunged; to empty it, its number is written out."""

    order = forms.CharField(label=_("By which order"), max_length=160, help_text=_("court, number, day"))
    number = forms.CharField(label=_("The case's number, to go on"), max_length=40)


class RequestForm(forms.Form):
    """A request for records, as it came."""

    kind = forms.ChoiceField(label=_("Kind"), choices=RecordsRequest.Kind.choices)
    asked_by = forms.CharField(label=_("Who asks"), max_length=120)
    contact = forms.CharField(label=_("How to reach them"), max_length=160, required=False)
    what = forms.CharField(label=_("What they ask for"), max_length=400, widget=forms.Textarea(attrs={"rows": 3}))
    case = forms.ModelChoiceField(
        label=_("Of which case"), queryset=CaseFile.objects.filter(ended_at=None), required=False, to_field_name="number",
        widget=forms.TextInput, help_text=_("its number; leave it empty if it is of none"),
        error_messages={"invalid_choice": _("There is no such case. Open it first, or leave this empty.")},
    )  # fmt: skip
    received_on = Day(label=_("Received on"))
    due_on = Day(
        label=_("To be answered by"),
        help_text=_("five business days is usual for the public's requests; for discovery the court says"),
    )  # fmt: skip


class ExtendForm(forms.Form):
    """More time for an answer."""

    until = Day(label=_("New day"))
    why = forms.CharField(label=_("Why, as the requester is told"), max_length=400)


class CorrectDayForm(forms.Form):
    """The day by which it is to be answered, where that was written wrongly."""

    until = Day(label=_("Right day"))
    why = forms.CharField(label=_("Why"), max_length=400)


class ReopenForm(forms.Form):
    """Why an answer does not stand."""

    why = forms.CharField(label=_("Why"), max_length=400)


class AnswerForm(forms.Form):
    """How a request ends."""

    kind = forms.ChoiceField(
        label=_("Answer"), choices=[(each, each.label) for each in RequestStep.Kind if each.value in ANSWERS]
    )
    words = forms.CharField(
        label=_("In words"), max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("what is withheld, or why nothing is given, and on which ground"),
    )  # fmt: skip


class DirectiveForm(forms.Form):
    """Command directs that a case be kept."""

    until = Day(label=_("Keep until"), required=False)
    why = forms.CharField(label=_("Why"), max_length=240, required=False)
