"""The hashes that make a repeat harmless, and the shapes of a row."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from platekeeper.server.storage.images import media_type_of
from platekeeper.server.storage.rows import image_hash, keyed_read_id
from platekeeper.server.storage.sqlite.store import SqliteReads
from tests.storage.making import JPEG, KEY, NOON, PNG, batch_id, incoming


def test_the_event_id_alone_names_a_read_where_there_is_one() -> None:
    one = keyed_read_id(KEY, lpr=1, event="e7", at=NOON, raw="ABC123")
    assert one == keyed_read_id(KEY, lpr=1, event="e7", at=NOON + 5, raw="ABC128")
    assert len(one) == 16


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ({"lpr": 1, "event": "e7"}, {"lpr": 2, "event": "e7"}),
        ({"lpr": 1, "event": "e7"}, {"lpr": 1, "event": "e8"}),
        ({"lpr": 1, "event": None}, {"lpr": 1, "event": "ABC123"}),
        ({"lpr": 1, "event": ""}, {"lpr": 1, "event": "", "at": NOON + 1}),
        ({"lpr": 1, "event": ""}, {"lpr": 1, "event": "", "raw": "ABC124"}),
        ({"lpr": 1, "event": "21"}, {"lpr": 12, "event": "1"}),
    ],
)
def test_different_reads_have_different_names(left: dict[str, object], right: dict[str, object]) -> None:
    usual: dict[str, object] = {"at": NOON, "raw": "ABC123"}
    assert keyed_read_id(KEY, **(usual | left)) != keyed_read_id(KEY, **(usual | right))  # type: ignore[arg-type]


def test_without_the_key_the_name_cannot_be_made() -> None:
    assert keyed_read_id(KEY, lpr=1, event="", at=0, raw="A") != keyed_read_id(KEY[:-1], lpr=1, event="", at=0, raw="A")
    with pytest.raises(ValueError, match="16 bytes"):
        keyed_read_id(b"", lpr=1, event="", at=0, raw="A")


def test_every_change_of_content_changes_the_digest() -> None:
    digests = [
        incoming().row.digest,
        incoming(state="NJ").row.digest,
        incoming(state=None).row.digest,
        incoming(at=NOON + 1).row.digest,
        incoming(image=JPEG).row.digest,
        incoming(image=PNG).row.digest,
    ]
    assert len(set(digests)) == len(digests)
    assert incoming(received=NOON + 9).row.digest == digests[0]


@pytest.mark.parametrize(
    ("image", "media_type"),
    [(JPEG, "image/jpeg"), (PNG, "image/png"), (b"GIF89a", None), (b"<svg onload=x>", None), (b"", None)],
)
def test_only_jpeg_and_png_are_images(image: bytes, media_type: str | None) -> None:
    assert media_type_of(image) == media_type
    if media_type is None:
        with pytest.raises(ValueError, match="JPEG or PNG"):
            image_hash(image)


@pytest.mark.parametrize(
    "change",
    [
        {"id": b"short"},
        {"digest": bytes(9)},
        {"salt": b""},
        {"at": -1},
        {"folded": None},
        {"plate": None},
        {"raw": None},
    ],
)
def test_a_row_of_the_wrong_shape_is_refused_by_the_file(change: dict[str, object], tmp_path: Path) -> None:
    arrival = incoming()
    wrong = arrival._replace(row=arrival.row._replace(**change))  # type: ignore[arg-type]
    store = SqliteReads(tmp_path)
    with store.writer() as writer:
        with pytest.raises(sqlite3.IntegrityError):
            writer.append(batch=batch_id(), incoming=[arrival, wrong], received=NOON)
        assert store.recent(9) == []
        with pytest.raises(sqlite3.IntegrityError):
            writer.append(batch=b"short", incoming=[arrival], received=NOON)
        assert len(writer.append(batch=batch_id(), incoming=[arrival], received=NOON)) == 1
