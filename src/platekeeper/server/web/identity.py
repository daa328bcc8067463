"""Signing in through the department's own identity provider: it stands for the password, and makes nobody."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base import AuthProcess
from django.conf import settings
from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from platekeeper.core.rules.decision import Refused
from platekeeper.server.procedures.link_identity import linked, may_link, not_linked, person_named
from platekeeper.server.procedures.sign_in import record_failure
from platekeeper.server.storage.errors import storage_trouble

_log = logging.getLogger(__name__)


class Adapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Nobody signs up, and an identity is linked only by the field that the department's file names."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Accounts are added on the People page."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Link an identity seen for the first time to the account it names, or let it in nowhere."""
        if sociallogin.state.get("process") == AuthProcess.LOGIN and sociallogin.is_existing:
            return
        provider = sociallogin.account.get_provider(request).app.provider_id
        field, claim = settings.IDENTITY.person_by[provider]
        person = person_named(field, _claimed(sociallogin.account.extra_data, claim))
        if person is None or sociallogin.state.get("process") != AuthProcess.LOGIN:
            record_failure(f"{provider}: {_claimed(sociallogin.account.extra_data, claim)}", at=timezone.now())
            raise ImmediateHttpResponse(unknown(request))
        try:
            with transaction.atomic():  # not linked unless it is in the ledger
                decision = may_link(person, provider=provider)
                if isinstance(decision, Refused):
                    not_linked(person, decision, provider=provider, at=timezone.now())
                else:
                    sociallogin.connect(request, person)
                    linked(person, provider=provider, at=timezone.now())
        except DatabaseError as error:
            if storage_trouble(error):
                raise  # its own page says what to do about it
            _log.exception("An identity was not linked: that could not be recorded")
            page = render(request, "account/unrecorded.html", status=HTTPStatus.SERVICE_UNAVAILABLE)
            raise ImmediateHttpResponse(page) from error
        if isinstance(decision, Refused):
            raise ImmediateHttpResponse(unknown(request, decision))

    def on_authentication_error(self, request: HttpRequest, provider: Any, *args: Any, **kwargs: Any) -> None:
        """Log that a provider's answer was not believed, and say so."""
        record_failure(f"{provider.app.provider_id}: not believed", at=timezone.now())
        raise ImmediateHttpResponse(unknown(request))


def unknown(request: HttpRequest, refusal: Refused | None = None) -> HttpResponse:
    """Say that nobody here is known by that identity, or why it is not linked."""
    return render(request, "account/unknown.html", {"refusal": refusal}, status=403)


def _claimed(told: dict[str, Any], claim: str) -> str:
    """Return what a provider says under a claim; OpenID Connect says it in a part, SAML as a list."""
    for part in (told, told.get("userinfo") or {}, told.get("id_token") or {}):
        value = part.get(claim)
        if isinstance(value, list):
            value = value[0] if len(value) == 1 else None
        if isinstance(value, str):
            return value
    return ""
