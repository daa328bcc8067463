"""People from a file: a dry run first, then exactly the file that was shown."""

from __future__ import annotations

import base64
from typing import Any

from django import forms
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from platekeeper.core.people_file import LARGEST, MOST_ROWS, NEEDED, PeopleFileError
from platekeeper.server.ledger.actions import Action
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.draft_policy import may_govern
from platekeeper.server.procedures.import_people import ImportStopped, import_people, plan
from platekeeper.server.web.screens import footing_of, step_up

MEANINGS: dict[str, str | Promise] = {
    "name": gettext_lazy("as it is to be shown"),
    "username": gettext_lazy("the login name: letters a to z, digits, - and _"),
    "kind": gettext_lazy("member (sworn), staff (not sworn) or outside (of another agency)"),
    "badge": gettext_lazy("badge or employee number"),
    "email": gettext_lazy("e-mail address"),
    "agency": gettext_lazy("for people outside: the name of their agency, which is known already"),
    "positions": gettext_lazy("with | or ; between them: Crime Analyst|Auditor"),
    "since": gettext_lazy("the first day of the positions; today if it is empty or past"),
    "until": gettext_lazy("the last day of the positions, if there is one"),
    "ends_on": gettext_lazy("the last day of a temporary account"),
}
"""What stands in each column."""
_SHOWN_FOR = 3600
"""Seconds after which a dry run is to be made anew."""


class FileForm(forms.Form):
    """The file."""

    file = forms.FileField(
        label=gettext_lazy("CSV file"),
        help_text=gettext_lazy("Nothing is added yet: it is shown first what importing would do."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt"}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Take a file and show what importing it would do."""
    by = footing_of(request)
    by.demand(may_govern(by), attempted=Action.PEOPLE_IMPORTED)
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if not form.is_valid():
        return _ask(request, form)
    content = form.cleaned_data["file"].read(LARGEST + 1)
    try:
        planned = plan(by, content)
    except PeopleFileError as error:
        return _ask(request, FileForm(), error.faults)
    shown = signing.dumps(base64.b64encode(content).decode(), salt=_salt(by), compress=True)
    return render(request, "people/import_plan.html", {"plan": planned, "shown": shown})


@require_POST
@step_up
def run(request: HttpRequest) -> HttpResponse:
    """Import the file that was shown, and show the first passwords once."""
    by = footing_of(request)
    by.demand(may_govern(by), attempted=Action.PEOPLE_IMPORTED)
    try:
        shown = signing.loads(request.POST.get("shown", ""), salt=_salt(by), max_age=_SHOWN_FOR)
        added = import_people(by, base64.b64decode(shown))
    except signing.BadSignature:
        faults = [_("This is not the file that was shown to you, or it was shown long ago. Choose it again.")]
    except PeopleFileError as error:
        faults = error.faults
    except ImportStopped:
        faults = [_("Something has changed since the file was shown, such as a login name. Choose it again.")]
    else:
        return render(request, "people/imported.html", {"added": added})
    return _ask(request, FileForm(), faults)


def _ask(request: HttpRequest, form: FileForm, faults: list[str] | None = None) -> HttpResponse:
    columns = [(name, meaning, name in NEEDED) for name, meaning in MEANINGS.items()]
    context: dict[str, Any] = {"form": form, "faults": faults, "columns": columns, "most": MOST_ROWS}
    return render(request, "people/import.html", context)


def _salt(by: Footing) -> str:
    """Return what ties a file to the person to whom it was shown."""
    return f"people-import:{by.person.pk}"


urlpatterns: list[URLPattern] = [
    path("", upload, name="people_import"),
    path("run/", run, name="people_import_run"),
]
