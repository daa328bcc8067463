"""Every blank of the model policy in its order, and a few that are ours: the product needs them said, and so the
department says them."""

from __future__ import annotations

from platekeeper.core.blanks.kinds import Blank, Kind
from platekeeper.core.clauses import Clause

_C, _K = Clause, Kind

_KINDS = (
    ("police", "Police Department"),
    ("sheriff_department", "Sheriff's Department"),
    ("sheriff_office", "Sheriff's Office"),
)
_PLATES = (
    ("complete", "complete plates only"),
    ("partial", "partial plates only"),
    ("both", "complete and partial plates"),
)
_UPLOADS = (
    ("network", "the network, as reads are made"),
    ("removable", "removable media, carried by hand"),
    ("push", "a push from the vendor's system"),
)
_JOINS = (
    ("and", "for that period and until final disposition, whichever is later"),
    ("or", "for that period or until final disposition, whichever comes first"),
)
_SHARING = (
    ("none", "not at all"),
    ("request", "upon a specific request"),
    ("routine", "routinely"),
    ("both", "routinely and upon a specific request"),
)

_ALL = (
    Blank("header.effective", _C.header, _K.DATE, "Effective date of this version", "adopting a policy", "2026-03-01",
          of_version=True),
    Blank("header.review", _C.header, _K.DATE, "Date by which this version is reviewed", "adopting a policy",
          "2027-03-01", of_version=True),
    Blank("header.section", _C.header, _K.TEXT, "Section or number among the department's policies",
          "the printed policy's header", "Section 12.4"),
    Blank("III.name", _C.III_department, _K.TEXT, "Name of the department", "everything", "Harbor Falls"),
    Blank("III.kind", _C.III_department, _K.CHOICE, "Kind of department, which decides between Chief and Sheriff",
          "everything", choices=_KINDS),
    Blank("III.zone", _C.III_department, _K.ZONE, "Time zone of the department", "everything", "America/New_York",
          ours=True),
    Blank("IV.a.users", _C.IV_a, _K.POSITIONS, "Who may use LPRs", "working hits, tours", "Patrol Officer"),
    Blank("IV.b.access", _C.IV_b, _K.POSITIONS, "Which members may reach LPR data", "queries, hot lists", "Detective"),
    Blank("IV.c.authoriser", _C.IV_c, _K.POSITIONS, "Who authorises staff to reach LPR data", "staff access", "Chief"),
    Blank("IV.d.defects", _C.IV_d, _K.POSITIONS, "Who receives reports of defects and damage",
          "reporting defects", "LPR Administrator"),
    Blank("IV.e.custodian", _C.IV_e, _K.POSITIONS, "Who keeps the data (LPR Data Custodian)",
          "loading hot lists, the Query Log, backups", "LPR Data Custodian"),
    Blank("IV.f.inventory", _C.IV_f, _K.POSITIONS, "Who keeps the inventory of LPRs (LPR Administrator)",
          "adding LPRs and issuing their keys", "LPR Administrator"),
    Blank("IV.f.threshold", _C.IV_f, _K.MONEY, "LPRs are insured from a value of more than",
          "the list of LPRs to insure", "5000", unit="whole dollars"),
    Blank("IV.g.reviewer", _C.IV_g, _K.POSITIONS, "Who reviews the policy every year", "the annual review",
          "LPR Data Custodian"),
    Blank("IV.g.reminder", _C.IV_g, _K.WHOLE, "Reminders of the review begin before its date by",
          "reminders of the annual review", "30", unit="days", ours=True),
    Blank("IV.h.uses", _C.IV_h, _K.LINES, "Other permissible uses, sharing or restrictions", "the printed clause",
          "Parking enforcement may not use LPR data", or_none=True),
    Blank("IV.h.also", _C.IV_h, _K.CLAUSES, "Clauses to see as well", "the printed clause", "VI.b", or_none=True),
    Blank("IV.i.trainers", _C.IV_i, _K.POSITIONS, "Who gives the training and keeps its record",
          "recording training", "Training Officer"),
    Blank("IV.i.in_service", _C.IV_i, _K.POSITIONS, "Who sees to in-service training and bulletins",
          "issuing bulletins", "Training Officer"),
    Blank("IV.i.refresher", _C.IV_i, _K.WHOLE, "Training is repeated within", "using LPRs and queries", "365",
          unit="days", ours=True),
    Blank("IV.i.changes", _C.IV_i, _K.WHOLE, "A change of hardware, software or law is answered within",
          "the evidence of in-service training", "30", unit="days", ours=True),
    Blank("V.b.destination", _C.V_b, _K.TEXT, "Where data of field LPRs is uploaded to", "field uploads",
          "the Department's server"),
    Blank("V.b.method", _C.V_b, _K.CHOICE, "How it is uploaded", "field uploads", choices=_UPLOADS),
    Blank("V.b.responsible", _C.V_b, _K.POSITIONS, "Who is responsible for uploads", "field uploads",
          "LPR Data Custodian"),
    Blank("V.b.every", _C.V_b, _K.PERIOD, "Field data is uploaded at least every", "field uploads", "1 day"),
    Blank("V.c.method", _C.V_c, _K.TEXT, "How a hit that led to action is preserved and documented",
          "preserving hits", "preserved in Platekeeper's case file with its image and verification"),
    Blank("V.d.authoriser", _C.V_d, _K.POSITIONS, "Who authorises special operations and details",
          "special operations", "Patrol Lieutenant"),
    Blank("V.e.director", _C.V_e, _K.POSITIONS, "Through whom mutual aid requests go", "mutual aid", "Duty Sergeant"),
    Blank("VI.a.decider", _C.VI_a, _K.POSITIONS, "Who decides on entries in the department's hot list",
          "hot list entries", "LPR Data Custodian"),
    Blank("VI.a.plates", _C.VI_a, _K.CHOICE, "Plates that may be entered", "hot list entries", choices=_PLATES),
    Blank("VI.b.access", _C.VI_b, _K.POSITIONS, "To which positions access to LPR data is limited", "queries",
          "Detective"),
    Blank("VI.b.designators", _C.VI_b, _K.POSITIONS, "Who may name designees besides", "naming designees",
          "Detective Captain", or_none=True),
    Blank("VI.e.auditors", _C.VI_e, _K.POSITIONS, "Who audits the Query Log and the ledger", "the audit pages",
          "Auditor", ours=True),
    Blank("VI.i.every", _C.VI_i, _K.PERIOD, "LPR data is transferred at least every", "transfers of LPR data", "1 day"),
    Blank("VI.i.by", _C.VI_i, _K.POSITIONS, "Who is responsible for the transfer", "transfers of LPR data",
          "LPR Data Custodian"),
    Blank("VI.i.destination", _C.VI_i, _K.TEXT, "Where LPR data is transferred to", "transfers of LPR data",
          "the Department's central server"),
    Blank("VI.j.manager", _C.VI_j, _K.POSITIONS, "Who manages the data of all LPRs", "dead letters, disposal",
          "LPR Data Custodian"),
    Blank("VI.k.place", _C.VI_k, _K.TEXT, "Where LPR data is stored", "the printed clause", "central server"),
    Blank("VI.k.floor", _C.VI_k, _K.PERIOD, "Reads are stored for no less than", "disposal", "30 days"),
    Blank("VI.k.ceiling", _C.VI_k, _K.PERIOD, "Reads are disposed of after", "receiving reads, disposal", "180 days",
          ours=True, or_none=True),
    Blank("VI.k.1.period", _C.VI_k_1, _K.PERIOD, "LPR records of a case are kept for", "case files", "5 years",
          or_none=True),
    Blank("VI.k.1.join", _C.VI_k_1, _K.CHOICE, "The period and the final disposition of the case together",
          "case files", choices=_JOINS),
    Blank("VI.k.2.schedule", _C.VI_k_2, _K.PERIODS, "Longest period of a case record, by class of offence",
          "case files", "felony: 25 years"),
    Blank("VI.k.4.director", _C.VI_k_4, _K.POSITIONS, "Which command position may direct that data be kept",
          "command directives", "Chief"),
    Blank("VI.l.how", _C.VI_l, _K.CHOICE, "LPR data is shared with other agencies", "sharing", choices=_SHARING),
    Blank("VI.l.destinations", _C.VI_l, _K.LINES, "Destinations that LPR data may be shared with", "sharing",
          "Mohawk Valley Crime Analysis Center", or_none=True),
    Blank("VI.l.accounts", _C.VI_l, _K.LINES, "Who outside the department has an account", "sharing",
          "analysts of the Crime Analysis Center", or_none=True),
    Blank("VI.l.director", _C.VI_l, _K.POSITIONS, "Upon whose direction LPR data is shared", "sharing", "Chief"),
    Blank("VI.m.keeper", _C.VI_m, _K.POSITIONS, "Who backs up LPR data", "backups", "LPR Data Custodian"),
    Blank("VI.m.every", _C.VI_m, _K.PERIOD, "A backup is made every", "backups", "24 hours"),
    Blank("VI.m.copies", _C.VI_m, _K.WHOLE, "Copies of a backup that are kept", "backups", "2", unit="copies"),
    Blank("VI.m.places", _C.VI_m, _K.LINES, "Where the copies are kept", "backups", "a disk in the county's vault"),
    Blank("VI.m.method", _C.VI_m, _K.TEXT, "How backups are made", "the printed clause",
          "Platekeeper's own backup, onto an encrypted disk"),
    Blank("VII.e.supervisors", _C.VII_e, _K.POSITIONS, "Who reviews departures from the steps before a stop",
          "working hits", "Patrol Sergeant", ours=True),
    Blank("VII.e.window", _C.VII_e, _K.WHOLE, "Hits of one vehicle count as one alarm for", "raising hits", "15",
          unit="minutes", ours=True),
    Blank("VII.e.dispatch", _C.VII_e_2, _K.POSITIONS, "Who confirms hits at dispatch", "confirming hits",
          "Dispatcher", ours=True),
    Blank("VII.f.directors", _C.VII_f_2, _K.POSITIONS, "Who may direct or authorise entries in the field",
          "urgent hot list entries", "Patrol Sergeant"),
    Blank("VII.h.1.tours", _C.VII_h_1, _K.WHOLE, "The Daily User Log is forwarded after (1: upon completion)",
          "tours", "1", unit="tours"),
    Blank("VII.h.1.to", _C.VII_h_1, _K.POSITIONS, "To whom the Daily User Log is forwarded", "tours",
          "Patrol Sergeant"),
    Blank("VII.h.2.checker", _C.VII_h_2, _K.POSITIONS, "Who checks that its entries are complete", "tours",
          "Patrol Sergeant"),
    Blank("VIII.a.access", _C.VIII_a, _K.POSITIONS, "Who may make inquiries of stored reads", "queries", "Detective"),
    Blank("VIII.b.grantor", _C.VIII_b, _K.POSITIONS, "Who grants access to inquiries", "granting access", "Chief"),
    Blank("VIII.e.floor", _C.VIII_e, _K.PERIOD, "The Query Log is kept for no less than", "keeping the Query Log", "5 years",
          ours=True),
    Blank("IX.c.administrator", _C.IX_c, _K.POSITIONS, "To which LPR Administrator damage is reported",
          "reporting damage", "LPR Administrator"),
    Blank("IX.d.administrator", _C.IX_d, _K.POSITIONS, "To which LPR Administrator technical questions go",
          "technical questions", "LPR Administrator"),
    Blank("signature.authority", _C.signature, _K.POSITIONS, "Who authorises this policy (Chief or Sheriff)",
          "adopting a policy", "Chief"),
)  # fmt: skip

BLANKS: dict[str, Blank] = {blank.key: blank for blank in _ALL}
"""Every blank by key, in the order of the policy."""


def blanks_of(clause: Clause) -> tuple[Blank, ...]:
    """Return the blanks of one clause."""
    return tuple(blank for blank in _ALL if blank.clause is clause)
