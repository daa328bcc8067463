"""Where partners ask: signed messages of a connected department, and nobody else's (VI.l)."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from platekeeper.core.federation.line import LARGEST_REQUEST
from platekeeper.server.api.bodies import NoBody, body_of
from platekeeper.server.procedures.answer_partners import Unheard, answer_partner


@csrf_exempt
@login_not_required
@require_POST
def partner(request: HttpRequest) -> HttpResponse:
    """Answer a partner's message. What gets no signed answer gets a status: 403 for strangers, 429 for too many."""
    try:
        answer = answer_partner(body_of(request, most=LARGEST_REQUEST), at=timezone.now())
    except NoBody as error:
        return JsonResponse({"error": str(error)}, status=error.status)
    except Unheard as unheard:
        return JsonResponse({"error": str(unheard)}, status=429 if unheard.too_many else 403)
    return HttpResponse(answer, content_type="application/json")
