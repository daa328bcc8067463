"""From the founding to the first tour: each fact ticks its own step, and what is next is the first that is open."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from platekeeper.core.blanks import BLANKS
from platekeeper.core.blanks.kinds import Kind
from platekeeper.core.rules.first_steps import HELD, Founding, Name, next_step, steps

FOUNDED = Founding(
    blanks_waiting=69, adopted=False, in_force=False, people=1, unheld=HELD, trained=False, lprs=0, keyed=0, delivered=False,
    heard=False, recovery_key=False, backed_up=False, mail=False, to_act_on=2, toured=False,
)  # fmt: skip
WORKING = Founding(
    blanks_waiting=0, adopted=True, in_force=True, people=9, unheld=(), trained=True, lprs=2, keyed=1, delivered=True,
    heard=True, recovery_key=True, backed_up=True, mail=True, to_act_on=0, toured=True,
)  # fmt: skip


@pytest.mark.parametrize(
    ("change", "opened"),
    [
        ({"blanks_waiting": 3}, None),  # a version with open blanks was adopted, knowingly
        ({"blanks_waiting": 3, "adopted": False, "in_force": False}, Name.FILL),
        ({"adopted": False, "in_force": False}, Name.ADOPT),
        ({"in_force": False}, Name.ADOPT),  # adopted for a day to come
        ({"people": 1}, Name.PEOPLE),
        ({"unheld": ("VI.m.keeper",)}, Name.POSITIONS),
        ({"trained": False}, Name.TRAINING),
        ({"keyed": 0}, Name.LPR),
        ({"delivered": False}, Name.HOT_LIST),
        ({"heard": False}, Name.READS),
        ({"recovery_key": False}, Name.RECOVERY_KEY),
        ({"backed_up": False}, Name.BACKUP),
        ({"mail": False}, Name.MAIL),
        ({"to_act_on": 1}, Name.SET_UP),
        ({"to_act_on": None}, Name.SET_UP),
        ({"toured": False}, Name.TOUR),
    ],
)
def test_a_fact_opens_its_step(change: dict[str, Any], opened: Name | None) -> None:
    found = next_step(steps(replace(WORKING, **change)))
    assert (found and found.name) == opened


def test_in_the_beginning_all_is_open_and_the_first_is_next() -> None:
    found = steps(FOUNDED)
    assert [step.name for step in found] == list(Name)
    assert not any(step.is_done for step in found)
    assert next_step(found) == found[0]


def test_every_step_names_blanks_of_positions() -> None:
    named = {*HELD, *(key for step in steps(FOUNDED) for key in step.duty)}
    assert {BLANKS[key].kind for key in named} == {Kind.POSITIONS}
