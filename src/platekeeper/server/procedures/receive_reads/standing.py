"""The intake that stands in this process, and the end of it."""

from __future__ import annotations

from django.conf import settings
from django.utils import timezone

from platekeeper.server.procedures.receive_reads.taking_in import Intake
from platekeeper.server.procedures.stores import read_store
from platekeeper.server.storage.home import Home
from platekeeper.server.storage.reads import WriterBusy

_open: dict[Home, Intake] = {}


def intake() -> Intake:
    """Return this process's intake, opening it (and completing what a crash cut off) at the first call.

    Raises `WriterBusy`, also where another machine is meant to receive: it must find the store free when it begins.
    """
    if settings.PAGES_ONLY:
        raise WriterBusy("Another machine receives reads; this one serves pages only.")
    home: Home = settings.HOME
    if home not in _open:
        opened = Intake(read_store().writer(), id_key=settings.READ_ID_KEY)
        try:
            opened.complete_unsettled(at=timezone.now())
        except BaseException:
            opened.close()  # or nobody could write any more, though the disk be well again
            raise
        _open[home] = opened
    return _open[home]


def close_intakes() -> None:
    """Finish what waits and let go of every store that this process opened."""
    while _open:
        _open.popitem()[1].close()
