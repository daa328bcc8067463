"""A web machine as far as matching goes: answers each plate with what it matches by, and the version of the lists.

Run as `python -m tests.hotlist.machine` in the environment of a home; it follows the lists as a server does.
"""

from __future__ import annotations

import json
import sys

import django


def main() -> None:
    """Answer until the input ends."""
    django.setup()
    from django.conf import settings

    from platekeeper.server.hotlist.matcher import current
    from tests.hotlist.making import seen

    for asked in sys.stdin:
        keys = [hit.key for hit in seen(asked.strip())]
        indexes = sorted(each.name for each in settings.HOME.hot_list_indexes.iterdir())
        print(json.dumps({"keys": keys, "version": current().version, "indexes": indexes}), flush=True)


if __name__ == "__main__":
    main()
