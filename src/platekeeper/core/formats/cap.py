"""Alert bulletins in the Common Alerting Protocol 1.2 (OASIS, 1 July 2010): the format AMBER Alerts are issued in.

A file is read whole or not at all, strictly where it matters (who, when, which message) and as it comes elsewhere. Whether
a signature in it holds is not checked: who sent it is what the file says.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
LARGEST = 1024 * 1024
"""Bytes. A bulletin has a few thousand; pictures stand in it as addresses."""
_YEARS = (1990, 2200)
DEEPEST, MOST_ELEMENTS = 24, 20_000
"""CAP nests five deep; a signature in it a few more."""
MOST_WORDS = 64_000
"""Characters of all its texts and parameters together, which are looked through for plates."""
_OTHER = re.compile(r"\{urn:oasis:names:tc:emergency:cap:(1\.[01])\}|\{http://www\.incident\.com/cap/(1\.0)\}")
Word = TypeVar("Word", bound=StrEnum)
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[+-]\d\d:\d\d|Z)")


class CapError(ValueError):
    """The file is no bulletin that can be understood; the message says what stands in the way."""


class MessageType(StrEnum):
    """What a bulletin does (3.2.1 `msgType`)."""

    ALERT = "Alert"
    UPDATE = "Update"
    CANCEL = "Cancel"
    ACK = "Ack"
    ERROR = "Error"


class Status(StrEnum):
    """Whether a bulletin is meant (3.2.1 `status`); only an actual one leads to entries."""

    ACTUAL = "Actual"
    EXERCISE = "Exercise"
    SYSTEM = "System"
    TEST = "Test"
    DRAFT = "Draft"


@dataclass(frozen=True, slots=True)
class Reference:
    """An earlier bulletin that this one updates or cancels."""

    sender: str
    identifier: str
    sent: datetime


@dataclass(frozen=True, slots=True)
class Area:
    """Where it holds: in words, and as the codes and shapes stand in the file."""

    description: str
    shapes: tuple[str, ...] = ()
    codes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Info:
    """What a bulletin says in one language. Pairs are (name, value) in the order of the file."""

    language: str
    event: str
    urgency: str = ""
    severity: str = ""
    certainty: str = ""
    effective: datetime | None = None
    expires: datetime | None = None
    sender_name: str = ""
    headline: str = ""
    description: str = ""
    instruction: str = ""
    contact: str = ""
    web: str = ""
    event_codes: tuple[tuple[str, str], ...] = ()
    parameters: tuple[tuple[str, str], ...] = ()
    areas: tuple[Area, ...] = ()


@dataclass(frozen=True, slots=True)
class Alert:
    """A bulletin. Moments are aware."""

    identifier: str
    sender: str
    sent: datetime
    status: Status
    message_type: MessageType
    scope: str = ""
    source: str = ""
    note: str = ""
    references: tuple[Reference, ...] = ()
    infos: tuple[Info, ...] = ()
    is_signed: bool = False

    @property
    def main(self) -> Info | None:
        """What it says in English, else in the language that comes first."""
        english = (info for info in self.infos if info.language.lower().startswith("en"))
        return next(english, self.infos[0] if self.infos else None)

    @property
    def expires(self) -> datetime | None:
        """When the last of what it says ends, None where it does not say."""
        return max((info.expires for info in self.infos if info.expires), default=None)


def parse_cap(content: bytes) -> Alert:
    """Return the bulletin that a file holds. Raises `CapError`."""
    root = _root(content)
    if other := _OTHER.match(root.tag):
        raise CapError(f"This is CAP {other[1] or other[2]}; only CAP 1.2 is understood. Ask its sender for 1.2.")
    if root.tag != _tag("alert"):
        raise CapError(f"This is no CAP 1.2 alert: its outermost element is {root.tag[:80]!r}.")
    infos = tuple(_info(each) for each in root.findall(_tag("info")))
    if (words := sum(map(_length, infos))) > MOST_WORDS:
        raise CapError(
            f"The bulletin has {words:,} characters of text and parameters; at most {MOST_WORDS:,} are looked through. "
            "Ask its sender for a shorter one, or enter the vehicles it names by hand."
        )
    return Alert(
        identifier=_needed(root, "identifier"),
        sender=_needed(root, "sender"),
        sent=_moment(_needed(root, "sent"), "sent"),
        status=_one_of(Status, root, "status"),
        message_type=_one_of(MessageType, root, "msgType"),
        scope=_text(root, "scope"),
        source=_text(root, "source"),
        note=_text(root, "note"),
        references=tuple(_reference(each) for each in _text(root, "references").split()),
        infos=infos,
        is_signed=any(each.tag.endswith("}Signature") for each in root),
    )


def _root(content: bytes) -> Element:
    """Return the root of XML that declares no document type and keeps within the limits."""
    if len(content) > LARGEST:
        raise CapError(f"The file is larger than the {LARGEST // 1024} KB that a bulletin may have.")
    depth = count = 0
    root: Element | None = None
    try:
        for event, element in iterparse(io.BytesIO(content), events=("start", "end"), forbid_dtd=True):
            root = element if root is None else root
            depth, count = (depth + 1, count + 1) if event == "start" else (depth - 1, count)
            if depth > DEEPEST or count > MOST_ELEMENTS:
                raise CapError(f"The file nests deeper than {DEEPEST} elements, or has more than {MOST_ELEMENTS:,}.")
    except DefusedXmlException as hostile:
        raise CapError("The file declares a document type or entities, which no bulletin does.") from hostile
    except (ParseError, LookupError, ValueError) as error:
        if isinstance(error, CapError):
            raise
        raise CapError(f"The file is no XML: {error}") from error
    if root is None:
        raise CapError("The file is empty.")
    return root


def _info(element: Element) -> Info:
    return Info(
        language=_text(element, "language") or "en-US",  # 3.2.2: the default
        event=_text(element, "event"),
        urgency=_text(element, "urgency"),
        severity=_text(element, "severity"),
        certainty=_text(element, "certainty"),
        effective=_moment_or_none(element, "effective"),
        expires=_moment_or_none(element, "expires"),
        sender_name=_text(element, "senderName"),
        headline=_text(element, "headline"),
        description=_text(element, "description"),
        instruction=_text(element, "instruction"),
        contact=_text(element, "contact"),
        web=_text(element, "web"),
        event_codes=_pairs(element, "eventCode"),
        parameters=_pairs(element, "parameter"),
        areas=tuple(_area(each) for each in element.findall(_tag("area"))),
    )


def _length(info: Info) -> int:
    pairs = (name + value for name, value in info.parameters)
    return sum(map(len, (info.headline, info.description, info.instruction, *pairs)))


def _area(element: Element) -> Area:
    shapes = [f"{name}: {_words(each)}" for name in ("polygon", "circle") for each in element.findall(_tag(name))]
    return Area(_text(element, "areaDesc"), tuple(shapes), _pairs(element, "geocode"))


def _reference(text: str) -> Reference:
    parts = text.split(",")
    if len(parts) != 3 or not all(parts):
        raise CapError(f"`references` holds {text[:80]!r}; a reference is sender,identifier,sent.")
    return Reference(parts[0], parts[1], _moment(parts[2], "references"))


def _pairs(element: Element, name: str) -> tuple[tuple[str, str], ...]:
    return tuple((_text(each, "valueName"), _text(each, "value")) for each in element.findall(_tag(name)))


def _one_of(words: type[Word], element: Element, name: str) -> Word:
    text = _needed(element, name)
    try:
        return words(text)
    except ValueError as error:
        raise CapError(f"`{name}` is {text[:40]!r}; CAP 1.2 knows {', '.join(words)}.") from error


def _needed(element: Element, name: str) -> str:
    text = _text(element, name)
    if not text:
        raise CapError(f"The bulletin has no `{name}`.")
    return text


def _text(element: Element, name: str) -> str:
    found = element.find(_tag(name))
    return "" if found is None else _words(found)


def _words(element: Element) -> str:
    return "".join(element.itertext()).replace("\x00", "").strip()


def _moment_or_none(element: Element, name: str) -> datetime | None:
    text = _text(element, name)
    return _moment(text, name) if text else None


def _moment(text: str, name: str) -> datetime:
    try:
        if not _DATE.fullmatch(text):
            raise ValueError
        moment = datetime.fromisoformat(text)
        if not _YEARS[0] <= moment.year <= _YEARS[1]:
            raise ValueError
        return moment
    except ValueError as error:
        raise CapError(f"`{name}` is {text[:40]!r}; a moment is written 2026-05-24T16:49:00-07:00.") from error


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"
