"""What can be wrong with a backup."""

from __future__ import annotations

from collections.abc import Sequence


class BackupDamaged(Exception):
    """The backup is not whole; `problems` names what is wrong."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("This backup is not whole: " + "; ".join(problems[:5]))
        self.problems = list(problems)
