"""What every page begins with."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec

from allauth.account.decorators import reauthentication_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from platekeeper.server.personnel.models import Person
from platekeeper.server.procedures.authority import Footing, footing

P = ParamSpec("P")


def person_of(request: HttpRequest) -> Person:
    """Return who is signed in; `LoginRequiredMiddleware` has seen to it that somebody is."""
    if not isinstance(request.user, Person):
        raise TypeError("This page needs somebody signed in.")
    return request.user


def footing_of(request: HttpRequest) -> Footing:
    """Return what the request stands on: person, authority and policy, now."""
    return footing(person_of(request), at=timezone.now())


def step_up(view: Callable[P, HttpResponse]) -> Callable[P, HttpResponse]:
    """Ask for the password or second factor once more before an act that hurts when it is somebody else's."""
    wrapped: Callable[P, HttpResponse] = reauthentication_required(view)
    return wrapped
