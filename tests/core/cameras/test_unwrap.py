"""From a request's body to the parts of a message."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platekeeper.core.formats.cameras.payload import Part
from platekeeper.core.formats.cameras.unwrap import MOST_PARTS, unwrap
from tests.core.cameras.making import JPEG

EVENT = (
    b'--b\r\nContent-Disposition: form-data; name="event"; filename="event.json"\r\n'
    b"Content-Type: application/json\r\n\r\n{}\r\n"
)
IMAGE = (
    b'--b\r\nContent-Disposition: form-data; name="image"; filename="a.jpg"\r\nContent-Type: image/jpeg\r\n\r\n' + JPEG
)
BODY = EVENT + IMAGE + b"\r\n--b--\r\n"
BOTH = (Part("event", b"{}", "event.json", "application/json"), Part("image", JPEG, "a.jpg", "image/jpeg"))
MULTIPART, FORM = "multipart/form-data; boundary=b", "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (BODY, MULTIPART), (BODY, 'multipart/mixed; boundary="b"'), (BODY, "Multipart/Form-Data;boundary=b"),
        (b"a preamble\r\n" + BODY + b"an epilogue", MULTIPART), (BODY.replace(b"\r\n", b"\n"), MULTIPART),
        (EVENT + IMAGE, MULTIPART), (EVENT + IMAGE + b"\r\n--b--", MULTIPART),
    ],
)  # fmt: skip
def test_parts_are_found_by_their_boundary(content: bytes, content_type: str) -> None:
    assert unwrap(content, content_type) == BOTH


@pytest.mark.parametrize(
    "content_type",
    ["multipart/form-data", "multipart/form-data; boundary=other", "multipart/x-mixed; boundary=", "", "text/plain"],
)
def test_boundary_of_the_body_counts_where_the_header_has_none_or_another(content_type: str) -> None:
    assert unwrap(BODY, content_type) == BOTH


@pytest.mark.parametrize("name", ["name", "filename"])
def test_parameters_that_contradict_each_other_are_none(name: str) -> None:
    odd = f"{name}*=utf-8''a; {name}*0=b"
    piece = f"--b\r\nContent-Disposition: form-data; {odd}\r\n\r\n{{}}\r\n--b--\r\n"
    assert unwrap(piece.encode(), MULTIPART) == (Part("", b"{}"),)
    assert unwrap(BODY, f"multipart/form-data; {odd.replace(name, 'boundary')}") == BOTH


@pytest.mark.parametrize(
    ("piece", "part"),
    [
        (b"Content-Type: application/json\r\n\r\n{}", Part("", b"{}", "", "application/json")),
        (b"\r\n{}", Part("", b"{}")), (b"{}", Part("", b"{}")), (b'{"a": 1}', Part("", b'{"a": 1}')),
        (b'Content-Disposition: form-data; name="image"\r\n\r\n', Part("image", b"")),
        (b'Content-Disposition: form-data; name="image"', Part("image", b"")),
        (b"CONTENT-DISPOSITION: form-data; NAME=e; filename=e.json\r\n\r\n{}", Part("e", b"{}", "e.json")),
        (b"Content-Disposition: form-data; name=e\r\nContent-Transfer-Encoding: base64\r\n\r\ne30=", Part("e", b"{}")),
    ],
)  # fmt: skip
def test_part_without_names_headers_or_content_is_not_lost(piece: bytes, part: Part) -> None:
    assert unwrap(b"--b\r\n" + piece + b"\r\n--b--\r\n", MULTIPART) == (part,)


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b"{}", MULTIPART), (b"{}", "application/json; charset=latin-1"), (b"{}", "image/jpeg"), (b"{}", "no such; type"),
        (b'{"a=b": 1}', FORM), (b"sig==|user|x=y", FORM), (b"", MULTIPART), (b"", ""), (b"<a/>", "text/xml\r\nx: y"),
    ],
)  # fmt: skip
def test_body_that_is_no_multipart_is_one_part_as_it_came(content: bytes, content_type: str) -> None:
    (part,) = unwrap(content, content_type)
    assert (part.name, part.content) == ("", content)


def test_form_fields_are_parts() -> None:
    told = b"json=%7B%22a%22%3A+1%7D&plate=%e4&empty="
    assert unwrap(told, FORM) == (Part("json", b'{"a": 1}'), Part("plate", b"\xe4"), Part("empty", b""))


def test_too_many_parts_are_one() -> None:
    many = b"--b\r\n\r\nx\r\n" * (MOST_PARTS + 1)
    assert unwrap(many, MULTIPART) == (Part("", many, "", "multipart/form-data"),)


@given(image=st.binary(), text=st.text())
def test_binary_content_comes_through_unchanged(image: bytes, text: str) -> None:
    told = json.dumps(text).encode()
    content = b"--b!\r\nContent-Disposition: form-data; name=e\r\n\r\n" + told + b"\r\n--b!\r\n"
    content += b"Content-Disposition: form-data; name=i\r\n\r\n" + image + b"\r\n--b!--\r\n"
    if b"--b!" not in image:
        assert [part.content for part in unwrap(content, "multipart/form-data; boundary=b!")] == [told, image]


@given(content=st.binary(), content_type=st.text(max_size=40))
def test_no_bytes_raise_and_none_are_without_a_part(content: bytes, content_type: str) -> None:
    assert unwrap(content, content_type)
    assert unwrap(b"--b\r\n" + content, MULTIPART)
