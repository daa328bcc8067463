"""Why each clause matters: what in the software depends on it, or what the department gains by it."""

from __future__ import annotations

from platekeeper.core.clauses import Clause

WHY: dict[Clause, str] = {
    Clause.header: (
        "The dates say from when this version counts and by when it is looked at again; the section is where people "
        "find it among the department's policies."
    ),
    Clause.I: "It tells everybody what the policy covers; there is nothing to fill in.",
    Clause.II: "It sets the standard that all the other clauses serve; there is nothing to fill in.",
    Clause.III: "It gives each word one meaning, and the pages of the software use the same words.",
    Clause.III_department: (
        "No policy can be adopted without name, kind and time zone; the kind decides between Chief and Sheriff, and "
        "the zone decides when a new day begins for hot lists and training."
    ),
    Clause.III_fixed: "Every LPR in the inventory is fixed, mobile or portable, and this says which ones are fixed.",
    Clause.III_gps: "It explains the word; an LPR that knows its position can send it with each read.",
    Clause.III_lpr: "It explains the one short word that stands on nearly every page.",
    Clause.III_query_log: "Every search of stored reads stands in this log, with who asked and why.",
    Clause.III_hot_list: (
        "It says what a hot list holds; the software sorts entries into categories like these and compares every read "
        "with them."
    ),
    Clause.III_members: "Only a member's account can work hits or ask for an entry on the hot list of the department.",
    Clause.III_mobile: "Every LPR in the inventory is fixed, mobile or portable, and this says which ones are mobile.",
    Clause.III_mou: "It explains the word for an agreement between agencies; nothing in the software depends on it.",
    Clause.III_ocr: (
        "It explains how a picture becomes a plate, and so why a read can be wrong and is checked before a stop."
    ),
    Clause.III_portable: (
        "Every LPR in the inventory is fixed, mobile or portable, and this says which ones are portable."
    ),
    Clause.III_sop: "It explains the word for a standing procedure; nothing in the software depends on it.",
    Clause.III_staff: "Staff accounts reach LPR data only once a position named in IV.c has authorized them.",
    Clause.IV_a: (
        "Members who hold one of these positions and are trained can work hits on the live board; nobody else can."
    ),
    Clause.IV_b: (
        "A member without one of these positions cannot make inquiries of stored reads, whatever VI.b and VIII allow."
    ),
    Clause.IV_c: (
        "Whoever holds one of these positions can authorize staff to reach LPR data and can end it at once; without "
        "that, staff are refused."
    ),
    Clause.IV_d: (
        "Everybody knows who hears of an LPR that is broken or damaged, so that no report ends up with nobody."
    ),
    Clause.IV_e: (
        "Whoever holds one of these positions loads hot lists, sets their rules and may read the Query Log; while it "
        "is not filled in no hot list can be loaded."
    ),
    Clause.IV_f: (
        "Whoever holds one of these positions adds LPRs to the inventory and issues the keys by which they send reads; "
        "the amount says which equipment the department has to insure."
    ),
    Clause.IV_g: "The yearly review has somebody to make it, and a time at which reminders of it begin.",
    Clause.IV_h: (
        "Accounts and sign-ins are guarded and logged under this clause; the further uses and limits you write here "
        "are printed with it."
    ),
    Clause.IV_i: (
        "Anybody whose training is missing, or older than the period given here, can neither work hits nor make "
        "inquiries of stored reads; the positions named here record training and see to what a change asks for."
    ),
    Clause.V_a: (
        "The software shows when a hot list is not of today, or older than the list's own rule allows, and marks the "
        "hits that it raises, and no tour begins on one, unless a supervisor named in VII.e overrides it with a reason."
    ),
    Clause.V_b: (
        "It settles where the reads of mobile and portable LPRs go, how, how often and who answers for it, so that a "
        "missing upload is somebody's to notice."
    ),
    Clause.V_c: (
        "Every hit keeps its own copy of its read and image; this says how the department documents one that led to "
        "action, so that it can be shown later."
    ),
    Clause.V_d: "It names who has to say yes before LPRs serve in a special operation or detail.",
    Clause.V_e: "It names the one place through which calls for help go, whether the department asks or is asked.",
    Clause.VI_a: (
        "Requests for hot list entries wait for one of these positions, unless they are urgent, and the choice says "
        "whether complete plates, partial plates or both are accepted."
    ),
    Clause.VI_a_1: (
        "An entry can be filed under this category, and a hit on it asks for observation unless the entry says "
        "otherwise."
    ),
    Clause.VI_a_2: (
        "An entry can be filed under this category, and a hit on it asks for observation unless the entry says "
        "otherwise."
    ),
    Clause.VI_a_3: "An entry can be filed under this category, and a hit on it says so.",
    Clause.VI_a_4: "An entry can be filed under this category, and a hit on it says so.",
    Clause.VI_a_5: "An entry can be filed under this category, and a hit on it says so.",
    Clause.VI_b: (
        "Inquiries of stored reads are closed to anybody who neither holds one of these positions nor has been named a "
        "designee."
    ),
    Clause.VI_c: "The Query Log entry is written before a search runs; if it cannot be written, there is no search.",
    Clause.VI_d: "It keeps the log of a search behind an arrest where prosecution and defense will look for it.",
    Clause.VI_e: (
        "The auditors named here can read the Query Log and the ledger, and each of their views is logged in turn."
    ),
    Clause.VI_f: (
        "A search without a purpose, an offense type, a case or call number and a few words of reason is refused, and "
        "the refusal is logged."
    ),
    Clause.VI_g: (
        "Whoever searches for somebody else can name them and their agency, so that the log shows who looked and for "
        "whom."
    ),
    Clause.VI_h: (
        "What was asked and what was found can be traced to a case; every search carries a case or call number for "
        "that."
    ),
    Clause.VI_i: (
        "It settles where LPR data is transferred to, how often and by whom, so that a transfer that fails to happen "
        "is somebody's to notice."
    ),
    Clause.VI_j: (
        "Whoever holds one of these positions looks after data that could not be understood, reviews hits that raise "
        "no alarm, and can have reads past their time disposed of."
    ),
    Clause.VI_k: (
        "Until the period for disposal is filled in no read is accepted; after that period reads are removed by "
        "themselves, backups included, unless the answer is never."
    ),
    Clause.VI_k_1: (
        "It settles how long the LPR records of a case are kept, and how that time and the final disposition go "
        "together."
    ),
    Clause.VI_k_2: (
        "It settles how long a hit behind an arrest is kept, by class of offense; hits keep their own copies, so they "
        "do not end with the reads of their day."
    ),
    Clause.VI_k_3: (
        "Hits keep their own copies of read and image, so the disposal of a day's reads takes no evidence from a "
        "felony investigation."
    ),
    Clause.VI_k_4: "It names who in command can direct otherwise, so that it is clear whose word counts.",
    Clause.VI_l: (
        "It says in one place whether LPR data leaves the department, where it may go, who has an account and upon "
        "whose direction."
    ),
    Clause.VI_m: (
        "A backup is made by itself once this time has passed since the last one, and the positions named here can "
        "make one at any moment."
    ),
    Clause.VII_a: "It tells patrol where an LPR helps and what it may be used for; there is nothing to fill in.",
    Clause.VII_b: "Somebody without current training is refused when they try to work a hit.",
    Clause.VII_c: "An LPR finds nothing in a garage, and a vehicle that is secured keeps it from misuse and theft.",
    Clause.VII_d: "A hit from a hot list that is out of date says so on its page, before anybody makes a stop.",
    Clause.VII_e: (
        "A stop recorded without these steps goes to the supervisors named here for review; until it says how long "
        "hits of one vehicle count as one alarm, no read is accepted."
    ),
    Clause.VII_e_1: "The member records the comparison on the hit's page, and dispatch can be asked only after it.",
    Clause.VII_e_2: (
        "The positions named here answer from a queue of their own; an answer by voice is marked as the member's own "
        "word."
    ),
    Clause.VII_f: "An entry of the department's own that lacks a reason, an authority or an end is refused.",
    Clause.VII_f_1: (
        "A plate that has just been broadcast can be entered, with the report or bulletin as its authority."
    ),
    Clause.VII_f_2: (
        "Whoever holds one of these positions can put an urgent entry in force at once, and is asked to confirm what a "
        "member entered in their name."
    ),
    Clause.VII_f_3: (
        "Once an entry is on the list, its plate is looked up among the stored reads, and the look is logged."
    ),
    Clause.VII_g: (
        "A member who may use LPRs puts such an alert in force at once; its plate is looked up among the stored reads and "
        "sent to everybody on duty."
    ),
    Clause.VII_h: "A log of every use shows what LPRs were used for, by whom, and what came of it.",
    Clause.VII_h_1: "It settles when a Daily User Log is handed on and to whom, so that none stays in a vehicle.",
    Clause.VII_h_2: "It names who looks whether entries are complete while members still remember the tour.",
    Clause.VII_h_3: "It keeps the record of the tour with the case that came out of it.",
    Clause.VII_h_4: "It keeps the log for as long as an arrest that it records can still be argued about.",
    Clause.VIII_a: (
        "Inquiries of stored reads take one of these positions, besides what IV.b or IV.c, VI.b and VIII.b ask for."
    ),
    Clause.VIII_b: (
        "Whoever holds one of these positions gives people access to inquiries and can end it; nobody gives it to "
        "themselves."
    ),
    Clause.VIII_c: "A search without a case or call number is refused, so that every request can be traced.",
    Clause.VIII_d: (
        "Each entry of the Query Log takes the name of the person who is signed in, so the one who asked is always on "
        "record."
    ),
    Clause.VIII_e: "It keeps the logs for as long as a matter behind them can still be argued about.",
    Clause.IX_a: "A camera that reads the wrong lane misses the plate that everybody is looking for.",
    Clause.IX_b: "A clean lens reads more plates, and one that is scratched reads fewer from then on.",
    Clause.IX_c: "Everybody knows whom to tell of damage, so that no tour relies on an LPR that is broken.",
    Clause.IX_d: "Everybody knows whom to ask, and questions do not end up with nobody.",
    Clause.signature: "Only somebody who holds one of these positions can fill in the policy's draft and adopt it.",
}
