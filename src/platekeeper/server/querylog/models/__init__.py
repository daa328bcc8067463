"""The Query Log, and the requests for searches that lead to entries in it."""

from platekeeper.server.querylog.models.entries import QueryLogEntry
from platekeeper.server.querylog.models.requests import SearchRequest, SearchStep

__all__ = ["QueryLogEntry", "SearchRequest", "SearchStep"]
