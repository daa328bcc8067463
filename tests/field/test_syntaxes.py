"""What is known of a plate before it is looked at."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platekeeper.field.syntaxes import REGIONS, prior_for

US = prior_for("US")


@pytest.mark.parametrize(
    ("likelier", "than"),
    [
        ("7ABC123", "7ABCI23"),  # California's
        ("ABC1234", "A8C1234"),
        ("AB1C2D", "ABICZD"),  # Missouri's
        ("ABC123", "ABC12345"),
    ],
)
def test_what_issuers_number_is_likelier_than_what_looks_like_it(likelier: str, than: str) -> None:
    assert US.gain(likelier) > US.gain(than)


def test_home_makes_its_own_serials_likelier() -> None:
    for region, (_, issuers) in REGIONS.items():
        for issuer, (_, serials) in issuers.items():
            shape = serials.split()[0]
            assert prior_for(f"{region}-{issuer}").weights[shape] > prior_for(region).weights[shape]


@pytest.mark.parametrize("home", ["XX", "US-XX", "", "US-"])
def test_a_home_that_is_none_is_refused(home: str) -> None:
    if home == "US-":
        assert prior_for(home).weights == US.weights
        return
    with pytest.raises(ValueError, match="no such jurisdiction"):
        prior_for(home)


def test_shapes_are_letters_and_digits_each_once() -> None:
    for _, issuers in REGIONS.values():
        for issuer, (vehicles, serials) in issuers.items():
            shapes = serials.split()
            assert vehicles > 0
            assert len(set(shapes)) == len(shapes), issuer
            assert all(re.fullmatch("[A0]{3,10}", shape) for shape in shapes), issuer


@given(st.text("ABCIOQ0123", min_size=1, max_size=12))
def test_every_text_has_a_gain(text: str) -> None:
    assert -15 < US.gain(text) < 8
