"""What every request passes: the session's limits, the department's zone, and refusals shown with their clause."""

from __future__ import annotations

import re
from collections.abc import Callable
from zoneinfo import ZoneInfo

from allauth.usersessions.middleware import UserSessionsMiddleware
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from platekeeper.core.blanks import BLANKS
from platekeeper.core.rules.decision import TRAINING, Refused
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.signing import KeyMissing
from platekeeper.server.personnel.models import Person
from platekeeper.server.procedures.authority import RefusedAction
from platekeeper.server.procedures.draft_policy import AUTHORITY, governing, may_draft
from platekeeper.server.procedures.sign_in import record
from platekeeper.server.procedures.sign_ledger import KEEPS_KEY
from platekeeper.server.storage.errors import SearchTooWide
from platekeeper.server.web.screens import footing_of, policy_of
from platekeeper.server.web.workstations import does_not_lock

LARGEST_NUMBER = 2**63 - 1
Handler = Callable[[HttpRequest], HttpResponse]
POLL = "X-Platekeeper-Poll"
"""The header of a live screen's own requests: they are no activity of the person before it."""
_BY_ITSELF = re.compile(r"/tiles/|/hits/[0-9]+/image/$")
"""What a browser fetches for a page that is open: a map's tiles, and the pictures that a live screen puts in."""
_A_MOMENT = 15
"""Seconds within which what somebody does is one activity."""


def comes_by_itself(request: HttpRequest) -> bool:
    """Say whether a request is no activity of the person before the screen."""
    return POLL in request.headers or _BY_ITSELF.match(request.path) is not None


class Sittings(UserSessionsMiddleware):  # type: ignore[misc]  # allauth has no types
    """Note each session, and when somebody last used it. Each note is a write, so what comes in dozens is none: a map's
    tiles, a live screen's own requests, and what follows within `_A_MOMENT`."""

    _NOTED = "noted"

    def __call__(self, request: HttpRequest) -> HttpResponse:
        lately = timezone.now().timestamp() - request.session.get("active", 0) <= _A_MOMENT
        key = request.session.session_key
        # by its key, for it gets another one now and then: a session that is not noted could not be ended
        if (lately or comes_by_itself(request)) and request.session.get(self._NOTED) == key:
            return self.get_response(request)  # type: ignore[no-any-return]
        if request.user.is_authenticated:
            request.session[self._NOTED] = key
        response: HttpResponse = super().__call__(request)
        return response


class Polls:
    """Lead the page of a live screen to where its own request is led: XHR follows a redirect unseen, and what it finds there
    would be put among the alarms. Where nobody is signed in any more, that is the way back to that page."""

    def __init__(self, get_response: Handler) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        if POLL not in request.headers or "Location" not in response.headers:
            return response
        if request.user.is_authenticated:
            return HttpResponseClientRedirect(response["Location"])
        return HttpResponseClientRedirect(redirect_to_login(HtmxDetails(request).current_url_abs_path or "/").url)


class SessionLimits:
    """End a session after its idle time or its absolute time (AC-11, AC-12), and say so in the ledger."""

    def __init__(self, get_response: Handler) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if isinstance(request.user, Person):
            over = self._over(request)
            if over:
                record(request.user, Action.SESSION_ENDED, at=timezone.now(), reason=over)
                logout(request)
                messages.info(request, _("You were signed out: %(reason)s.") % {"reason": over})
                # back to the page that was asked for; what a live screen asks by itself, and what was sent, is no page
                leads_back = request.method == "GET" and POLL not in request.headers
                return redirect_to_login(request.get_full_path()) if leads_back else redirect(settings.LOGIN_URL)
        response = self._get_response(request)
        if isinstance(request.user, Person):
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    def _over(self, request: HttpRequest) -> str:
        now = timezone.now().timestamp()
        began = request.session.setdefault("began", now)
        active = request.session.setdefault("active", now)
        if now - began > settings.SESSION_COOKIE_AGE:
            return _("twelve hours have passed")
        if now - active > settings.SESSION_IDLE.total_seconds() and not does_not_lock(request):
            return _("nothing was done for a while")
        if now - active > _A_MOMENT and not comes_by_itself(request):
            request.session["active"] = now
        return ""


