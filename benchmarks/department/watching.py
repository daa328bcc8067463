"""An officer's live board that polls until it reads a line. Arguments: port, seconds between polls.

Prints a line of JSON once it polls, and another at the end: when each plate was first in an answer (monotonic), and how
long each poll took, in seconds.
"""

from __future__ import annotations

import http.client
import json
import re
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from benchmarks.department.running import stopped_by_a_line  # noqa: I001 - Django, in the environment's department
from django.conf import settings
from django.test import Client

from platekeeper.server.personnel.models import Person

_PLATE = re.compile(rb"HVK\d{4}W")


def main() -> None:
    """Log in, poll, and print."""
    port, pause = int(sys.argv[1]), float(sys.argv[2])
    client = Client()
    officer = Person.objects.get(username="officer")
    client.force_login(officer, backend="allauth.account.auth_backends.AuthenticationBackend")
    session = client.session
    session["second_factor"] = officer.pk
    session.save()
    headers = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"}
    stopped = stopped_by_a_line()
    seen: dict[str, float] = {}
    took: list[float] = []
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    while not stopped.is_set():
        begun = time.monotonic()
        connection.request("GET", "/hits/live/", headers={**headers, "X-Platekeeper-Poll": "1"})
        answer = connection.getresponse()
        content, ended = answer.read(), time.monotonic()
        if answer.status not in {200, 304}:
            sys.exit(f"The board answered {answer.status}: {content[:300]!r}")
        if not took:
            print(json.dumps({"begun": True}), flush=True)
        took.append(ended - begun)
        for plate in _PLATE.findall(content):
            seen.setdefault(plate.decode(), ended)
        if answer.headers["ETag"]:
            headers["If-None-Match"] = answer.headers["ETag"]
        time.sleep(max(0.0, begun + pause - time.monotonic()))
    print(json.dumps({"seen": seen, "took": took}), flush=True)


if __name__ == "__main__":
    main()
