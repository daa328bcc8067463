"""XML as devices write it: hostile constructs refused, the encoding found out, namespaces set aside."""

from __future__ import annotations

import codecs
import re
from xml.etree.ElementTree import Element, ParseError

from defusedxml.ElementTree import fromstring

from platekeeper.core.formats.reads import ReadFormatError

DECLARATION = re.compile(r"<\?xml[^>]{0,200}\?>\s*")
ENCODING = re.compile(rb"""<\?xml[^>]{0,120}?encoding\s*=\s*["']([\w.-]{1,20})["']""")
ENCODINGS = re.compile(r"utf-?8|iso-?8859-\d\d?|windows-125\d|us-ascii|gb2312|gbk|gb18030|big5|euc-kr|shift_jis", re.I)
"""What a declaration is believed about. Some makers declare utf-16 and send UTF-8: bytes of UTF-16 begin with a mark."""


def xml_root(content: bytes) -> Element:
    """Return the root of XML that declares no document type. Raises ValueError."""
    text = _text(content).lstrip("\ufeff \t\r\n\x00")
    try:
        root: Element = fromstring(DECLARATION.sub("", text, count=1), forbid_dtd=True)
    except (ParseError, LookupError) as error:
        raise ReadFormatError(f"XML: {error}") from error
    return root


def outermost(root: Element, name: str) -> list[Element]:
    """Return the elements of a local name, in order, that stand in no other one of that name."""
    found, waiting = [], [root]
    while waiting:
        element = waiting.pop()
        if local_name(element) == name:
            found.append(element)
        else:
            waiting.extend(reversed(element))
    return found


def looks_like_xml(content: bytes) -> bool:
    """Say whether content begins as XML does, after marks and blanks."""
    return content.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n").startswith(b"<")


def local_name(element: Element) -> str:
    """Return an element's name without its namespace, in lower case."""
    return element.tag.rpartition("}")[2].rpartition(":")[2].lower()


def _text(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16")
    declared = ENCODING.search(content[:200])
    named = declared[1].decode() if declared else "utf-8"
    for encoding in (named if ENCODINGS.fullmatch(named) else "utf-8", "utf-8"):
        try:
            return content.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return content.decode("latin-1")
