"""Reads come in (V.b): stored first, matched next, hits and the ledger leaf committed, then acknowledged.

One `Intake` stands in the one process that ingests. Each request makes its rows; then it waits in line, and whatever
waits is taken as one batch with one store transaction an hour of capture (on PostgreSQL: one), one records transaction and
one ledger leaf. A batch that was stored and then cut off by a crash is completed at the next start.
"""

from platekeeper.server.procedures.receive_reads.standing import close_intakes, intake
from platekeeper.server.procedures.receive_reads.submissions import Receipt, Submission
from platekeeper.server.procedures.receive_reads.taking_in import Intake

__all__ = ["Intake", "Receipt", "Submission", "close_intakes", "intake"]
