"""How fast reads are matched, and with how much memory, against plain Python dictionaries doing the same work.

Both answer the same: which entries a plate matches (as it is, as a look-alike, as a partial plate), whether the state
agrees, and whether the entry is in force. Each runs in a process of its own on one core, round by round in turn; its
processor time is counted, and the ratio is the median of the rounds' ratios. Memory is the proportional set size
above what the process had before it opened or built its list; of mapped files only what was touched counts, and their
whole size stands beside it. Nothing is written, so durability plays no part.

`--quick` measures the smallest size only.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from itertools import starmap
from operator import itemgetter, truediv
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.making import SPACE, listed, memory, plates, reads, stay_on_one_core, texts_of
from platekeeper.core.matching import NO_END, Entries, HotListIndex, Match, PlateBatch
from platekeeper.core.partial import PlatePattern
from platekeeper.core.plates import fold, look_alike
from platekeeper.server.storage import indexes

SIZES = (100_000, 1_000_000, 10_000_000)
PARTIALS = 1_000
BATCH = 100
READS = 200_000
HITS = READS // 1000
ROUNDS = 9
NOW = 1_772_539_200
STATES = ("NY", "NJ", "CT", "PA")
Batch = list[str]
Found = tuple[int, object, str, str, int | None]
_COMMAND = (sys.executable, __file__, "--as")
_ROW = "{:>10} {:>11} {:>10} {:>6} {:>9} {:>9} {:>6} {:>9}"


def main() -> None:
    """Measure every size in processes of its own and print."""
    sizes = SIZES[:1] if "--quick" in sys.argv else SIZES
    print(
        f"{PARTIALS} partial plates, one entry in five collides when folded, batches of {BATCH}, {HITS} hits in {READS}"
    )
    print(_ROW.format("entries", "index/s", "dicts/s", "ratio", "index MB", "dicts MB", "share", "files MB"))
    measured = []
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="platekeeper-bench-") as folder:
            subprocess.run([*_COMMAND, "build", str(size), folder], check=True)
            ours, plain = _in_turn(size, folder)
        assert ours["found"] == plain["found"], "the two do not do the same work"
        print(
            _ROW.format(
                size,
                *(f"{median(told['speeds']):.0f}" for told in (ours, plain)),
                f"{median(map(truediv, ours['speeds'], plain['speeds'])):.1f}",
                *(f"{told['memory'] / 1e6:.0f}" for told in (ours, plain)),
                f"{ours['memory'] / plain['memory']:.3f}",
                f"{ours['files'] / 1e6:.0f}",
            ),
            flush=True,
        )
        measured.append((ours, plain))
    for name, first, last in zip(("index", "dictionaries"), measured[0], measured[-1], strict=True):
        times, bytes_an_entry = median(first["speeds"]) / median(last["speeds"]), last["memory"] / sizes[-1]
        print(
            f"{name}: {sizes[-1] // sizes[0]} times the entries, {times:.2f} times the time of a read; "
            f"{bytes_an_entry:.0f} bytes an entry at {sizes[-1]}"
        )


def _in_turn(size: int, folder: str) -> list[dict[str, Any]]:
    """Let both get ready one after the other, then match in turn, so that both have the machine at the same times."""
    with ExitStack() as stack:
        children, told = [], []
        for role in ("index", "dicts"):
            command = [*_COMMAND, role, str(size), folder]
            child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            children.append(stack.enter_context(child))
            told.append(_answer(child))
        for _ in range(ROUNDS):
            for child, of_child in zip(children, told, strict=True):
                child.stdin.write("match\n")
                child.stdin.flush()
                of_child["speeds"].append(_answer(child))
        for child in children:
            child.stdin.close()
    return told


def _answer(child: subprocess.Popen[str]) -> Any:
    line = child.stdout.readline()
    if not line:
        raise SystemExit("A process of the benchmark has ended; its error stands above.")
    return json.loads(line)


def build(size: int, folder: Path) -> None:
    """Make the list, keep it ready for matching, and its plates for the other one."""
    rows = listed(size)
    states, ends = _facts(size)
    from platekeeper.core.matching.packing import state_code

    codes = np.array([state_code(state) for state in STATES], np.uint8)
    entries = Entries.of(
        characters=rows,
        states=codes[states],
        kinds=np.full(size, ord("V"), np.uint8),
        places=np.arange(size),
        ends=ends,
    )
    indexes.keep(folder, "list", columns=HotListIndex(entries).columns(), rows=b"rows")
    np.save(folder / "plates.npy", rows)
    (folder / "reads.json").write_text(json.dumps(reads(READS, list_length=size, hits=HITS)))


def index(_size: int, folder: Path) -> None:
    """Match against the mapped index."""
    batches, states, at, before = _batches(folder)
    mapped = HotListIndex.from_columns(indexes.mapped(folder, "list"))
    own = HotListIndex(
        mapped.entries.take(np.array([], np.intp)), patterns=[PlatePattern(text) for text in _patterns()]
    )

    def match(texts: Batch) -> list[Match]:
        batch = PlateBatch(texts)
        return mapped.match(batch, states=states, at=at) + own.match(batch, states=states, at=at)

    files = sum(file.stat().st_size for file in (folder / "list").glob("*.npy"))
    _serve(match, batches, before, files=files)


def dicts(size: int, folder: Path) -> None:
    """Match against plain dictionaries: the folded plate to its entries, and partial plates filed by their known places."""
    batches, seen_states, at, before = _batches(folder)
    wanted: dict[bytes, list[tuple[str, str, int]]] = {}
    alike = bytes(ord(look_alike(chr(byte))) if byte < 128 else byte for byte in range(256))  # bytes are folded fastest
    rows_of_list = np.load(folder / "plates.npy", mmap_mode="r")
    states, ends = _facts(size)
    for first in range(0, size, 100_000):
        chunk = slice(first, first + 100_000)
        rows = zip(texts_of(np.array(rows_of_list[chunk])), states[chunk].tolist(), ends[chunk].tolist(), strict=True)
        for text, state, end in rows:
            wanted.setdefault(text.encode().translate(alike), []).append((fold(text), STATES[state], end))
    del rows_of_list, states, ends
    patterns = _patterns()
    may_fit = re.compile(_branches(patterns)).match
    filed: dict[tuple[int, ...], dict[tuple[str, ...], list[re.Pattern[str]]]] = defaultdict(dict)
    for pattern in patterns:
        known = {
            place if "*" not in pattern[:place] else place - len(pattern): c
            for place, c in enumerate(pattern)
            if c not in "?*"
        }
        regular = re.compile(pattern.replace("?", ".").replace("*", ".*"))
        filed[tuple(known)].setdefault(tuple(known.values()), []).append(regular)
    ways = [(itemgetter(*places), partials) for places, partials in filed.items()]

    def match(texts: Batch) -> list[Found]:
        found: list[Found] = []
        for number, text in enumerate(texts):
            folded = text.replace("O", "0")
            for entry in wanted.get(text.encode().translate(alike), ()):
                plate, state, end = entry
                if at[number] < end or end == NO_END:
                    how = "plate" if plate == folded else "look_alike"
                    seen = seen_states[number]
                    agreement = "unknown" if not seen else "agrees" if seen == state else "differs"
                    found.append((number, entry, how, agreement, None if end == NO_END else end))
            for take, partials in ways if may_fit(folded) else ():
                for regular in partials.get(take(folded), ()):
                    if regular.fullmatch(folded):
                        found.append((number, regular, "partial", "unknown", None))
        return found

    _serve(match, batches, before)


def _batches(folder: Path) -> tuple[list[Batch], list[str | None], list[int], int]:
    stay_on_one_core()
    driven = json.loads((folder / "reads.json").read_text())
    batches = [driven[first : first + BATCH] for first in range(0, READS, BATCH)]
    return batches, ["NY"] * BATCH, [NOW] * BATCH, memory()


def _serve(match: Callable[[Batch], Any], batches: list[Batch], before: int, **more: int) -> None:
    """Tell memory and what was found, then the reads a second of a round whenever asked for one."""
    # A first round brings in what is used, and shows that both find the same.
    found = sorted(
        [number, each.sighting, each.how, each.state, each.ends or 0]
        for number, batch in enumerate(batches)
        for each in starmap(Match, match(batch))
    )
    told = {"found": [len(found), hashlib.sha256(json.dumps(found).encode()).hexdigest()], "memory": memory() - before}
    print(json.dumps({**told, **more, "speeds": []}), flush=True)
    for _ in sys.stdin:
        begin = time.process_time()
        for batch in batches:
            match(batch)
        print(READS / (time.process_time() - begin), flush=True)


def _facts(size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the state of every entry, and when it ends: one in ten does, some of them are over."""
    chance = np.random.default_rng(3)
    ends = np.full(size, NO_END, np.uint32)
    ending = chance.random(size) < 0.1
    ends[ending] = NOW + chance.integers(-1000, 1000, ending.sum())
    return chance.integers(0, len(STATES), size), ends


