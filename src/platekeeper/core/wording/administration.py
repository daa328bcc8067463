"""Our wording of the general administration (IV)."""

from __future__ import annotations

from platekeeper.core.clauses import Clause

TEXT: dict[Clause, str] = {
    Clause.IV_a: (
        "Only members who have had proper training in the use of LPRs may use them. Authorized to use LPRs: "
        "{IV.a.users}."
    ),
    Clause.IV_b: (
        "Members may access LPR data where this serves a legitimate law enforcement purpose. Members authorized to do "
        "so: {IV.b.access}."
    ),
    Clause.IV_c: (
        "Staff may access LPR data where this serves a legitimate law enforcement purpose, once they have been "
        "authorized by: {IV.c.authorizer}."
    ),
    Clause.IV_d: (
        "Reports that an LPR system of the Department is defective, is damaged or needs maintenance for another reason "
        "go to whoever is responsible for receiving them: {IV.d.defects}."
    ),
    Clause.IV_e: (
        "Responsibility for maintaining the data rests with: {IV.e.custodian}. This includes making backups of LPR "
        "data, handling requests for searches or for LPR data, and maintaining the internal hot lists."
    ),
    Clause.IV_f: (
        "Responsibility for the inventory of the Department's LPRs rests with: {IV.f.inventory}. This includes making "
        "sure that the Department has put all LPR equipment worth more than {IV.f.threshold} under the coverage of the "
        "municipality's insurance plan."
    ),
    Clause.IV_g: (
        "Responsibility for reviewing this policy and its procedures every year, and for recommending to the {chief} "
        "any amendments they need, rests with: {IV.g.reviewer}. Reminders begin {IV.g.reminder} before the review is "
        "due."
    ),
    Clause.IV_h: (
        "Hot lists, and the data that the Department's LPRs gather, are kept secure. Members of the Department and "
        "other law enforcement agencies may ask for searches, within the limits of this policy. Further uses that are "
        "permitted, sharing, and restrictions: {IV.h.uses}. Related clauses: {IV.h.also}."
    ),
    Clause.IV_i: (
        "Members must be trained before they use mobile LPR equipment. The training is given by: {IV.i.trainers}. "
        "Training is repeated within {IV.i.refresher}. Any change in hardware, in software or in the law is taken up "
        "in further in-service training or in a bulletin; making sure of this is up to: {IV.i.in_service}. A change is "
        "answered within {IV.i.changes}."
    ),
}
