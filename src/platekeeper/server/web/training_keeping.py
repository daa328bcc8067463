"""The department's training, for those who give it and those who see to it: people, courses, classes, records (IV.i)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from platekeeper.core.rules.access import Authority, has_duty, trained_until
from platekeeper.core.rules.decision import Refused
from platekeeper.server.ledger.actions import Action
from platekeeper.server.personnel.lookups import authorities_of, people
from platekeeper.server.personnel.lookups.training import bulletins_at, concerns, courses, done_of, notices
from platekeeper.server.personnel.models import Bulletin, ChangeNotice, Course, Person, Training
from platekeeper.server.procedures import train_people
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.web.forms.training import ClassForm, CourseForm
from platekeeper.server.web.screens import footing_of, step_up

SOON = timedelta(days=30)
"""How long before training lapses people are told."""

_STATES: dict[str, tuple[str, str | Promise]] = {  # what needs attention first
    "lapsed": ("is-bad", gettext_lazy("lapsed")),
    "overdue": ("is-bad", gettext_lazy("overdue")),
    "soon": ("is-warn", gettext_lazy("lapses soon")),
    "none": ("is-bad", gettext_lazy("never trained")),
    "unknown": ("is-quiet", gettext_lazy("trained")),
    "current": ("is-good", gettext_lazy("current")),
}
_RANK = list(_STATES)


@dataclass(frozen=True, slots=True)
class Trainee:
    """Somebody's training as it stands today."""

    person: Person
    until: date | None
    state: str
    overdue: tuple[str, ...]

    @property
    def rank(self) -> tuple[int, date, str]:
        """What sorts lapsed training first, then what lapses soon, the nearest first."""
        return _RANK.index(self.state), self.until or date.max, self.person.name

    @property
    def badge(self) -> tuple[str, str | Promise]:
        """The class and words of its badge."""
        return _STATES[self.state]


def teaching(request: HttpRequest) -> Footing:
    """Return what the request stands on, once it was seen that this person trains or sees to in-service training."""
    by = footing_of(request)
    by.demand(train_people.may_teach(by), attempted=Action.TRAINING_RECORDED)
    return by


def everybody(by: Footing) -> tuple[list[Person], dict[int, Authority]]:
    """Return the department's people with an active account, and what they are now."""
    found = list(people().filter(is_active=True).exclude(kind=Person.Kind.OUTSIDE))
    return found, authorities_of(found, at=by.at, today=by.today)


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Show everybody's training, the courses, the bulletins and the changes that wait for an answer."""
    by = teaching(request)
    everyone, authorities = everybody(by)
    unsaid = by.policy.needs("IV.i.refresher")
    context = {
        "trainees": sorted((_trainee(each, authorities[each.pk], by) for each in everyone), key=lambda each: each.rank),
        "unsaid": unsaid if isinstance(unsaid, Refused) else None,
        "courses": courses(retired=True),
        "bulletins": _with_receipts(by, authorities),
        "notices": [(each, _answer_by(each, by)) for each in notices()],
        "trains": bool(has_duty(by.authority, by.policy, train_people.TRAINERS)),
        "sees_to_it": bool(has_duty(by.authority, by.policy, train_people.IN_SERVICE)),
        "today": by.today,
    }
    return render(request, "training/keeping.html", context)


def _trainee(person: Person, who: Authority, by: Footing) -> Trainee:
    until = trained_until(who, by.policy)
    if who.trained_on is None:
        state = "none"
    elif until is None:
        state = "unknown"
    elif until < by.today:
        state = "lapsed"
    elif who.overdue:
        state = "overdue"
    else:
        state = "soon" if until <= by.today + SOON else "current"
    return Trainee(person=person, until=until, state=state, overdue=who.overdue)


def _with_receipts(by: Footing, authorities: dict[int, Authority]) -> list[tuple[Bulletin, int, int]]:
    """Return each bulletin that stands with how many have done it, of how many."""
    standing = list(bulletins_at(by.at))
    done, rows = done_of(standing, list(authorities), at=by.at), []
    for each in standing:
        concerned = {person for person, who in authorities.items() if concerns(each, who.positions)}
        rows.append((each, len(concerned & done[each.pk]), len(concerned)))
    return rows


def _answer_by(notice: ChangeNotice, by: Footing) -> date | None:
    """Return the day by which the policy wants a change answered."""
    if not by.policy.needs("IV.i.changes"):
        return None
    return notice.arose_at.astimezone(by.policy.zone).date() + timedelta(days=by.policy.whole("IV.i.changes"))


@require_http_methods(["GET", "HEAD", "POST"])
def add_course(request: HttpRequest) -> HttpResponse:
    """Add a course."""
    by = teaching(request)
    form = CourseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            train_people.add_course(by, title=data["title"], kind=Course.Kind(data["kind"]), outline=data["outline"])
        except ValidationError as error:
            form.add_error("title", error)
        else:
            return redirect("training_keeping")
    return render(request, "training/form.html", {"form": form, "title": _("Add a course"), "verb": _("Add")})


@require_POST
def retire_course(request: HttpRequest, course_id: int) -> HttpResponse:
    """Give a course no longer."""
    train_people.retire_course(footing_of(request), course=get_object_or_404(Course, pk=course_id))
    return redirect("training_keeping")


@require_http_methods(["GET", "HEAD", "POST"])
def record_class(request: HttpRequest) -> HttpResponse:
    """Record who took a course."""
    by = footing_of(request)
    by.demand(has_duty(by.authority, by.policy, train_people.TRAINERS), attempted=Action.TRAINING_RECORDED)
    form = ClassForm(request.POST or None, today=by.today)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        made = train_people.record_training(by, people=list(data["people"]), course=data["course"], on=data["on"])
        said = ngettext("%(count)s record is made.", "%(count)s records are made.", made) % {"count": made}
        messages.success(request, said if made else _("All of them have this record already."))
        return redirect("training_keeping")
    context = {"form": form, "title": _("Record a class"), "verb": _("Record"), "has_no_course": not courses().exists()}
    return render(request, "training/form.html", context)


@require_safe
def records(request: HttpRequest, person_id: int) -> HttpResponse:
    """Show one person's training records, each of which can be withdrawn."""
    by = teaching(request)
    found = get_object_or_404(people(), pk=person_id)
    who = authorities_of([found], at=by.at, today=by.today)[found.pk]
    trains = bool(has_duty(by.authority, by.policy, train_people.TRAINERS))
    context = {"person": found, "trainee": _trainee(found, who, by), "trains": trains}
    return render(request, "training/records.html", context)


@require_POST
@step_up
def withdraw(request: HttpRequest, training_id: int) -> HttpResponse:
    """Withdraw a record made in error."""
    found = get_object_or_404(Training.objects.select_related("person", "course"), pk=training_id)
    train_people.withdraw_training(footing_of(request), training=found, why=request.POST.get("why", ""))
    return redirect("training_records", found.person_id)


urlpatterns: list[URLPattern] = [
    path("keeping/", overview, name="training_keeping"),
    path("courses/add/", add_course, name="course_add"),
    path("courses/<int:course_id>/retire/", retire_course, name="course_retire"),
    path("classes/record/", record_class, name="class_record"),
    path("people/<int:person_id>/", records, name="training_records"),
    path("records/<int:training_id>/withdraw/", withdraw, name="training_withdraw"),
]
