"""When Python looks for what refers to itself and is no longer needed."""

from __future__ import annotations

import gc

_YOUNG, _TIMES, _OLDER = 10_000, 10, 100
"""Objects made before the youngest are looked through; looks at these before one at what outlived one; and so on.

Reads come by the ten thousand and hold no such loops: a look for every 700 objects took a sixth of the time. But one for
every 100,000 took fifteen times one for 10,000, since so many lie in no cache, and somebody waits for a page meanwhile.
"""


def settle() -> None:
    """Never look again at what is loaded by now, and less often at what is not; once all that a server needs is loaded. Else
    a page now and then waits for a look at everything."""
    gc.freeze()
    gc.set_threshold(_YOUNG, _TIMES, _OLDER)
