"""Addresses of the frame: home, accounts, API."""

from __future__ import annotations

from typing import Any

# The library's own pages; tests/web/test_sign_in.py tries what we use of them.
_LIBRARY = (
    "account_login", "account_logout", "account_reauthenticate", "account_inactive", "account_change_password",
    "account_set_password",
    "mfa_index", "mfa_authenticate", "mfa_reauthenticate", "mfa_activate_totp", "mfa_deactivate_totp",
    "mfa_generate_recovery_codes", "mfa_view_recovery_codes", "mfa_download_recovery_codes", "usersessions_list",
    "mfa_list_webauthn", "mfa_add_webauthn", "mfa_edit_webauthn", "mfa_remove_webauthn", "mfa_login_webauthn",
    "mfa_reauthenticate_webauthn", "openid_connect_login", "openid_connect_callback",
    "saml_login", "saml_acs", "saml_finish_acs", "saml_sls", "saml_metadata",
    "api_openapi-json", "api_api-root", "healthz", "readyz", "metrics", "set_language",
)  # fmt: skip

ROWS: dict[str, dict[str, Any]] = {
    **{name: {"public": True} for name in _LIBRARY},
    "home": {"allowed": "all"},
    "still_here": {"allowed": "all", "method": "post", "status": 204},
    "first_steps": {"allowed": {"chief", "custodian", "administrator", "trainer"}},
    "tile": {
        "allowed": "all",
        "args": lambda cast: [0, 0, 0],
        "status": 404,
    },  # no archive is named; test_map_tiles has one
    "api_reads": {"key": True},
    "api_entries": {"key": True},
    "api_unit": {"key": True},
    "api_acts": {"key": True},
    "api_hot_list": {"key": True},
    "api_rows": {"key": True},
    "ingest_bare": {"key": True, "args": lambda cast: ["axis"]},
    "ingest": {"key": True, "args": lambda cast: ["openalpr"]},
    "ingest_below": {"key": True, "args": lambda cast: ["dahua", "nobodys-key/NotificationInfo/TollgateInfo"]},
}
