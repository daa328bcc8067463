"""The audit packet of a year (VI.e, IV.g): how the department lived by its policy, in one bag that can be checked."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from platekeeper import verify
from platekeeper.core.actor import SYSTEM, Actor
from platekeeper.core.clauses import Clause
from platekeeper.core.document import Booklet, Part
from platekeeper.core.ledger import canonical
from platekeeper.core.rules.decision import Refused
from platekeeper.core.rules.oversight import may_take_stock
from platekeeper.core.tables import csv_of
from platekeeper.server.ledger.actions import Action, Outcome
from platekeeper.server.ledger.changes import append
from platekeeper.server.ledger.lookups import newest
from platekeeper.server.ledger.models import LedgerCheckpoint, LedgerEntry
from platekeeper.server.ledger.public import published
from platekeeper.server.printing.pdf import booklet_pdf, demo_mark, report_pdf
from platekeeper.server.procedures.annual_chapters import chapters
from platekeeper.server.procedures.annual_chapters.chapter import Chapter
from platekeeper.server.procedures.annual_chapters.keeping import disposals
from platekeeper.server.procedures.authority import Footing, RefusedAction
from platekeeper.server.procedures.packet_files import agent, ledger_files, policy_files
from platekeeper.server.procedures.sign_ledger import checkpoint
from platekeeper.server.procedures.stores import read_store
from platekeeper.server.register.lines import register
from platekeeper.server.register.period import Period, between
from platekeeper.server.register.report import as_data, report
from platekeeper.server.storage.file_by_file import FileByFile


def export_audit_packet(by: Footing | None, *, year: int, at: datetime) -> FileByFile:
    """Return the files of a year's packet by path, a bag (RFC 8493), to be closed; of a year that is not over, up to `at`.

    Before it is handed out the ledger names its payload. `by` is None for the command line, which the system acts for.
    Raises `PeriodError` for a year that has not begun, `signing.KeyMissing`: without a signature nothing is proven, and
    `RefusedAction` also where the packet does not verify.
    """
    if by is not None:
        by.demand(may_take_stock(by.authority, by.policy), attempted=Action.AUDIT_PACKET_EXPORTED)
    actor = by.actor if by else SYSTEM
    period = between(date(year, 1, 1), date(year, 12, 31), now=at, store=read_store())
    files = FileByFile(settings.HOME.outgoing)
    try:
        files.update(
            {f"data/{path}": content for path, content in _payload(period, year=year, actor=actor, at=at).items()}
        )
        files.add("bag-info.txt", verify.info_file(_info(period, year=year, actor=actor, at=at)))
        begun = _log(period, actor, Outcome.BEGUN, {"year": year, "payload": verify.exported(files)}, at=at)
        try:
            _prove(files, period, begun, under=checkpoint(at=at))
            files.update(verify.tag_files(files))
            _check(files)
        except BaseException as error:
            _log(period, actor, Outcome.FAILED, {"year": year, "begun": begun.pk}, at=at)
            if by is not None and isinstance(error, RefusedAction):
                by.log_refusal(error.refusal, attempted=Action.AUDIT_PACKET_EXPORTED)
            raise
        digest = hashlib.sha256(files["tagmanifest-sha256.txt"]).hexdigest()
        _log(period, actor, Outcome.DONE, {"year": year, "begun": begun.pk, "sha256": digest}, at=at)
    except BaseException:
        files.close()
        raise
    return files


def _payload(period: Period, *, year: int, actor: Actor, at: datetime) -> dict[str, bytes]:
    leaf = next(iter(newest(limit=1)), None)
    told = list(chapters(period, seed=bytes(leaf.leaf_hash).hex() if leaf else ""))
    lines, printed_on = register(period), f"{at.astimezone(period.zone):%Y-%m-%d %H:%M}"
    printed_register = report(lines, period, printed_by=actor.name, printed_on=printed_on, watermark=demo_mark())
    files = {
        "packet.json": canonical(_about(period, year=year, leaf=leaf.pk if leaf else -1)),
        "report.pdf": booklet_pdf(_booklet(period, told, year=year, actor=actor, printed_on=printed_on), at=at),
        "clause-register.pdf": report_pdf(printed_register, at=at),
        "clause-register.json": canonical(as_data(lines, period)),
        "verify.py": Path(str(verify.__file__)).read_bytes(),
    }
    for chapter in told:
        files |= _tables(chapter)
    files |= {f"certificates/{each.pk}.txt": each.note.encode() for each in disposals(period) if each.note}
    return files | policy_files(of=period.at, today=period.today, at=at)


def _about(period: Period, *, year: int, leaf: int) -> dict[str, Any]:
    return {
        "kind": "audit packet",
        "year": year,
        "department": period.policy.department,
        "since": period.since.isoformat(),
        "until": period.at.isoformat(),
        "policy": list(period.policy.stamp),
        "survey_leaf": leaf,
    }


def _tables(chapter: Chapter) -> dict[str, bytes]:
    flat = [{name: _flat(value) for name, value in row.items()} for row in chapter.rows]
    columns = list(flat[0]) if flat else [name for name, _, _ in chapter.printed]
    return {
        f"{chapter.name}.csv": csv_of(columns, flat),
        f"{chapter.name}.json": canonical([dict(row) for row in chapter.rows]),
    }


def _flat(value: Any) -> Any:
    return "; ".join(map(str, value)) if isinstance(value, list) else value


def _booklet(period: Period, told: list[Chapter], *, year: int, actor: Actor, printed_on: str) -> Booklet:
    first = Part(
        "What this packet holds",
        (
            "This report, the policy, the clause register of the year with its evidence, every table printed here as CSV "
            "and JSON, the certificates of what was disposed of, the public's log of the ledger, and what proves it.",
            "Check it with verify.py, which is in the packet and needs nothing else of Platekeeper. The fingerprint comes "
            "from somewhere else; so should any checkpoint that somebody outside holds. Proven is "
            "that the files are those that the ledger names, and that the ledger was not rewritten since the checkpoint that "
            "is held; not that what was recorded is true.",
        ),
        (("To check it", "python verify.py FOLDER --fingerprint FINGERPRINT --held CHECKPOINT"),),
    )
    return Booklet(
        title=f"Audit packet {year}",
        department=period.policy.department,
        facts=(
            ("Period", f"{period.first_day} to {period.today}"),
            (
                "Policy",
                f"version {period.policy.number} ({period.policy.digest[:12]})" if period.policy.number else "none",
            ),
            ("Made", f"{printed_on} by {actor.name}"),
            ("Time zone", period.zone.key),
        ),
        parts=(first, *(chapter.part() for chapter in told)),
        footer=f"Audit packet {year}, {period.policy.department}",
        contents=True,
        watermark=demo_mark(),
    )


def _info(period: Period, *, year: int, actor: Actor, at: datetime) -> Mapping[str, str]:
    """Return what the bag says of itself (RFC 8493, section 2.2.2)."""
    return {
        "Source-Organization": period.policy.department,
        "External-Identifier": f"audit-{year}",
        "Bagging-Date": f"{at.astimezone(period.zone):%Y-%m-%d}",
        "Contact-Name": actor.name,
        "Bag-Software-Agent": agent(),
    }


def _prove(files: FileByFile, period: Period, begun: LedgerEntry, *, under: LedgerCheckpoint) -> None:
    """Add what proves a packet, all under one checkpoint. The public's log of a busy year may be larger than the memory."""
    since, until = period.half_open
    for path, content in ledger_files([begun.pk], under=under):
        files.add(f"data/{path}", content)
    lines = published(since=since, until=until, under=under)
    files.add_pieces("data/ledger/public-log.jsonl", (line.encode() for line in lines))


def _check(files: FileByFile) -> None:
    """Check the packet as others will."""
    try:
        verify.check_audit_packet(files, trusted=verify.fingerprint(verify.first_key(files)))
    except verify.UNFIT as fault:
        raise RefusedAction(
            Refused(Clause.VI_e, f"Nothing was handed out: the packet does not verify ({fault}).")
        ) from fault


def _log(period: Period, actor: Actor, outcome: Outcome, details: dict[str, Any], *, at: datetime) -> LedgerEntry:
    with transaction.atomic():
        return append(
            at=at,
            by=actor,
            action=Action.AUDIT_PACKET_EXPORTED,
            outcome=outcome,
            clause=Clause.VI_e,
            details=details,
            policy=period.policy.stamp,
        )
