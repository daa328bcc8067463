"""People: accounts, positions, training and authorisations (IV.a-c, IV.i, VIII.b)."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from platekeeper.core.rules.access import has_duty
from platekeeper.core.rules.decision import Allowed, Decision
from platekeeper.server.ledger.actions import Action
from platekeeper.server.personnel.lookups import authority_of, people
from platekeeper.server.personnel.models import Grant, Person
from platekeeper.server.procedures import manage_people
from platekeeper.server.procedures.adopt_policy import may_govern
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.sign_in import release_account
from platekeeper.server.web.forms.keeping import PersonForm, PositionForm, TrainingForm
from platekeeper.server.web.screens import footing_of, step_up

_DUTIES = ("IV.i.trainers", "VIII.b.grantor", "IV.c.authoriser", "IV.f.inventory")


def _may_look(by: Footing) -> Decision:
    if may_govern(by) or any(has_duty(by.authority, by.policy, duty) for duty in _DUTIES):
        return Allowed()
    return has_duty(by.authority, by.policy, "IV.i.trainers")


@require_http_methods(["GET", "HEAD", "POST"])
def everybody(request: HttpRequest) -> HttpResponse:
    """List everybody with what they are today, and add somebody."""
    by = footing_of(request)
    by.demand(_may_look(by), attempted=Action.PERSON_CHANGED)
    form = PersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            added = manage_people.add_person(
                by,
                username=data["username"],
                name=data["name"],
                kind=Person.Kind(data["kind"]),
                password=data["password"],
                badge=data["badge"],
            )
        except ValidationError as error:
            form.add_error("username", error)
        else:
            return redirect("person", added.pk)
    rows = [(person, authority_of(person, by.today)) for person in people()]
    return render(request, "people/people.html", {"rows": rows, "form": form, "governs": bool(may_govern(by))})


@require_safe
def person(request: HttpRequest, person_id: int) -> HttpResponse:
    """Show one person with what can be done by whom."""
    by = footing_of(request)
    by.demand(_may_look(by), attempted=Action.PERSON_CHANGED)
    found = get_object_or_404(people(), pk=person_id)

    def duty(key: str) -> bool:
        return bool(has_duty(by.authority, by.policy, key))

    context = {
        "person": found,
        "authority": authority_of(found, by.today),
        "governs": bool(may_govern(by)),
        "trains": duty("IV.i.trainers"),
        "grants": duty("VIII.b.grantor"),
        "authorises": duty("IV.c.authoriser") and found.kind == Person.Kind.STAFF,
        "releases": duty("IV.f.inventory"),
        "training": TrainingForm(initial={"on": by.today}),
        "position": PositionForm(),
    }
    return render(request, "people/person.html", context)


@require_POST
@step_up
def change(request: HttpRequest, person_id: int, what: str) -> HttpResponse:
    """Do one thing to a person; roles and authorisations ask for the password again."""
    by, found = footing_of(request), get_object_or_404(Person, pk=person_id)
    kind = Grant.Kind.STAFF_ACCESS if what.endswith("staff") else Grant.Kind.INQUIRIES
    match what:
        case "give-position" | "end-position":
            form = PositionForm(request.POST)
            if form.is_valid():
                act = manage_people.give_position if what == "give-position" else manage_people.end_position
                act(by, person=found, title=form.cleaned_data["title"])
        case "train":
            training = TrainingForm(request.POST)
            if training.is_valid():
                manage_people.record_training(by, person=found, **training.cleaned_data)
            else:
                messages.error(request, _("Give the day and the subject of the training."))
        case "authorise-staff":
            manage_people.authorise_staff(by, person=found)
        case "grant-inquiries":
            manage_people.grant_inquiries(by, person=found)
        case "end-staff" | "end-inquiries":
            manage_people.end_grant(by, person=found, kind=kind)
        case "disable" | "enable":
            manage_people.set_active(by, person=found, active=what == "enable")
        case "release":
            release_account(by, found)
        case _:
            messages.error(request, _("There is no such change."))
    return redirect("person", person_id)


urlpatterns: list[URLPattern] = [
    path("", everybody, name="people"),
    path("<int:person_id>/", person, name="person"),
    path("<int:person_id>/<slug:what>/", change, name="person_change"),
]
