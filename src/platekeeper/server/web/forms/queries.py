"""The search form: what is asked, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import time, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from platekeeper.core.partial import PatternError
from platekeeper.core.rules.reasons import EXAMPLE, PROHIBITED, Prohibited
from platekeeper.core.search.asked import WEEKDAYS
from platekeeper.server.equipment.lookups import lprs
from platekeeper.server.equipment.models import LPR
from platekeeper.server.partners.models import Partner
from platekeeper.server.procedures.question import Question, patterns_in
from platekeeper.server.querylog.models import QueryLogEntry
from platekeeper.server.web.forms.areas import AreaField
from platekeeper.server.web.forms.calendar import Moment
from platekeeper.server.web.forms.choices import CHOOSE
from platekeeper.server.web.language import said_lazily

_PURPOSES = [choice for choice in QueryLogEntry.Purpose.choices if choice[0] != QueryLogEntry.Purpose.ALERT]
_CLOCK = {"type": "time"}
_WIDEST = timedelta(days=1)
"""How much time a search without a plate may span: it looks at every read of its places."""


def _missing(words: Any) -> dict[str, Any]:
    return {"required": words}


class InquiryForm(forms.Form):
    """Why stored reads are looked into, whatever is asked of them, and at which LPRs.

    What is not filled in is no question yet: everything that is missing is told at once, and nothing is logged. A question
    is judged by the rule, and one that is refused is logged.
    """

    lprs = forms.ModelMultipleChoiceField(
        label=_("LPRs"), queryset=LPR.objects.none(), required=False, help_text=_("none chosen: all of them")
    )
    purpose = forms.ChoiceField(
        label=_("Purpose"),
        choices=[CHOOSE, *_PURPOSES],
        error_messages=_missing(_("Choose the purpose of this query.")),
    )
    offense = forms.CharField(
        label=_("Offense or incident type"), max_length=80,
        error_messages=_missing(_("Name the offense or incident type.")),
    )  # fmt: skip
    case_number = forms.CharField(
        label=_("Case or call number"), max_length=40, error_messages=_missing(_("Give the case or call number."))
    )
    justification = forms.CharField(
        label=_("Why this look is needed"),
        max_length=400,
        error_messages=_missing(_("Say why this look is needed.")),
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("what happened, and what is looked for: %(example)s") % {"example": EXAMPLE},
    )
    none_prohibited = forms.BooleanField(
        label=_("This search serves none of these purposes"),
        error_messages=_missing(_("Declare that this search serves none of the prohibited purposes.")),
    )
    requestor = forms.CharField(
        label=_("On behalf of"), max_length=120, required=False, help_text=_("if somebody asked for it")
    )
    requestor_agency = forms.CharField(label=_("Their agency or unit"), max_length=120, required=False)
    recipients = forms.CharField(
        label=_("Who else gets the result"), max_length=240, required=False, help_text=_("names and agencies")
    )
    is_exigent = forms.BooleanField(label=_("It cannot wait: a life is in danger, or somebody escapes"), required=False)
    exigent = forms.CharField(
        label=_("What the danger is"),
        max_length=240,
        required=False,
        help_text=_("The search runs at once. Somebody else reviews it within a day."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lprs"].queryset = lprs()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Find what belongs together and is filled in by halves."""
        data = super().clean() or self.cleaned_data
        who, agency = data.get("requestor"), data.get("requestor_agency")
        if agency and not who:
            self.add_error("requestor", _("Name who asked for this search, not only their agency."))
        if who and not agency:
            self.add_error("requestor_agency", _("Name the agency or unit of whoever asked for this search."))
        if data.get("is_exigent") and not data.get("exigent"):
            self.add_error("exigent", _("Say what the danger is."))
        return data

    def reasons(self) -> list[forms.BoundField]:
        """Return the fields that say why."""
        return self.named("purpose", "offense", "case_number", "justification")

    def prohibited(self) -> tuple[Prohibited, ...]:
        """Return what nobody searches for."""
        return PROHIBITED

    def others(self) -> list[forms.BoundField]:
        """Return the fields that say for whom, and who else gets the result (VI.g, VIII.c)."""
        return self.named("requestor", "requestor_agency", "recipients")

    def is_for_others(self) -> bool:
        """Say whether one of them is filled, so that they are shown."""
        return any(field.value() for field in self.others())

    def named(self, *names: str) -> list[forms.BoundField]:
        """Return the fields of these names, in their order."""
        return [self[name] for name in names]

    def question(self) -> Question:
        """Return the cleaned form as a question."""
        data = self.cleaned_data
        asked = {each.name: data[each.name] for each in fields(Question) if each.name in data}
        return Question(**(asked | {"lprs": tuple(lpr.pk for lpr in data["lprs"])}))


