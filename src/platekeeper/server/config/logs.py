"""What is logged is read by people who may not know a key: keys are struck out of every line, tracebacks included."""

from __future__ import annotations

import logging
import re

_KEY = re.compile(r"lpr-[\w-]{20,}")
"""An LPR's key, which some cameras put into the address, and Django logs addresses that were refused."""


class Masked(logging.Formatter):
    """A line without keys."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        return _KEY.sub("lpr-(key)", super().format(record))
