"""What the ledger records: one word per kind of act, refusals and views included."""

from __future__ import annotations

from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Action(TextChoices):
    """The kinds of act; a stored value is never renamed, since leaves are hashed with it."""

    SIGNED_IN = "signed_in", _("signed in")
    SIGN_IN_FAILED = "sign_in_failed", _("sign-in failed")
    SIGNED_OUT = "signed_out", _("signed out")
    SESSION_ENDED = "session_ended", _("session ended")
    PASSWORD_CHANGED = "password_changed", _("password changed")
    ACCOUNT_RELEASED = "account_released", _("locked account released")

    DEPARTMENT_FOUNDED = "department_founded", _("department founded")
    DEPARTMENT_MOVED = "department_moved", _("department moved to another database")
    READS_TAKEN_OVER = "reads_taken_over", _("reads taken over into the database")
    PERSON_ADDED = "person_added", _("person added")
    PERSON_CHANGED = "person_changed", _("person changed")
    POSITION_GIVEN = "position_given", _("position given")
    POSITION_ENDED = "position_ended", _("position ended")
    PASSWORD_ISSUED = "password_issued", _("first password issued")
    PEOPLE_IMPORTED = "people_imported", _("people imported from a file")
    AGENCY_ADDED = "agency_added", _("agency added")
    AGENCY_CHANGED = "agency_changed", _("agency changed")
    TRAINING_RECORDED = "training_recorded", _("training recorded")
    TRAINING_WITHDRAWN = "training_withdrawn", _("training record withdrawn")
    COURSE_ADDED = "course_added", _("course added")
    COURSE_RETIRED = "course_retired", _("course retired")
    CHANGE_NOTED = "change_noted", _("change noted")
    CHANGE_ANSWERED = "change_answered", _("change answered")
    BULLETIN_ISSUED = "bulletin_issued", _("bulletin issued")
    BULLETIN_WITHDRAWN = "bulletin_withdrawn", _("bulletin withdrawn")
    BULLETIN_READ = "bulletin_read", _("bulletin read")
    STAFF_AUTHORISED = "staff_authorised", _("staff authorised")
    ACCESS_GRANTED = "access_granted", _("access granted")
    ACCESS_ENDED = "access_ended", _("access ended")

    POLICY_DRAFTED = "policy_drafted", _("policy draft changed")
    POLICY_PUT_UP = "policy_put_up", _("policy put up for review")
    POLICY_COMMENTED = "policy_commented", _("comment on the policy's draft")
    POLICY_DISCARDED = "policy_discarded", _("policy draft discarded")
    POLICY_ADOPTED = "policy_adopted", _("policy adopted")
    REVIEW_REMINDED = "review_reminded", _("reminded of the annual review")
    REVIEW_BEGUN = "review_begun", _("annual review begun")
    REVIEW_RECOMMENDED = "review_recommended", _("recommendation made")
    REVIEW_HANDED_OVER = "review_handed_over", _("recommendations handed over")
    REVIEW_DECIDED = "review_decided", _("recommendation decided")
    REVIEW_CONCLUDED = "review_concluded", _("annual review concluded")
    REGISTER_VIEWED = "register_viewed", _("clause register viewed")

    LPR_ADDED = "lpr_added", _("LPR added")
    LPR_KEY_ISSUED = "lpr_key_issued", _("LPR key issued")
    LPR_CHANGED = "lpr_changed", _("LPR changed")

    HOTLIST_ADDED = "hotlist_added", _("hot list added")
    HOTLIST_CHANGED = "hotlist_changed", _("hot list's rules changed")
    HOTLIST_DELIVERED = "hotlist_delivered", _("hot list delivered")
    HOTLIST_REFUSED = "hotlist_refused", _("hot list refused")
    ENTRY_REQUESTED = "entry_requested", _("hot list entry requested")
    ENTRY_DECIDED = "entry_decided", _("hot list entry decided")
    ENTRY_CANCELLED = "entry_cancelled", _("hot list entry cancelled")
    ENTRY_VIEWED = "entry_viewed", _("hot list entry viewed")

    READS_RECEIVED = "reads_received", _("reads received")
    UPLOAD_NOTHING = "upload_nothing", _("declared that an LPR has nothing to upload")
    UPLOAD_REMINDED = "upload_reminded", _("reminded of overdue uploads")
    READS_IMPORTED = "reads_imported", _("reads imported from a file")
    DEAD_LETTER_CLOSED = "dead_letter_closed", _("dead letter closed")
    DEAD_LETTER_VIEWED = "dead_letter_viewed", _("dead letter viewed")

    HITS_WATCHED = "hits_watched", _("list of hits watched")
    HIT_SHOWN = "hit_shown", _("hit shown")
    HIT_STEP = "hit_step", _("hit worked")
    DEPARTURE_REVIEWED = "departure_reviewed", _("departure reviewed")

    TOUR_BEGUN = "tour_begun", _("tour of duty begun")
    TOUR_ENDED = "tour_ended", _("tour of duty ended")

    DEPLOYMENT_ASKED = "deployment_asked", _("detail or mutual aid asked for")
    DEPLOYMENT_VIEWED = "deployment_viewed", _("detail or mutual aid viewed")
    DEPLOYMENT_STEP = "deployment_step", _("detail or mutual aid decided or ended")
    DEPLOYMENT_USE = "deployment_use", _("LPR taken to a detail, or brought back")
    LPR_LENT = "lpr_lent", _("LPR lent to another agency, or taken back")
    ROADS_HANDED_IN = "roads_handed_in", _("file of roads handed in")
    PERIMETER_KEPT = "perimeter_kept", _("posts for LPRs kept with a deployment")
    DEPLOYMENT_REPORTED = "deployment_reported", _("after-action report made")

    CASE_OPENED = "case_opened", _("case opened")
    CASE_CHANGED = "case_changed", _("case changed")
    CASE_VIEWED = "case_viewed", _("case viewed")
    PRESERVED = "preserved", _("preserved in a case")
    PACKET_EXPORTED = "packet_exported", _("evidence packet exported")
    CASE_SEALED = "case_sealed", _("case sealed")
    CASE_UNSEALED = "case_unsealed", _("sealed case opened again")
    CASE_ENDED = "case_ended", _("case emptied for good")
    REQUEST_RECORDED = "request_recorded", _("request for records received")
    REQUEST_STEP = "request_step", _("request for records worked")
    REQUESTS_VIEWED = "requests_viewed", _("requests for records viewed")

    COMPLAINT_RECEIVED = "complaint_received", _("complaint received")
    COMPLAINT_VIEWED = "complaint_viewed", _("complaint viewed")
    COMPLAINT_ASSIGNED = "complaint_assigned", _("complaint assigned")
    COMPLAINT_HITS_SOUGHT = "complaint_hits_sought", _("hit of a complaint looked for")
    COMPLAINT_HIT_FOUND = "complaint_hit_found", _("hit of a complaint found")
    COMPLAINT_FINDING = "complaint_finding", _("finding on a complaint recorded")
    COMPLAINT_ANSWERED = "complaint_answered", _("complaint answered")
    COMPLAINT_CLOSED = "complaint_closed", _("complaint closed")
    ENTRY_CORRECTED = "entry_corrected", _("wrong hot list entry corrected")
    SUPPRESSION_ENDED = "suppression_ended", _("suppression of a hot list line ended")
    CORRECTION_SEEN = "correction_seen", _("notice of correction seen")

    QUERY_BEGUN = "query_begun", _("query begun")
    QUERY_COMPLETED = "query_completed", _("query completed")
    QUERY_FAILED = "query_failed", _("query failed")
    QUERY_REFUSED = "query_refused", _("query refused")
    QUERY_ASKED = "query_asked", _("query waits for approval")
    QUERY_DECIDED = "query_decided", _("query approved or denied")
    QUERY_REVIEWED = "query_reviewed", _("exigent query reviewed")
    QUERY_QUEUE_VIEWED = "query_queue_viewed", _("queries to approve viewed")
    CASE_NUMBERS_LISTED = "case_numbers_listed", _("list of case numbers handed in")
    QUERY_PAGE_VIEWED = "query_page_viewed", _("query results viewed")
    STAKE_OUT_ASKED = "stake_out_asked", _("stake-out asked for")
    STAKE_OUT_DECIDED = "stake_out_decided", _("stake-out decided")
    STAKE_OUT_ENDED = "stake_out_ended", _("stake-out ended")
    QUERY_LOG_VIEWED = "query_log_viewed", _("Query Log viewed")
    SEARCH_REQUESTED = "search_requested", _("search of stored reads requested")
    SEARCH_REQUEST_STEP = "search_request_step", _("request for a search worked")
    SEARCH_REQUEST_VIEWED = "search_request_viewed", _("request for a search viewed")
    QUERY_LOG_EXPORTED = "query_log_exported", _("Query Log exported")
    QUERY_AUDIT_DRAWN = "query_audit_drawn", _("queries drawn for review")
    QUERY_AUDIT_VIEWED = "query_audit_viewed", _("query under review viewed")
    QUERY_AUDIT_STEP = "query_audit_step", _("query under review worked")
    LEDGER_VIEWED = "ledger_viewed", _("ledger viewed")
    LEDGER_EXPORTED = "ledger_exported", _("ledger exported")
    LEDGER_KEY_CHANGED = "ledger_key_changed", _("ledger's signing key begun or changed")
    WITNESS_ADDED = "witness_added", _("witness added")
    WITNESS_ENDED = "witness_ended", _("witness ended")
    CHECKPOINT_HANDED_OVER = "checkpoint_handed_over", _("checkpoint handed over")
    ACTION_REFUSED = "action_refused", _("action refused")

    DISPOSAL_BEGUN = "disposal_begun", _("disposal begun")
    DISPOSAL_COMPLETED = "disposal_completed", _("disposal completed")
    DISPOSAL_DRAWN_UP = "disposal_drawn_up", _("disposal drawn up for approval")
    DISPOSAL_PROPOSED = "disposal_proposed", _("disposal put forward")
    DISPOSAL_APPROVED = "disposal_approved", _("disposal approved")
    DISPOSAL_REFUSED = "disposal_refused", _("disposal not approved")
    DISPOSALS_VIEWED = "disposals_viewed", _("disposals viewed")
    DIRECTIVE_GIVEN = "directive_given", _("command directive given")
    DIRECTIVE_ENDED = "directive_ended", _("command directive ended")
    DIRECTIVES_VIEWED = "directives_viewed", _("command directives viewed")
    BACKUP_BEGUN = "backup_begun", _("backup begun")
    BACKUP_COMPLETED = "backup_completed", _("backup completed")
    BACKUP_FAILED = "backup_failed", _("backup failed")
    BACKUP_DRILLED = "backup_drilled", _("backup drilled")
    BACKUP_REMOVED = "backup_removed", _("unencrypted backup removed")
    RECOVERY_KEY_MADE = "recovery_key_made", _("recovery key made")
    RECOVERY_KEY_PROVED = "recovery_key_proved", _("recovery key put together from its shares")


def action_choices() -> list[tuple[str, Any]]:
    """Return the acts as choices: by a function, so that a new act needs no migration."""
    return Action.choices


class Outcome(TextChoices):
    """How the act ended."""

    DONE = "done", _("done")
    REFUSED = "refused", _("refused")
    FAILED = "failed", _("failed")
    BEGUN = "begun", _("begun")
