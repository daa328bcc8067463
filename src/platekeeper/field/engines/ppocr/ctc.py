"""Reading texts off a recognizer's frames (connectionist temporal classification, Graves and others 2006).

Frames are rows of probabilities: the blank, then `ALPHABET`. A text is what is left when repetitions merge and blanks go.
"""

from __future__ import annotations

from collections import defaultdict
from math import log

import numpy as np
from numpy.typing import NDArray

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
Frames = NDArray[np.float32]

_WORTH_FOLLOWING = 1e-3
_LONGEST = 16

Beam = dict[str, tuple[float, float]]
"""Text -> how probable it is that it ends in a blank, and in its last character."""


def texts(frames: Frames, *, width: int = 16) -> dict[str, float]:
    """Return the likeliest texts with the logarithm of their probability: a prefix beam search (Hannun and others 2014)."""
    beam: Beam = {"": (1.0, 0.0)}
    seen = 0.0
    for frame in frames:
        blank = float(frame[0])
        follow = [(ALPHABET[place], float(frame[place + 1])) for place in np.flatnonzero(frame[1:] > _WORTH_FOLLOWING)]
        if follow:
            beam = _ahead(beam, blank, follow, width)
        else:
            beam = {text: (blank * (in_blank + in_character), 0.0) for text, (in_blank, in_character) in beam.items()}
        whole = sum(map(sum, beam.values())) or 1e-9
        seen += log(whole)
        beam = {text: (in_blank / whole, in_character / whole) for text, (in_blank, in_character) in beam.items()}
    return {text: seen + log(sum(each)) for text, each in beam.items() if text and sum(each) > 0}


def _ahead(beam: Beam, blank: float, follow: list[tuple[str, float]], width: int) -> Beam:
    ahead: defaultdict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for text, (in_blank, in_character) in beam.items():
        ahead[text][0] += (in_blank + in_character) * blank
        for character, probability in follow:
            if text[-1:] == character:
                ahead[text][1] += in_character * probability
                ahead[text + character][1] += in_blank * probability
            elif len(text) < _LONGEST:
                ahead[text + character][1] += (in_blank + in_character) * probability
    best = sorted(ahead.items(), key=lambda item: -sum(item[1]))[:width]
    return {text: (each[0], each[1]) for text, each in best}
