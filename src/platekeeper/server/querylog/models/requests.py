"""Requests for searches (IV.e, IV.h, V.e): what is asked, by whom, and every step taken on it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from platekeeper.server.ledger.models import Judged
from platekeeper.server.personnel.models import Agency, Person
from platekeeper.server.querylog.models.entries import QueryLogEntry


class SearchRequest(Judged):
    """Somebody asks for a search of stored LPR data: `asked_by` themselves, or somebody outside, entered for them."""

    class Way(models.TextChoices):
        HERE = "here", _("entered here")
        PHONE = "phone", _("phone")
        RADIO = "radio", _("radio")
        EMAIL = "email", _("e-mail")
        LETTER = "letter", _("letter")
        IN_PERSON = "in_person", _("in person")

    asked_at = models.DateTimeField()
    entered_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        help_text=_("none: somebody outside, without account"),
    )
    name = models.CharField(_("who asks"), max_length=120)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    agency_name = models.CharField(_("agency"), max_length=120, help_text=_("as it was named then"))
    contact = models.CharField(_("how to reach them"), max_length=160, blank=True)
    way = models.CharField(_("how it came"), max_length=10, choices=Way.choices, default=Way.HERE)
    plate = models.CharField(_("plate"), max_length=20, blank=True)
    description = models.CharField(_("what is sought"), max_length=400, blank=True)
    since = models.DateTimeField(_("from"))
    until = models.DateTimeField(_("until"))
    lprs = models.JSONField(default=list, help_text=_("numbers of LPRs; none: all of them"))
    purpose = models.CharField(_("purpose"), max_length=24)
    offense = models.CharField(_("offense type"), max_length=80)
    case_number = models.CharField(_("case or call number"), max_length=40)
    justification = models.CharField(_("why it is needed"), max_length=400)
    mutual_aid = models.BooleanField(_("mutual aid"), default=False, help_text=_("V.e"))
    urgent = models.BooleanField(_("urgent"), default=False)
    due_at = models.DateTimeField(_("needed by"), null=True, blank=True)

    class Meta:
        ordering = ("-asked_at", "-pk")

    def __str__(self) -> str:
        return f"{self.pk}"

    @property
    def outside(self) -> str:
        """The other agency that asks, as it is called today, empty where one of the department's own does."""
        if self.agency is None:
            return self.agency_name
        return "" if self.agency.is_department else self.agency.name

    @property
    def purpose_words(self) -> str:
        """The purpose as people read it."""
        return str(dict(QueryLogEntry.Purpose.choices).get(self.purpose, self.purpose))


class SearchStep(Judged):
    """One step taken on a request; none is ever changed."""

    class Kind(models.TextChoices):
        APPROVED = "approved", _("approved")
        REFUSED = "refused", _("refused")
        DIRECTED = "directed", _("sharing directed")
        RUN = "run", _("run")
        ANSWERED = "answered", _("answered")
        WITHDRAWN = "withdrawn", _("withdrawn")

    class How(models.TextChoices):
        CASE = "case", _("in the case file")
        PACKET = "packet", _("evidence packet")
        PHONE = "phone", _("by phone")

    request = models.ForeignKey(SearchRequest, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    words = models.CharField(max_length=400, blank=True, help_text=_("why, or what was found"))
    clause = models.CharField(max_length=12, blank=True, help_text=_("under which it was refused"))
    query = models.OneToOneField(
        QueryLogEntry, on_delete=models.PROTECT, null=True, related_name="asked_for", help_text=_("the run")
    )
    how = models.CharField(_("how it was handed over"), max_length=8, choices=How.choices, blank=True)
    recipients = models.JSONField(default=list, help_text=_("who got the answer: name and agency"))
    case_number = models.CharField(max_length=40, blank=True, help_text=_("the case file that keeps the results"))

    class Meta:
        ordering = ("at", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("request",),
                condition=Q(kind__in=("refused", "answered", "withdrawn")),
                name="querylog_one_end_a_request",
            ),
        )

    def __str__(self) -> str:
        return f"{self.request_id} {self.kind}"
