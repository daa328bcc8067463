"""A screen that nobody touches locks (AC-11). Whoever types sends nothing for long: their page says that they are there."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from platekeeper.server.web.workstations import does_not_lock


@require_POST
def still_here(request: HttpRequest) -> HttpResponse:
    """Hear that somebody typed or pressed something: as a request it is activity already (`SessionLimits`), and no more."""
    return HttpResponse(status=204)


def locks_after(request: HttpRequest) -> int | None:
    """Return after how many seconds without a touch this screen locks, None where it does not."""
    return None if does_not_lock(request) else round(settings.SESSION_IDLE.total_seconds())
