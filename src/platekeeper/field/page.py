"""The alarm page for the vehicle's own screen, on loopback and nowhere else.

A page of the web that runs in the same browser gets nothing: the Host must be loopback, and what changes something or
looks a plate up needs a header that no other site's page may send.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from contextlib import closing
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from platekeeper.core.categories import HitAction
from platekeeper.core.formats.signed_entries import SignedEntry
from platekeeper.core.moments import moment_of
from platekeeper.core.partial import parse_pattern
from platekeeper.core.rules.field_entries import Ground
from platekeeper.field.alarms import Alarms, Step
from platekeeper.field.disk import SpoolFull
from platekeeper.field.entries import FieldEntries
from platekeeper.field.spool import Spool
from platekeeper.field.telling import alarm_told
from platekeeper.field.trouble import troubles
from platekeeper.field.unit import Unit

PORT = 8766
HEADER = "X-Platekeeper"
_SCREEN = Path(__file__).parent / "screen"
_FILES = {
    "/": ("alarm.html", "text/html; charset=utf-8"),
    "/alarm.js": ("alarm.js", "text/javascript; charset=utf-8"),
    "/alarm.css": ("alarm.css", "text/css; charset=utf-8"),
}
_LARGEST = 64 * 1024
_MOST_SHOWN = 12
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    ),
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class Page:
    """What the page shows and does; each request has the spool for itself."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    def state(self, spool: Spool) -> dict[str, Any]:
        """Return everything that the page shows by itself."""
        unit, alarms, current = self._unit, Alarms(spool), self._unit.lists.current
        zone = ZoneInfo(current.issued.zone if current else "UTC")
        return {
            "unit": unit.enrollment.name,
            "troubles": [
                {"said": each.said, "grave": each.grave}
                for each in troubles(spool, unit.lists, unit.pulse, folder=unit.home.folder)
            ],
            "alarms": [alarm_told(alarm, zone) for alarm in alarms.shown(_MOST_SHOWN, window=unit.window)],
            "more": max(alarms.open_count() - _MOST_SHOWN, 0),
            "waiting": spool.counts().get("", 0),
            "list": f"{current.bundle.made_at.astimezone(zone):%Y-%m-%d %H:%M}" if current else "",
            "entries": FieldEntries(spool).listed(),
        }

    def step(self, spool: Spool, said: dict[str, str]) -> dict[str, Any]:
        """Take a step on an alarm. Raises ValueError for one that may not be taken now."""
        if not (member := _text(said, "member")):
            raise ValueError("Say who you are.")
        alarm, step, after = int(said["alarm"]), Step(said["step"]), int(said["after"])
        Alarms(spool).step(alarm, step, after=after, member=member, window=self._unit.window)
        return {}

    def look_up(self, spool: Spool, said: dict[str, str]) -> dict[str, Any]:
        """Look a plate up among the reads on the unit, and say whether it is on the hot list."""
        plate = _text(said, "plate")
        found = FieldEntries(spool).look_up(plate, member=_text(said, "member"), reason=_text(said, "reason"))
        current = self._unit.lists.current
        wanted = current.wanted(plate, now=spool.now) if current is not None else []
        return {
            "reads": [
                {"number": each.number, "plate": each.plate, "at": f"{moment_of(each.at):%Y-%m-%d %H:%M:%S} UTC",
                 "place": [each.latitude, each.longitude] if each.latitude is not None else None}
                for each in found
            ],
            "wanted": [
                f"{hit.category.value.replace('_', ' ')}: {hit.entry['plate']}"
                for hit in wanted
                if hit.hit_action is not HitAction.SILENT  # told to nobody in the car, as its alarm is not
            ],
        }  # fmt: skip

    def enter(self, spool: Spool, said: dict[str, str]) -> dict[str, Any]:
        """Enter a plate by hand (VII.f-g); say what was entered and where it was read before, as VII.g has it."""
        if not (ground := _text(said, "ground")):
            raise ValueError("Choose on what ground it is entered.")
        entry = SignedEntry(
            member=_text(said, "member"), plate=_text(said, "plate"), ground=Ground(ground),
            jurisdiction=_text(said, "jurisdiction").upper(), reason=_text(said, "reason"),
            authority=_text(said, "authority"), director=_text(said, "director"),
        )  # fmt: skip
        looked_up = self.look_up(spool, said)
        FieldEntries(spool).enter(entry, key=self._unit.home.signing_key())
        return {**looked_up, "entered": f"{parse_pattern(entry.plate).text}, {ground.replace('_', ' ')}"}


