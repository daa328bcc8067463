"""People: accounts, positions and authorisations (IV.a-c, VI.b, VIII.a-b)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from platekeeper.core.rules.access import (
    Authority,
    has_duty,
    is_trained,
    may_inquire,
    may_reach_lpr_data,
    may_use_lpr,
    trained_until,
)
from platekeeper.core.rules.decision import Allowed, Decision
from platekeeper.server.ledger.actions import Action
from platekeeper.server.personnel.lookups import authorities_of, authority_of, people
from platekeeper.server.personnel.models import Grant, Person
from platekeeper.server.procedures import manage_people
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.draft_policy import may_govern
from platekeeper.server.procedures.sign_in import release_account
from platekeeper.server.web.forms.people import PeopleFilterForm, PersonForm, PositionForm
from platekeeper.server.web.screens import footing_of, step_up

_DUTIES = (
    "IV.i.trainers", "IV.i.in_service", "VIII.b.grantor", "IV.c.authoriser", "VI.b.designators", "IV.f.inventory",
)  # fmt: skip
_GIVE = {
    "authorise-staff": manage_people.authorise_staff,
    "name-designee": manage_people.name_designee,
    "grant-inquiries": manage_people.grant_inquiries,
}
_END = {
    "end-staff": Grant.Kind.STAFF_ACCESS,
    "end-designee": Grant.Kind.DESIGNEE,
    "end-inquiries": Grant.Kind.INQUIRIES,
}


@dataclass(frozen=True, slots=True)
class Row:
    """Somebody in the list, with what they may do today."""

    person: Person
    authority: Authority
    uses_lprs: bool
    reaches_data: bool
    inquires: bool
    is_trained: bool


def may_look(by: Footing) -> Decision:
    """Decide whether somebody may look at the department's people: those who govern, train, or give access."""
    if may_govern(by) or any(has_duty(by.authority, by.policy, duty) for duty in _DUTIES):
        return Allowed()
    return has_duty(by.authority, by.policy, _DUTIES[0])


@require_safe
def everybody(request: HttpRequest) -> HttpResponse:
    """List people with what they are and may do today."""
    by = footing_of(request)
    by.demand(may_look(by), attempted=Action.PERSON_CHANGED)
    form = PeopleFilterForm(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    found = list(people())
    authorities = authorities_of(found, at=by.at, today=by.today)
    rows = [_row(each, authorities[each.pk], by) for each in found]
    shown = [row for row in rows if _is_wanted(row, wanted)]
    context = {"rows": shown, "total": len(rows), "form": form, "governs": bool(may_govern(by))}
    return render(request, "people/people.html", context)


def _row(person: Person, authority: Authority, by: Footing) -> Row:
    facts = (authority, by.policy, by.today)
    return Row(
        person=person,
        authority=authority,
        uses_lprs=bool(may_use_lpr(*facts)),
        reaches_data=bool(may_reach_lpr_data(*facts)),
        inquires=bool(may_inquire(*facts)),
        is_trained=bool(is_trained(*facts)),
    )


def _is_wanted(row: Row, wanted: dict[str, str]) -> bool:
    words = wanted.get("q", "").casefold().split()
    text = f"{row.person.name} {row.person.username} {row.person.badge}".casefold()
    match wanted.get("state") or "active":
        case "active":
            in_state = row.authority.active
        case "ended":
            in_state = not row.authority.active
        case "lapsed":
            in_state = row.authority.active and not row.is_trained and row.person.kind != Person.Kind.OUTSIDE
        case _:
            in_state = True
    return (
        in_state
        and all(word in text for word in words)
        and (not wanted.get("kind") or row.person.kind == wanted["kind"])
        and (not wanted.get("position") or wanted["position"] in row.authority.positions)
    )


@require_http_methods(["GET", "HEAD", "POST"])
@step_up
def add(request: HttpRequest) -> HttpResponse:
    """Add somebody, and show their first password once."""
    by = footing_of(request)
    by.demand(may_govern(by), attempted=Action.PERSON_ADDED)
    form = PersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        last = data["ends_on"]
        ends_at = datetime.combine(last + timedelta(days=1), time(), by.policy.zone) if last else None
        try:
            added = manage_people.add_person(
                by, username=data["username"], name=data["name"], kind=Person.Kind(data["kind"]),
                badge=data["badge"], email=data["email"], agency=data["agency"], ends_at=ends_at,
            )  # fmt: skip
        except ValidationError as error:
            form.add_error(None, error)
        else:
            given = manage_people.issue_password(by, person=added)
            return render(request, "people/password.html", {"person": added, "password": given})
    return render(request, "people/add.html", {"form": form})


@require_safe
def person(request: HttpRequest, person_id: int) -> HttpResponse:
    """Show one person with what can be done by whom."""
    by = footing_of(request)
    by.demand(may_look(by), attempted=Action.PERSON_CHANGED)
    found = get_object_or_404(people(), pk=person_id)
    authority = authority_of(found, at=by.at, today=by.today)
    facts = (authority, by.policy, by.today)
    grants = {
        kind: bool(has_duty(by.authority, by.policy, duty)) and found.pk != by.person.pk
        for kind, duty in manage_people.GRANTORS.items()
    }
    context = {
        "person": found,
        "authority": authority,
        "trained_until": trained_until(authority, by.policy),
        "judged": (
            (_("Use LPRs and work hits"), may_use_lpr(*facts)),
            (_("Reach LPR data"), may_reach_lpr_data(*facts)),
            (_("Make inquiries"), may_inquire(*facts)),
        ),
        "governs": bool(may_govern(by)),
        "grants": grants[Grant.Kind.INQUIRIES],
        "designates": grants[Grant.Kind.DESIGNEE] and found.kind != Person.Kind.OUTSIDE,
        "authorises": grants[Grant.Kind.STAFF_ACCESS] and found.kind == Person.Kind.STAFF,
        "releases": bool(has_duty(by.authority, by.policy, "IV.f.inventory")),
        "position": PositionForm(),
        "today": by.today,
    }
    return render(request, "people/person.html", context)


@require_POST
@step_up
def issue_password(request: HttpRequest, person_id: int) -> HttpResponse:
    """Give somebody a first password, shown once; it ends their sessions."""
    found = get_object_or_404(Person, pk=person_id)
    given = manage_people.issue_password(footing_of(request), person=found)
    return render(request, "people/password.html", {"person": found, "password": given})


@require_POST
@step_up
def change(request: HttpRequest, person_id: int, what: str) -> HttpResponse:
    """Do one thing to a person; roles and authorisations ask for the password again."""
    by, found = footing_of(request), get_object_or_404(Person, pk=person_id)
    match what:
        case "give-position":
            form = PositionForm(request.POST)
            if form.is_valid():
                manage_people.give_position(by, person=found, **form.cleaned_data)
            else:
                messages.error(request, _("Choose a position; days are written as 2026-03-01."))
        case "end-position":
            manage_people.end_position(by, person=found, title=request.POST.get("title", ""))
        case "disable" | "enable":
            manage_people.set_active(by, person=found, active=what == "enable")
        case "release":
            release_account(by, found)
        case _ if what in _GIVE:
            _GIVE[what](by, person=found)
        case _ if what in _END:
            manage_people.end_grant(by, person=found, kind=_END[what])
        case _:
            raise Http404
    return redirect("person", person_id)


urlpatterns: list[URLPattern] = [
    path("", everybody, name="people"),
    path("add/", add, name="person_add"),
    path("<int:person_id>/", person, name="person"),
    path("<int:person_id>/password/", issue_password, name="person_password"),
    path("<int:person_id>/<slug:what>/", change, name="person_change"),
]
