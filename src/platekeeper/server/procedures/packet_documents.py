"""What is to be read in an evidence packet: the report with its exhibits, and the certification for somebody to sign."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from platekeeper.core.document import Document, Paragraph, Run, Section, Signature
from platekeeper.core.exhibits import ExhibitList, exhibit
from platekeeper.server.casefiles.models import CaseFile, Preserved
from platekeeper.server.printing.pdf import demo_mark, exhibits_pdf, policy_pdf
from platekeeper.server.procedures.authority import Footing

PICTURED, REPORTED = 300, 1000
"""So many exhibits of the report are shown with their pictures, and so many at all: to write it takes memory."""


@dataclass(frozen=True, slots=True)
class Filed:
    """A preserved copy, where it and its picture lie in the packet, and the picture as the report shows it."""

    number: int
    kind: str
    title: str
    sha256: str
    content: dict[str, Any]
    picture: str
    shown: bytes | None

    @property
    def path(self) -> str:
        """Where the copy lies."""
        return f"preserved/{self.number:03d}-{self.kind}.json"


def report(by: Footing, case: CaseFile, filed: Sequence[Filed], aside: Sequence[Preserved]) -> bytes:
    """Print every copy as an exhibit, with its facts, its history and, of the first ones, its picture; name those that were
    set aside."""
    pictures, exhibits, lost = {}, [], []
    for each in filed[:REPORTED]:
        name = f"picture-{each.number}.jpg" if each.shown else ""
        if each.shown:
            pictures[name] = each.shown
        elif each.picture and each.number <= PICTURED:
            lost.append(each.picture)
        exhibits.append(exhibit(each.number, each.kind, each.title, each.content, sha256=each.sha256, picture=name))
    notes = [
        "Made from the copies in this packet, which are the evidence; each is named here by its SHA-256. Times are UTC."
    ]
    notes += [f"The picture {path} could not be drawn here; it is in the packet as it came." for path in lost]
    if len(filed) > PICTURED:
        notes.append(f"Of the first {PICTURED} exhibits the pictures are shown here; all of them are in the packet.")
    if len(filed) > REPORTED:
        notes.append(
            f"Exhibits {REPORTED + 1} to {len(filed)} are not shown here: they lie in the packet, below preserved/."
        )
    notes += [
        f"Set aside as not of this case, and not in this packet: {each.get_kind_display()}, SHA-256 {each.sha256}, on "
        f"{each.set_aside_at:%Y-%m-%d} by {each.set_aside_by}: {each.set_aside_why}"
        for each in aside
    ]
    listed = ExhibitList(
        title=f"Case {case.number}: what is preserved",
        department=by.actor.agency,
        facts=(("About", case.title), ("Prepared on", f"{by.today}"), ("Class of offense", case.offense_class),
               ("Prepared by", by.person.name), ("Arrest on", str(case.arrested_on or "")), ("Exhibits", str(len(filed)))),
        exhibits=tuple(exhibits),
        notes=tuple(notes),
        footer=f"{by.actor.agency}, case {case.number}",
        watermark=demo_mark(),
    )  # fmt: skip
    return exhibits_pdf(listed, pictures=pictures, at=by.at)


def certification(by: Footing, case: CaseFile, filed: Sequence[Filed]) -> bytes:
    """Draft the certification of records made by an electronic process (FRE 902(13) and (14)), for a person to sign."""

    def said(number: str, text: str) -> Paragraph:
        return Paragraph((Run(text),), number, 1)

    listed = [said(f"{each.number}.", f"{each.title}. SHA-256 {each.sha256}.") for each in filed[:REPORTED]]
    if more := len(filed) - len(listed):
        listed.append(
            said("", f"And {more} more, named with their SHA-256 in manifest-sha256.txt, below data/preserved/.")
        )
    body = (
        said("a.", f"I am employed by {by.actor.agency} and am qualified to speak of how its license plate reader records "
                   "are made and kept."),
        said("b.", f"The records listed below are those of case {case.number}. They were made by an electronic process that "
                   "copies what an LPR delivered and what members entered, at the time shown in each."),
        said("c.", "Each was hashed with SHA-256 when it was preserved. The hash stands in a leaf of the department's "
                   "ledger, a Merkle tree whose head was signed; the files in this packet were compared with it before "
                   "it was handed out."),
        said("d.", "To my knowledge the process yields an accurate result, and the copies are true copies."),
    )  # fmt: skip
    document = Document(
        title="Certification of electronic records (draft)",
        department=by.actor.agency,
        facts=(("Case", case.number), ("Prepared on", f"{by.today}"), ("For", "a qualified person to read, correct and sign"),
               ("Rules", "FRE 902(13), 902(14)")),
        sections=(Section("1.", "Statement", body), Section("2.", "Records", tuple(listed))),
        signature=Signature("Qualified person"),
        footer=f"{by.actor.agency}, case {case.number}",
        watermark="DRAFT",
    )  # fmt: skip
    return policy_pdf(document, at=by.at)
