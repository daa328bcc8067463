"""What the views of one plate say together, and how far to believe it."""

from __future__ import annotations

from collections import defaultdict
from math import exp

from platekeeper.core.plates import MAX_LENGTH, fold
from platekeeper.field.engines.ppocr import ctc
from platekeeper.field.engines.ppocr.confidence import confidence, facts
from platekeeper.field.syntaxes import Prior

_PRIOR_COUNTS = 0.8
"""How much what plates look like counts beside what is seen."""
_TEMPERATURE = 2.0
"""Views of one plate err together, and a network is surer than it should be: odds are taken to the root."""
_CHARACTERS = range(2, MAX_LENGTH + 1)


class Belief:
    """Texts with the weight that views gave them. The letter O and the digit 0 are one, as in matching."""

    def __init__(self, prior: Prior, *, aspect: float, height: float) -> None:
        self._prior, self._aspect, self._height = prior, aspect, height
        self._seen: dict[str, float] = {}
        self._weights: defaultdict[str, float] = defaultdict(float)
        self._spelled: dict[str, tuple[float, str]] = {}
        self.best = -99.0

    def add(self, frames: ctc.Frames) -> None:
        """Count a view."""
        for text, likelihood in ctc.texts(frames).items():
            if len(text) in _CHARACTERS:
                score = likelihood + _PRIOR_COUNTS * self._prior.gain(text)
                self.best = max(self.best, score)
                self._weights[fold(text)] += exp(max(score, -60) / _TEMPERATURE)
                self._keep(score, text, likelihood)

    def join(self, other: Belief) -> None:
        """Count another place's views, too."""
        for text, weight in other._weights.items():
            self._weights[text] += weight
        for score, text in other._spelled.values():
            self._keep(score, text, other._seen[fold(text)])
        self.best = max(self.best, other.best)

    def candidates(self, most: int) -> list[tuple[str, float]]:
        """Return the likeliest texts with their confidence, the best first; they sum to one at most.

        An O is written only where some issuer's serials have a letter there: what an owner chose has 0, as in hot lists.
        """
        whole = sum(self._weights.values())
        ranked = sorted(self._weights.items(), key=lambda item: -item[1])[:most]
        if not ranked:
            return []
        sure = self.confidence
        unsure = (1 - sure) / max(whole - ranked[0][1], 1e-9)
        shares = [sure, *(min(sure, weight * min(unsure, sure / ranked[0][1])) for _, weight in ranked[1:])]
        return [(self._as_written(text), share) for (text, _), share in zip(ranked, shares, strict=True)]

    @property
    def facts(self) -> dict[str, float]:
        """What confidence follows from; nothing may have been counted only if nobody asks."""
        folded, weight = max(self._weights.items(), key=lambda item: item[1])
        _, text = self._spelled[folded]
        return facts(
            text=text,
            share=weight / sum(self._weights.values()),
            seen=self._seen[folded],
            aspect=self._aspect,
            height=self._height,
            prior=self._prior,
        )

    @property
    def confidence(self) -> float:
        """Return the calibrated probability that this is a plate and the best text is right."""
        return confidence(self.facts) if self._weights else 0.0

    def _keep(self, score: float, text: str, seen: float) -> None:
        self._seen[fold(text)] = max(self._seen.get(fold(text), -99.0), seen)
        self._spelled[fold(text)] = max(self._spelled.get(fold(text), (-99.0, "")), (score, text))

    def _as_written(self, folded: str) -> str:
        text = self._spelled[folded][1]
        return text if self._prior.fits(text) else folded