def serve(unit: Unit, *, port: int = PORT) -> ThreadingHTTPServer:
    """Serve the page on loopback in a thread of its own; the caller shuts it down."""
    page = Page(unit)
    posts: dict[str, Callable[[Spool, dict[str, str]], dict[str, Any]]] = {
        "/step": page.step, "/look-up": page.look_up, "/enter": page.enter,
    }  # fmt: skip

    class Handler(BaseHTTPRequestHandler):
        server_version, sys_version, protocol_version = "platekeeper", "", "HTTP/1.1"

        def do_GET(self) -> None:
            """Show."""
            if not self._is_ours():
                return
            if self.path in _FILES:
                name, media_type = _FILES[self.path]
                self._answer(HTTPStatus.OK, (_SCREEN / name).read_bytes(), media_type)
            elif self.path == "/state":
                self._with_spool(page.state)
            else:
                self._picture()

        def do_POST(self) -> None:
            """Do."""
            if not self._is_ours():
                return
            length = int(self.headers.get("Content-Length") or 0)
            if self.path not in posts or self.headers.get(HEADER) != "1" or length > _LARGEST:
                self.close_connection = True
                self._say(HTTPStatus.FORBIDDEN, "This does not come from the unit's own page.")
                return
            content = self.rfile.read(length)

            def do(spool: Spool) -> dict[str, Any]:
                said = json.loads(content)
                return posts[self.path](spool, {str(name): str(value) for name, value in said.items()})

            self._with_spool(do)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing: plates are in what is asked."""

        def _is_ours(self) -> bool:
            host = self.headers.get("Host", "").rsplit(":", 1)[0]
            if host in {"127.0.0.1", "localhost"}:
                return True
            self.close_connection = True
            self._say(HTTPStatus.FORBIDDEN, "The page is this machine's alone.")
            return False

        def _with_spool(self, do: Callable[[Spool], dict[str, Any]]) -> None:
            try:
                with closing(unit.spool()) as spool:
                    self._answer(HTTPStatus.OK, json.dumps(do(spool)).encode(), "application/json")
            except SpoolFull as full:
                self._say(HTTPStatus.INSUFFICIENT_STORAGE, str(full))
            except (ValueError, KeyError, AttributeError) as error:
                self._say(HTTPStatus.BAD_REQUEST, str(error))

        def _picture(self) -> None:
            kind, _, number = self.path.strip("/").partition("/")
            if kind not in {"picture", "crop"} or not number.isdecimal():
                self._say(HTTPStatus.NOT_FOUND, "There is no such page.")
                return
            try:
                with closing(unit.spool()) as spool:
                    content = Alarms(spool).picture(int(number), crop=kind == "crop")
            except SpoolFull as full:
                self._say(HTTPStatus.INSUFFICIENT_STORAGE, str(full))
                return
            if content is None:
                self._say(HTTPStatus.NOT_FOUND, "The picture is not on this unit any more.")
            else:
                self._answer(HTTPStatus.OK, content, "image/jpeg")

        def _say(self, status: HTTPStatus, message: str) -> None:
            self._answer(status, json.dumps({"error": message}).encode(), "application/json")

        def _answer(self, status: HTTPStatus, content: bytes, media_type: str) -> None:
            self.send_response(status)
            for name, value in {**_HEADERS, "Content-Type": media_type, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def _text(said: dict[str, str], name: str) -> str:
    return said.get(name, "").strip()[:240]
