"""The account pages we want of allauth: no signup, no e-mail addresses, no reset by mail."""

from __future__ import annotations

from allauth.account import views
from django.apps import apps
from django.urls import URLPattern, URLResolver, include, path

from platekeeper.server.web.screens import step_up_first
from platekeeper.server.web.second_factor import passkey_alone, remove_passkey

urlpatterns: list[URLPattern | URLResolver] = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("password/change/", views.password_change, name="account_change_password"),
    path("password/set/", step_up_first(views.password_set), name="account_set_password"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("2fa/webauthn/login/", passkey_alone, name="mfa_login_webauthn"),
    path("2fa/webauthn/keys/<int:pk>/remove/", remove_passkey, name="mfa_remove_webauthn"),
    path("2fa/", include("allauth.mfa.urls")),
    path("", include("allauth.socialaccount.providers.openid_connect.urls")),
    *(
        [path("", include("allauth.socialaccount.providers.saml.urls"))]
        if apps.is_installed("allauth.socialaccount.providers.saml")
        else []
    ),
    path("sessions/", include("allauth.usersessions.urls")),
]
