"""What partners ask each other, and what they answer: the shapes of what a message says.

Texts and lists have their bounds here, so nothing that a partner sends is larger than its place. Coordinates are in
millionths of a degree, since what is signed has no fractions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from platekeeper.core.federation.line import Fault, MessageRefused

MOST_READS, MOST_LISTS, PIECE = 500, 40, 512 * 1024
"""Reads, or hot lists on offer, in an answer, and bytes of a hot list in one, before they are packed."""
MICRO = 1_000_000
_NO_TEXT = "\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f\\ud800-\\udfff"
"""Characters that a text does not have, and that not every database keeps: controls, and halves of a character."""
_Text = Annotated[str, Meta(pattern=f"^[^{_NO_TEXT}]*$")]
_Short = Annotated[_Text, Meta(max_length=120)]
_Long = Annotated[_Text, Meta(max_length=400)]
_Digest = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
_Count = Annotated[int, Meta(ge=0, le=2**53)]
_Minute = Annotated[int, Meta(ge=0, le=1440)]
_Words = Annotated[list[Annotated[_Text, Meta(max_length=80)]], Meta(max_length=40)]
_Moment = Annotated[datetime, Meta(tz=True)]


class _Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="what"):
    """Something that is said."""


class Hours(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Days of the week and minutes of the day, as `core.search.asked` has them."""

    zone: Annotated[_Text, Meta(max_length=40)]
    weekdays: Annotated[list[Annotated[int, Meta(ge=0, le=6)]], Meta(min_length=1, max_length=7)]
    begin: _Minute
    end: _Minute


class Besides(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a search asks besides plate and time, as `core.search.asked` has it; LPRs are known to their department only."""

    look_alikes: bool = False
    states: _Words = []
    directions: _Words = []
    colors: _Words = []
    makes: _Words = []
    area: Annotated[_Text, Meta(max_length=2_400)] = ""
    hours: Hours | None = None
    hits: Literal["", "only", "none"] = ""


class AskSearch(_Said, frozen=True, tag="search"):
    """A search, by whom, for whom, why and for which case. `number`: the asking side's own Query Log entry."""

    number: _Count
    operator: _Short
    requestor: _Short
    requestor_agency: _Short
    purpose: Annotated[_Text, Meta(max_length=16)]
    offense: Annotated[_Text, Meta(max_length=80)]
    case_number: Annotated[_Text, Meta(max_length=40)]
    justification: _Long
    none_prohibited: bool
    plate: Annotated[_Text, Meta(max_length=8_000)]
    since: _Moment
    until: _Moment
    besides: Besides = Besides()


class AskLists(_Said, frozen=True, tag="lists"):
    """Which hot lists are offered."""


class AskRows(_Said, frozen=True, tag="rows"):
    """A hot list's rows from byte `after` on, as a difference from `known`, a digest, where the asker has those rows."""

    name: Annotated[_Text, Meta(max_length=20)]
    purpose: Annotated[_Text, Meta(max_length=16)]
    digest: _Text = ""
    known: _Text = ""
    after: _Count = 0


class SharedRead(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A read as it is shared: no picture, no candidates."""

    plate: Annotated[_Text, Meta(max_length=40)]
    state: Annotated[_Text, Meta(max_length=8)]
    at: _Moment
    place: _Short
    direction: Annotated[_Text, Meta(max_length=40)] = ""
    latitude: Annotated[int, Meta(ge=-90 * MICRO, le=90 * MICRO)] | None = None
    longitude: Annotated[int, Meta(ge=-180 * MICRO, le=180 * MICRO)] | None = None


class Found(_Said, frozen=True, tag="found"):
    """The reads, newest first. `number`: the answering side's Query Log entry; `more`: it has older ones that it does not
    send; `withheld`: in words, what the agreement keeps back; `days`: how long the agreement lets the reads be kept."""

    number: _Count
    reads: Annotated[list[SharedRead], Meta(max_length=MOST_READS)]
    more: bool = False
    withheld: Annotated[list[_Short], Meta(max_length=8)] = []
    days: _Count | None = None


class OfferedList(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A hot list on offer: its name for machines, and for people."""

    name: Annotated[_Text, Meta(max_length=20)]
    title: _Short


class Lists(_Said, frozen=True, tag="lists"):
    """The hot lists on offer."""

    lists: Annotated[list[OfferedList], Meta(max_length=MOST_LISTS)]


class Rows(_Said, frozen=True, tag="rows"):
    """A piece of a hot list whose rows have this digest and size in bytes, or, `of_known`, all that is different from what
    the asker knows. `packed` is zlib in base64; empty: the asker has it all."""

    digest: _Digest
    size: _Count
    packed: _Text = ""
    of_known: bool = False


class NotAnswered(_Said, frozen=True, tag="refused"):
    """The partner's own policy or the agreement forbids it, under a clause; or, without a clause, it failed."""

    reason: _Long
    clause: Annotated[_Text, Meta(max_length=12)] = ""
    number: _Count = 0


Asked = AskSearch | AskLists | AskRows
Answered = Found | Lists | Rows | NotAnswered


def text(told: str, longest: int) -> str:
    """Return what cameras and people wrote as a text that may be said: one odd character must not cost the whole answer."""
    return re.sub(f"[{_NO_TEXT}]", "?", told)[:longest]


def plain(said: Asked | Answered) -> dict[str, Any]:
    """Return what a message says."""
    told: dict[str, Any] = msgspec.to_builtins(said)
    return told


def asked_in(said: Mapping[str, Any]) -> Asked:
    """Return what a partner asks. Raises `MessageRefused`."""
    asked: Asked = _read(said, Asked)
    return asked


def answered_in(said: Mapping[str, Any]) -> Answered:
    """Return what a partner answers. Raises `MessageRefused`."""
    answered: Answered = _read(said, Answered)
    return answered


def _read(said: Mapping[str, Any], kinds: Any) -> Any:
    try:
        return msgspec.convert(said, kinds)
    except (msgspec.ValidationError, UnicodeError) as error:
        said_of_it = text(str(error), 400)  # it may repeat a word of the message
        raise MessageRefused(Fault.NO_MESSAGE, f"This version does not know such a message: {said_of_it}") from error
