"""The form of one blank: a field for each kind of value, and back to the value that `core.blanks` checks."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from platekeeper.core.blanks import Blank, Kind
from platekeeper.core.blanks.kinds import LISTS
from platekeeper.core.durations import NEVER
from platekeeper.server.personnel.lookups import positions
from platekeeper.server.policy.models import AnnualReview
from platekeeper.server.web.forms.calendar import Day
from platekeeper.server.web.forms.choices import CHOOSE
from platekeeper.server.web.forms.clauses import ClauseForm
from platekeeper.server.web.language import said_lazily

_FOCUS = {"autofocus": True}
_UNITS = {
    "minutes": _("minutes"), "hours": _("hours"), "days": _("days"), "weeks": _("weeks"), "years": _("years"),
}  # fmt: skip
_LINES = {
    Kind.LINES: _("One a line."),
    Kind.CLAUSES: _("One clause a line, such as VI.b."),
    Kind.PERIODS: _("One a line, such as: felony: 25 years"),
}


class PeriodWidget(forms.MultiWidget):
    """A number and its unit."""

    template_name = "policy/period.html"

    def __init__(self, *, or_never: bool) -> None:
        units = [*_UNITS.items()] + ([(NEVER, _("never"))] if or_never else [])
        number = forms.NumberInput(attrs={"min": 1, "max": 999999, "aria-label": _("how many"), **_FOCUS})
        super().__init__([number, forms.Select(choices=units, attrs={"aria-label": _("unit")})])

    def decompress(self, value: Any) -> list[Any]:
        """Return number and unit of a stored period."""
        if not value:
            return [None, "days"]
        return [None, NEVER] if value == NEVER else str(value).split(" ")


class PeriodField(forms.MultiValueField):
    """A period as a number and its unit, cleaned to "30 days" or "never"."""

    def __init__(self, *, or_never: bool, **kwargs: Any) -> None:
        fields = (forms.CharField(required=False), forms.CharField(required=False))
        super().__init__(fields, widget=PeriodWidget(or_never=or_never), require_all_fields=False, **kwargs)

    def compress(self, data_list: list[Any]) -> str:
        """Return the period as text; what fits is for the blank to say."""
        number, unit = (str(part or "").strip() for part in (*data_list, "", "")[:2])
        return NEVER if unit == NEVER else f"{number} {unit}" if number else ""


class BlankForm(forms.Form):
    """One blank. A list that may be empty has a box to say so on purpose."""

    def __init__(self, *args: Any, blank: Blank, held: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._blank = blank
        self.fields["value"] = field = _field(blank)
        field.label, field.required = blank.label, False
        if blank.kind is Kind.POSITIONS:
            self.fields["others"] = forms.CharField(
                label=_("Positions that are not in the list"), required=False, widget=forms.Textarea(attrs={"rows": 2}),
                help_text=_("One position a line. It is added to the department's positions."),
            )  # fmt: skip
        if blank.or_none and blank.kind in LISTS:
            self.fields["none"] = forms.BooleanField(
                label=_("None: the department says so on purpose"), required=False, initial=held == []
            )
        self.initial["value"] = _as_typed(blank, held)

    def value(self) -> Any:
        """Return the value to store, None for an empty one."""
        data, kind = self.cleaned_data, self._blank.kind
        if data.get("none"):
            return []
        if kind is Kind.POSITIONS:
            return [*data["value"], *data["others"].splitlines()] or None
        if kind is Kind.DATE:
            return data["value"].isoformat() if data["value"] else None
        text: str = data["value"].strip()
        return text or None


def _field(blank: Blank) -> forms.Field:
    match blank.kind:
        case Kind.CHOICE:
            return forms.ChoiceField(
                choices=[CHOOSE, *((key, said_lazily(words)) for key, words in blank.choices)],
                widget=forms.Select(attrs=_FOCUS),
            )
        case Kind.POSITIONS:
            titles = [(each.title, each.title) for each in positions()]
            return forms.MultipleChoiceField(choices=titles, widget=forms.CheckboxSelectMultiple())
        case Kind.PERIOD:
            return PeriodField(or_never=blank.or_none)
        case Kind.DATE:
            day = Day()
            day.widget.attrs |= _FOCUS
            return day
        case Kind.WHOLE | Kind.MONEY:
            number = forms.TextInput(attrs={"inputmode": "numeric", **_FOCUS})
            return forms.CharField(help_text=blank.unit, widget=number)
        case Kind.LINES | Kind.CLAUSES | Kind.PERIODS:
            area = forms.Textarea(attrs={"rows": 4, **_FOCUS})
            return forms.CharField(help_text=_LINES[blank.kind], widget=area)
        case Kind.TEXT:
            return forms.CharField(max_length=1000, widget=forms.Textarea(attrs={"rows": 2, **_FOCUS}))
    return forms.CharField(max_length=120, widget=forms.TextInput(attrs=_FOCUS))


def _as_typed(blank: Blank, held: Any) -> Any:
    if held is None:
        return None
    match blank.kind:
        case Kind.PERIODS:
            return "\n".join(f"{what}: {period}" for what, period in held)
        case Kind.LINES | Kind.CLAUSES:
            return "\n".join(held)
    return held


class AmendmentForm(forms.Form):
    """What the department does to a clause."""

    number = forms.CharField(label=_("Number"), max_length=12, help_text=_("such as VI.n or VII.h.5"))
    title = forms.CharField(label=_("Title of one line"), max_length=120)
    how = forms.ChoiceField(
        label=_("What to do"), choices=(("changed", _("use our own wording")), ("struck", _("strike the clause")))
    )
    text = forms.CharField(
        label=_("The clause's text"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 8})
    )
    reason = forms.CharField(label=_("Reason"), max_length=400, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, adding: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("how",) if adding else ("number", "title"):
            del self.fields[name]


class CommentForm(ClauseForm):
    """What a reviewer says of the draft."""

    text = forms.CharField(label=_("Comment"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


class RecommendationForm(ClauseForm):
    """What the yearly review recommends."""

    text = forms.CharField(label=_("Recommendation"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


class ConclusionForm(forms.Form):
    """How the yearly review ends."""

    conclusion = forms.ChoiceField(label=_("Conclusion"), choices=AnnualReview.Conclusion.choices)
    next_on = Day(label=_("The next review is due on"))
    remark = forms.CharField(
        label=_("Remark (optional)"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
