"""Where partners ask: signed messages of a connected department, and nobody else's (VI.l)."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from platekeeper.core.federation.line import LARGEST_REQUEST
from platekeeper.server.procedures.answer_partners import Unheard, answer_partner


@csrf_exempt
@login_not_required
@require_POST
def partner(request: HttpRequest) -> HttpResponse:
    """Answer a partner's message. What gets no signed answer gets a status: 403 for strangers, 429 for too many."""
    try:
        message = request.read(LARGEST_REQUEST + 1)
    except UnreadablePostError:
        return JsonResponse({"error": "The message broke off. Send a new one."}, status=400)
    if len(message) > LARGEST_REQUEST:
        return JsonResponse({"error": f"A message has {LARGEST_REQUEST} bytes at most."}, status=413)
    try:
        answer = answer_partner(message, at=timezone.now())
    except Unheard as unheard:
        return JsonResponse({"error": str(unheard)}, status=429 if unheard.too_many else 403)
    return HttpResponse(answer, content_type="application/json")
