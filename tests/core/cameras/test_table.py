"""Every format of the table against any bytes, any JSON, and good messages with something wrong in them.

`make fuzz` runs these with many more examples (`PLATEKEEPER_FUZZ`, over all of them together).
"""

from __future__ import annotations

import json
import os
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from platekeeper.core.formats.cameras import CAMERA_FORMATS
from platekeeper.core.formats.cameras.payload import Item, Part, Payload, body
from platekeeper.core.formats.cameras.unwrap import unwrap
from platekeeper.core.formats.reads import ParsedRead, UnparsedRead, storable
from tests.core.cameras.making import JPEG, SAMPLES, changed

FUZZERS = 4
EXAMPLES = max(40, int(os.environ.get("PLATEKEEPER_FUZZ", "0")) // (len(CAMERA_FORMATS) * FUZZERS))
fuzzed = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
NAMES = pytest.mark.parametrize("name", sorted(CAMERA_FORMATS))
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
WORDS = st.sampled_from(
    [b"<", b">", b"</", b"/>", b'"', b"{", b"}", b"[", b"]", b",", b"\x00", b"\xff", b"|", b"&", b"\n", b"NaN"]
)


def hold(name: str, payload: Payload) -> list[Item]:
    """Parse, and hold what is promised: nothing raises, reads can be stored, what is not understood is kept."""
    items = CAMERA_FORMATS[name].parse(payload)
    assert isinstance(items, list)
    for item in items:
        if isinstance(item, UnparsedRead):
            assert item.reason and len(item.reason) <= 240
            assert item.payload or not any(part.content.strip() for part in payload.parts)
        else:
            read, image = item
            assert isinstance(read, ParsedRead)
            assert storable(read.raw_plate) == read.raw_plate
            assert image is None or image.startswith((b"\xff\xd8\xff", b"\x89PNG"))
    return items


def mutated(draw: st.DataObject, value: Any) -> Any:
    """Return a message with one value somewhere in it replaced, or taken away."""
    if isinstance(value, dict) and value and draw.draw(st.integers(0, 3)):
        name = draw.draw(st.sampled_from(sorted(value)))
        return changed(value, **{name: ... if draw.draw(st.booleans()) else mutated(draw, value[name])})
    if isinstance(value, list) and value and draw.draw(st.integers(0, 3)):
        index = draw.draw(st.integers(0, len(value) - 1))
        return [*value[:index], mutated(draw, value[index]), *value[index + 1 :]]
    return draw.draw(ANYTHING)


def test_every_format_has_samples() -> None:
    assert set(SAMPLES) == set(CAMERA_FORMATS)


@NAMES
def test_every_sample_is_read_and_sent_again_is_the_same(name: str) -> None:
    for payload in SAMPLES[name]:
        items = hold(name, payload)
        assert items and not any(isinstance(item, UnparsedRead) for item in items)
        assert hold(name, payload) == items


@NAMES
@pytest.mark.parametrize(
    "content",
    [
        b"", b" ", b"no", b"[]", b"{}", b"5", b"null", b"\xff\xfe\xfd", b'{"a": "b', b"<a", b"[" * 5000, b"{}{}",
        b"\x00" * 99, b'{"a":' * 3000 + b"1" + b"}" * 3000, b"9" * 5000, b'{"a": 1e999}', JPEG, b"<a>" * 5000,
        b"\xef\xbb\xbf", b"||||||||",
    ],
    ids=lambda content: repr(content[:12]),
)  # fmt: skip
def test_what_is_no_message_is_kept_whole(name: str, content: bytes) -> None:
    items = hold(name, Payload(parts=body(content).parts, raw=content))
    assert isinstance(items[0], UnparsedRead)
    assert b"".join(item.payload for item in items if isinstance(item, UnparsedRead)) == content
    assert isinstance(hold(name, Payload(parts=()))[0], UnparsedRead)


@NAMES
@pytest.mark.parametrize("text", ["\ufeff", "\r\n\r\n", " "])
def test_marks_and_blanks_around_a_message_are_harmless(name: str, text: str) -> None:
    for payload in SAMPLES[name]:
        first, *others = payload.parts
        framed = Part(first.name, text.encode() + first.content + b"\r\n \r\n", first.filename)
        assert hold(name, Payload(parts=(framed, *others))) == hold(name, payload)


@NAMES
def test_a_large_message_is_parsed_in_bounded_time(name: str) -> None:
    begun = time.monotonic()
    for filler in (b'{"a":[' + b"{}," * 300_000 + b"{}]}", b"<a>" + b"<b/>" * 300_000 + b"</a>", b"a|" * 500_000):
        hold(name, body(filler))
    assert time.monotonic() - begun < 20


@NAMES
@fuzzed
@given(
    content=st.binary(max_size=300) | st.lists(WORDS, max_size=40).map(b"".join),
    image=st.none() | st.binary(max_size=40),
)
def test_no_bytes_raise_or_get_lost(name: str, content: bytes, image: bytes | None) -> None:
    parts = (Part(name="event", content=content), *(() if image is None else (Part(name="image", content=image),)))
    for payload in (body(content), Payload(parts=parts), Payload(parts=unwrap(content, ""), raw=content)):
        assert hold(name, payload) or b"{" in content


@NAMES
@fuzzed
@given(said=ANYTHING, fields=st.dictionaries(st.sampled_from(["plate", "date", "x", ""]), st.text(max_size=5)))
def test_no_json_raises(name: str, said: Any, fields: dict[str, str]) -> None:
    hold(name, Payload(parts=body(json.dumps(said).encode()).parts, mapping=fields))


@NAMES
@fuzzed
@given(data=st.data())
def test_no_mutated_message_raises(name: str, data: st.DataObject) -> None:
    payload = data.draw(st.sampled_from(SAMPLES[name]))
    first, *others = payload.parts
    try:
        content = json.dumps(mutated(data, json.loads(first.content))).encode()
    except ValueError:  # XML, or lines
        content = first.content
    place = data.draw(st.integers(0, len(content)))
    spliced = (
        content[:place] + data.draw(WORDS | st.binary(max_size=8)) + content[place + data.draw(st.integers(0, 20)) :]
    )
    for variant in (content, content[:place], spliced):
        hold(name, Payload(parts=(Part(first.name, variant, first.filename), *others)))


@NAMES
@fuzzed
@given(data=st.data())
def test_no_plate_is_lost_by_a_field_that_is_new(name: str, data: st.DataObject) -> None:
    payload = data.draw(st.sampled_from(SAMPLES[name]))
    first, *others = payload.parts
    try:
        message = json.loads(first.content)
    except ValueError:
        message = None
    if isinstance(message, dict):
        new = data.draw(
            st.dictionaries(st.text(min_size=1, max_size=5).map(lambda text: f"new_{text}"), ANYTHING, max_size=3)
        )
        content = json.dumps({**message, **new}).encode()
        assert hold(name, Payload(parts=(Part(first.name, content, first.filename), *others))) == hold(name, payload)
