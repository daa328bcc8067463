"""One person: positions, authorizations and account, each changed by those whose duty it is (IV.a-c, VI.b, VIII.b)."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as say
from django.views.decorators.http import require_POST, require_safe

from platekeeper.core.rules.access import (
    has_duty,
    may_inquire,
    may_reach_lpr_data,
    may_use_lpr,
    trained_until,
)
from platekeeper.server.ledger.actions import Action
from platekeeper.server.personnel.lookups import authority_of, people
from platekeeper.server.personnel.lookups.guarding import is_spent
from platekeeper.server.personnel.models import Grant, Holding, Person
from platekeeper.server.procedures import manage_people
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.connect_partners import may_see_partners
from platekeeper.server.procedures.draft_policy import may_govern
from platekeeper.server.procedures.link_identity import identities_of, unlink
from platekeeper.server.procedures.second_factors import reset_factors
from platekeeper.server.procedures.sign_in import (
    is_locked,
    is_somebody,
    may_have_new_secrets,
    may_release,
    open_sessions,
    release_account,
)
from platekeeper.server.procedures.train_people import may_teach
from platekeeper.server.web.forms.people import LastDayForm, NameForm, PositionForm
from platekeeper.server.web.screens import footing_of, step_up

_GIVE = {
    "authorize-staff": manage_people.authorize_staff,
    "name-designee": manage_people.name_designee,
    "grant-inquiries": manage_people.grant_inquiries,
}
_END = {
    "end-staff": Grant.Kind.STAFF_ACCESS,
    "end-designee": Grant.Kind.DESIGNEE,
    "end-inquiries": Grant.Kind.INQUIRIES,
}
_WORDS: dict[Grant.Kind, tuple[str, str, str, str]] = {
    Grant.Kind.STAFF_ACCESS: (
        say("Staff access (IV.c)"),
        say("Lets somebody of the staff reach LPR data, where their position does (VI.b)."),
        "authorize-staff",
        "end-staff",
    ),
    Grant.Kind.DESIGNEE: (
        say("Designee (VI.b)"),
        say("Lets somebody reach LPR data without a position that VI.b names."),
        "name-designee",
        "end-designee",
    ),
    Grant.Kind.INQUIRIES: (
        say("Inquiries (VIII.b)"),
        say("Lets somebody search stored reads, where their position does (VIII.a)."),
        "grant-inquiries",
        "end-inquiries",
    ),
}
"""Of each authorization its name, what it does, and the addresses that give and end it."""
_DONE: dict[str, str] = {
    "give-position": say("The position is given."),
    "end-position": say("The position has ended, and every session with it."),
    "disable": say("The account is disabled, and every session has ended."),
    "enable": say("The account is enabled."),
    "release": say("The account is released: they can try to sign in again."),
    "end-sessions": say("They are signed out everywhere. They may sign in again."),
    "reset-factors": say("Their second factors are taken off. They set one up at their next sign-in."),
    "unlink-identity": say("Their identity is unlinked, and every session has ended. The next one of their name is linked."),
    "name": say("Saved."),
    "last-day": say("The last day is saved."),
} | {what: say("The authorization is given.") for what in _GIVE} | {
    what: say("The authorization has ended, and every session with it.") for what in _END
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Held:
    """A position, with when it holds in relation to today."""

    holding: Holding
    state: str

    @property
    def can_end(self) -> bool:
        """Whether there is still something to end."""
        return self.state in {"held", "begins"}


@dataclass(frozen=True, slots=True)
class Authorization:
    """An authorization of one kind: the one that stands, those before it, and whether who looks may give or end it."""

    title: str
    meaning: str
    standing: Grant | None
    past: list[Grant]
    may_change: bool
    give: str
    end: str


@require_safe
def person(request: HttpRequest, person_id: int) -> HttpResponse:
    """Show one person with what can be done by whom."""
    by = footing_of(request)
    by.demand(manage_people.may_look(by), attempted=Action.PERSON_CHANGED)
    found = get_object_or_404(people(), pk=person_id)
    authority = authority_of(found, at=by.at, today=by.today)
    facts, is_machine = (authority, by.policy, by.today), not is_somebody(found)
    context = {
        "person": found,
        "authority": authority,
        "trained_until": trained_until(authority, by.policy),
        "judged": (
            (_("Use LPRs and work hits"), may_use_lpr(*facts)),
            (_("Reach LPR data"), may_reach_lpr_data(*facts)),
            (_("Make inquiries"), may_inquire(*facts)),
        ),
        "held": [Held(holding, _state(holding, by)) for holding in found.holdings.all()],
        "authorizations": [each for kind in Grant.Kind if (each := _authorization(found, kind, by)) is not None],
        "governs": bool(may_govern(by)),
        "teaches": bool(may_teach(by)) and found.kind != Person.Kind.OUTSIDE,
        "releases": bool(may_release(by)),
        "sees_partners": bool(may_see_partners(by)),
        "is_machine": is_machine,
        "has_own_secrets": bool(may_have_new_secrets(found)),
        "is_spent": is_spent(found),
        "is_self": found.pk == by.person.pk,
        "is_locked": not is_machine and is_locked(found, at=by.at),
        "sessions": open_sessions(found),
        "identities": identities_of(found),
        "position": PositionForm(),
        "name": NameForm(initial={each: getattr(found, each) for each in NameForm.base_fields}),
        "last_day": LastDayForm(person=found, zone=by.policy.zone),
    }
    return render(request, "people/person.html", context)


def _state(holding: Holding, by: Footing) -> str:
    if holding.ended_at is not None:
        return "ended"
    if holding.until is not None and holding.until < by.today:
        return "over"
    return "begins" if holding.since > by.today else "held"


def _authorization(found: Person, kind: Grant.Kind, by: Footing) -> Authorization | None:
    """Return what is said of an authorization; None of one that this person neither can have nor had."""
    grants = [grant for grant in found.grants.all() if grant.kind == kind]
    if not grants and not manage_people.can_have(found, kind):
        return None
    title, meaning, give, end = _WORDS[kind]
    standing = next((grant for grant in grants if grant.ended_at is None), None)
    duty = bool(has_duty(by.authority, by.policy, manage_people.GRANTORS[kind]))
    return Authorization(
        title=_(title),
        meaning=_(meaning),
        standing=standing,
        past=[grant for grant in grants if grant.ended_at is not None],
        may_change=duty and (standing is not None or found.pk != by.person.pk),
        give=give,
        end=end,
    )


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
    """Do one thing to a person; roles and authorizations ask for the password again."""
    by, found = footing_of(request), get_object_or_404(Person, pk=person_id)
    match what:
        case "give-position":
            form = PositionForm(request.POST)
            if not form.is_valid():
                messages.error(request, _("Choose a position; days are written as 2026-03-01."))
                return redirect("person", person_id)
            manage_people.give_position(by, person=found, **form.cleaned_data)
        case "end-position":
            manage_people.end_position(by, person=found, title=request.POST.get("title", ""))
        case "disable" | "enable":
            manage_people.set_active(by, person=found, active=what == "enable")
        case "name":
            said = NameForm(request.POST)
            if not said.is_valid():
                messages.error(request, _("Give a name; an e-mail address is written as somebody@example.org."))
                return redirect("person", person_id)
            manage_people.change_person(by, person=found, **said.cleaned_data)
        case "last-day":
            day = LastDayForm(request.POST, person=found, zone=by.policy.zone)
            if not day.is_valid():
                messages.error(request, _("Write the last day as 2026-03-01, or leave it empty."))
                return redirect("person", person_id)
            manage_people.set_last_day(by, person=found, last_day=day.cleaned_data["last_day"])
        case "release":
            release_account(by, found)
        case "end-sessions":
            manage_people.sign_out_everywhere(by, person=found)
        case "reset-factors":
            reset_factors(by, person=found)
        case "unlink-identity":
            unlink(by, person=found)
        case _ if what in _GIVE:
            _GIVE[what](by, person=found)
        case _ if what in _END:
            manage_people.end_grant(by, person=found, kind=_END[what])
        case _:
            raise Http404
    messages.success(request, _(_DONE[what]))
    return redirect("person", person_id)


urlpatterns: list[URLPattern] = [
    path("<int:person_id>/", person, name="person"),
    path("<int:person_id>/password/", issue_password, name="person_password"),
    path("<int:person_id>/<slug:what>/", change, name="person_change"),
]
