"""The unit as a whole: takes sightings, raises alarms, sends what waits, pulls the hot list, erases by policy."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial

from platekeeper.core.moments import microseconds
from platekeeper.core.transfer import TransferError
from platekeeper.field.acts import Acts
from platekeeper.field.alarms import Alarms
from platekeeper.field.clock import Clock
from platekeeper.field.disk import SpoolFull, full_named
from platekeeper.field.entries import FieldEntries
from platekeeper.field.erasing import erase, make_room
from platekeeper.field.handing import Pace
from platekeeper.field.home import UnitHome
from platekeeper.field.hotlist import HotListKeeper
from platekeeper.field.link import Link, NotTaken
from platekeeper.field.sighting import Sighting
from platekeeper.field.spool import Spool
from platekeeper.field.times import SECOND
from platekeeper.field.trouble import Part, Pulse
from platekeeper.field.upload import MOST_READS, Uploader

USUAL_WINDOW = 15
"""Minutes in which a vehicle is one alarm, until a hot list says what the policy has."""
_REST = 20.0
"""Seconds between two looks for a network and for changes of the hot list."""

_NOBODY_THERE, _KEY_REFUSED = 0, 401
_log = logging.getLogger(__name__)


class Unit:
    """One unit in its folder. `see` is what the reading side calls; `home_loop` runs beside it. Raises `NotEnrolled`."""

    def __init__(self, home: UnitHome, *, clock: Clock) -> None:
        self.home, self.clock, self.enrollment = home, clock, home.enrollment
        self.lists = HotListKeeper(home.hot_lists, unit=self.enrollment.unit, signs=self.enrollment.signs)
        self.pulse = Pulse(clock)
        self._pace = Pace(MOST_READS)
        self._later: dict[str, tuple[int, NotTaken]] = {}
        self._spool = self.spool()
        self._alarms, self._entries = Alarms(self._spool), FieldEntries(self._spool)

    def spool(self) -> Spool:
        """Open the spool anew, for another thread."""
        return Spool(self.home.spool, clock=self.clock)

    @property
    def window(self) -> int:
        """In how many minutes a vehicle is one alarm (VII.e)."""
        current = self.lists.current
        return current.issued.window if current else USUAL_WINDOW

    def see(self, sighting: Sighting) -> None:
        """Match a sighting and put it on disk with what it matched; on a full disk, make room of what may go first.

        Raises `SpoolFull` where nothing may go: the sighting is lost, and the page says so.
        """
        self.pulse.beat(Part.CAMERA)
        if sighting.latitude is not None:
            self.pulse.beat(Part.GPS)
        now, current = self._spool.now, self.lists.current
        hits = [*self._entries.match(sighting, now=now), *(current.match(sighting, now=now) if current else ())]
        try:
            try:
                self._alarms.take(sighting, hits, window=self.window)
            except SpoolFull:
                make_room(self._spool)
                self._alarms.take(sighting, hits, window=self.window)
        except SpoolFull:
            self.pulse.disk_full = True
            raise
        self.pulse.disk_full = False

    def hear(self, sighting: Sighting) -> None:
        """See what a camera that reads by itself says, and hold its clock against the best that is known of the time.

        Raises as `see` does.
        """
        self.pulse.camera_ahead = microseconds(sighting.at) - self._spool.now
        self.see(sighting)

    def knows(self, event: str) -> bool:
        """Say whether something that a camera said of an event is on disk."""
        return self._spool.knows(event)

    def link(self) -> Link:
        """Return the way to the department."""
        return Link(self.enrollment.server, self.enrollment.key, authorities=self.enrollment.authorities)

    def call_home(self, spool: Spool, link: Link) -> None:
        """Send what waits, alarms first, then hand in entries and acts, and pull the hot list. Raises `NotTaken`.

        What the server refuses of one does not stop the others; what it wants to hear of later waits on the unit till then.
        """
        failed: NotTaken | None = None
        parts: dict[str, Callable[[], object]] = {
            "reads": Uploader(spool, link, self._pace).run, "entries": partial(FieldEntries(spool).hand_in, link),
            "acts": partial(Acts(spool).hand_in, link), "lists": lambda: self.lists.pull(link, now=spool.now),
        }  # fmt: skip
        for part, do in parts.items():
            later, said = self._later.get(part, (0, None))
            if spool.clock.since() < later:
                failed = failed or said
                continue
            try:
                do()
            except NotTaken as error:
                failed = failed or error
                self._later[part] = (spool.clock.since() + error.wait * SECOND, error)
                if error.status in {_NOBODY_THERE, _KEY_REFUSED}:
                    break
            except TransferError as error:
                self.lists.trouble = str(error)
        self.pulse.upload, self.pulse.key_refused = str(failed or ""), bool(failed and failed.status == _KEY_REFUSED)
        if failed is not None:
            raise failed

    def erase(self, spool: Spool) -> None:
        """Erase what the department has had for as long as its policy says; without its word, nothing (V.b)."""
        current = self.lists.current
        if current is not None and current.issued.erased_after is not None:
            erase(spool, after=timedelta(seconds=current.issued.erased_after))

    def home_loop(self, stop: threading.Event) -> None:
        """Call home again and again until told to stop, and erase what the policy has erased. Nothing ends it before."""
        spool, link = self.spool(), self.link()
        while not stop.is_set():
            has_room = True
            for do in (partial(self.call_home, spool, link), partial(self.erase, spool)):
                try:
                    with full_named():
                        do()
                except NotTaken:
                    pass  # the page says it; the next try is soon
                except SpoolFull:
                    has_room = False
                except Exception as error:  # whatever it is, the next round may go well: until then the page says it
                    self.pulse.upload = f"{type(error).__name__}: {error}"
                    _log.exception("Calling home went wrong")
            self.pulse.no_room_at_home = not has_room
            stop.wait(_REST)
        spool.close()
