"""People: the list of accounts with what each may do today, and adding somebody (IV.a-c)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from platekeeper.core.rules.access import (
    Authority,
    is_trained,
    may_inquire,
    may_reach_lpr_data,
    may_use_lpr,
    trained_until,
)
from platekeeper.server.ledger.actions import Action
from platekeeper.server.personnel.lookups import authorities_of, people
from platekeeper.server.personnel.models import Person
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.draft_policy import may_govern
from platekeeper.server.procedures.manage_people import add_person, end_of_day, may_look
from platekeeper.server.procedures.passwords import made
from platekeeper.server.web.forms.people import PeopleFilterForm, PersonForm
from platekeeper.server.web.screens import footing_of, step_up
from platekeeper.server.web.training_keeping import SOON


@dataclass(frozen=True, slots=True)
class Row:
    """Somebody in the list: what they are, what they may do today, and how their training stands."""

    person: Person
    authority: Authority
    may: tuple[str | Promise, ...]
    trained_until: date | None
    is_trained: bool
    lapses_soon: bool

    @property
    def is_lapsed(self) -> bool:
        """Whether training stands in the way of somebody of this department."""
        return not self.is_trained and self.person.kind != Person.Kind.OUTSIDE


@require_safe
def everybody(request: HttpRequest) -> HttpResponse:
    """List people with what they are and may do today."""
    by = footing_of(request)
    by.demand(may_look(by), attempted=Action.PERSON_CHANGED)
    form = PeopleFilterForm(request.GET)
    form.is_valid()
    found = list(people())
    authorities = authorities_of(found, at=by.at, today=by.today)
    rows = [_row(each, authorities[each.pk], by) for each in found]
    shown = [row for row in rows if _is_wanted(row, form.cleaned_data)]
    context = {"rows": shown, "total": len(rows), "form": form, "governs": bool(may_govern(by))}
    return render(request, "people/people.html", context)


def _row(person: Person, authority: Authority, by: Footing) -> Row:
    facts = (authority, by.policy, by.today)
    until, trained = trained_until(authority, by.policy), bool(is_trained(*facts))
    may = (
        (_("use LPRs"), may_use_lpr(*facts)),
        (_("reach LPR data"), may_reach_lpr_data(*facts)),
        (_("inquire"), may_inquire(*facts)),
    )
    return Row(
        person=person,
        authority=authority,
        may=tuple(what for what, decision in may if decision),
        trained_until=until,
        is_trained=trained,
        lapses_soon=trained and until is not None and until <= by.today + SOON,
    )


def _is_wanted(row: Row, wanted: dict[str, str]) -> bool:
    words = wanted.get("q", "").casefold().split()
    text = f"{row.person.name} {row.person.username} {row.person.badge}".casefold()
    match wanted.get("state"):
        case "ended":
            in_state = not row.authority.active
        case "lapsed":
            in_state = row.authority.active and row.is_lapsed
        case "lapsing":
            in_state = row.authority.active and row.lapses_soon
        case "all":
            in_state = True
        case _:
            in_state = row.authority.active
    return (
        in_state
        and all(word in text for word in words)
        and wanted.get("kind", "") in {"", row.person.kind}
        and wanted.get("position", "") in {"", *row.authority.positions}
    )


@require_http_methods(["GET", "HEAD", "POST"])
@step_up
def add(request: HttpRequest) -> HttpResponse:
    """Add somebody, and show their first password once. `agency` in the address proposes somebody of that agency."""
    by = footing_of(request)
    by.demand(may_govern(by), attempted=Action.PERSON_ADDED)
    agency = request.GET.get("agency", "")
    proposed = {"kind": Person.Kind.OUTSIDE, "agency": agency} if agency else {}
    form = PersonForm(request.POST or None, initial=proposed)
    if request.method == "POST" and form.is_valid():
        data, password = form.cleaned_data, made()
        try:
            added = add_person(
                by, username=data["username"], name=data["name"], kind=Person.Kind(data["kind"]), password=password,
                badge=data["badge"], email=data["email"], agency=data["agency"],
                ends_at=end_of_day(by, data["ends_on"]) if data["ends_on"] else None,
            )  # fmt: skip
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return render(
                request, "people/password.html", {"person": added, "password": password.typed, "is_new": True}
            )
    return render(request, "people/add.html", {"form": form})


urlpatterns: list[URLPattern] = [
    path("", everybody, name="people"),
    path("add/", add, name="person_add"),
]
