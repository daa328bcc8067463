"""Tours of duty and the LPR Daily User Log that is made of them (VII.h)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from platekeeper.core.rules.tours import Answer, Phase, Purpose, Question
from platekeeper.server.casefiles.models import CaseFile
from platekeeper.server.equipment.models import LPR
from platekeeper.server.hotlist.models import HotListDelivery
from platekeeper.server.ledger.models import Judged
from platekeeper.server.personnel.models import Person

PURPOSES: dict[str, str | Promise] = {
    Purpose.PATROL.value: _("general patrol"),
    Purpose.CALL.value: _("a call for service, or a crime just reported"),
    Purpose.ALERT.value: _("an AMBER Alert, bulletin or broadcast"),
}
"""The purposes of a tour in words (VII.a)."""
QUESTIONS: dict[str, str | Promise] = {
    Question.PURPOSE.value: _("purpose"),
    Question.TRAINING.value: _("training and authority"),
    Question.HOT_LIST.value: _("hot list of today"),
    Question.IN_SERVICE.value: _("LPR in service"),
    Question.AIM.value: _("aim of the cameras"),
    Question.LENS.value: _("lenses"),
    Question.DAMAGE.value: _("damage"),
    Question.PARKED.value: _("secured when parked"),
}
"""What is asked of a tour, in words."""
ANSWERS: dict[str, str | Promise] = {
    **PURPOSES,
    Answer.YES.value: _("in order"),
    Answer.NO.value: _("NOT in order"),
    Answer.OURS.value: _("uploaded by the department"),
    Answer.ATTESTED.value: _("the member's word for the unit's own list"),
    Answer.OVERRIDDEN.value: _("overridden by a supervisor"),
    Answer.HANDED_OVER.value: _("handed over to the next member"),
    Answer.UNSAID.value: _("nobody said"),
}


class DailyUserLog(Judged):
    """The LPR Daily User Log of a member: one tour, or as many as fill it (VII.h.1). Its newest revision says where it is."""

    member = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="user_logs")
    opened_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ("-opened_at", "-pk")

    def __str__(self) -> str:
        return f"{self.member_id} {self.opened_at}"


class Tour(Judged):
    """A member uses an LPR, from when the tour began until it ended.

    `hot_list` is what was on hand then (V.a); None where the unit carries a list of its own and none was delivered to us.
    """

    log = models.ForeignKey(DailyUserLog, on_delete=models.PROTECT, related_name="tours")
    member = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="tours")
    lpr = models.ForeignKey(LPR, on_delete=models.PROTECT, related_name="tours")
    purpose = models.CharField(max_length=16, choices=list(PURPOSES.items()))
    hot_list = models.ForeignKey(HotListDelivery, on_delete=models.PROTECT, related_name="+", null=True)
    begun_at = models.DateTimeField(db_index=True)
    ended_at = models.DateTimeField(null=True, blank=True, db_index=True)
    ended_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ("-begun_at", "-pk")
        constraints = (
            models.UniqueConstraint(fields=("member",), condition=Q(ended_at=None), name="userlog_one_tour_a_member"),
            models.UniqueConstraint(fields=("lpr",), condition=Q(ended_at=None), name="userlog_one_tour_an_lpr"),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__gte=F("begun_at"), ended_by__isnull=False),
                name="userlog_tour_ends_after_start_by_somebody",
            ),
        )

    def __str__(self) -> str:
        return f"{self.member_id} {self.lpr_id} {self.begun_at}"


class TourOverride(Judged):
    """A member asks that something in the way of a tour be overridden; a supervisor decides, for that day alone."""

    member = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    clause = models.CharField(max_length=12, help_text=_("under which the tour was refused"))
    refusal = models.CharField(max_length=240)
    why = models.CharField(max_length=240)
    asked_at = models.DateTimeField(db_index=True)
    granted = models.BooleanField(null=True)
    reason = models.CharField(max_length=240, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, help_text=_("since when no tour begins on it any more"))
    withdrawn_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("-asked_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("member", "clause"), condition=Q(granted=None), name="userlog_one_override_asked_at_once"
            ),
            models.CheckConstraint(
                condition=Q(granted=None, decided_at=None, decided_by=None)
                | Q(granted__isnull=False, decided_at__isnull=False, decided_by__isnull=False),
                name="userlog_override_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(granted=True, withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="userlog_override_withdrawn_by_somebody",
            ),
        )

    def __str__(self) -> str:
        return f"{self.member_id} {self.clause} {self.asked_at}"


class TourCheck(models.Model):
    """The answer to one question about a tour, under its clause. `by` is whose word it is, None where the records say so."""

    tour = models.ForeignKey(Tour, on_delete=models.PROTECT, related_name="checks")
    phase = models.CharField(max_length=8, choices=[(each.value, each.value) for each in Phase])
    question = models.CharField(max_length=12, choices=list(QUESTIONS.items()))
    clause = models.CharField(max_length=12)
    answer = models.CharField(max_length=16, choices=list(ANSWERS.items()))
    words = models.CharField(max_length=240, blank=True)
    at = models.DateTimeField(db_index=True)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    override = models.ForeignKey(TourOverride, on_delete=models.PROTECT, null=True, related_name="checks")

    class Meta:
        ordering = ("at", "pk")
        constraints = (
            models.UniqueConstraint(fields=("tour", "phase", "question"), name="userlog_each_question_once"),
            models.CheckConstraint(
                condition=Q(answer="overridden", override__isnull=False) | (~Q(answer="overridden") & Q(override=None)),
                name="userlog_an_overridden_check_names_the_override",
            ),
        )

    def __str__(self) -> str:
        return f"{self.tour_id} {self.question}"


class LogRevision(Judged):
    """A Daily User Log as it was forwarded: frozen, and what the checking position said to it (VII.h.1-2)."""

    log = models.ForeignKey(DailyUserLog, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField()
    content = models.BinaryField(help_text=_("canonical JSON"))
    sha256 = models.CharField(max_length=64)
    remark = models.CharField(max_length=400, blank=True, help_text=_("of who forwarded it"))
    forwarded_at = models.DateTimeField(db_index=True)
    forwarded_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    accepted = models.BooleanField(null=True)
    reason = models.CharField(max_length=240, blank=True, help_text=_("why it was sent back"))
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("log", "number")
        constraints = (
            models.UniqueConstraint(fields=("log", "number"), name="userlog_revisions_are_numbered"),
            models.UniqueConstraint(
                fields=("log",), condition=Q(accepted=None) | Q(accepted=True), name="userlog_forwarded_once_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(accepted=None, decided_at=None, decided_by=None)
                | Q(accepted__isnull=False, decided_at__isnull=False, decided_by__isnull=False),
                name="userlog_revision_decided_by_somebody",
            ),
        )

    def __str__(self) -> str:
        return f"{self.log_id} {self.number}"


class LogArrest(models.Model):
    """An arrest came out of the tours of a log: it is kept with that case (VII.h.3), unless it was named wrongly and
    withdrawn."""

    log = models.ForeignKey(DailyUserLog, on_delete=models.PROTECT, related_name="arrests")
    case = models.ForeignKey(CaseFile, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    withdrawn_why = models.CharField(max_length=240, blank=True)

    class Meta:
        ordering = ("at", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("log", "case"), condition=Q(withdrawn_at=None), name="userlog_an_arrest_once"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="userlog_arrest_withdrawn_by_somebody",
            ),
        )

    def __str__(self) -> str:
        return f"{self.log_id} {self.case_id}"
