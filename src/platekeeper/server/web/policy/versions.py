"""Versions of the policy: read, compared, printed."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from platekeeper.core import printed
from platekeeper.core.document import Document
from platekeeper.core.policy import Policy
from platekeeper.server.personnel.models import Person
from platekeeper.server.policy import lookups
from platekeeper.server.policy.models import PolicyVersion
from platekeeper.server.printing.pdf import policy_pdf
from platekeeper.server.printing.word import policy_docx
from platekeeper.server.web.policy.guide import sections_of
from platekeeper.server.web.screens import attachment, footing_of, number_of, person_of

_FORMS = {
    "pdf": (policy_pdf, "application/pdf"),
    "docx": (policy_docx, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
}


@require_safe
def version(request: HttpRequest, number: int) -> HttpResponse:
    """Show a version as it is printed. Everybody in the department may read its policy."""
    by, found = footing_of(request), _version(request, number)
    in_force = lookups.version_in_force(at=by.at)
    context = {
        "version": found,
        "is_in_force": in_force is not None and in_force.pk == found.pk,
        "sections": sections_of(lookups.as_policy(found)),
        "document": _document(found),
        "before": lookups.versions().filter(number__lt=number).first(),
        "versions": lookups.versions().exclude(pk=found.pk),
    }
    return render(request, "policy/version.html", context)


@require_safe
def changes(request: HttpRequest, number: int) -> HttpResponse:
    """Show what changed from another version (the one before, unless `?from=` names one) as tracked changes."""
    after = _version(request, number)
    earlier = request.GET.get("from", "")
    others = lookups.versions().exclude(pk=after.pk)
    before = others.filter(number=named if (named := number_of(earlier)) is not None else number - 1).first()
    if before is None:
        raise Http404
    document = printed.changes(lookups.as_policy(before), lookups.as_policy(after), _standing(after))
    if request.GET.get("form") == "pdf":
        return attachment(
            policy_pdf(document, at=timezone.now()), _FORMS["pdf"][1], f"changes-{before.number}-{number}.pdf"
        )
    context = {"before": before, "version": after, "paragraphs": document.sections[0].paragraphs, "others": others}
    return render(request, "policy/changes.html", context)


@require_safe
def file(request: HttpRequest, number: int, form: str) -> HttpResponse:
    """Return a version as PDF or Word file."""
    if form not in _FORMS:
        raise Http404
    make, media_type = _FORMS[form]
    return attachment(
        make(_document(_version(request, number)), at=timezone.now()), media_type, f"lpr-policy-{number}.{form}"
    )


def _version(request: HttpRequest, number: int) -> PolicyVersion:
    found = PolicyVersion.objects.filter(number=number).first()
    if found is None or (found.adopted_at is None and person_of(request).kind == Person.Kind.OUTSIDE):
        raise Http404
    return found


def _document(version: PolicyVersion) -> Document:
    policy: Policy = lookups.as_policy(version)
    return printed.document(policy, _standing(version))


def _standing(version: PolicyVersion) -> printed.Standing:
    marks = [mark for mark, shown in (("DEMO", settings.DEMO), ("DRAFT", version.adopted_at is None)) if shown]
    return printed.Standing(
        printed_on=f"{timezone.localdate():%Y-%m-%d}",
        adopted_by=version.adopted_by_name,
        adopted_on=f"{timezone.localdate(version.adopted_at):%Y-%m-%d}" if version.adopted_at else "",
        watermark=" ".join(marks),
    )
