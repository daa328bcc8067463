"""A department moves from SQLite to PostgreSQL: its records table by table, its reads day by day.

This process works on the target, Django's `default`; what is left behind is `SOURCE`, which can only be read. Killed at
any moment it goes on where it was: what is done is known from the target alone (`steps`).
"""

from platekeeper.server.procedures.move_department.moving import Moved, MoveRefused, leave_sqlite, move

__all__ = ["MoveRefused", "Moved", "leave_sqlite", "move"]