class SearchForm(InquiryForm):
    """Reads of plates, places and times."""

    plate = forms.CharField(
        label=_("Plate"),
        required=False,
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 2, "autocapitalize": "characters", "spellcheck": "false"}),
        help_text=_("Complete, or ? for one character and * for any run: ABC1234, AB?1*. Several: one a line."),
    )
    look_alikes = forms.BooleanField(label=_("Also characters that look alike, such as 8 and B"), required=False)
    since = Moment(label=_("From"))
    until = Moment(label=_("Until"))
    area = AreaField(help_text=_("drawn on the map, or written: circle 43.0481,-76.1474 800 (meters)"))
    states = forms.CharField(label=_("State"), max_length=60, required=False, help_text=_("NY, or NY, NJ"))
    directions = forms.CharField(label=_("Direction"), max_length=60, required=False)
    colors = forms.CharField(label=_("Color of the vehicle"), max_length=80, required=False)
    makes = forms.CharField(label=_("Make of the vehicle"), max_length=80, required=False)
    hits = forms.ChoiceField(
        label=_("Hits"), required=False,
        choices=[("", _("reads, hits or not")), ("only", _("only hits")), ("none", _("only what was no hit"))],
    )  # fmt: skip
    weekdays = forms.TypedMultipleChoiceField(
        label=_("On these days"), coerce=int, required=False, choices=list(enumerate(map(said_lazily, WEEKDAYS))),
        widget=forms.CheckboxSelectMultiple, help_text=_("none chosen: every day"),
    )  # fmt: skip
    hour_from = forms.TimeField(label=_("Daily from"), required=False, widget=forms.TimeInput(attrs=_CLOCK))
    hour_until = forms.TimeField(
        label=_("Daily until"), required=False, widget=forms.TimeInput(attrs=_CLOCK),
        help_text=_("past midnight where it is earlier"),
    )  # fmt: skip

    partners = forms.MultipleChoiceField(
        label=_("Also ask"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("Their own policy decides and logs it; they see your name, the plate and your reasons."),
    )  # fmt: skip

    def __init__(self, *args: Any, zone: str = "UTC", partners: Sequence[Partner] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._zone, self._partners = zone, {str(partner.pk): partner for partner in partners}
        choices = [(number, partner.agency.name) for number, partner in self._partners.items()]
        self.fields["partners"].choices = choices  # type: ignore[attr-defined]

    def chosen(self) -> list[Partner]:
        """Return the partners to ask as well."""
        return [self._partners[number] for number in self.cleaned_data["partners"]]

    def asks(self) -> list[forms.BoundField]:
        """Return the fields that say what is asked, those that everybody fills."""
        return self.named("plate", "look_alikes", "since", "until", "lprs")

    def narrows(self) -> list[forms.BoundField]:
        """Return the fields that ask for less."""
        return self.named("states", "directions", "colors", "makes", "hits", "weekdays", "hour_from", "hour_until")

    def is_narrowed(self) -> bool:
        """Say whether one of them is filled, so that they are shown."""
        return any(field.value() for field in self.narrows())

    def clean(self) -> dict[str, Any]:
        """Refuse plates that are none, times that are none, and what would look at everything: all of it at once."""
        data = super().clean()
        since, until = data.get("since"), data.get("until")
        span = until - since if since and until else timedelta(0)
        if since and until and span <= timedelta(0):
            self.add_error("until", _("The time span ends before it begins."))
        if "plate" in data:
            self._check_plate(data["plate"], narrowed=bool(data.get("lprs") or data.get("area")), span=span)
        self._check_hours(data.get("hour_from"), data.get("hour_until"))
        return data

    def _check_plate(self, plate: str, *, narrowed: bool, span: timedelta) -> None:
        try:
            patterns = patterns_in(plate)
        except PatternError as error:
            self.add_error("plate", str(error))
            return
        if patterns or self.errors.keys() & {"lprs", "area"}:
            return
        if not narrowed:
            self.add_error("plate", _("Write a plate, or choose LPRs or an area."))
        elif span > _WIDEST:
            self.add_error("until", _("Without a plate a search spans a day at most."))

    def _check_hours(self, begin: time | None, end: time | None) -> None:
        half = (begin is None) != (end is None) or (begin is not None and begin == end)
        if half and not self.errors.keys() & {"hour_from", "hour_until"}:
            self.add_error("hour_until", _("Give both hours, one other than the other."))

    def question(self) -> Question:
        """Return the cleaned form as a question."""
        return replace(super().question(), besides=self._besides())

    def _besides(self) -> dict[str, Any]:
        data = self.cleaned_data
        asked: dict[str, Any] = {"look_alikes": data["look_alikes"], "area": data["area"], "hits": data["hits"]}
        asked |= {
            name: _listed(data[name], upper=name == "states") for name in ("states", "directions", "colors", "makes")
        }
        if data["weekdays"] or data["hour_from"]:
            begin, end = (
                each.hour * 60 + each.minute if each else 0 for each in (data["hour_from"], data["hour_until"])
            )
            days = data["weekdays"] or list(range(7))
            asked["hours"] = {"zone": self._zone, "weekdays": days, "begin": begin, "end": end or 1440}
        return {name: value for name, value in asked.items() if value}


def _listed(text: str, *, upper: bool) -> list[str]:
    words = (each.strip() for each in text.split(","))
    return [each.upper() if upper else each for each in words if each]
