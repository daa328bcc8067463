"""Out of the ZIP and into plain text: what is broken, hostile or of another encoding gets an error that says what to do."""

from __future__ import annotations

import io
import struct
import zipfile
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platekeeper.core.formats.hotlists import HOT_LIST_FORMATS
from platekeeper.core.formats.hotlists.bof2 import FORMAT as BOF2
from platekeeper.core.formats.hotlists.new_york import FORMAT as NEW_YORK
from platekeeper.core.formats.hotlists.rows import HotListFormatError
from platekeeper.core.formats.hotlists.unpacking import LARGEST, members, only_member, plain_text
from tests.core.hotlists.making import ny, text, zipped

LIST = text("HEADER", *[ny(f"ABC{number}") for number in range(200)])
PACKED = zipped(("LPRinfo.txt", LIST))


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_of_any_method_is_unpacked(method: int) -> None:
    assert only_member(zipped(("LPRinfo.txt", LIST), method=method)) == LIST


def test_a_bare_file_is_itself_and_folders_are_no_files() -> None:
    assert only_member(LIST) == LIST
    packed = io.BytesIO(PACKED)
    with zipfile.ZipFile(packed, "a") as archive:
        archive.mkdir("folder")
    assert only_member(packed.getvalue()) == LIST


@pytest.mark.parametrize("share", [0.02, 0.5, 0.9, 0.99])
def test_half_a_zip_is_broken(share: float) -> None:
    with pytest.raises(HotListFormatError, match=r"broken or not whole.*the list in force stays in force"):
        members(PACKED[: int(len(PACKED) * share)])


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_flipped_byte_within_is_broken(method: int) -> None:
    packed = bytearray(zipped(("LPRinfo.txt", LIST), method=method))
    packed[60] ^= 0xFF
    with pytest.raises(HotListFormatError, match="broken or not whole"):
        members(bytes(packed))


@given(st.data())
def test_any_damage_to_a_zip_is_refused_or_harmless(data: st.DataObject) -> None:
    packed = bytearray(PACKED)
    for _ in range(data.draw(st.integers(1, 5))):
        packed[data.draw(st.integers(4, len(packed) - 1))] = data.draw(st.integers(0, 255))
    try:
        assert list(members(bytes(packed), largest=100_000).values()) == [LIST]
    except HotListFormatError as error:
        assert str(error)


def test_an_encrypted_zip_is_refused_and_says_so() -> None:
    packed = bytearray(PACKED)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        packed[packed.index(mark) + offset] |= 1
    with pytest.raises(HotListFormatError, match=r"encrypted\. Deliver it without a password"):
        members(bytes(packed))


def test_a_bomb_is_refused_before_it_is_unpacked_whole() -> None:
    bomb = zipped(("a.dat", b"A" * 10_000_000))
    assert len(bomb) < 20_000
    with pytest.raises(HotListFormatError, match="unpacks to more than 10000 bytes"):
        members(bomb, largest=10_000)


def test_a_bomb_that_lies_about_its_size_is_refused() -> None:
    bomb = bytearray(zipped(("a.dat", b"A" * 1_000_000)))
    central = bomb.index(b"PK\x01\x02")
    bomb[central + 24 : central + 28] = struct.pack("<I", 10)
    with pytest.raises(HotListFormatError):
        members(bytes(bomb), largest=10_000)


def test_files_of_one_zip_share_the_room() -> None:
    several = zipped(*((f"{number}_add.dat", b"A" * 6_000) for number in range(3)))
    with pytest.raises(HotListFormatError, match="unpacks to more"):
        members(several, largest=17_999)
    assert len(members(several, largest=18_000)) == 3


def test_many_files_two_of_one_name_or_none_are_refused() -> None:
    with pytest.raises(HotListFormatError, match="holds 65 files; 64 are the most"):
        members(zipped(*((f"{number}.dat", b"A") for number in range(65))))
    with pytest.raises(HotListFormatError, match="it should hold one"):
        only_member(zipped(("a.txt", LIST), ("b.txt", LIST)))
    with pytest.raises(HotListFormatError, match="holds no file"):
        only_member(zipped())
    with pytest.warns(UserWarning, match="Duplicate name"):
        twice = zipped(("a.dat", b"A"), ("a.dat", b"B"))
    with pytest.raises(HotListFormatError, match=r"two files named 'a\.dat'"):
        members(twice)


def test_a_zip_within_a_zip_is_not_text() -> None:
    with pytest.raises(HotListFormatError, match="not plain text"):
        NEW_YORK.rows(zipped(("LPRinfo.zip", PACKED)))


def test_a_file_that_is_too_large_is_refused() -> None:
    assert LARGEST >= 1_000_000_000
    for layout in (replace(NEW_YORK, largest=100), replace(BOF2, largest=100)):
        with pytest.raises(HotListFormatError, match="larger than 100 bytes"):
            layout.rows(b"A" * 101)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_utf_16_is_refused_and_says_what_to_save_as(encoding: str) -> None:
    with pytest.raises(HotListFormatError, match="Save it as ASCII or UTF-8"):
        plain_text(LIST.decode().encode(encoding))


def test_a_nul_is_no_text() -> None:
    with pytest.raises(HotListFormatError, match="not plain text"):
        plain_text(LIST[:100] + b"\x00" + LIST[100:])


@pytest.mark.parametrize(("content", "line"), [(b"\xff", 1), (b"a\nb\n\xe9t\xe9\n", 3), (b"a\n" * 9 + b"\xc3", 10)])
def test_another_encoding_is_refused_with_its_line(content: bytes, line: int) -> None:
    with pytest.raises(HotListFormatError, match=f"Line {line} holds a byte"):
        plain_text(content)


@pytest.mark.parametrize("name", sorted(HOT_LIST_FORMATS))
def test_a_mark_at_the_beginning_is_dropped(name: str) -> None:
    assert HOT_LIST_FORMATS[name].rows(b"\xef\xbb\xbfABC\xc3\xa9\n").endswith("ABC\u00e9\n".encode())


@pytest.mark.parametrize("last", [b"\x1a", b"\r\n\x1a", b"\n\x1a\x1a\x1a", b"\x1a\r\n"])
def test_the_end_of_file_of_old_systems_is_dropped(last: bytes) -> None:
    assert plain_text(b"A\nB" + last) == b"A\nB\n"
    assert plain_text(b"A\rB" + last.replace(b"\n", b"")) == b"A\nB\n"


def test_a_carriage_return_alone_ends_lines_where_nothing_else_does() -> None:
    assert plain_text(b"A\rB\r") == b"A\nB\n"
    assert plain_text(b"A\rB\n") == b"A\rB\n"
