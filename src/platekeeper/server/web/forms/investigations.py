"""What the tools ask, beside the purpose part that every inquiry has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from platekeeper.core.investigations.terms import (
    MOST_DAYS,
    MOST_MINUTES,
    MOST_OCCASIONS,
    MOST_SCENES,
    Scene,
    Scenes,
    StakeOutTerms,
    TravelsWith,
    UnclearTerms,
    circle_of,
)
from platekeeper.core.search.areas import Circle
from platekeeper.server.equipment.lookups import lprs
from platekeeper.server.equipment.models import LPR
from platekeeper.server.web.forms.calendar import Moment
from platekeeper.server.web.forms.queries import InquiryForm

_LONGEST_LIST = 400


class ToolForm(InquiryForm):
    """An inquiry with a tool's own terms; `WHAT` names the tool's fields."""

    WHAT: tuple[str, ...] = ()

    def what(self) -> list[BoundField]:
        """Return the tool's own fields."""
        return [self[name] for name in self.WHAT]

    def clean(self) -> dict[str, Any]:
        """Understand the tool's terms; what cannot be asked is said with how it could."""
        super().clean()
        if self.is_clear():
            try:
                terms = self.tool().terms()
            except UnclearTerms as error:
                self.add_error(None, str(error))
                return self.cleaned_data
            span = {name: datetime.fromisoformat(terms[name]) for name in ("since", "until")}
            chosen = lprs().filter(pk__in=terms["lprs"])
            self.cleaned_data |= {"tool": terms, "plate": terms["plate"], "lprs": chosen, **span}
        return self.cleaned_data

    def is_clear(self) -> bool:
        """Say whether the tool's own fields are filled in, however it is with the reasons."""
        return not self.errors.keys() & set(self.WHAT)

    def tool(self) -> Scenes | TravelsWith | StakeOutTerms:
        """Return what is asked, out of the cleaned fields. Raises `UnclearTerms`."""
        raise NotImplementedError


class SceneForm(forms.Form):
    """One scene: when, and at which LPRs or in which circle."""

    since = Moment(label=_("From"), required=False)
    until = Moment(label=_("Until"), required=False)
    circle = forms.CharField(
        label=_("Circle"),
        max_length=60,
        required=False,
        help_text=_("drawn on the map, or written: circle 43.0481,-76.1474 500 (meters)"),
    )
    lprs = forms.ModelMultipleChoiceField(
        label=_("LPRs"), queryset=LPR.objects.none(), required=False, help_text=_("beside those in the circle")
    )

    def __init__(self, *args: Any, offered: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        """Take the LPRs to choose from: looked up for all scenes at once."""
        super().__init__(*args, **kwargs)
        field = self.fields["lprs"]
        field.queryset = lprs()  # type: ignore[attr-defined]
        field.choices = offered  # type: ignore[attr-defined]

    def clean_circle(self) -> Circle | None:
        """Read the circle."""
        text = self.cleaned_data["circle"].strip()
        try:
            return circle_of(text) if text else None
        except UnclearTerms as error:
            raise forms.ValidationError(str(error)) from error

    def clean(self) -> dict[str, Any]:
        """Demand both times of a scene that says anything."""
        data = super().clean() or self.cleaned_data
        if self.has_changed() and not (data.get("since") and data.get("until")) and not self.errors:
            raise forms.ValidationError(_("Say from when until when."))
        return data

    def scene(self) -> Scene:
        """Return the cleaned form as a scene, the LPRs in its circle looked up."""
        circle: Circle | None = self.cleaned_data["circle"]
        numbers = {lpr.pk for lpr in self.cleaned_data["lprs"]}
        if circle is not None:
            numbers |= set(_in_circle(circle))
        return Scene(tuple(sorted(numbers)), self.cleaned_data["since"], self.cleaned_data["until"], circle)


class ScenesForm(ToolForm):
    """Plates at several scenes. The scenes themselves are a formset beside it: `scenes`."""

    least = forms.IntegerField(
        label=_("Seen at so many scenes at least"), min_value=2, max_value=MOST_SCENES, initial=2
    )
    WHAT = ("least",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [(lpr.pk, str(lpr)) for lpr in lprs()]
        self.scenes = _SCENES(args[0] if args else None, prefix="scene", form_kwargs={"offered": offered})

    def clean(self) -> dict[str, Any]:
        """Understand the scenes first."""
        if not self.scenes.is_valid():
            self.add_error(None, _("A scene is not clear: see there."))
        return super().clean()

    def is_clear(self) -> bool:
        """Say whether the scenes are, too."""
        return super().is_clear() and self.scenes.is_valid()

    def tool(self) -> Scenes:
        """Return what is asked."""
        told = tuple(each.scene() for each in self.scenes if each.has_changed())
        return Scenes(told, self.cleaned_data["least"])


_SCENES = forms.formset_factory(SceneForm, extra=MOST_SCENES, max_num=MOST_SCENES, absolute_max=MOST_SCENES)


class TravelsWithForm(ToolForm):
    """Who travels with a plate."""

    plate = forms.CharField(label=_("Plate"), max_length=20, help_text=_("complete"))
    since = Moment(label=_("From"))
    until = Moment(label=_("Until"))
    minutes = forms.IntegerField(label=_("Within minutes"), min_value=1, max_value=MOST_MINUTES, initial=3)
    occasions = forms.IntegerField(
        label=_("Occasions at least"),
        min_value=1,
        max_value=MOST_OCCASIONS,
        initial=3,
        help_text=_("ten minutes apart"),
    )
    places = forms.IntegerField(label=_("Places at least"), min_value=1, max_value=MOST_OCCASIONS, initial=2)
    WHAT = ("plate", "since", "until", "minutes", "occasions", "places", "lprs")
    LONGEST = MOST_DAYS

    def tool(self) -> TravelsWith:
        """Return what is asked."""
        names = ("plate", "since", "until", "minutes", "occasions", "places")
        return TravelsWith(
            **{name: self.cleaned_data[name] for name in names}, lprs=_numbers(self.cleaned_data["lprs"])
        )


class StakeOutForm(ToolForm):
    """A stake-out: which plates, where, until when. It is never exigent: somebody else decides before it runs."""

    plates = forms.CharField(
        label=_("Plates"), max_length=_LONGEST_LIST, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("one a line; ? for one character and * for any run"),
    )  # fmt: skip
    ends = Moment(label=_("Until"))
    WHAT = ("plates", "ends", "lprs")

    def __init__(self, *args: Any, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["is_exigent"], self.fields["exigent"]
        self._at = at

    def tool(self) -> StakeOutTerms:
        """Return what is asked."""
        plates = tuple(filter(None, map(str.strip, self.cleaned_data["plates"].replace(",", "\n").splitlines())))
        return StakeOutTerms(plates, _numbers(self.cleaned_data["lprs"]), self._at, self.cleaned_data["ends"])


def _numbers(chosen: Iterable[LPR]) -> tuple[int, ...]:
    return tuple(sorted(lpr.pk for lpr in chosen))


def _in_circle(circle: Circle) -> Iterable[int]:
    return (
        lpr.pk
        for lpr in lprs()
        if lpr.latitude is not None and lpr.longitude is not None and circle.contains(lpr.latitude, lpr.longitude)
    )
