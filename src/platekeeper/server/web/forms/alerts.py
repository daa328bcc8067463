"""What a person makes of an alert bulletin: plates to enter, entries of it that stand, and why nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from platekeeper.core.formats.cap import Alert, MessageType
from platekeeper.core.formats.cap_vehicles import Proposal, ground_of
from platekeeper.core.rules.field_entries import Ground
from platekeeper.server.hotlist.field import GROUNDS
from platekeeper.server.hotlist.models import HotListEntry
from platekeeper.server.procedures.alert_bulletins import Look, ends_at
from platekeeper.server.procedures.enter_in_field import FieldEntry
from platekeeper.server.web.forms.calendar import Moment

BY_HAND = 1
"""Empty rows for plates that a person reads in a bulletin and nothing proposed."""


class AlertFile(forms.Form):
    """The file."""

    file = forms.FileField(
        label=_("CAP 1.2 file"),
        help_text=_("Nothing is entered yet: it is shown first as it was read."),
        widget=forms.ClearableFileInput(attrs={"accept": ".xml,.cap"}),
    )


class PlateForm(forms.Form):
    """A plate that a bulletin may ask for; it is entered only if somebody says so."""

    enter = forms.BooleanField(label=_("Enter this plate"), required=False)
    plate = forms.CharField(label=_("Plate"), max_length=30, required=False)
    jurisdiction = forms.CharField(label=_("State"), max_length=2, required=False)
    ground = forms.ChoiceField(
        label=_("Why"), choices=[(key, words) for key, words in GROUNDS.items() if key != Ground.DIRECTED]
    )
    reason = forms.CharField(label=_("What to know"), max_length=240, required=False)
    ends = Moment(label=_("Ends"))
    template_name_label = ""

    def __init__(self, *args: Any, proposal: Proposal | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix, self.proposal = "", proposal

    @property
    def is_wanted(self) -> bool:
        """Whether it is to be entered: ticked, or written by hand."""
        return bool(self.cleaned_data["enter"] or (self.proposal is None and self.cleaned_data["plate"].strip()))

    def entry(self, alert: Alert, *, at: datetime) -> FieldEntry:
        """Return what is to be entered, once it is valid."""
        given, main = self.cleaned_data, alert.main
        sender = (main.sender_name if main else "") or alert.sender
        return FieldEntry(
            plate=given["plate"],
            ground=Ground(given["ground"]),
            jurisdiction=given["jurisdiction"],
            reason=given["reason"],
            authority=f"{sender}, {alert.identifier}",
            stands=given["ends"] - at,
        )


class StandingForm(forms.Form):
    """What becomes of an entry of an earlier bulletin that this one refers to."""

    then = forms.ChoiceField(
        label=_("Then"), choices=[("keep", _("keep it, until")), ("withdraw", _("take it off the list"))],
        widget=forms.RadioSelect,
    )  # fmt: skip
    ends = Moment(label=_("Ends"))

    def __init__(self, *args: Any, entry: HotListEntry, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix, self.entry = "", entry


class RemarkForm(forms.Form):
    """Why nothing follows, or what else is to be said."""

    remark = forms.CharField(
        label=_("Remark"), max_length=240, required=False, help_text=_("Needed if nothing is entered or taken off.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""


class SettleForms:
    """All the forms of one bulletin's page."""

    def __init__(self, look: Look, data: Any, *, at: datetime) -> None:
        alert, self.at = look.alert, at
        self.alert = alert
        self.remark = RemarkForm(data)
        self.plates: list[PlateForm] = []
        self.standing: list[StandingForm] = []
        if alert is None:
            return
        ends = timezone.localtime(ends_at(alert, at=at)).replace(second=0, microsecond=0)
        rows: list[Proposal | None] = [*look.proposed]
        if alert.message_type in (MessageType.ALERT, MessageType.UPDATE):
            rows += [None] * BY_HAND
        for number, proposal in enumerate(rows):
            initial = {"ground": ground_of(alert), "ends": ends, "reason": _reason(alert, proposal)}
            if proposal is not None:
                initial |= {"plate": proposal.plate, "jurisdiction": proposal.state}
            self.plates.append(PlateForm(data, proposal=proposal, prefix=f"plate-{number}", initial=initial))
        goes = alert.message_type is MessageType.CANCEL
        for entry in look.standing:
            end = timezone.localtime(entry.expires_at) if goes else ends
            initial = {"then": "withdraw" if goes else "keep", "ends": end}
            self.standing.append(StandingForm(data, entry=entry, prefix=f"entry-{entry.pk}", initial=initial))

    @property
    def are_valid(self) -> bool:
        """Whether everything that was written can be read."""
        forms = (self.remark, *self.plates, *self.standing)
        return len(forms) == sum(form.is_valid() for form in forms)  # each is asked, so that each shows its errors

    @property
    def decided(self) -> dict[str, Any]:
        """Return what `settle` asks for."""
        alert = self.alert
        kept = {
            form.entry.pk: form.cleaned_data["ends"] for form in self.standing if form.cleaned_data["then"] == "keep"
        }
        return {
            "enter": [form.entry(alert, at=self.at) for form in self.plates if alert is not None and form.is_wanted],
            "withdraw": [form.entry.pk for form in self.standing if form.entry.pk not in kept],
            "move_ends": kept,
            "remark": self.remark.cleaned_data["remark"],
        }


def _reason(alert: Alert, proposal: Proposal | None) -> str:
    main = alert.main
    said = [(main.headline or main.event) if main else "", proposal.vehicle if proposal else ""]
    return ": ".join(filter(None, said))[:240]
