"""What every page begins with."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import IO, TYPE_CHECKING, Any, ParamSpec, TypeVar

from allauth.account.decorators import reauthentication_required
from allauth.core.exceptions import ReauthenticationRequired
from django.core.paginator import Page, Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone

from platekeeper.core.policy import Policy
from platekeeper.core.rules.access import may_inquire
from platekeeper.core.rules.alerts import may_see_hot_lists
from platekeeper.core.rules.decision import Refused
from platekeeper.server.ledger.actions import Action
from platekeeper.server.personnel.models import Person
from platekeeper.server.policy.lookups import in_force
from platekeeper.server.procedures.authority import Footing, RefusedAction, footing
from platekeeper.server.procedures.question import Question

if TYPE_CHECKING:
    from django.core.paginator import _SupportsPagination

P = ParamSpec("P")
R = TypeVar("R", bound=HttpResponseBase)
M = TypeVar("M")
_FOOTING, _POLICY = "_footing", "_policy"


def person_of(request: HttpRequest) -> Person:
    """Return who is signed in; `LoginRequiredMiddleware` has seen to it that somebody is."""
    if not isinstance(request.user, Person):
        raise TypeError("This page needs somebody signed in.")
    return request.user


def footing_of(request: HttpRequest) -> Footing:
    """Return what the request stands on: person, authority and policy, now.

    Page and frame ask; a GET changes nothing in between, so it is gathered once.
    """
    known: dict[str, Any] = vars(request)
    is_get = request.method == "GET"
    if not is_get or _FOOTING not in known:
        known[_FOOTING] = footing(person_of(request), at=timezone.now(), policy=policy_of(request) if is_get else None)
    found: Footing = known[_FOOTING]
    return found


def policy_of(request: HttpRequest) -> Policy:
    """Return the policy in force as the request came."""
    known: dict[str, Any] = vars(request)
    if _POLICY not in known:
        known[_POLICY] = in_force(at=timezone.now())
    found: Policy = known[_POLICY]
    return found


def page_of(request: HttpRequest, found: _SupportsPagination[M], most: int, *, name: str = "page") -> Page[M]:
    """Return the page of a list that an address names, `most` on each, for `hotlist/_pager.html` to lead to the others.

    Where a page has several such lists, each has a `name` of its own in the address.
    """
    return Paginator(found, most).get_page(request.GET.get(name))


def number_of(text: str) -> int | None:
    """Return the number that an address or a form names, None for what is none or is more than a database holds."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def attachment(content: bytes, media_type: str, name: str) -> HttpResponse:
    """Return a file to be kept, for a browser to save under a name and to forget."""
    head = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return HttpResponse(content, media_type, headers=head)


def attached(file: IO[bytes], media_type: str, name: str, **head: str) -> FileResponse:
    """Return likewise a file that may be larger than the memory; it is closed once it was sent."""
    return FileResponse(file, as_attachment=True, filename=name, content_type=media_type, headers=head)


def seeing_hot_lists(request: HttpRequest) -> Footing:
    """Return what the request stands on, once it was seen that this person may look into the hot lists (IV.h)."""
    by = footing_of(request)
    by.demand(may_see_hot_lists(by.authority, by.policy, by.today), attempted=Action.ENTRY_VIEWED)
    return by


def mended_in_form(by: Footing, refused: RefusedAction) -> Refused:
    """Return why an inquiry was refused, for its form. Raises the refusal where `mendable` does."""
    return mendable(refused, may=bool(may_inquire(by.authority, by.policy, by.today)))


def mendable(refused: RefusedAction, *, may: bool = True) -> Refused:
    """Return why something was refused, for its form: what whoever asked can mend is mended where it was written.

    Raises the refusal where no other words would help: who may not do it at all, or a blank that the policy leaves.
    """
    if refused.refusal.mend or not may:
        raise refused
    return refused.refusal


def in_bulk(view: Callable[P, R], *, asked: Question) -> Callable[P, R]:
    """Ask for the password once more before an inquiry that asks for much at once."""
    return step_up(view) if asked.is_bulk else view


def step_up(view: Callable[P, R]) -> Callable[P, R]:
    """Ask for the password or second factor once more before an act that hurts when it is somebody else's."""
    wrapped: Callable[P, R] = reauthentication_required(view)
    return wrapped


def step_up_first(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Ask likewise before the form is shown. What was typed into it is a secret: it waits nowhere, and is typed anew."""
    asking = step_up(view)

    @wraps(view)
    def taken(request: HttpRequest, **named: Any) -> HttpResponse:
        try:
            return asking(request, **named)
        except ReauthenticationRequired:
            if request.method == "POST":
                return redirect(request.path)
            raise

    return taken


def step_up_to(*steps: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Ask likewise where a view's `what` is one of these steps, which open or approve something."""

    def around(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        asking = step_up(view)

        @wraps(view)
        def taken(request: HttpRequest, *, what: str, **named: Any) -> HttpResponse:
            return (asking if what in steps else view)(request, what=what, **named)

        return taken

    return around
