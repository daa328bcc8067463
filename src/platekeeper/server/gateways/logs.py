"""What goes to the log: a line an event, as JSON if wanted, and never a key, a plate or a name.

Django logs the address of a request that went wrong. Some cameras have their key in it, and other addresses have numbers of
cases: the view's route is logged instead. What an exception says may hold what was stored, so its kind and its place are
logged as JSON, and not its words.
"""

from __future__ import annotations

import json
import logging
import re
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The number of the request being answered, which its answer bears as `X-Request-ID`."""
NOWHERE = "no address of ours"
_KEY = re.compile(r"lpr-[\w-]{20,}")
"""An LPR's key."""


def route_of(request: Any) -> str:
    """Return which address was asked for, without what stood in it."""
    found = getattr(request, "resolver_match", None)
    return f"/{found.route}" if found else NOWHERE


class WithoutAddresses(logging.Filter):
    """Put the route in the place of a request's address."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record; every record is logged."""
        request = getattr(record, "request", None)
        if request is not None and isinstance(record.args, tuple):
            path = getattr(request, "path", "")
            record.args = tuple(route_of(request) if path and path in str(each) else each for each in record.args)
        return True


class PlainLines(logging.Formatter):
    """A line of text a record, tracebacks included, without keys."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        return _KEY.sub("lpr-(key)", super().format(record))


class JsonLines(logging.Formatter):
    """A line of JSON a record: when (UTC), how grave, who says it, what, in which request, and what went wrong where."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        told: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "said": record.getMessage(),
        }
        if request_id.get():
            told["request"] = request_id.get()
        told |= getattr(record, "facts", {})
        if record.exc_info and record.exc_info[0] is not None:
            frames = traceback.extract_tb(record.exc_info[2])[-8:]
            told["error"] = record.exc_info[0].__name__
            told["where"] = [f"{frame.filename.rpartition('site-packages/')[2]}:{frame.lineno}" for frame in frames]
        return _KEY.sub("lpr-(key)", json.dumps(told))


def logging_of(form: str) -> dict[str, Any]:
    """Return Django's `LOGGING` for a form: "json", or "" for plain lines. Raises ValueError for another."""
    if form not in {"", "json"}:
        raise ValueError("PLATEKEEPER_LOG is json, or not set")
    here = "platekeeper.server.gateways.logs"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"addresses": {"()": f"{here}.WithoutAddresses"}},
        "formatters": {
            "plain": {"()": f"{here}.PlainLines", "fmt": "{asctime} {levelname} {name}: {message}", "style": "{"},
            "json": {"()": f"{here}.JsonLines"},
        },
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": form or "plain", "filters": ["addresses"]}
        },
        "root": {"handlers": ["console"], "level": "WARNING"},
        "loggers": {
            "platekeeper": {"level": "INFO"},
            "platekeeper.requests": {"level": "INFO" if form == "json" else "WARNING"},
        },
    }
