"""The planner: sums that the issue states, and an engine that follows from the traffic."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platekeeper.core.capacity.measured import Engine
from platekeeper.core.capacity.need import Traffic, need_of
from platekeeper.core.capacity.planning import plan_for, rate_of
from platekeeper.core.capacity.words import spoken_bits, spoken_bytes, spoken_count

DOCUMENT = (Path(__file__).parents[2] / "docs" / "scale.md").read_text()
COUNTY = Traffic(lprs=150, reads_a_day=5_000, image_bytes=100_000)
GATHERED = replace(COUNTY, reads_a_request=100)


def county(times: int) -> Traffic:
    """Return a county's traffic so many times."""
    return replace(GATHERED, lprs=150 * times, hits_a_day=100 * times)


def test_a_county_s_images_are_75_gb_a_day() -> None:
    need = need_of(COUNTY, Engine.SQLITE)
    assert COUNTY.reads * 365 == pytest.approx(270e6, rel=0.02)
    assert need.images.a_day == 75e9
    assert need.images.kept == 90 * 75e9
    assert COUNTY.busy_rate == pytest.approx(20.8, abs=0.1)


@pytest.mark.parametrize(
    ("times", "engine", "kinds"),
    [
        (1, Engine.SQLITE, {"machine for everything": 1, "places for backups": 2}),
        (10, Engine.POSTGRESQL, {"web machines": 2, "database machines": 2, "places for backups": 2}),
        (
            100,
            Engine.CITUS,
            {"web machines": 6, "database machines for the reads": 6, "object storage (S3-compatible)": 1},
        ),
        (1_000, Engine.CITUS, {"database machines for the records": 2, "database machines for the reads": 42}),
    ],
)
def test_a_county_and_its_multiples(times: int, engine: Engine, kinds: dict[str, int]) -> None:
    plan = plan_for(county(times))
    assert plan.engine is engine
    assert kinds.items() <= {each.kind: each.count for each in plan.machines}.items()
    assert plan.why.endswith(".")
    assert all(each.why for each in plan.machines)
    assert any("never run on Citus" in each for each in plan.cautions) == (engine is Engine.CITUS)


@pytest.mark.parametrize("times", [1, 10, 100, 1_000])
def test_the_document_says_what_the_planner_says(times: int) -> None:
    plan = plan_for(replace(county(times), reads_a_request=10))
    need = plan.need
    cells = (
        f"{times:,}x", spoken_count(plan.traffic.reads * 365), f"{plan.traffic.busy_rate:,.0f} a second",
        spoken_bytes(need.reads.kept), spoken_bytes(need.images.a_day), spoken_bytes(need.images.kept),
        spoken_bits(need.busy_network), spoken_bytes(need.records.kept), plan.engine.value,
    )  # fmt: skip
    assert f"| {' | '.join(cells)} |" in DOCUMENT


def test_too_much_at_once_is_said_of_sqlite() -> None:
    plan = plan_for(replace(COUNTY, lprs=2_000, days_kept=1))
    assert plan.engine is Engine.POSTGRESQL
    assert "one process" in plan.why


def test_the_ledger_of_single_reads_is_named() -> None:
    assert any("ledger" in each for each in plan_for(COUNTY).cautions)
    assert not any("ledger" in each for each in plan_for(GATHERED).cautions)


def test_images_slow_receiving_down() -> None:
    bare = replace(GATHERED, image_share=0)
    assert rate_of(replace(GATHERED, image_share=0.5)) < rate_of(bare)
    assert need_of(bare, Engine.SQLITE).images.kept == 0


def test_without_backups_none_are_planned() -> None:
    plan = plan_for(replace(COUNTY, backup_copies=0))
    assert plan.need.backups.kept == 0
    assert not any("backups" in each.kind for each in plan.machines)


@pytest.mark.parametrize(
    "wrong",
    [{"lprs": 0}, {"reads_a_day": 0}, {"image_share": 1.5}, {"busiest_hour": 0.01}, {"image_bytes": -1}],
    ids=str,
)
def test_what_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong)).replace("_", " ")):
        replace(COUNTY, **wrong)


@given(st.integers(1, 10**6), st.integers(1, 10**5), st.integers(1, 1_000), st.integers(1, 2_000))
def test_more_traffic_never_asks_for_less(lprs: int, reads: int, at_once: int, days: int) -> None:
    """Of reads and images; what they lie in may change, and with it the bytes."""
    less = Traffic(lprs=lprs, reads_a_day=reads, reads_a_request=at_once, days_kept=days)
    more = replace(less, lprs=lprs * 2)
    engines = list(Engine)
    assert engines.index(plan_for(less).engine) <= engines.index(plan_for(more).engine)
    assert plan_for(less).need.images.kept < plan_for(more).need.images.kept


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (spoken_bytes(75e9), "75.0 GB"), (spoken_bytes(6.75e15), "6.8 PB"), (spoken_bytes(4e12), "4.0 TB"),
        (spoken_bytes(2.5e6), "2.5 MB"), (spoken_count(273.75e6), "273.8 million"), (spoken_count(2.7e9), "2.7 billion"),
        (spoken_bits(22.4e6), "22.4 Mbit/s"), (spoken_bits(22.3e9), "22.3 Gbit/s"),
    ],
)  # fmt: skip
def test_numbers_in_words(said: str, expected: str) -> None:
    assert said == expected
