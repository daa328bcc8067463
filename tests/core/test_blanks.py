"""Blanks as typed values: what fits, how it is stored, how it reads."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platekeeper.core import durations
from platekeeper.core.blanks import BLANKS, Blank, BlankError, blanks_of
from platekeeper.core.clauses import Clause
from platekeeper.core.ledger import canonical
from platekeeper.core.profiles import PROFILES


def test_every_blank_stands_with_its_clause_in_the_policys_order() -> None:
    order = list(Clause)
    assert [order.index(blank.clause) for blank in BLANKS.values()] == sorted(
        order.index(blank.clause) for blank in BLANKS.values()
    )
    for key, blank in BLANKS.items():
        assert key.startswith(blank.clause.section)
        assert blank in blanks_of(blank.clause)


@pytest.mark.parametrize(
    ("key", "typed", "stored", "spoken"),
    [
        ("header.effective", "2026-03-01", "2026-03-01", "2026-03-01"),
        ("IV.f.threshold", "$5,000", 5000, "$5,000"),
        ("IV.i.refresher", "365", 365, "365 days"),
        ("VI.m.copies", "1", 1, "1 copy"),
        ("VII.h.1.tours", "1", 1, "1 tour"),
        ("VI.k.floor", "30 days", "30 days", "30 days"),
        ("VI.k.floor", "1 day", "1 days", "1 day"),
        ("VI.k.ceiling", "never", "never", "never"),
        ("VI.k.ceiling", "3 Minutes", "3 minutes", "3 minutes"),
        ("IV.h.also", "VI.b\nVIII.a\nVI.b", ["VI.b", "VIII.a"], "VI.b, VIII.a"),
        ("IV.h.uses", [], [], "none"),
        ("IV.h.uses", "a  b\n\nc", ["a b", "c"], "a b; c"),
        ("IV.a.users", ["Sergeant ", "Officer", "Officer"], ["Officer", "Sergeant"], "Officer, Sergeant"),
        ("VI.k.2.schedule", "felony: 25 years\nviolation: never", [["felony", "25 years"], ["violation", "never"]],
         "felony: 25 years; violation: never"),
        ("VI.l.how", "both", "both", "routinely and upon a specific request"),
        ("III.zone", "America/New_York", "America/New_York", "America/New_York"),
    ],
)  # fmt: skip
def test_a_value_that_fits(key: str, typed: Any, stored: Any, spoken: str) -> None:
    assert BLANKS[key].checked(typed) == stored
    assert BLANKS[key].checked(stored) == stored
    assert BLANKS[key].spoken(stored) == spoken


@pytest.mark.parametrize(
    ("key", "typed"),
    [
        ("header.effective", "March"), ("header.review", "2026-02-30"), ("IV.f.threshold", "-1"),
        ("IV.f.threshold", "much"), ("VI.m.copies", "two"), ("VI.k.floor", "never"), ("VI.k.floor", "0 days"),
        ("VI.k.floor", "30"), ("VI.k.floor", "3 moons"), ("VI.k.ceiling", "900 years"), ("IV.h.also", "X.y"),
        ("IV.a.users", []), ("IV.a.users", [" "]), ("VI.m.places", []), ("VI.k.2.schedule", "felony"),
        ("VI.k.2.schedule", ": 5 years"), ("VI.l.how", "perhaps"), ("III.zone", "Mars/North"),
        ("III.zone", "../etc"), ("III.name", " "), ("V.c.method", ""), ("IV.i.refresher", "²"),
        ("IV.i.refresher", "73,001"), ("IV.g.reminder", "999999999"), ("header.effective", "9999-12-31"),
    ],
)  # fmt: skip
def test_a_value_that_does_not_fit_is_explained_under_its_label(key: str, typed: Any) -> None:
    with pytest.raises(BlankError) as refused:
        BLANKS[key].checked(typed)
    assert str(refused.value).startswith(BLANKS[key].label)


@given(st.sampled_from(list(BLANKS.values())), st.text() | st.lists(st.text(), max_size=4) | st.integers() | st.none())
def test_whatever_is_typed_is_stored_or_refused_and_what_is_stored_stays(blank: Blank, typed: Any) -> None:
    try:
        stored = blank.checked(typed)
    except BlankError:
        return
    assert json.loads(canonical({"value": stored}))["value"] == stored
    assert blank.checked(stored) == stored
    assert blank.spoken(stored)


@given(st.integers(1, 999), st.sampled_from(list(durations.UNITS)))
def test_a_period_is_as_long_as_it_says(count: int, unit: str) -> None:
    try:
        stored = durations.written(f"{count} {unit}")
    except ValueError:
        assert count * durations.UNITS[unit] > timedelta(days=365 * 200)
        return
    assert durations.length_of(stored) == count * durations.UNITS[unit]


@pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda profile: profile.name)
def test_a_profile_proposes_a_value_that_fits_for_every_blank_it_can_know(profile: Any) -> None:
    values = profile.values_for("Sheriff")
    for key, value in values.items():
        assert BLANKS[key].checked(value) == BLANKS[key].checked(BLANKS[key].checked(value))
    unknown = {key for key in BLANKS if key not in values}
    assert unknown == {"header.effective", "header.review", "header.section", "III.name", "III.kind", "III.zone"}
    assert values["signature.authority"] == ["Sheriff"]
