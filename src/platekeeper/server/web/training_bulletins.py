"""Bulletins, and the changes of hardware, software, law or policy that ask for them (IV.i)."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from platekeeper.core.rules.access import has_duty
from platekeeper.server.ledger.actions import Action
from platekeeper.server.personnel.lookups.training import concerns, done_of, notices
from platekeeper.server.personnel.models import Bulletin, ChangeNotice
from platekeeper.server.procedures import train_people
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.web.forms.training import BulletinForm, ChangeForm
from platekeeper.server.web.screens import footing_of, number_of, step_up
from platekeeper.server.web.training_keeping import everybody, teaching

_TIME_TO_READ = timedelta(days=14)
"""What the form proposes."""


@require_safe
def bulletin(request: HttpRequest, bulletin_id: int) -> HttpResponse:
    """Show a bulletin to everybody of the department; to those who train, also who has read it and who has not."""
    by = footing_of(request)
    by.demand(train_people.may_read(by), attempted=Action.BULLETIN_READ, subject=f"bulletin:{bulletin_id}")
    found = get_object_or_404(Bulletin.objects.select_related("course", "issued_by"), pk=bulletin_id)
    context = {
        "bulletin": found,
        "is_open": found in train_people.to_do(by),
        "receipt": found.receipts.filter(person=by.person).first(),
        "teaches": bool(train_people.may_teach(by)),
        "sees_to_it": bool(has_duty(by.authority, by.policy, train_people.IN_SERVICE)),
    }
    if context["teaches"]:
        context |= _receipts(found, by)
    return render(request, "training/bulletin.html", context)


def _receipts(found: Bulletin, by: Footing) -> dict[str, object]:
    everyone, authorities = everybody(by)
    concerned = [each for each in everyone if concerns(found, authorities[each.pk].positions)]
    done = done_of([found], [each.pk for each in concerned], at=by.at)[found.pk]
    return {
        "answered": found.answers.all(),
        "concerned": concerned,
        "done": [each for each in concerned if each.pk in done],
        "missing": [each for each in concerned if each.pk not in done],
    }


@require_http_methods(["GET", "HEAD", "POST"])
def issue(request: HttpRequest) -> HttpResponse:
    """Issue a bulletin, perhaps in answer to a change."""
    by = footing_of(request)
    by.demand(has_duty(by.authority, by.policy, train_people.IN_SERVICE), attempted=Action.BULLETIN_ISSUED)
    form = BulletinForm(request.POST or None, initial=_proposed(request, by), today=by.today)
    if request.method == "POST" and form.is_valid():
        issued = train_people.issue_bulletin(by, **form.cleaned_data)
        return redirect("bulletin", issued.pk)
    return render(request, "training/form.html", {"form": form, "title": _("Issue a bulletin"), "verb": _("Issue")})


def _proposed(request: HttpRequest, by: Footing) -> dict[str, object]:
    """Return what the form begins with: the change it is to answer, if the address names one that waits."""
    notice = notices().filter(pk=number_of(request.GET.get("answers", "")) or 0).first()
    proposed: dict[str, object] = {"due_on": by.today + _TIME_TO_READ}
    if notice is not None:
        proposed |= {"cause": notice.cause, "title": notice.what[:160], "answers": [notice.pk]}
    return proposed


@require_POST
@step_up
def withdraw(request: HttpRequest, bulletin_id: int) -> HttpResponse:
    """Withdraw a bulletin."""
    train_people.withdraw_bulletin(footing_of(request), bulletin=get_object_or_404(Bulletin, pk=bulletin_id))
    return redirect("bulletin", bulletin_id)


@require_http_methods(["GET", "HEAD", "POST"])
def note_change(request: HttpRequest) -> HttpResponse:
    """Note that something changed, such as the law."""
    by = teaching(request)
    form = ChangeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        train_people.note_change(by, **form.cleaned_data)
        return redirect("training_keeping")
    return render(request, "training/form.html", {"form": form, "title": _("Note a change"), "verb": _("Note it")})


@require_POST
def no_need(request: HttpRequest, notice_id: int) -> HttpResponse:
    """Say why a change needs no bulletin."""
    notice = get_object_or_404(ChangeNotice, pk=notice_id)
    train_people.needs_no_bulletin(footing_of(request), notice=notice, why=request.POST.get("why", ""))
    return redirect("training_keeping")


urlpatterns: list[URLPattern] = [
    path("bulletins/issue/", issue, name="bulletin_issue"),
    path("bulletins/<int:bulletin_id>/", bulletin, name="bulletin"),
    path("bulletins/<int:bulletin_id>/withdraw/", withdraw, name="bulletin_withdraw"),
    path("changes/note/", note_change, name="change_note"),
    path("changes/<int:notice_id>/no-need/", no_need, name="change_no_need"),
]
