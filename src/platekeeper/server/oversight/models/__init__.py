"""What is looked into: complaints of people who were stopped, and the Query Log under review."""

from platekeeper.server.oversight.models.audits import AuditItem, AuditRound, AuditStep
from platekeeper.server.oversight.models.complaints import FINDINGS, Complaint, ComplaintStep, Correction, Notice

__all__ = [
    "FINDINGS",
    "AuditItem",
    "AuditRound",
    "AuditStep",
    "Complaint",
    "ComplaintStep",
    "Correction",
    "Notice",
]
