"""A unit on duty: its alarm page is served and it calls home beside whatever reads plates and hands sightings to it."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

from platekeeper.field.clock import machine_clock
from platekeeper.field.home import UnitHome
from platekeeper.field.page import PORT, serve
from platekeeper.field.trouble import Trouble
from platekeeper.field.unit import Unit

_ANSWERS_WITHIN = 5.0
"""Seconds: the page is on this machine."""


@contextmanager
def on_duty(home: UnitHome, *, port: int = PORT) -> Iterator[tuple[Unit, str]]:
    """Give the unit and its page's address for a block, in the thread that calls its `see`.

    Raises `NotEnrolled`, and OSError if the port is taken; port 0 takes a free one.
    """
    unit, stop = Unit(home, clock=machine_clock()), threading.Event()
    page = serve(unit, port=port)
    calling = threading.Thread(target=unit.home_loop, args=(stop,))
    calling.start()
    with suppress(OSError):  # a full disk keeps nobody from the road; `status` knows less then
        home.page.write_text(str(page.server_address[1]))
    try:
        yield unit, f"http://127.0.0.1:{page.server_address[1]}/"
    finally:
        stop.set()
        with suppress(OSError):
            home.page.unlink()
        page.shutdown()
        page.server_close()
        calling.join()


def troubles_on_duty(home: UnitHome) -> list[Trouble] | None:
    """Return what the page of the unit on duty in a folder shows as its troubles, None where none is on duty there.

    What was heard from camera, GPS and server is known to that process alone.
    """
    try:
        with closing(http.client.HTTPConnection("127.0.0.1", int(home.page.read_text()), _ANSWERS_WITHIN)) as page:
            page.request("GET", "/state")
            state = json.load(page.getresponse())
        return [Trouble(said=each["said"], grave=each["grave"]) for each in state["troubles"]]
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError):  # gone, and its port may be another's
        return None