class FirstPassword:
    """Let nobody go on with a password that somebody else chose for them (IA-5)."""

    _OPEN = ("account_change_password", "account_logout", "set_language", "still_here")

    def __init__(self, get_response: Handler) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        person = request.user
        is_open = request.path in {reverse(name) for name in self._OPEN}
        if isinstance(person, Person) and person.must_set_password and not is_open:
            return redirect("account_change_password")
        return self._get_response(request)


class DepartmentZone:
    """Show times in the department's own zone; inside, they are UTC."""

    def __init__(self, get_response: Handler) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        zone: ZoneInfo = policy_of(request).zone
        with timezone.override(zone):
            return self._get_response(request)


class Saved:
    """Tell the page under a file that it came: the word that its form sent along comes back as a cookie (`saving.js`)."""

    COOKIE, _NOTED = "saved", "_saved"
    _LONGEST, _SECONDS = 40, 60

    def __init__(self, get_response: Handler) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        word = str(vars(request).get(self._NOTED, ""))
        is_file = response.get("Content-Disposition", "").startswith("attachment")
        if is_file and word.isascii() and word.isalnum() and len(word) <= self._LONGEST:
            is_secure = settings.SESSION_COOKIE_SECURE
            response.set_cookie(self.COOKIE, word, max_age=self._SECONDS, secure=is_secure, samesite="Lax")
        return response

    def process_view(self, request: HttpRequest, view: object, _args: object, _named: object) -> None:
        """Note the word. Of what looks itself at what comes, before it reads, nothing is read here."""
        # Noted first: a request that goes on after the password puts on the words of the one that was held back.
        if isinstance(request.user, Person) and not getattr(view, "csrf_exempt", False):
            vars(request)[self._NOTED] = request.POST.get(self.COOKIE, "")


class Refusals:
    """Turn what stops a procedure into a page: a refusal with its clause, no key or too wide a search with what to do."""

    def __init__(self, get_response: Handler) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_view(self, request: HttpRequest, view: object, _args: object, named: dict[str, object]) -> None:
        """Stop what a database would stumble over: a number that no row can have, a zero byte among words."""
        if any(isinstance(number, int) and number > LARGEST_NUMBER for number in named.values()):
            raise Http404
        given = [request.GET] if getattr(view, "csrf_exempt", False) else [request.GET, request.POST]
        if any("\x00" in word for words in given for _name, said in words.lists() for word in said):
            raise BadRequest("No word has a zero byte in it.")

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer 403 with the clause, or 503 without the key or for a search stopped, or leave other exceptions alone."""
        match exception:
            case RefusedAction(refusal=refusal):
                context = {"refusal": refusal, "back": _back(request), **_mending(request, refusal)}
                return render(request, "refused.html", context, status=403)
            case KeyMissing():
                keepers = ", ".join(sorted(policy_of(request).positions(KEEPS_KEY)))
                return render(request, "no_key.html", {"reason": str(exception), "keepers": keepers}, status=503)
            case SearchTooWide():
                return render(request, "too_wide.html", {"reason": str(exception)}, status=503)
        return None


def _back(request: HttpRequest) -> str:
    """Return the page of ours from which something was sent, "" where none is known."""
    came, match = request.headers.get("Referer", ""), request.resolver_match
    asks_again = match is not None and "reauthenticate" in (
        match.url_name or ""
    )  # it goes on with what was sent before it
    is_ours = request.method == "POST" and not asks_again
    return came if is_ours and url_has_allowed_host_and_scheme(came, {request.get_host()}) else ""


def _mending(request: HttpRequest, refusal: Refused) -> dict[str, object]:
    """Return what the page says of how a refusal is mended: the blank to fill, or the training to take."""
    if refusal.mend not in BLANKS or not isinstance(request.user, Person):
        return {"training": refusal.mend == TRAINING}
    by = footing_of(request)
    return {
        "blank": BLANKS[refusal.mend],
        "drafts": bool(may_draft(by)),
        "governors": ", ".join(sorted(governing(by.policy).positions(AUTHORITY))),
    }
