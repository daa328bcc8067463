"""The department's policy: its blanks, the draft, adoption, versions."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from platekeeper.core.blanks import BLANKS, BlankError, Kind
from platekeeper.server.ledger.actions import Action
from platekeeper.server.policy import lookups
from platekeeper.server.procedures.adopt_policy import adopt, fill_blank, may_govern
from platekeeper.server.web.forms.keeping import BlankForm
from platekeeper.server.web.screens import footing_of, step_up


@require_safe
def policy(request: HttpRequest) -> HttpResponse:
    """Show every blank with its value in force and in the draft. Everybody in the department may read its policy."""
    by, draft = footing_of(request), lookups.draft()
    drafted = draft.values if draft else dict(by.policy.values)
    rows = [
        {
            "blank": blank,
            "value": _shown(by.policy.values.get(key)),
            "drafted": _shown(drafted.get(key)),
            "changed": drafted.get(key) != by.policy.values.get(key),
        }
        for key, blank in BLANKS.items()
    ]
    context = {
        "rows": rows,
        "draft": draft,
        "governs": bool(may_govern(by)),
        "versions": lookups.versions(),
        "unfilled": lookups.unfilled(draft) if draft else [],
    }
    return render(request, "policy/policy.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def blank(request: HttpRequest, key: str) -> HttpResponse:
    """Fill one blank of the draft."""
    if key not in BLANKS:
        raise Http404
    by, this, draft = footing_of(request), BLANKS[key], lookups.draft()
    by.demand(may_govern(by), attempted=Action.POLICY_DRAFTED)
    form = BlankForm(request.POST or None, blank=this)
    if request.method == "POST" and form.is_valid():
        try:
            fill_blank(by, key=key, value=form.value(this))
        except BlankError as error:
            form.add_error("value", str(error))
        else:
            messages.success(request, _("The draft is changed. It counts once it is adopted."))
            return redirect("policy")
    elif request.method != "POST":
        held = (draft.values if draft else by.policy.values).get(key, "")
        form.initial["value"] = "\n".join(held) if this.kind is Kind.POSITIONS and held else held
    return render(request, "policy/blank.html", {"blank": this, "form": form})


@require_POST
@step_up
def adopt_draft(request: HttpRequest) -> HttpResponse:
    """Put the draft in force, after the password was asked for again."""
    version = adopt(footing_of(request))
    messages.success(request, _("Version %(number)s is in force.") % {"number": version.number})
    return redirect("policy")


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value)
    return "" if value is None else str(value)


urlpatterns: list[URLPattern] = [
    path("", policy, name="policy"),
    path("blanks/<str:key>/", blank, name="policy_blank"),
    path("adopt/", adopt_draft, name="policy_adopt"),
]
