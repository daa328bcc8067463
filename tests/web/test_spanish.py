"""Whoever reads in Spanish: pages are in it, and what is recorded or handed out is what it would be for anybody."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from io import BytesIO

import pytest
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from pypdf import PdfReader

from platekeeper.server.ledger.models import LedgerEntry, LedgerOpening
from tests.cast import Cast
from tests.web.making import stepped_up
from tests.web.table import Row, rows

pytestmark = pytest.mark.django_db

ROWS = rows()
ACTS = ("hit_step", "case_packet", "lprs_insured_export", "query_log_export", "complaint_step", "register_pdf")
AsRole = Callable[[str], Client]
Done = tuple[list[dict[str, object]], list[tuple[str, str]], str]
"""Ledger bodies, what opens their sealed fields, and the file that was handed out."""


def _acts() -> list[Row]:
    every = [row for row in ROWS.values() if not row.public and not row.key]
    return every if "PLATEKEEPER_EVERYBODY" in os.environ else [row for row in every if row.name in ACTS]


@pytest.mark.parametrize("row", _acts(), ids=lambda row: row.name)
def test_what_an_act_leaves_does_not_depend_on_who_reads_in_which_language(row: Row, cast: Cast, as_role: AsRole) -> None:
    for role in (sorted(row.allowed)[0], "outsider"):
        left = [_done(row, role, language, cast, as_role) for language in ("en-us", "es")]
        assert left[0] == left[1]


def _done(row: Row, role: str, language: str, cast: Cast, as_role: AsRole) -> Done:
    """Do it in a language, and take it back."""
    with transaction.atomic():
        client = stepped_up(as_role(role))
        client.cookies["language"] = language
        address, before = row.address(cast), LedgerEntry.objects.count()
        response = client.get(address) if row.method == "get" else client.post(address, row.body(cast))
        file = _file(response)
        bodies = [_lasting(json.loads(bytes(each.body))) for each in LedgerEntry.objects.filter(index__gte=before).order_by("index")]
        opened = LedgerOpening.objects.filter(entry__index__gte=before).order_by("entry__index", "field")
        sealed = [(each.field, _plain(each.value)) for each in opened]
        transaction.set_rollback(True)
    return bodies, sealed, file


def _lasting(body: dict[str, object]) -> dict[str, object]:
    """Return a body without what is another each time: its moment and its salts, numbers and digests."""
    found: dict[str, object] = json.loads(_plain(json.dumps({k: v for k, v in body.items() if k not in {"at", "salt", "sealed"}})))
    return found


def _file(response: HttpResponseBase) -> str:
    """Return the words of what is no page."""
    content = b"".join(response) if response.streaming else response.content  # type: ignore[attr-defined, call-overload]
    kind = response.headers.get("Content-Type", "")
    if "html" in kind:
        return ""
    if "pdf" in kind:
        return _plain("\n".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages))
    return _plain(content.decode(errors="replace")) if kind.startswith(("text/", "application/json")) else ""


def _plain(text: str) -> str:
    return re.sub(r"[0-9a-f]{16,}|\d+", "0", text)
