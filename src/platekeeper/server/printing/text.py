"""What both printers ask of a document's text."""

from __future__ import annotations

import re

from platekeeper.core.document import Document

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def printable(text: str) -> str:
    """Return a text without what neither XML 1.0 nor typst's JSON can hold, each in its stead U+FFFD.

    A form's text area sends its lines ended with CR LF, which Word would count as two.
    """
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n").replace("\r", "\n"))


def has_long_numbers(document: Document) -> bool:
    """Say whether clauses stand under their whole numbers ("VII.h.4") and not under "a.": then all hang deeper."""
    return any(len(each.number) > 3 for section in document.sections for each in section.paragraphs)
