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
from platekeeper.server.procedures.authority import RefusedAction
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
    """List the places with their counts, and bar another."""
    by = footing_of(request)
    by.demand(bar_places.may_see_places(by), attempted=Action.PLACE_BARRED)
    bars = bool(may_bar(by.authority, by.policy))
    form, refusal = BarredForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        try:
            bar_places.bar(by, **form.cleaned_data)
        except RefusedAction as refused:
            refusal = mendable(refused, may=bars)
        else:
            return redirect("barred_places")
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
    path("<int:place_id>/end/", let_collect, name="barred_end"),
]
