"""What the views of one plate say together, and how far to believe it."""

from __future__ import annotations

from collections import defaultdict
from math import exp, log

from platekeeper.core.plates import MAX_LENGTH
from platekeeper.field.engines.ppocr import ctc
from platekeeper.field.syntaxes import Prior

_PRIOR_COUNTS = 0.8
"""How much what plates look like counts beside what is seen."""
_TEMPERATURE = 2.0
"""Views of one plate err together, and a network is surer than it should be: odds are taken to the root."""
_CHARACTERS = range(2, MAX_LENGTH + 1)

# confidence = logistic(_BASE + _SHARE * logit(share of the best text) + _LIKELIHOOD * its score)
_BASE, _SHARE, _LIKELIHOOD = 0.0, 1.0, 0.5


class Belief:
    """Texts with the weight that views gave them."""

    def __init__(self) -> None:
        self._weights: defaultdict[str, float] = defaultdict(float)
        self.best = -99.0

    def add(self, frames: ctc.Frames, prior: Prior) -> None:
        """Count a view."""
        for text, likelihood in ctc.texts(frames).items():
            if len(text) in _CHARACTERS:
                score = likelihood + _PRIOR_COUNTS * prior.gain(text)
                self.best = max(self.best, score)
                self._weights[text] += exp(max(score, -60) / _TEMPERATURE)

    def join(self, other: Belief) -> None:
        """Count another place's views, too."""
        for text, weight in other._weights.items():
            self._weights[text] += weight
        self.best = max(self.best, other.best)

    def candidates(self, most: int) -> list[tuple[str, float]]:
        """Return the likeliest texts with their confidence, the best first; they sum to one at most."""
        whole = sum(self._weights.values())
        ranked = sorted(self._weights.items(), key=lambda item: -item[1])[:most]
        if not ranked:
            return []
        scale = self.confidence / (ranked[0][1] / whole)
        return [(text, min(1.0, weight / whole * scale)) for text, weight in ranked]

    @property
    def features(self) -> tuple[float, float]:
        """What confidence follows from: the logit of the best text's share, and the best view's score."""
        whole = sum(self._weights.values())
        share = max(self._weights.values()) / whole if whole else 0.0
        share = min(max(share, 1e-3), 1 - 1e-3)
        return log(share / (1 - share)), max(self.best, -20.0)

    @property
    def confidence(self) -> float:
        """Return the calibrated probability that this is a plate and the best text is right."""
        if not self._weights:
            return 0.0
        share, likelihood = self.features
        return 1 / (1 + exp(-(_BASE + _SHARE * share + _LIKELIHOOD * likelihood)))
