"""Two departments' servers are connected by people who exchange invitations, and stopped at once by either (VI.l)."""

from __future__ import annotations

import secrets

from django.conf import settings

from platekeeper.core.clauses import Clause
from platekeeper.core.federation.line import Invitation, Line, MessageRefused, invite, read_invitation
from platekeeper.core.hosts import is_here
from platekeeper.core.rules import partners as rules
from platekeeper.core.rules.decision import Allowed, Decision, Refused
from platekeeper.core.rules.sharing import may_see_sharing
from platekeeper.server.gateways.partners import server_at
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.partners import changes
from platekeeper.server.partners.lookups import is_connected, partners
from platekeeper.server.partners.models import Partner, PartnerStep
from platekeeper.server.personnel.changes import add_person
from platekeeper.server.personnel.lookups import department
from platekeeper.server.personnel.models import Agency, Person
from platekeeper.server.procedures.authority import Footing, demanded
from platekeeper.server.storage.field_keys import FieldKeys, field_keys
from platekeeper.server.storage.holding import hold

Kind = PartnerStep.Kind


def may_see_partners(by: Footing) -> Decision:
    """Decide who sees with whom the department is connected."""
    return may_see_sharing(by.authority, by.policy)


def line_to(partner: Partner) -> Line:
    """Return our end of the line to a partner."""
    keys = own_keys()
    return Line(keys.public[0], bytes.fromhex(partner.public_key), keys.signs.sign)


def own_keys() -> FieldKeys:
    """Return the keys with which the department signs what it says to units and partners."""
    return field_keys(settings.HOME.field_keys)


def make_invitation(by: Footing, *, address: str) -> bytes:
    """Return the text that invites another department to connect to this server, which they reach at `address`."""
    by.demand(rules.may_connect(by.authority, by.policy), _is_address(address), attempted=Action.PARTNER_INVITED)
    own, keys = department(), own_keys()
    invitation = Invitation(by.policy.department, own.ori if own else "", address.strip(), keys.public[0])
    with by.act(Action.PARTNER_INVITED):
        _log(by, Action.PARTNER_INVITED, "", {"address": invitation.address, "fingerprint": invitation.fingerprint})
    return invite(invitation, uid=secrets.token_hex(16), at=by.at, sign=keys.signs.sign)


def opened_invitation(by: Footing, text: str) -> Invitation:
    """Return who invites, to be compared before anything is done about it."""
    try:
        invitation = read_invitation(text.encode(), at=by.at)
        _server_in(invitation.address)
    except (MessageRefused, ValueError) as error:
        by.demand(Refused(Clause.VI_l, str(error)[:240]), attempted=Action.PARTNER_STEP)
        raise
    return invitation


def connect(by: Footing, *, agency: Agency, invitation: str, compared: bool) -> Partner:
    """Take the key of an invitation for an agency's; the same one again says that its server moved."""
    by.demand(rules.may_connect(by.authority, by.policy), attempted=Action.PARTNER_STEP)
    theirs = opened_invitation(by, invitation)
    known = partners().filter(fingerprint=theirs.fingerprint).first()
    by.demand(
        rules.may_be_connected(
            agency=agency.name,
            is_department=agency.is_department,
            is_own_key=theirs.public == own_keys().public[0],
            is_anothers=known is not None and known.agency != agency,
            compared=compared,
        ),
        attempted=Action.PARTNER_STEP,
    )
    twice = Refused(Clause.VI_l, "Somebody connected this department at this very moment.")
    with by.act(Action.PARTNER_STEP, twice=twice):
        partner = known or _added(by, agency, theirs)
        if known is not None:
            changes.move_partner(partner, address=theirs.address)
        _step(by, partner, Kind.CONNECTED, address=theirs.address, fingerprint=theirs.fingerprint)
    return partner


def stop(by: Footing, partner: Partner, *, why: str) -> None:
    """Stop a connection: from this moment on nothing is asked of the partner and nothing answered."""

    def standing() -> Decision:
        return _is_so(is_connected(partner), "This connection is stopped already.")

    decision = rules.may_stop(by.authority, by.policy, why=why)
    by.demand(decision, standing(), attempted=Action.PARTNER_STEP, subject=subject_of(partner))
    with by.act(Action.PARTNER_STEP, subject=subject_of(partner)):
        hold(partner)
        demanded(standing())
        _step(by, partner, Kind.STOPPED, why=why.strip())


def resume(by: Footing, partner: Partner) -> None:
    """Let a stopped connection go on, with the key that was compared."""

    def stopped() -> Decision:
        return _is_so(not is_connected(partner), "This connection is not stopped.")

    decision = rules.may_connect(by.authority, by.policy)
    by.demand(decision, stopped(), attempted=Action.PARTNER_STEP, subject=subject_of(partner))
    with by.act(Action.PARTNER_STEP, subject=subject_of(partner)):
        hold(partner)
        demanded(stopped())
        _step(by, partner, Kind.RESUMED)


def subject_of(partner: Partner) -> str:
    """Return what the ledger calls a partner."""
    return f"partner:{partner.pk}"


def _added(by: Footing, agency: Agency, theirs: Invitation) -> Partner:
    """Add a partner with the account under which its searches stand in the Query Log; nobody can sign in to it."""
    name = f"Platekeeper of {agency.name}"[:120]
    account = add_person(
        username=f"partner-{theirs.fingerprint[:16]}", name=name, kind=Person.Kind.OUTSIDE, agency=agency, at=by.at
    )
    return changes.add_partner(
        agency=agency, address=theirs.address, public_key=theirs.public.hex(), fingerprint=theirs.fingerprint,
        account=account, policy=by.policy.stamp,
    )  # fmt: skip


def _step(by: Footing, partner: Partner, kind: Kind, *, why: str = "", **details: str) -> None:
    changes.add_step(partner, kind=kind, at=by.at, by=by.person, why=why, policy=by.policy.stamp)
    said = {"step": kind.value, "agency": partner.agency.name, "account": partner.account_id, **details}
    _log(by, Action.PARTNER_STEP, subject_of(partner), said, {"why": why[:240]})


def _log(
    by: Footing, action: Action, subject: str, details: dict[str, object], sealed: dict[str, str] | None = None
) -> None:
    append(
        at=by.at, by=by.actor, action=action, clause=Clause.VI_l, subject=subject, details=details, sealed=sealed,
        policy=by.policy.stamp,
    )  # fmt: skip


def _is_address(address: str) -> Decision:
    try:
        _server_in(address)
    except ValueError as error:
        return Refused(Clause.VI_l, str(error)[:240])
    return Allowed()


def _server_in(address: str) -> None:
    """Raise ValueError for what is no address of another department: its server is on this machine in the demo only."""
    host, *_ = server_at(address)
    if is_here(host) and not settings.DEMO:
        raise ValueError(f"{address}: that is this machine itself, as each machine calls itself.")


def _is_so(holds: bool, reason: str) -> Decision:
    return Allowed() if holds else Refused(Clause.VI_l, reason)
