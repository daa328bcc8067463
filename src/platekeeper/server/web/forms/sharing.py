"""Forms about sharing: MOUs, orders of courts, what is handed out, and routine transfers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from platekeeper.core.rules.reasons import PROHIBITED
from platekeeper.core.rules.sharing import Share as RuleShare
from platekeeper.core.rules.sharing import Terms
from platekeeper.core.rules.transfers import KINDS, Every
from platekeeper.server.gateways.destinations import destination
from platekeeper.server.personnel.lookups import agencies
from platekeeper.server.personnel.models import Agency
from platekeeper.server.procedures.hand_out import FORMS, To
from platekeeper.server.querylog.models import QueryLogEntry
from platekeeper.server.sharing.models import Dissemination, Order, Routine, Share
from platekeeper.server.web.forms.areas import AreaField
from platekeeper.server.web.forms.calendar import Day, Moment
from platekeeper.server.web.forms.choices import CHOOSE
from platekeeper.server.web.forms.grounds import GroundForm
from platekeeper.server.web.language import said_lazily

PURPOSES = [each for each in QueryLogEntry.Purpose.choices if each[0] != QueryLogEntry.Purpose.ALERT]
_LARGEST = 10 * 1024 * 1024
_TICKS = forms.CheckboxSelectMultiple


class _WithDocument(forms.Form):
    """A document of an agreement or an order, as a PDF."""

    agency = forms.ModelChoiceField(label=_("Other agency"), queryset=Agency.objects.none())
    document = forms.FileField(label=_("Document"), help_text=_("PDF, up to 10 MB"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agency"].queryset = agencies()  # type: ignore[attr-defined]

    def clean_document(self) -> bytes:
        """Return the content."""
        file: UploadedFile[Any] = self.cleaned_data["document"]
        if file.size is None or file.size > _LARGEST:
            raise forms.ValidationError(_("The document is larger than 10 MB."))
        content: bytes = file.read()
        return content

    def clean_shares(self) -> list[RuleShare]:
        """Return what is shared as the rules know it."""
        return [RuleShare(each) for each in self.cleaned_data["shares"]]


class MouForm(_WithDocument):
    """An MOU with another agency: what is shared, for what, how little of it, and how long."""

    title = forms.CharField(label=_("Title"), max_length=160)
    begins_on = Day(label=_("In force from"))
    ends_on = Day(label=_("Last day"), help_text=_("five years at most; it is then attested anew"))
    shares = forms.MultipleChoiceField(label=_("What is shared"), choices=Share.choices, widget=_TICKS)
    purposes = forms.MultipleChoiceField(label=_("Purposes"), choices=PURPOSES, widget=_TICKS)
    barred = forms.MultipleChoiceField(
        label=_("Purposes barred"), required=False, widget=_TICKS,
        choices=[*PURPOSES, *((each.key, said_lazily(each.title)) for each in PROHIBITED)],
        help_text=_("what is neither allowed nor barred is not shared either"),
    )  # fmt: skip
    images = forms.BooleanField(label=_("Images leave, too"), required=False)
    only_hits = forms.BooleanField(label=_("Of reads, only those that raised a hit"), required=False, initial=True)
    misses = forms.BooleanField(label=_("Hits that were misread leave, too"), required=False)
    area = AreaField(help_text=_("only what was captured there: circle 43.0481,-76.1474 800 (meters), or polygon"))
    days = forms.IntegerField(
        label=_("Days that the receiver keeps it"), min_value=1, max_value=36_500, help_text=_("as they promise")
    )

    def mou(self) -> dict[str, Any]:
        """Return what `manage_mous.draft_mou` takes."""
        data = dict(self.cleaned_data)
        terms = Terms(**{name: data.pop(name) for name in ("images", "only_hits", "misses", "area", "days")})
        return {**data, "terms": terms}


class CourtOrderForm(_WithDocument):
    """A warrant, subpoena or court order in favor of another agency."""

    kind = forms.ChoiceField(label=_("Kind"), choices=Order.Kind.choices)
    court = forms.CharField(label=_("Court, or who issued it"), max_length=160)
    number = forms.CharField(label=_("Docket or index number"), max_length=60)
    shares = forms.MultipleChoiceField(label=_("What it asks for"), choices=Share.choices, widget=_TICKS)
    scope = forms.CharField(
        label=_("In its own words"), max_length=400, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("plates, places, times: no more than this leaves by it"),
    )  # fmt: skip
    issued_on = Day(label=_("Issued on"))
    ends_on = Day(label=_("Last day on which it is answered"))

    def order(self) -> dict[str, Any]:
        """Return what `manage_mous.record_order` takes."""
        return self.cleaned_data | {"kind": Order.Kind(self.cleaned_data["kind"])}


class StepForm(forms.Form):
    """What is said with a step on an MOU; which step it is says the button."""

    note = forms.CharField(
        label=_("Note"), max_length=240, required=False,
        help_text=_("to record their word: who attested it for them; to suspend or end: why"),
    )  # fmt: skip


class ReceiptForm(forms.Form):
    """Who confirmed that something was received."""

    note = forms.CharField(label=_("Who confirmed it, and how"), max_length=240, required=False)


class HandOutForm(GroundForm):
    """Who gets something, why, and in which format."""

    field_order: tuple[str, ...] = ("agency", "name", "why", "form", "order")
    name = forms.CharField(label=_("Who gets it"), max_length=160)
    why = forms.CharField(label=_("Why"), max_length=240)
    form = forms.ChoiceField(
        label=_("Format"), choices=[(str(each), Dissemination.Form(str(each)).label) for each in FORMS]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agency"].required = True
        self.fields["agency"].empty_label = CHOOSE[1]  # type: ignore[attr-defined]

    def to(self) -> To:
        """Return it as a procedure takes it."""
        data = self.cleaned_data
        return To(
            agency=data["agency"],
            name=data["name"],
            why=data["why"],
            form=Dissemination.Form(data["form"]),
            order=data["order"],
        )


class HitsForm(HandOutForm):
    """Hits of a time, for another agency."""

    field_order = ("since", "until", "purpose", "case_number", *HandOutForm.field_order)
    since = Moment(label=_("Captured from"))
    until = Moment(label=_("Captured before"))
    purpose = forms.ChoiceField(label=_("Purpose"), choices=[CHOOSE, *PURPOSES])
    case_number = forms.CharField(label=_("Case or call number"), max_length=40, required=False)

    def asked(self) -> dict[str, Any]:
        """Return which hits."""
        return {name: self.cleaned_data[name] for name in ("since", "until", "purpose", "case_number")}


class LookForm(forms.Form):
    """What a guest looks at, and why."""

    since = Moment(label=_("Captured from"))
    until = Moment(
        label=_("Captured before"),
        help_text=_("seven days later at most"),
    )  # fmt: skip
    purpose = forms.ChoiceField(label=_("Purpose"), choices=[CHOOSE, *PURPOSES])
    case_number = forms.CharField(label=_("Your case or call number"), max_length=40)
    why = forms.CharField(label=_("Why"), max_length=240)


class LeftForm(forms.Form):
    """Which of what left is shown."""

    agency = forms.ModelChoiceField(
        label=_("Agency"), queryset=Agency.objects.none(), required=False, empty_label=_("all")
    )
    since = Day(label=_("From"), required=False)
    until = Day(label=_("Until"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agency"].queryset = agencies()  # type: ignore[attr-defined]


class RoutineForm(forms.Form):
    """A routine transfer: what, for what, how often, and where to."""

    what = forms.ChoiceField(
        label=_("What is sent"), choices=[each for each in Share.choices if RuleShare(each[0]) in KINDS]
    )
    purpose = forms.ChoiceField(label=_("Purpose"), choices=PURPOSES)
    every = forms.ChoiceField(label=_("How often"), choices=Routine.Every.choices)
    form = forms.ChoiceField(
        label=_("Format"), choices=[(str(each), Dissemination.Form(str(each)).label) for each in FORMS[:-1]]
    )
    begins_on = Day(label=_("First day sent"))
    place = forms.CharField(
        label=_("Where to"),
        max_length=240,
        help_text=_("a folder of the server, such as /mnt/county, or an https address"),
    )
    receiver_key = forms.CharField(
        label=_("Receiver's key for receipts"), max_length=44, required=False,
        help_text=_("Ed25519 in base64, if they sign receipts; else somebody here confirms them"),
    )  # fmt: skip

    def clean_place(self) -> str:
        """Refuse what is neither a folder nor an address."""
        place: str = self.cleaned_data["place"].strip()
        try:
            destination(place)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error
        return place

    def routine(self) -> dict[str, Any]:
        """Return what `keep_routines.begin_routine` takes."""
        data = self.cleaned_data
        typed = {
            "what": RuleShare(data["what"]),
            "every": Every(data["every"]),
            "form": Dissemination.Form(data["form"]),
        }
        return data | typed
