"""On PostgreSQL rows are held before the ledger is, and never their keys: otherwise two wait for each other.

Whoever appends a leaf has the ledger until the commit, when keys are looked for too. A test may do several acts in one
transaction of its own, so what counts is one call of the product.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from django.apps import apps
from django.db import connection

_OURS = "|".join(each.label for each in apps.get_app_configs() if each.name.startswith("platekeeper."))
_WITH_KEY = re.compile(rf'FROM "(?:{_OURS})_.* FOR UPDATE')  # nothing of ours points to what the libraries hold


@contextmanager
def rows_before_the_ledger() -> Iterator[None]:
    """Fail at the end of a block in which a row was held behind a leaf, or with its key."""
    with_ledger, wrong = None, set()

    def asked(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal with_ledger
        ours = [each for each in connection.atomic_blocks if not vars(each)["_from_testcase"]]  # no test's own
        now = ours[:1], _call()
        if "pg_advisory_xact_lock" in sql:
            with_ledger = now
        elif _WITH_KEY.search(sql) or ("FOR NO KEY UPDATE" in sql and now == with_ledger):
            wrong.add(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(asked):
        yield
    assert not wrong, wrong


def _call() -> FrameType | None:
    """Return the outermost of the product's frames that are under way."""
    found, frame = None, sys._getframe().f_back
    while frame is not None:
        if "/platekeeper/server/" in frame.f_code.co_filename:
            found = frame
        frame = frame.f_back
    return found
