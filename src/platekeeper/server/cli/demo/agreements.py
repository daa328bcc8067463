"""With whom the demo department shares, and where it does not collect."""

from __future__ import annotations

from datetime import datetime, timedelta

from platekeeper.core.document import Booklet, Part
from platekeeper.core.rules.sharing import Share, Terms
from platekeeper.server.personnel.models import Person
from platekeeper.server.printing.pdf import booklet_pdf
from platekeeper.server.procedures import manage_mous
from platekeeper.server.procedures.authority import Footing, footing
from platekeeper.server.procedures.bar_places import bar
from platekeeper.server.procedures.manage_agencies import add_agency

CENTER = "Mill County Crime Analysis Center"
CLINIC = "polygon 43.0612,-76.1590 43.0612,-76.1574 43.0602,-76.1574 43.0602,-76.1590"


def agree(*, at: datetime) -> None:
    """Make an MOU with the county's center, in force for a year, and bar a clinic."""
    chief, custodian = _footing("chief", at=at), _footing("custodian", at=at)
    ends_on = chief.today + timedelta(days=364)
    mou = manage_mous.draft_mou(
        custodian, agency=add_agency(chief, name=CENTER), title="Hits and searches in Mill County",
        shares={Share.HITS, Share.SEARCHES}, purposes={"investigation", "stolen", "wanted", "missing"},
        barred={"audit", "training"}, terms=Terms(days=30), document=_document(at), begins_on=chief.today, ends_on=ends_on,
    )  # fmt: skip
    manage_mous.attest(custodian, mou, ours=False, note="Director Ruth Okafor")
    manage_mous.attest(chief, mou, ours=True)
    bar(chief, name="Canal Street Clinic", kind="clinic", area=CLINIC, why="Patients are nobody's business.")


def _document(at: datetime) -> bytes:
    words = (
        "This is the place of the signed agreement. It is part of a fictional department, and nothing in it is real.",
    )
    parts = (Part("Demo", words),)
    booklet = Booklet("Memorandum of understanding", "Harbor Falls and Mill County", (), parts, footer="Fictional")
    return booklet_pdf(booklet, at=at)


def _footing(username: str, *, at: datetime) -> Footing:
    return footing(Person.objects.get(username=username), at=at)
