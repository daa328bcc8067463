"""What tolerance accepts, told from the typed text alone."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from platekeeper.core.lookalikes import accepted, glob, how_many
from platekeeper.core.plates import fold, look_alike

PATTERNS = st.text("ABDO01258SZ?*", min_size=1, max_size=6)


def test_a_preview_begins_with_what_was_typed() -> None:
    assert accepted("AB0") == ["AB0", "ABD", "ABQ", "A80", "A8D", "A8Q"]
    assert accepted("O?") == ["0?", "D?", "Q?"]
    assert accepted("888888", most=2) == ["888888", "88888B"]


@given(PATTERNS)
def test_accepted_are_all_that_look_alike(pattern: str) -> None:
    texts = accepted(pattern, most=10_000)
    assert len(set(texts)) == len(texts) == how_many(pattern)
    assert texts[0] == fold(pattern)
    assert {look_alike(text) for text in texts} == {look_alike(pattern)}
    classes = re.compile(glob(pattern).replace("?", r"\?").replace("*", r"\*"))
    assert all(classes.fullmatch(text) for text in texts)
