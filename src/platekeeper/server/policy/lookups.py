"""Read the policy in force and its draft."""

from __future__ import annotations

from platekeeper.core.blanks import BLANKS, Blank
from platekeeper.core.policy import NO_POLICY, Policy
from platekeeper.server.policy.models import PolicyVersion


def in_force() -> Policy:
    """Return the adopted policy, or one in which every blank is unfilled."""
    version = PolicyVersion.objects.exclude(adopted_at=None).order_by("-number").first()
    return NO_POLICY if version is None else as_policy(version)


def as_policy(version: PolicyVersion) -> Policy:
    """Return a version as the plain data that rules ask."""
    return Policy(number=version.number, digest=version.digest, values=version.values)


def draft() -> PolicyVersion | None:
    """Return the draft being worked on, if there is one."""
    return PolicyVersion.objects.filter(adopted_at=None).first()


def versions() -> list[PolicyVersion]:
    """Return the adopted versions, newest first."""
    return list(PolicyVersion.objects.exclude(adopted_at=None).order_by("-number"))


def unfilled(version: PolicyVersion) -> list[Blank]:
    """Return the blanks that a version leaves open, in the policy's order."""
    return [blank for key, blank in BLANKS.items() if key not in version.values]
