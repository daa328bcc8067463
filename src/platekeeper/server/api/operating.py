"""What a monitor asks: alive, ready, and how much. Who is not meant to know learns nothing here (docs/operations.md)."""

from __future__ import annotations

import logging
import os
from functools import cache

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe

from platekeeper.server.gateways import metrics as counts
from platekeeper.server.jobs.lookups import standing
from platekeeper.server.procedures.receive_reads import intake
from platekeeper.server.storage.reads import WriterBusy
from platekeeper.server.storage.room import room

_log = logging.getLogger("platekeeper.ready")
_LOOPBACK = {"127.0.0.1", "::1"}


class _NotReady(Exception):
    pass


@login_not_required
@require_safe
def alive(_request: HttpRequest) -> HttpResponse:
    """Answer: the process is there, whatever it can do."""
    return HttpResponse(b"alive\n", "text/plain")


@login_not_required
@require_safe
def ready(_request: HttpRequest) -> HttpResponse:
    """Say whether requests can be served: 200, or 503 without why, which is in the log."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        _migrated()
        if not settings.PAGES_ONLY:
            intake()
    except (DatabaseError, OSError, WriterBusy, _NotReady) as trouble:
        _log.warning("Not ready: %s", type(trouble).__name__)
        return HttpResponse(b"not ready\n", "text/plain", status=503)
    return HttpResponse(b"ready\n", "text/plain")


@login_not_required
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Tell Prometheus what this process counted."""
    if not _may_know(request):
        return HttpResponseNotFound()
    counts.DISK_FREE.set(room(settings.HOME.folder)[0])
    counts.JOBS_LATE.set(sum(job.is_overdue for job in standing(at=timezone.now())))
    return HttpResponse(counts.told(), "text/plain; version=0.0.4; charset=utf-8")


@cache
def _migrated() -> None:
    """Raise `_NotReady` while migrations wait; once there are none, none come while this process runs."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise _NotReady


def _may_know(request: HttpRequest) -> bool:
    """Behind a proxy everybody comes from this machine, so there, and from elsewhere, a token is needed."""
    token = os.environ.get("PLATEKEEPER_METRICS_TOKEN", "")
    given = request.headers.get("Authorization", "")
    if token and constant_time_compare(given, f"Bearer {token}"):
        return True
    passed_on = settings.BEHIND_TLS or any(name in request.headers for name in ("Forwarded", "X-Forwarded-For"))
    return request.META.get("REMOTE_ADDR") in _LOOPBACK and not passed_on
