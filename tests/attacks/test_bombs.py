"""Files that unpack to more than they are, name places outside, or build more than they hold: refused in little memory."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from platekeeper.core.formats.cap import LARGEST as LARGEST_BULLETIN
from platekeeper.core.formats.cap import CapError, parse_cap
from platekeeper.core.formats.hotlists.rows import HotListFormatError
from platekeeper.core.formats.hotlists.unpacking import members

MB = 1024 * 1024


@contextmanager
def _within(most: int) -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < most
    finally:
        tracemalloc.stop()


def _zip(*files: tuple[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return packed.getvalue()


BOMB = _zip(("LPRinfo.txt", bytes(200 * MB)))
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
DOCTYPE = f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY l0 "ha">{LAUGHS}]><a>&l9;</a>'.encode()
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'


def test_a_zip_of_nothings_is_refused_before_it_is_unpacked() -> None:
    with _within(20 * MB), pytest.raises(HotListFormatError, match="unpacks to"):
        members(BOMB)


def test_a_zip_that_lies_about_its_size_is_refused() -> None:
    lying = bytearray(BOMB)
    at = lying.rindex(b"PK\x01\x02") + 24  # the size in the directory
    lying[at : at + 4] = (1000).to_bytes(4, "little")
    with _within(20 * MB), pytest.raises(HotListFormatError):
        members(bytes(lying))


@pytest.mark.parametrize("name", ["../../etc/cron.d/x", "/etc/passwd", "..\\..\\x", "a\x00b", "C:\\x"])
def test_a_members_name_is_a_name_and_no_place(name: str) -> None:
    assert list(members(_zip((name, b"ABC"))).values()) == [b"ABC"]


@pytest.mark.parametrize("content", [DOCTYPE, OUTSIDE], ids=["laughs", "outside"])
def test_xml_with_a_document_type_is_refused(content: bytes) -> None:
    with _within(20 * MB), pytest.raises(CapError):
        parse_cap(content)


DEEP: dict[str, Callable[[], bytes]] = {
    "deep": lambda: b"<a>" * 100_000,
    "many": lambda: b"<a>" + b"<b/>" * 200_000 + b"</a>",
    "long": lambda: b"<a x='" + b"y" * (LARGEST_BULLETIN + 1) + b"'/>",
}


@pytest.mark.parametrize("name", sorted(DEEP))
def test_xml_that_builds_too_much_is_refused(name: str) -> None:
    with _within(64 * MB), pytest.raises(CapError):
        parse_cap(DEEP[name]())
