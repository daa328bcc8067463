"""Pictures that come as text."""

from __future__ import annotations

import base64
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platekeeper.core.formats.cameras.payload import base64_picture
from platekeeper.core.formats.reads import ReadFormatError
from tests.core.cameras.making import JPEG

WRITTEN = base64.b64encode(JPEG).decode()


@pytest.mark.parametrize(
    "written",
    [WRITTEN, WRITTEN.encode(), f"data:image/jpeg;base64,{WRITTEN}", f" {WRITTEN[:5]}\r\n{WRITTEN[5:]}\n"],
    ids=["text", "bytes", "data address", "lines"],
)
def test_a_picture_is_read_however_it_is_written(written: str | bytes) -> None:
    assert base64_picture(written) == JPEG


@given(st.text("/9j+AQ=-_ é\n\ud800", max_size=12))
def test_what_the_standard_library_refuses_is_no_picture(end: str) -> None:
    written = base64.b64encode(JPEG[:3]).decode() + end
    try:
        expected = base64.b64decode("".join(written.split()), validate=True)
    except ValueError:
        with pytest.raises(ReadFormatError, match=re.escape("image: not base64")):
            base64_picture(written)
    else:
        assert base64_picture(written) == expected
