"""Where collecting is barred, on a map and in words, with what was counted there (IV.h)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from platekeeper.core.rules.barred import may_bar
from platekeeper.server.equipment.lookups import lprs
from platekeeper.server.ledger.actions import Action
from platekeeper.server.procedures import bar_places
from platekeeper.server.procedures.authority import Footing, RefusedAction
from platekeeper.server.reads.barred import barred_places
from platekeeper.server.reads.models import BarredPlace
from platekeeper.server.web.forms.areas import AreaField
from platekeeper.server.web.forms.calendar import Moment
from platekeeper.server.web.maps import map_of
from platekeeper.server.web.screens import footing_of, mendable, step_up


class BarredForm(forms.Form):
    """A place to bar."""

    name = forms.CharField(label=_("Name"), max_length=120)
    kind = forms.ChoiceField(label=_("Kind"), choices=BarredPlace.Kind.choices)
    why = forms.CharField(label=_("Why"), max_length=240)
    since = Moment(label=_("From"), required=False, help_text=_("Empty: from now on."))
    until = Moment(
        label=_("Until"),
        required=False,
        help_text=_("Empty: without an end."),
    )
    area = AreaField()

    def clean_area(self) -> str:
        """Ask for an area: a place without one bars nothing."""
        area: str = self.cleaned_data["area"]
        if not area:
            raise forms.ValidationError(_("Draw the area, or write it."))
        return area


@require_http_methods(["GET", "HEAD", "POST"])
def places(request: HttpRequest) -> HttpResponse:
    """List the places with their counts; of another that is to be barred, show which LPRs stand in it."""
    by = footing_of(request)
    by.demand(bar_places.may_see_places(by), attempted=Action.PLACE_BARRED)
    form = BarredForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _shown(request, by, form)
    said = {name: value for name, value in form.cleaned_data.items() if name not in {"name", "kind"}}
    try:
        inside = bar_places.look(by, **said)
    except RefusedAction as refused:
        return _shown(request, by, form, refused)
    context: dict[str, Any] = {
        "form": form,
        "inside": inside,
        "on_the_map": bar_places.lprs_on_the_map().count(),
        "map": map_of(lprs(), barred=[(form.cleaned_data["name"], form.cleaned_data["area"])]),
    }
    return render(request, "barred/look.html", context)


@require_POST
@step_up
def bar(request: HttpRequest) -> HttpResponse:
    """Bar a place, once it was seen which LPRs stand in it and the password was asked for again."""
    by, form = footing_of(request), BarredForm(request.POST)
    if not form.is_valid():
        by.demand(may_bar(by.authority, by.policy), attempted=Action.PLACE_BARRED)
        return _shown(request, by, form)
    try:
        bar_places.bar(by, **form.cleaned_data)
    except RefusedAction as refused:
        return _shown(request, by, form, refused)
    return redirect("barred_places")


def _shown(request: HttpRequest, by: Footing, form: BarredForm, refused: RefusedAction | None = None) -> HttpResponse:
    bars = bool(may_bar(by.authority, by.policy))
    refusal = None if refused is None else mendable(refused, may=bars)
    places = barred_places()
    context: dict[str, Any] = {
        "places": places,
        "form": form,
        "refusal": refusal,
        "bars": bars,
        "map": map_of(lprs(), barred=[(each.name, each.area) for each in places if each.ended_at is None]),
    }
    return render(request, "barred/places.html", context, status=200 if refusal is None else 403)


@require_POST
@step_up
def let_collect(request: HttpRequest, place_id: int) -> HttpResponse:
    """Let a place be collected at again."""
    bar_places.let_collect(footing_of(request), get_object_or_404(BarredPlace, pk=place_id))
    return redirect("barred_places")


urlpatterns: list[URLPattern] = [
    path("", places, name="barred_places"),
    path("bar/", bar, name="barred_bar"),
    path("<int:place_id>/end/", let_collect, name="barred_end"),
]
