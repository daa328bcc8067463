"""The WSGI application that granian serves."""

from __future__ import annotations

import logging
import os
from multiprocessing.util import Finalize

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "platekeeper.server.config.settings")
pages = get_wsgi_application()

from platekeeper.server.api.first import LprsFirst  # noqa: E402 - needs Django's apps
from platekeeper.server.config.depth import with_room  # noqa: E402
from platekeeper.server.config.heap import settle  # noqa: E402
from platekeeper.server.procedures.receive_reads import close_intakes, intake  # noqa: E402
from platekeeper.server.storage.reads import WriterBusy  # noqa: E402
from platekeeper.server.web.ready import load_pages  # noqa: E402

application = with_room(LprsFirst(pages).__call__)
try:
    # At start and not at the first read: what a crash cut off must not wait for the next car.
    intake()
    Finalize(None, close_intakes, exitpriority=0)  # a worker is a process of multiprocessing's: atexit is not for it
except WriterBusy:
    logging.getLogger("platekeeper").warning("Another process receives reads; this one serves pages only.")
load_pages()
settle()
