"""Out of the ZIP and into plain text, with care: what a ZIP says of itself is not to be trusted."""

from __future__ import annotations

import io
import lzma
import struct
import zipfile
import zlib

from platekeeper.core.formats.hotlists.rows import DELIVER_AGAIN, HotListFormatError

LARGEST = 1_500_000_000
"""Bytes that a file may unpack to: some 30 million lines."""
ALWAYS, FOLD = 64 * 1024 * 1024, 100
"""Bytes that any ZIP may unpack to, and how many times its own size a larger one may: lists pack to a tenth or so."""
_MOST_MEMBERS = 64
_BROKEN = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, NotImplementedError, OSError, RuntimeError,
    ValueError, IndexError, OverflowError,
)  # fmt: skip
"""What the library raises for a ZIP that is damaged, in its names and sizes as well as in what is packed."""
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")  # a plate or an NCIC number may begin with PK as well
_LONGEST_END = 512
_END = b"\x1a\r\n"


def members(content: bytes, *, largest: int = LARGEST) -> dict[str, bytes]:
    """Return the files of a ZIP by name, or the content itself under no name. Raises `HotListFormatError`."""
    if not content.startswith(_ZIP):
        if len(content) > largest:
            raise HotListFormatError(f"The file is larger than {largest} bytes.")
        return {"": content}
    found: dict[str, bytes] = {}
    largest = min(largest, max(ALWAYS, FOLD * len(content)))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            files = [member for member in archive.infolist() if not member.is_dir()]
            if len(files) > _MOST_MEMBERS:
                raise HotListFormatError(f"The ZIP holds {len(files)} files; {_MOST_MEMBERS} are the most.")
            if not files:
                raise HotListFormatError(f"The ZIP holds no file. {DELIVER_AGAIN}")
            if sum(member.file_size for member in files) > largest:  # and no more is unpacked of each than it says
                raise HotListFormatError(f"The ZIP unpacks to more than {largest} bytes.")
            for member in files:
                if member.filename in found:
                    raise HotListFormatError(f"The ZIP holds two files named {member.filename[:80]!r}.")
                if member.flag_bits & 0x1:
                    raise HotListFormatError("The ZIP is encrypted. Deliver it without a password.")
                with archive.open(member) as file:
                    unpacked = file.read(member.file_size + 1)
                found[member.filename] = unpacked
    except HotListFormatError:
        raise
    except _BROKEN as error:
        raise HotListFormatError(f"The ZIP is broken or not whole ({error}). {DELIVER_AGAIN}") from error
    return found


def only_member(content: bytes, *, largest: int = LARGEST) -> bytes:
    """Return the one file of a ZIP, or the content itself. Raises `HotListFormatError`."""
    found = members(content, largest=largest)
    if len(found) != 1:
        raise HotListFormatError(f"The ZIP holds {len(found)} files; it should hold one.")
    return next(iter(found.values()))


def plain_text(content: bytes) -> bytes:
    """Return text checked to be ASCII or UTF-8, without marks of its beginning and end. Raises `HotListFormatError`."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in content:
        raise HotListFormatError(
            "The file is not plain text (it looks like UTF-16 or binary). Save it as ASCII or UTF-8."
        )
    if not content.isascii():
        try:
            content.decode("utf-8")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            raise HotListFormatError(
                f"Line {line} holds a byte that is neither ASCII nor UTF-8. Save the file as ASCII or UTF-8."
            ) from error
    content = content.removeprefix(b"\xef\xbb\xbf")
    is_marked = b"\x1a" in content[-_LONGEST_END:]  # the end of file of old systems, which fill the last block with it
    if is_marked:
        content = content.rstrip(_END)
    if b"\n" not in content:
        content = content.replace(b"\r", b"\n")
    return content + b"\n" if is_marked else content
