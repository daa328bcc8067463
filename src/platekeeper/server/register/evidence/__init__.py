"""Live evidence: what the records say about a clause, as of any moment. A function a clause, a module a subject."""

from platekeeper.server.register.evidence.basis import Evidence, Status

__all__ = ["Evidence", "Status"]
