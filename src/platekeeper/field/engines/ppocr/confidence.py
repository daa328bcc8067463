"""How far to believe that a text is a plate and read right: a logistic regression on a handful of facts.

Fitted on 83 photographs (`docs/field.md`), with a penalty on large weights, and checked on fifths that were left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import exp, log

from platekeeper.core.plates import fold
from platekeeper.field.syntaxes import Prior
from platekeeper.field.syntaxes.words import WORDS

WEIGHTS: Mapping[str, float] = {
    "always": 1.42,
    "share": 0.44,
    "seen": 0.63,
    "gain": 0.09,
    "letters": -2.29,
    "digits": -2.69,
    "word": -1.73,
    "long": -1.13,
    "small": -1.66,
}


def facts(*, text: str, share: float, seen: float, aspect: float, height: float, prior: Prior) -> dict[str, float]:
    """Return what confidence follows from.

    `share`: of what all views say, how much says `text`; `seen`: the logarithm of how probable the clearest view holds it;
    `aspect` and `height` (pixels) of the line of text.
    """
    share = min(max(share, 1e-3), 1 - 1e-3)
    return {
        "always": 1.0,
        "share": log(share / (1 - share)),
        "seen": max(seen, -12.0),
        "gain": max(prior.gain(text), -6.0),
        "letters": float(text.isalpha()),
        "digits": float(text.isdigit()),
        "word": float(fold(text) in WORDS),
        "long": max(0.0, aspect - 4.0),
        "small": max(0.0, log(24 / height)),
    }


def confidence(known: Mapping[str, float]) -> float:
    """Return the calibrated probability, 0 to 1."""
    return 1 / (1 + exp(-sum(WEIGHTS[name] * value for name, value in known.items())))
