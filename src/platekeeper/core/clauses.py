"""Every part of the model policy as a constant, with a title in our own words: its header, every numbered clause with
its items, the terms it defines, and the signature."""

from __future__ import annotations

from enum import Enum


class Clause(Enum):
    """A clause: its value is (number as the policy prints it, our one-line title)."""

    header = ("header", "Dates and section of the policy")
    I = ("I", "What the policy is for")  # noqa: E741
    II = ("II", "How LPRs and their data are to be used")
    III = ("III", "The words the policy uses")
    III_department = ("III.department", "Department: which department this is")
    III_fixed = ("III.fixed", "Fixed camera: mounted for good on a structure")
    III_gps = ("III.gps", "GPS: position by satellite")
    III_lpr = ("III.lpr", "LPR: the reader of license plates")
    III_query_log = ("III.query_log", "LPR Data Query Log: the record of every search")
    III_hot_list = ("III.hot_list", "Hot list: the plates that are wanted, and by whom")
    III_members = ("III.members", "Members: sworn officers")
    III_mobile = ("III.mobile", "Mobile camera: carried by a vehicle")
    III_mou = ("III.mou", "MOU: an agreement between agencies")
    III_ocr = ("III.ocr", "OCR: reading characters out of an image")
    III_portable = ("III.portable", "Portable camera: stands still, but can be moved")
    III_sop = ("III.sop", "SOP: a standing written procedure")
    III_staff = ("III.staff", "Staff: non-sworn employees")
    IV_a = ("IV.a", "Only trained, designated members use LPRs")
    IV_b = ("IV.b", "Members reach LPR data for law enforcement only")
    IV_c = ("IV.c", "Staff reach LPR data once authorized")
    IV_d = ("IV.d", "Somebody receives reports of defects and damage")
    IV_e = ("IV.e", "Somebody keeps the data, its backups, searches and hot lists")
    IV_f = ("IV.f", "Somebody keeps the inventory and its insurance")
    IV_g = ("IV.g", "The policy is reviewed every year")
    IV_h = ("IV.h", "Hot lists and data are kept securely; searches follow the policy")
    IV_i = ("IV.i", "Training comes before use and goes on afterwards")
    V_a = ("V.a", "Today's hot list is loaded before a tour")
    V_b = ("V.b", "Field reads are uploaded to the department")
    V_c = ("V.c", "Hits that led to action are preserved")
    V_d = ("V.d", "Special operations are authorized")
    V_e = ("V.e", "Mutual aid goes through one position")
    VI_a = ("VI.a", "Plates are entered on the department's hot list on request")
    VI_a_1 = ("VI.a.1", "Entries may concern gang members and associates")
    VI_a_2 = ("VI.a.2", "Entries may concern sex offenders")
    VI_a_3 = ("VI.a.3", "Entries may concern suspects of a crime")
    VI_a_4 = ("VI.a.4", "Entries may concern fugitives")
    VI_a_5 = ("VI.a.5", "Entries may concern targets of a search warrant")
    VI_b = ("VI.b", "LPR data is open to named positions only")
    VI_c = ("VI.c", "Every inquiry is entered in the Query Log")
    VI_d = ("VI.d", "Query Logs behind an arrest stay with the case")
    VI_e = ("VI.e", "Query Logs are kept safe for audits")
    VI_f = ("VI.f", "Every look serves a legitimate law enforcement purpose")
    VI_g = ("VI.g", "Queries for somebody else are logged too")
    VI_h = ("VI.h", "Requests and search results stay with the case")
    VI_i = ("VI.i", "LPR data is transferred on schedule")
    VI_j = ("VI.j", "One position manages the data of all LPRs")
    VI_k = ("VI.k", "Stored LPR data has a period, and an end")
    VI_k_1 = ("VI.k.1", "Records of a case wait for its final disposition")
    VI_k_2 = ("VI.k.2", "Hits behind an arrest stay with the criminal case file")
    VI_k_3 = ("VI.k.3", "Hits in felony investigations stay with the case file")
    VI_k_4 = ("VI.k.4", "Command may direct that data be kept")
    VI_l = ("VI.l", "Sharing follows the department's procedure")
    VI_m = ("VI.m", "LPR data is backed up")
    VII_a = ("VII.a", "LPRs on patrol serve law enforcement only")
    VII_b = ("VII.b", "No mobile LPR without training")
    VII_c = ("VII.c", "LPR vehicles are used often and kept secure")
    VII_d = ("VII.d", "No stop on an outdated hot list")
    VII_e = ("VII.e", "A hit is checked before the stop")
    VII_e_1 = ("VII.e.1", "The plate image is compared with the vehicle")
    VII_e_2 = ("VII.e.2", "The hit is confirmed through dispatch")
    VII_f = ("VII.f", "Field entries need a purpose and authority")
    VII_f_1 = ("VII.f.1", "Dispatch reports and bulletins may be entered")
    VII_f_2 = ("VII.f.2", "Directed entries name who authorized them")
    VII_f_3 = ("VII.f.3", "A new entry is looked up among prior reads")
    VII_g = ("VII.g", "AMBER and missing person alerts must be entered and looked up")
    VII_h = ("VII.h", "Use of an LPR is entered in the Daily User Log")
    VII_h_1 = ("VII.h.1", "Daily User Logs are forwarded")
    VII_h_2 = ("VII.h.2", "Daily User Logs are checked for completeness")
    VII_h_3 = ("VII.h.3", "Daily User Logs behind an arrest stay with the case")
    VII_h_4 = ("VII.h.4", "Daily User Logs wait for final dispositions")
    VIII_a = ("VIII.a", "Stored reads are open to named positions only")
    VIII_b = ("VIII.b", "Access to inquiries is granted by one position")
    VIII_c = ("VIII.c", "Requests are recorded as criminal history requests are")
    VIII_d = ("VIII.d", "The member inquiring makes the Query Log entry")
    VIII_e = ("VIII.e", "Query Logs wait for final dispositions")
    IX_a = ("IX.a", "Camera aim is checked at the start of a tour")
    IX_b = ("IX.b", "Lenses are cleaned gently")
    IX_c = ("IX.c", "Damage is reported at once")
    IX_d = ("IX.d", "Technical questions go to the LPR Administrator")
    signature = ("signature", "The Chief or Sheriff authorizes the policy")

    @property
    def number(self) -> str:
        """The clause as the policy prints it, such as "VII.e.1"."""
        return self.value[0]

    @property
    def title(self) -> str:
        """Our own one-line wording."""
        return self.value[1]

    @property
    def section(self) -> str:
        """The section it stands in: "VII" for VII.e.1; the header and the signature are sections of their own."""
        return self.number.split(".")[0]

    def __str__(self) -> str:
        return self.number

    @classmethod
    def by_number(cls, number: str) -> Clause:
        """Return the clause printed as `number`; raise `KeyError` when there is none."""
        return cls[number.replace(".", "_")]
