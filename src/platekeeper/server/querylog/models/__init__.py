"""The Query Log, the second word that some entries need, and the requests for searches that lead to entries in it."""

from platekeeper.server.querylog.models.entries import Approval, CaseCorrection, KnownCase, QueryLogEntry
from platekeeper.server.querylog.models.requests import SearchRequest, SearchStep

__all__ = ["Approval", "CaseCorrection", "KnownCase", "QueryLogEntry", "SearchRequest", "SearchStep"]
