"""How much a page takes: what is larger is refused by its length, before anything looks into it."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve

from platekeeper.server.personnel.models import Person

ANYBODYS, A_MEMBERS = 1 << 20, 64 << 20
"""Bytes. The largest file of most pages is one of roads, of 48 MiB; who has not signed in hands in none."""
LARGE = frozenset({"hot_list_load", "bundles"})
"""Pages of files larger than that: they look themselves at who hands them in, and how much, before they read."""
_TOO_LARGE = 413


class Bodies:
    """Refuse what is too large unread: a form with files goes to the disk as it comes, however long it is."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        most = A_MEMBERS if isinstance(request.user, Person) else ANYBODYS
        if length_of(request) > most and not _is_large(request):
            return render(request, "too_large.html", {"most": most // 2**20}, status=_TOO_LARGE)
        return self._get_response(request)


def length_of(request: HttpRequest) -> int:
    """Return how many bytes come with a request. Of what comes in chunks, without a length, no page reads anything."""
    said = request.META.get("CONTENT_LENGTH") or "0"
    return int(said) if said.isascii() and said.isdecimal() else 0


def _is_large(request: HttpRequest) -> bool:
    try:
        return resolve(request.path_info).url_name in LARGE
    except Resolver404:
        return False
