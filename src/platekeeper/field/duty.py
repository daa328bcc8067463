"""A unit on duty: its alarm page is served and it calls home beside whatever reads plates and hands sightings to it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from platekeeper.field.clock import machine_clock
from platekeeper.field.home import UnitHome
from platekeeper.field.page import PORT, serve
from platekeeper.field.unit import Unit


@contextmanager
def on_duty(home: UnitHome, *, port: int = PORT) -> Iterator[tuple[Unit, str]]:
    """Give the unit and its page's address for a block, in the thread that calls its `see`.

    Raises `NotEnrolled`, and OSError if the port is taken; port 0 takes a free one.
    """
    unit, stop = Unit(home, clock=machine_clock()), threading.Event()
    page = serve(unit, port=port)
    calling = threading.Thread(target=unit.home_loop, args=(stop,))
    calling.start()
    try:
        yield unit, f"http://127.0.0.1:{page.server_address[1]}/"
    finally:
        stop.set()
        page.shutdown()
        page.server_close()
        calling.join()
