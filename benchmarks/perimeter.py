"""How long a proposal takes: parsing a file of roads, and the minimum cut, on a grid and on towns of 5,000 crossings.

    python benchmarks/perimeter.py [TOWNS]

Each plan is held to what a minimum cut is: nobody gets out past it, and another algorithm finds as many ways out as it has
posts. That check is not part of the time. It exits with 1 where a plan is wrong; times are printed, not judged.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).parents[1]))

from platekeeper.core.perimeter import Network, parse_roads, propose
from tests.core.perimeter.making import geojson, grid, osm, scene_at, town, town_lines
from tests.core.perimeter.test_cutting import check

T = TypeVar("T")
NODES = 71 * 71
SIZES = ((60, 2, 0.0), (250, 4, 1.0), (500, 6, 2.0), (800, 10, 3.0))
"""A scene's radius in meters, the ring in minutes, and the head start in minutes."""


def timed(do: Callable[[], T]) -> tuple[float, T]:
    """Return how many seconds something took, and what it gave."""
    begun = time.perf_counter()
    result = do()
    return time.perf_counter() - begun, result


def plans(name: str, network: Network) -> list[float]:
    """Propose posts around the middle for each size, and check them."""
    taken = []
    for meters, minutes, head_start in SIZES:
        scene = scene_at(35, 35, meters=meters)
        seconds, plan = timed(
            lambda scene=scene, minutes=minutes, head_start=head_start: propose(  # type: ignore[misc]
                network, scene, within=60 * minutes, at_hand=10, head_start=60 * head_start
            )
        )
        check(network, scene, minutes=minutes, head_start=head_start)
        print(f"{name:>10}  {meters:>4} m {minutes:>3} min {head_start:>4} min ahead "
              f"{plan.reached:>6,} reached {plan.needed:>4} posts {seconds:>7.3f} s")  # fmt: skip
        taken.append(seconds)
    return taken


def main() -> None:
    """Measure and print."""
    towns = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    lines = town_lines(NODES, seed=0)
    for name, write in (("OSM XML", osm), ("GeoJSON", geojson)):
        content = write(lines)
        seconds, network = timed(lambda content=content: parse_roads(content))  # type: ignore[misc]
        print(f"{name:>10}  {len(content) / 1e6:.1f} MB, {len(network.places):,} crossings, {len(network.roads):,} roads: "
              f"read in {seconds:.3f} s")  # fmt: skip
    taken = plans("grid", grid(71))
    for seed in range(towns):
        taken += plans(f"town {seed}", town(NODES, seed=seed))
    print(f"slowest of {len(taken)}: {max(taken):.3f} s")


if __name__ == "__main__":
    main()
