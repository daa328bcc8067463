"""Behind TLS: what every answer says to the browser, as the settings of a process of its own make it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.e2e.serving import ROOT, ask, environment_in

_ASK = """
import django, json
django.setup()
from django.conf import settings
from django.test import Client
answer = Client(headers={"host": "lpr.example.org", "x-forwarded-proto": "https"}).get("/accounts/login/")
print(json.dumps([answer.status_code, dict(answer.headers), [each.OutputString() for each in answer.cookies.values()],
    {each: getattr(settings, each) for each in dir(settings) if each.startswith("SESSION_COOKIE_") or each == "DEBUG"}]))
"""


def test_what_browsers_are_told(tmp_path: Path) -> None:
    ask(environment_in(tmp_path), "found", "1")
    tls = {**environment_in(tmp_path), "PLATEKEEPER_TLS": "1", "PLATEKEEPER_HOSTS": "lpr.example.org"}
    ran = subprocess.run([sys.executable, "-c", _ASK], env=tls, cwd=ROOT, capture_output=True, text=True, check=True)
    status, headers, [cookie], settings = json.loads(ran.stdout)
    assert status == 200
    assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert headers["X-Content-Type-Options"] == "nosniff" and headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin" and "no-store" in headers["Cache-Control"]
    policy = {part.split()[0]: part.split()[1:] for part in headers["Content-Security-Policy"].split(";")}
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == ["'none'"]
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == ["'self'"]
    assert cookie.startswith("__Host-csrf=")
    assert all(word in cookie for word in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax"))
    assert settings["DEBUG"] is False
    assert settings["SESSION_COOKIE_NAME"] == "__Host-session" and settings["SESSION_COOKIE_DOMAIN"] is None
    assert settings["SESSION_COOKIE_SECURE"] and settings["SESSION_COOKIE_HTTPONLY"]
    assert (settings["SESSION_COOKIE_PATH"], settings["SESSION_COOKIE_SAMESITE"]) == ("/", "Lax")
