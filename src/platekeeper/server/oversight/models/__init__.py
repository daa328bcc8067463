"""What is looked into, and what the public is shown: complaints, reviews, violations, published reports."""

from platekeeper.server.oversight.models.audits import AuditItem, AuditRound, AuditStep
from platekeeper.server.oversight.models.complaints import FINDINGS, Complaint, ComplaintStep, Correction, Notice
from platekeeper.server.oversight.models.publications import Publication
from platekeeper.server.oversight.models.violations import Violation, ViolationStep

__all__ = [
    "FINDINGS",
    "AuditItem",
    "AuditRound",
    "AuditStep",
    "Complaint",
    "ComplaintStep",
    "Correction",
    "Notice",
    "Publication",
    "Violation",
    "ViolationStep",
]