def _patterns() -> list[str]:
    """Return partial plates: of eight characters two are not known, wherever they stand; some begin or end with any run."""
    chance = np.random.default_rng(4)
    patterns = []
    for text in texts_of(plates(PARTIALS, first=SPACE // 3)):
        places = chance.permutation(len(text))[:2]
        partial = "".join("?" if place in places else character for place, character in enumerate(text))
        shape = chance.random()
        patterns.append(f"*{partial[1:]}" if shape < 0.05 else f"{partial[:-1]}*" if shape < 0.2 else partial)
    return patterns


def _branches(patterns: list[str]) -> str:
    """Return one regular expression that fits what any pattern fits, sharing what patterns begin with: plain Python's best.

    A long alternation, or a look into the dictionary of each choice of places, takes five to ten times as long.
    """
    tree: dict[str, Any] = {}
    for pattern in patterns:
        node = tree
        for character in f"{fold(pattern)}$":
            node = node.setdefault({"?": ".", "*": ".*"}.get(character, character), {})

    def written(node: dict[str, Any]) -> str:
        branches = [character + written(below) for character, below in sorted(node.items())]
        return branches[0] if len(branches) == 1 else f"(?:{'|'.join(branches)})" if branches else ""

    return written(tree)


if __name__ == "__main__":
    if "--as" in sys.argv:
        role, size, folder = sys.argv[2:]
        work = {"build": build, "index": index, "dicts": dicts}[role]
        work(int(size), Path(folder))
    else:
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        main()
