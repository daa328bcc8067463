"""`platekeeper plan`: how much disk, network and how many machines so many LPRs ask for."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from textwrap import wrap
from typing import Any

from platekeeper.core.capacity.need import DAYS_A_YEAR, SECONDS_A_DAY, Traffic
from platekeeper.core.capacity.planning import Plan, plan_for
from platekeeper.core.capacity.words import spoken_bits, spoken_bytes, spoken_count

_WIDTH = 96
_WHOLE = (
    ("--lprs", "lprs", None, "LPRs that send"),
    ("--reads-a-day", "reads_a_day", None, "reads a day of one LPR"),
    ("--days-kept", "days_kept", 90, "days that the policy keeps reads (VI.k)"),
    ("--hits-a-day", "hits_a_day", 100, "hits a day of the whole department"),
    ("--hit-days-kept", "hit_days_kept", 1825, "days that hits are kept"),
    ("--backup-copies", "backup_copies", 2, "copies of the backup (VI.m)"),
    ("--reads-a-request", "reads_a_request", 1, "reads that an LPR sends at once"),
)


def register(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser("plan", help="how much disk, network and how many machines so many LPRs ask for")
    for option, _, usual, text in _WHOLE:
        told = text if usual is None else f"{text} (default {usual})"
        parser.add_argument(option, type=int, default=usual, required=usual is None, help=told)
    parser.add_argument("--image-kb", type=float, default=100, help="kilobytes of an image (default 100)")
    parser.add_argument("--image-share", type=float, default=1, help="share of reads with an image, 0 to 1 (default 1)")
    parser.add_argument("--busiest-hour", type=float, default=0.1, help="share of a day's reads in it (default 0.1)")
    parser.add_argument("--json", action="store_true", help="print plain data instead of the table")
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Print the plan."""
    whole = {name: getattr(chosen, name) for _, name, _, _ in _WHOLE}
    try:
        traffic = Traffic(
            **whole,
            image_bytes=round(chosen.image_kb * 1000),
            image_share=chosen.image_share,
            busiest_hour=chosen.busiest_hour,
        )
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    plan = plan_for(traffic)
    print(json.dumps(asdict(plan), indent=2) if chosen.json else "\n".join(_lines(plan)))
    return 0


def _lines(plan: Plan) -> Iterator[str]:
    traffic, need = plan.traffic, plan.need
    yield (
        f"{spoken_count(traffic.reads * DAYS_A_YEAR)} reads a year: {traffic.reads:,} a day, "
        f"{traffic.reads / SECONDS_A_DAY:,.1f} a second, {traffic.busy_rate:,.1f} in the busiest hour."
    )
    yield from ("", _row("Disk", "a day", f"after {traffic.days_kept} days"))
    for name, disk in (
        ("reads", need.rows), ("indexes of reads", need.indexes), ("what plates are searched by", need.dictionaries),
        ("images of reads", need.images), ("backups, all copies", need.backups), ("records with hits, ledger", need.records),
    ):  # fmt: skip
        yield _row(name, spoken_bytes(disk.a_day), spoken_bytes(disk.kept))
    yield "(records: all hits of their period, and a year of the ledger)"
    yield from ("", f"Network in, busiest hour: {spoken_bits(need.busy_network)}", "")
    yield from wrap(f"Reads in {plan.engine.value}. {plan.why}", _WIDTH)
    for each in plan.machines:
        yield from wrap(
            f"{each.count:>4} {each.kind}: {each.why}", _WIDTH, initial_indent="  ", subsequent_indent=" " * 7
        )
    yield ""
    for caution in plan.cautions:
        yield from wrap(f"Note: {caution}", _WIDTH, subsequent_indent=" " * 6)
    yield "Reckoned from what one small machine was measured to do, half of it used: docs/scale.md."


def _row(name: str, a_day: str, kept: str) -> str:
    return f"{name:<30}{a_day:>12}{kept:>18}"
