"""What each step is called, what it is for, and where it is done."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from platekeeper.core.rules.first_steps import Name


@dataclass(frozen=True, slots=True)
class Words:
    """A step's title, what it is for, and the page where it is done with what the link says; none for the server's own."""

    title: str | Promise
    why: str | Promise
    page: str = ""
    link: str | Promise = ""


WORDS: dict[Name, Words] = {
    Name.FILL: Words(
        _("Fill in the blanks of the policy"),
        _("Each is a decision of the department, and one left open refuses whatever needs it. A profile proposes values; "
          "you confirm them one by one."),
        "policy", _("Go to the policy"),
    ),
    Name.ADOPT: Words(
        _("Adopt the policy"),
        _("From its effective date on everything is judged by it. Before that it is put up for review."),
        "policy_draft", _("Go to the draft"),
    ),
    Name.PEOPLE: Words(
        _("Add your people"),
        _("An account each. The first password is made here and shown once; a file brings many people at once."),
        "people", _("Go to the people"),
    ),
    Name.POSITIONS: Words(
        _("Give everybody their positions"),
        _("The policy names positions, not people. Open a person's page and give it to them. Whoever searches stored reads "
          "is granted that there, too (VIII.b), and staff who reach LPR data are authorized (IV.c)."),
        "people", _("Go to the people"),
    ),
    Name.TRAINING: Words(
        _("Record the training"),
        _("Nobody uses an LPR or reaches LPR data without it. Add the course, then who took it and when."),
        "training_keeping", _("Go to the training"),
    ),
    Name.LPR: Words(
        _("Put an LPR into the inventory and give it its key"),
        _("An LPR is heard by its key alone, which is shown once."),
        "lprs", _("Go to the LPRs"),
    ),
    Name.HOT_LIST: Words(
        _("Load the first hot list"),
        _("Reads are compared with it, and no tour begins without the one of the day."),
        "hot_lists", _("Go to the hot lists"),
    ),
    Name.READS: Words(
        _("Let the LPR send its reads"),
        _("Its page says to which address, and what was heard of it. A read of a plate that is wanted is a hit."),
        "lprs", _("Go to the LPRs"),
    ),
    Name.RECOVERY_KEY: Words(
        _("Make the recovery key of the backups"),
        _("Backups are encrypted for the people who hold its shares. Without it no backup is made."),
        "recovery_key", _("Go to the recovery key"),
    ),
    Name.BACKUP: Words(
        _("Make the first backup"),
        _("Later ones are made by themselves, as often as the policy says."),
        "upkeep", _("Go to the upkeep"),
    ),
    Name.MAIL: Words(
        _("Set up mail"),
        _("The ledger's checkpoints go to its witnesses by mail, and so does the alarm of the sealed account. Name the mail "
          "server in PLATEKEEPER_MAIL_HOST and the sender in PLATEKEEPER_MAIL_FROM, and start the server again."),
    ),
    Name.SET_UP: Words(
        _("Have the server checked"),
        _("platekeeper doctor, at the server's command line, looks at how it is set up and says what to do. What cannot "
          "wait stands here."),
    ),
    Name.TOUR: Words(
        _("Begin the first tour"),
        _("The member is trained, the LPR is in service, the hot list is of today: it shows that all of it holds together."),
        "tours", _("Go to the tours"),
    ),
}  # fmt: skip
