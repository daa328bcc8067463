"""What plates look like, by who issues them: how much likelier a text is as a plate than as any text of its length."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import log

from platekeeper.field.syntaxes.europe import EUROPE
from platekeeper.field.syntaxes.north_america import CANADA, UNITED_STATES

Issuers = Mapping[str, tuple[float, str]]
"""Issuer -> vehicles in millions, and its serials: `A` a letter, `0` a digit, the commonest first."""

REGIONS: Mapping[str, tuple[float, Issuers]] = {
    "US": (0.85, UNITED_STATES),
    "CA": (0.08, CANADA),
    "EU": (0.07, EUROPE),
}
"""Region -> share of the vehicles on a road where nobody said which road it is, and its issuers."""

_SHARE_AT_HOME = 0.6
_CHOSEN = {1: 0.0002, 2: 0.001, 3: 0.002, 4: 0.004, 5: 0.01, 6: 0.015, 7: 0.03, 8: 0.003, 9: 0.0001, 10: 0.0001}
"""Length -> share of plates that follow no serial: chosen by the owner, of trades, of elsewhere."""
_RARE_LETTERS = re.compile("[IOQ]")
_RARITY = 0.25
"""Most issuers leave out I, O and Q, so that nobody takes them for 1 and 0; some only in places."""


@dataclass(frozen=True, slots=True)
class Prior:
    """What is known of a plate before it is looked at. `weights`: shape (`AAA0000`) -> share of the plates on the road."""

    weights: Mapping[str, float]

    def gain(self, text: str) -> float:
        """Return the logarithm of how much likelier `text` is as a plate than as a random text of its length."""
        shape = shape_of(text)
        serial = self.weights.get(shape, 0.0)
        if serial:
            serial *= 3.6 ** shape.count("0") * (36 / 26) ** shape.count("A")
            serial *= _RARITY ** len(_RARE_LETTERS.findall(text))
        return log(serial + _CHOSEN.get(len(text), 1e-6))

    def fits(self, text: str) -> bool:
        """Say whether some issuer's serials look like this."""
        return shape_of(text) in self.weights


def shape_of(text: str) -> str:
    """Return the text with `A` for every letter and `0` for every digit."""
    return "".join("0" if character.isdigit() else "A" for character in text)


def prior_for(home: str = "US") -> Prior:
    """Return what plates look like around `home`: a region (`US`, `CA`, `EU`) or an issuer in one (`US-NY`).

    Raises `ValueError` if there is none.
    """
    region, _, issuer = home.upper().partition("-")
    if region not in REGIONS or (issuer and issuer not in REGIONS[region][1]):
        raise ValueError(
            f"{home}: no such jurisdiction. It is one of {', '.join(REGIONS)}, or of the issuers within, as US-NY."
        )
    weights: defaultdict[str, float] = defaultdict(float)
    for name, (share, issuers) in REGIONS.items():
        if name != region:
            _add(weights, issuers.values(), share * (1 - _SHARE_AT_HOME))
    elsewhere = sum(share for name, (share, _) in REGIONS.items() if name != region) * (1 - _SHARE_AT_HOME)
    _add(weights, REGIONS[region][1].values(), (1 - elsewhere) * (1 - _SHARE_AT_HOME if issuer else 1))
    if issuer:
        _add(weights, [REGIONS[region][1][issuer]], (1 - elsewhere) * _SHARE_AT_HOME)
    return Prior(dict(weights))


def _add(weights: defaultdict[str, float], issuers: Iterable[tuple[float, str]], share: float) -> None:
    """Add issuers by the root of their vehicles: cars travel, and a small state has roads of its own."""
    issuers = list(issuers)
    whole = sum(vehicles**0.5 for vehicles, _ in issuers)
    for vehicles, serials in issuers:
        shapes = serials.split()
        ranks = [1 / (1 + place) for place in range(len(shapes))]
        for shape, rank in zip(shapes, ranks, strict=True):
            weights[shape] += share * vehicles**0.5 / whole * rank / sum(ranks)
