"""Who was authorized, and under which policy."""

from __future__ import annotations

from typing import Any

from platekeeper.core.policy import Policy
from platekeeper.core.rules.access import Authority, may_inquire, may_reach_lpr_data, may_use_lpr, trained_until
from platekeeper.server.personnel.lookups import authorities_of
from platekeeper.server.personnel.models import Person, Training
from platekeeper.server.policy.models import PolicyVersion
from platekeeper.server.procedures.annual_chapters.chapter import Chapter, day
from platekeeper.server.register.period import Period


def versions(period: Period) -> Chapter:
    """Give the versions of the policy that were in force."""
    found = PolicyVersion.objects.filter(adopted_at__lte=period.at, effective_at__lte=period.at).order_by("number")
    replaced = found.filter(effective_at__lte=period.since).order_by("-number").first()
    rows = [
        {
            "version": each.number,
            "in_force_from": day(period, each.effective_at),
            "adopted": day(period, each.adopted_at),
            "adopted_by": each.adopted_by_name,
            "digest": each.digest,
            "short": each.digest[:16],
        }
        for each in found.filter(number__gte=replaced.number if replaced else 0)
    ]
    return Chapter(
        "policy-versions",
        "The policy",
        ("The versions that were in force within the year; policy.pdf is the last of them.",),
        (
            ("version", "Version", 10),
            ("in_force_from", "In force from", 18),
            ("adopted_by", "Adopted by", 30),
            ("short", "SHA-256 begins with", 42),
        ),
        rows,
        "No policy was in force.",
    )


def users(period: Period) -> Chapter:
    """Give who had an account, what for, and their last training."""
    people = list(Person.objects.filter(added_at__lte=period.at).select_related("agency").order_by("name"))
    facts = authorities_of(people, at=period.at, today=period.today)
    trainings = Training.objects.filter(recorded_at__lte=period.at, withdrawn_at=None).select_related("course")
    last = {each.person_id: each for each in trainings.order_by("on", "pk")}
    rows = [_user(who, facts[who.pk], last.get(who.pk), period) for who in people]
    rows = [row for row in rows if row["authorized"] or row["active"]]
    authorized = sum(bool(row["authorized"]) for row in rows)
    return Chapter(
        "authorized-users",
        "Authorized users",
        (
            f"Who had an account at the end of the period, what they were authorized to do then, and their last training. "
            f"{authorized} of {len(rows)} may use LPRs, reach LPR data or make inquiries.",
        ),
        (
            ("name", "Name", 20),
            ("positions", "Positions", 24),
            ("authorized", "Authorized to", 30),
            ("last_training", "Last training", 14),
            ("trained_until", "Holds until", 12),
        ),
        rows,
        "Nobody had an account.",
    )


def _user(who: Person, facts: Authority, last: Training | None, period: Period) -> dict[str, Any]:
    policy: Policy = period.policy
    may = {
        "use LPRs": may_use_lpr(facts, policy, period.today),
        "reach LPR data": may_reach_lpr_data(facts, policy, period.today),
        "make inquiries": may_inquire(facts, policy, period.today),
    }
    until = trained_until(facts, policy)
    return {
        "name": who.name,
        "badge": who.badge,
        "kind": who.kind,
        "agency": who.agency.name,
        "active": facts.active,
        "positions": sorted(facts.positions),
        "authorized": [what for what, decision in may.items() if decision],
        "last_training": last.on.isoformat() if last else "",
        "course": last.course.title if last else "",
        "given_by": last.given_by if last else "",
        "trained_until": until.isoformat() if until else "",
    }
