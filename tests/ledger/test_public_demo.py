"""The public's log of the demo department names no plate and no person, however they might be written."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest

from platekeeper import verify
from platekeeper.core.actor import SYSTEM
from platekeeper.server.cli.demo import department, town
from platekeeper.server.cli.demo.traffic import Traffic
from platekeeper.server.cli.demo.waiting import leave_waiting
from platekeeper.server.hits.models import Hit
from platekeeper.server.ledger.models import LedgerOpening
from platekeeper.server.personnel.models import Agency, Person, Position
from platekeeper.server.procedures import answer_hit, sign_ledger
from platekeeper.server.procedures.authority import RefusedAction, footing
from platekeeper.server.procedures.handle_complaints import receive_complaint
from platekeeper.server.procedures.handle_violations import open_violation
from platekeeper.server.procedures.stores import read_store

_DIGESTS = ("md5", "sha1", "sha256", "sha512", "blake2b")


@pytest.mark.django_db
def test_the_public_log_of_the_demo_names_no_plate_and_nobody(
    own_home: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(department, "BACKFILL", 60)
    monkeypatch.setattr(department, "Traffic", lambda **_: Traffic(seed=1, one_in=8))
    now = datetime.now(UTC)
    department.found(at=now - timedelta(days=260))
    department.backfill(at=now)
    leave_waiting(at=now)
    member = footing(Person.objects.get(username="member"), at=now)
    for hit in Hit.objects.all()[:2]:
        answer_hit.verify_image(member, hit.pk, agrees=False)
    sergeant, chief = (footing(Person.objects.get(username=name), at=now) for name in ("sergeant", town.CHIEF[0]))
    receive_complaint(
        chief, received_on=now.date() - timedelta(days=1), name="Wendy Wronged", contact="12 Mill Street", plate="KRL4821",
        what_happened="Stopped at gunpoint.", way="letter", stopped_at=None, about=member.person,
    )  # fmt: skip
    open_violation(sergeant, clause="VII.e", what="No comparison of KRL4821.", about=member.person)
    with pytest.raises(RefusedAction):
        answer_hit.verify_image(
            footing(Person.objects.get(username="rookie"), at=now), Hit.objects.latest("pk").pk, agrees=True
        )
    lines = list(
        sign_ledger.publish(None, since=now.date() - timedelta(days=365), until=now.date() + timedelta(2), at=now)
    )
    verdict = verify.check_export(lines, trusted=sign_ledger.first_fingerprint())
    assert verdict.shown == range(verdict.leaves)
    content, secrets = "".join(lines).encode(), _secrets()
    assert len(secrets) > 80
    assert not [
        (secret, form) for secret in secrets for form in _forms(secret) if form in content or form in content.lower()
    ]


def _secrets() -> set[str]:
    """Return everything of six characters or more that is a plate or a name, or that the ledger sealed as one."""
    read = {text for read in read_store().recent(500) for text in (read.row.plate or "", read.row.raw)}
    values = {*LedgerOpening.objects.values_list("value", flat=True), *read, *(plate for plate, _ in town.wanted())}
    names = {part for name in Person.objects.values_list("name", flat=True) for part in (name, *name.split())}
    public = {
        SYSTEM.name,
        *Position.objects.values_list("title", flat=True),
        *Agency.objects.values_list("name", flat=True),
    }
    return {each for each in values | names if len(each) >= 6} - public


def _forms(secret: str) -> Iterator[bytes]:
    """Give the ways in which somebody might have written it."""
    squeezed = re.sub(r"[^A-Za-z0-9]", "", secret)
    for said in {secret, secret.lower(), secret.upper(), secret[::-1], squeezed, squeezed.lower(), squeezed.upper()} - {
        ""
    }:
        raw = said.encode()
        yield from (raw, raw.hex().encode(), quote(said).encode(), said.encode("utf-16-le"))
        yield "".join(f"%{byte:02x}" for byte in raw).encode()
        yield said.encode("unicode_escape")
        for shift in range(3):  # wherever it begins within what is encoded
            encoded = base64.b64encode(b"\0" * shift + raw + b"\0" * 3)[(0, 2, 3)[shift] :]
            whole = encoded[: len(raw) * 4 // 3 - 2]
            yield from (whole, whole.replace(b"+", b"-").replace(b"/", b"_"))
        for name in _DIGESTS:
            digest = hashlib.new(name, raw).digest()
            yield from (digest.hex().encode(), base64.b64encode(digest), base64.urlsafe_b64encode(digest))
