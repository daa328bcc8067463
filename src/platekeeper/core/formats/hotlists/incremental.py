"""Files that change a list instead of being it: what they have added and taken off since the last whole list.

The sum of all changes is kept as one file of the same kind, in our own columns, so that a list in force is never more than
a whole file and one file of changes.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable
from itertools import chain

from platekeeper.core.categories import Category, HitAction
from platekeeper.core.formats.hotlists.delimited import FIELDS, Delimited
from platekeeper.core.formats.hotlists.rows import HotListLine, SkippedLine
from platekeeper.core.plates import fold

FORMAT = Delimited(
    title="Platekeeper's own file of changes",
    delimiter=",",
    columns={name: (name,) for name in FIELDS},
    categories={category.value: category for category in Category},
    other_category=None,
    actions={action.value: action for action in HitAction},
    is_incremental=True,
)


def summed(before: bytes | None, changes: Iterable[HotListLine]) -> bytes:
    """Return the rows of all changes: those `before`, as this returned them, and then new ones."""
    wanted: dict[str, dict[str, HotListLine]] = defaultdict(dict)
    gone: dict[tuple[str, str], HotListLine] = {}
    earlier = (line for _, _, line in FORMAT.lines(before)) if before else ()
    for line in chain(earlier, changes):
        if isinstance(line, SkippedLine):
            continue
        folded, state = fold(line.plate.text), line.state or line.raw_state
        if line.removes:
            gone[folded, state] = line
            for key, other in list(wanted[folded].items()):
                if not state or state == (other.state or other.raw_state):
                    del wanted[folded][key]
        else:
            wanted[folded][line.key] = line
    written = io.StringIO()
    rows = csv.writer(written, lineterminator="\n", quoting=csv.QUOTE_ALL)  # a carriage return in a reason, too
    rows.writerow(FIELDS)
    # Removals stand first: what was taken off and then entered again is wanted.
    rows.writerows(_row(line) for line in chain(gone.values(), *(lines.values() for lines in wanted.values())))
    return written.getvalue().encode()


def _row(line: HotListLine) -> list[str]:
    told = {
        **{
            name: str(getattr(line, name))
            for name in ("make", "model", "year", "color", "reason", "reference", "agency")
        },
        "plate": line.plate.text,
        "state": line.state or line.raw_state,
        "category": line.category.value,
        "effective": line.effective.isoformat() if line.effective else "",
        "expires": line.expires.isoformat() if line.expires else "",
        "action": line.action.value if line.action else "",
        "operation": "remove" if line.removes else "add",
    }
    return [told[name] for name in FIELDS]
