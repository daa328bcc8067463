"""What anybody may read, without an account: the reports that the department published, as they were published."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from platekeeper.server.oversight.models import Publication
from platekeeper.server.oversight.publications import standing


@login_not_required
@require_safe
def reports(request: HttpRequest) -> HttpResponse:
    """List what is published; where nothing is, say so and nothing else."""
    found = standing()
    return render(request, "oversight/reports.html", {"reports": found}, status=200 if found else 404)


@login_not_required
@require_safe
def report(request: HttpRequest, publication_id: int) -> HttpResponse:
    """Show a published report."""
    found = _standing(publication_id)
    return render(request, "oversight/report.html", {"published": found, "report": found.report})


@login_not_required
@require_safe
def as_json(request: HttpRequest, publication_id: int) -> JsonResponse:
    """Return a published report for machines."""
    return JsonResponse(_standing(publication_id).report)


@login_not_required
@require_safe
def as_pdf(request: HttpRequest, publication_id: int) -> HttpResponse:
    """Return a published report, the very bytes that were published."""
    found = _standing(publication_id)
    head = {"Content-Disposition": f'inline; filename="report-{found.first_day}-{found.last_day}.pdf"'}
    return HttpResponse(bytes(found.pdf), "application/pdf", headers=head)


def _standing(number: int) -> Publication:
    return get_object_or_404(standing(), pk=number)


urlpatterns: list[URLPattern] = [
    path("", reports, name="transparency"),
    path("<int:publication_id>/", report, name="transparency_report"),
    path("<int:publication_id>/report.json", as_json, name="transparency_json"),
    path("<int:publication_id>/report.pdf", as_pdf, name="transparency_pdf"),
]
