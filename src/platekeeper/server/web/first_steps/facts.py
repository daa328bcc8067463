"""What the records and the machine show of a department that begins; nothing of it is a flag that somebody set."""

from __future__ import annotations

from subprocess import SubprocessError

from django.conf import settings
from django.db.models import Count, Exists, Q

from platekeeper.core.blanks import BLANKS
from platekeeper.core.rules.access import Authority, may_use_lpr
from platekeeper.core.rules.deployment import findings
from platekeeper.core.rules.first_steps import HELD, Founding
from platekeeper.core.rules.health import Level, Verdict
from platekeeper.server.equipment.lookups import lprs
from platekeeper.server.hotlist.lookups import deliveries
from platekeeper.server.jobs.deployment import deployment
from platekeeper.server.personnel.lookups import authorities_of, holders, people
from platekeeper.server.personnel.models import Person
from platekeeper.server.policy import lookups as policy
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.draft_policy import governing
from platekeeper.server.procedures.hand_over import can_mail
from platekeeper.server.procedures.keep_recovery_key import key_in_use
from platekeeper.server.reads.lookups import batches
from platekeeper.server.retention.lookups import backups
from platekeeper.server.userlog.lookups import tours


def founding(by: Footing, *, found: list[Verdict] | None = None) -> Founding:
    """Gather the facts in few queries, since the first page asks for them each time; `found` is what `to_act_on` found, None
    where nobody looked."""
    in_force = by.policy.number > 0
    draft = None if in_force else policy.draft()  # once a policy is in force its blanks were filled
    accounts = people().filter(is_active=True, seals=None).exclude(kind=Person.Kind.OUTSIDE)
    in_service, there = Q(in_service=True), _there(by)
    counts = (
        lprs()
        .order_by()
        .aggregate(lprs=Count("pk", filter=in_service), keyed=Count("pk", filter=in_service & ~Q(key_hash="")))
    )
    named = governing(by.policy)
    held = _held(by, {title for key in HELD for title in named.positions(key)})
    titles = {title for who in held for title in who.positions}
    return Founding(
        blanks_waiting=len({*draft.unconfirmed, *(BLANKS.keys() - draft.values.keys())}) if draft else 0,
        adopted=in_force or policy.versions().exists(),
        in_force=in_force,
        people=accounts.count(),
        unheld=[key for key in HELD if not named.positions(key) & titles],
        trained=any(may_use_lpr(who, by.policy, by.today) for who in held),
        recovery_key=key_in_use() is not None,
        mail=bool(can_mail()),
        to_act_on=None if found is None else len(found),
        **counts,
        **there,
    )


def _there(by: Footing) -> dict[str, bool]:
    """Say what there is of the records that nobody counts, in one query."""
    kept = {
        "delivered": deliveries(), "heard": batches(), "backed_up": backups().exclude(completed_at=None), "toured": tours(),
    }  # fmt: skip
    asked = Person.objects.filter(pk=by.person.pk).annotate(**{name: Exists(each) for name, each in kept.items()})
    return dict(asked.values(*kept).get())


def to_act_on(by: Footing) -> list[Verdict] | None:
    """Return what `platekeeper doctor` finds of the set-up that cannot wait; None where nothing can be found out."""
    try:
        return [each for each in findings(deployment(at=by.at)) if each.level is Level.BAD]
    except (OSError, SubprocessError):
        return None


def is_shown_at_home() -> bool:
    """Say whether the first page leads to the steps; the demo has nothing to set up."""
    return not settings.DEMO


def _held(by: Footing, titles: set[str]) -> list[Authority]:
    return list(authorities_of(holders(titles, at=by.at, today=by.today), at=by.at, today=by.today).values())
