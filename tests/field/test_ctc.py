"""Reading texts off frames."""

from __future__ import annotations

from itertools import groupby, product
from math import exp

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from platekeeper.field.engines.ppocr.ctc import ALPHABET, Frames, texts


def _frames(rows: list[dict[str, float]]) -> Frames:
    frames = np.zeros((len(rows), len(ALPHABET) + 1), np.float32)
    for frame, row in zip(frames, rows, strict=True):
        for character, probability in row.items():
            frame[ALPHABET.index(character) + 1 if character else 0] = probability
    return frames


def test_repetitions_merge_and_a_blank_parts_two_of_a_kind() -> None:
    said = [{"A": 1.0}, {"A": 1.0}, {"": 1.0}, {"A": 1.0}, {"1": 1.0}]
    assert list(texts(_frames(said))) == ["AA1"]


@given(st.lists(st.tuples(*[st.integers(1, 9)] * 3), min_size=1, max_size=5))
def test_the_beam_finds_what_counting_every_path_finds(weights: list[tuple[int, int, int]]) -> None:
    symbols = ("", "8", "B")
    rows = [dict(zip(symbols, (each / sum(row) for each in row), strict=True)) for row in weights]
    counted: dict[str, float] = {}
    for path in product(symbols, repeat=len(rows)):
        text = "".join(symbol for symbol, _ in groupby(path))
        probability = np.prod([row[symbol] for row, symbol in zip(rows, path, strict=True)])
        counted[text] = counted.get(text, 0.0) + float(probability)
    found = texts(_frames(rows), width=500)
    assert {text: exp(score) for text, score in found.items()} == pytest.approx(
        {text: probability for text, probability in counted.items() if text}, rel=1e-4
    )
