"""How long a case file keeps what it preserves, and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platekeeper.core.policy import Policy
from platekeeper.core.rules.cases import CaseFacts, kept_until, may_end, may_expunge, may_seal, may_unseal, may_work
from platekeeper.core.rules.decision import Decision
from tests.cast import POLICY as VALUES

OPENED, DISPOSED = date(2026, 1, 1), date(2026, 7, 1)
CASE = CaseFacts(opened_on=OPENED, is_felony=False, offense_class="violation", disposed_on=DISPOSED)
YEARS = {count: timedelta(days=365 * count) for count in (5, 10, 25)}


def _policy(**changed: Any) -> Policy:
    values = VALUES | {key.replace("__", "."): value for key, value in changed.items()}
    return Policy(1, "", {key: value for key, value in values.items() if value is not None})


@pytest.mark.parametrize(
    ("changed", "policy", "until"),
    [
        ({}, {}, OPENED + YEARS[5]),
        ({"disposed_on": None}, {}, None),
        ({"disposed_on": OPENED + YEARS[10]}, {}, OPENED + YEARS[10]),
        ({}, {"VI__k__1__join": "or"}, DISPOSED),
        ({"disposed_on": None}, {"VI__k__1__join": "or"}, OPENED + YEARS[5]),
        ({"disposed_on": None}, {"VI__k__1__join": "or", "VI__k__1__period": "never"}, None),
        ({}, {"VI__k__1__period": "never"}, None),
        ({}, {"VI__k__1__period": None}, None),
        ({"arrested_on": OPENED}, {}, DISPOSED + YEARS[5]),
        ({"arrested_on": OPENED, "offense_class": "Misdemeanor"}, {}, DISPOSED + YEARS[10]),
        ({"arrested_on": OPENED, "offense_class": "misdemeanor", "disposed_on": None}, {}, None),
        ({"is_felony": True, "offense_class": "felony"}, {}, DISPOSED + YEARS[25]),
        ({"is_felony": True, "offense_class": "treason"}, {}, None),
        ({"is_felony": True, "offense_class": "felony"}, {"VI__k__2__schedule": None}, None),
        ({"is_felony": True, "offense_class": "felony"}, {"VI__k__2__schedule": [["felony", "never"]]}, None),
        ({"directed_until": date(2050, 1, 1)}, {}, date(2050, 1, 1)),
        ({"directed_until": date(2020, 1, 1)}, {}, OPENED + YEARS[5]),
    ],
)
def test_kept_until(changed: dict[str, Any], policy: dict[str, Any], until: date | None) -> None:
    keeping = kept_until(replace(CASE, **changed), _policy(**policy))
    assert keeping.until == until
    assert all(reason.words for reason in keeping.reasons)


_DAYS = st.none() | st.dates(date(2026, 1, 1), date(2030, 1, 1))
_CASES = st.builds(
    CaseFacts,
    opened_on=st.just(OPENED),
    is_felony=st.booleans(),
    offense_class=st.sampled_from(["felony", "misdemeanor", "violation", "", "other"]),
    arrested_on=_DAYS,
    disposed_on=_DAYS,
    directed_until=_DAYS,
)
_POLICIES = st.builds(
    lambda join, period: _policy(VI__k__1__join=join, VI__k__1__period=period),
    st.sampled_from(["and", "or"]),
    st.sampled_from(["5 years", "never", "30 days"]),
)


@given(_CASES, _POLICIES, st.dates(date(2026, 1, 1), date(2070, 1, 1)))
def test_nothing_ends_before_every_ground_has_ended(case: CaseFacts, policy: Policy, today: date) -> None:
    keeping = kept_until(case, policy)
    ended = all(reason.until is not None and reason.until < today for reason in keeping.reasons)
    assert bool(may_end(case, policy, today=today)) is ended
    assert ended is (keeping.until is not None and keeping.until < today)
    more = replace(case, arrested_on=case.arrested_on or OPENED, is_felony=True)
    later = kept_until(more, policy).until
    assert later is None or (keeping.until is not None and later >= keeping.until)  # more grounds never shorten


SEALED, ENDED = replace(CASE, sealed=True), replace(CASE, sealed=True, ended=True)
ASKED, ASKED_OPEN = replace(SEALED, asked_for=True), replace(CASE, asked_for=True)


@pytest.mark.parametrize(
    ("rule", "allowed", "refused"),
    [
        (may_work, [CASE, ASKED_OPEN], [SEALED, ENDED]),
        (may_seal, [CASE, ASKED_OPEN], [replace(CASE, disposed_on=None), SEALED, ENDED]),
        (may_unseal, [SEALED, ASKED], [CASE, ENDED]),
        (may_expunge, [SEALED], [CASE, ASKED, ENDED]),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_may_be_done_to_a_case(
    rule: Callable[[CaseFacts], Decision], allowed: list[CaseFacts], refused: list[CaseFacts]
) -> None:
    assert all(rule(case) for case in allowed)
    assert not any(rule(case) for case in refused)


def test_whoever_waits_for_its_records_holds_up_its_end() -> None:
    over = date(2060, 1, 1)
    assert may_end(CASE, _policy(), today=over)
    assert not may_end(replace(CASE, asked_for=True), _policy(), today=over)
    assert not may_end(replace(CASE, ended=True), _policy(), today=over)
