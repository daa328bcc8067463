"""A file of signed entries is handed in on the page; who made them sees their prior reads at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from platekeeper.core.formats.signed_entries import SignedEntry, sign_entry
from platekeeper.core.rules.field_entries import Ground
from platekeeper.core.transfer import LARGEST
from platekeeper.server.hotlist.models import EntryKey
from tests.cast import Cast
from tests.procedures.test_signed_entries import KEY, PUBLIC

AsRole = Callable[[str], Client]
SIGNED, KEYS = "/hot-lists/entries/signed/", "/hot-lists/entries/signed/keys/"


def _hand_in(client: Client, content: bytes) -> Any:
    return client.post(SIGNED, {"file": SimpleUploadedFile("entries.jsonl", content)})


@pytest.mark.django_db
def test_a_key_is_enrolled_its_entries_handed_in_and_the_key_ended(cast: Cast, as_role: AsRole) -> None:
    administrator, officer = as_role("administrator"), as_role("officer")
    for given in ({"public": "xyz", "lpr": cast.lpr.pk}, {"public": PUBLIC.hex()}):
        assert administrator.post(KEYS, given).status_code == 422
    assert administrator.post(KEYS, {"public": PUBLIC.hex(), "lpr": cast.lpr.pk}).status_code == 302
    assert f'End it<span class="visually-hidden"> {cast.lpr.name}</span>' in administrator.get(KEYS).content.decode()
    EntryKey.objects.update(enrolled_at=datetime.now(UTC) - timedelta(days=1))
    line = sign_entry(
        SignedEntry(member="officer", plate="KHB4471", ground=Ground.AMBER), uid="a" * 32,
        made_at=datetime.now(UTC) - timedelta(hours=1), public=PUBLIC, sign=KEY.sign,
    )  # fmt: skip
    page = _hand_in(officer, line + b"\n" + line[:40]).content.decode()
    assert "What became of this file" in page and "KHB4471" in page and "Prior reads" in page and "cut off" in page
    assert "Prior reads" not in _hand_in(as_role("sergeant"), line).content.decode()
    assert _hand_in(officer, b"x" * (LARGEST + 1)).status_code == 422
    administrator.post(f"{KEYS}{EntryKey.objects.get().pk}/end/")
    page = administrator.get(KEYS).content.decode()
    assert "ended" in page and 'href="/lprs/"' in page
    again = administrator.post(KEYS, {"public": PUBLIC.hex(), "lpr": cast.lpr.pk}).content.decode()
    assert "a key that has ended is not taken again. Make another one." in again
