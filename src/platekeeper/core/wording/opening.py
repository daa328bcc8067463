"""Our wording of the header, the purpose (I), the policy (II) and its terms (III)."""

from __future__ import annotations

from platekeeper.core.clauses import Clause

TEXT: dict[Clause, str] = {
    Clause.header: "Effective date: {header.effective}. Review date: {header.review}. Section: {header.section}.",
    Clause.I: (
        "This policy tells members and staff how license plate readers (LPRs) are applied and used, how LPR data is "
        "managed, and how LPR equipment is maintained."
    ),
    Clause.II: (
        "LPRs have made law enforcement better at noticing violations, recovering what was stolen, catching fugitives, "
        "advancing investigations, and more besides. Both members and staff follow the procedures and guidelines of "
        "this policy when they use LPRs. What LPRs capture is used in a proper and responsible manner, as this policy "
        "defines it."
    ),
    Clause.III: "In this policy the terms below have the meanings given here.",
    Clause.III_department: (
        "Department: the {III.name} {III.kind}. Its clock and its calendar follow the time zone {III.zone}."
    ),
    Clause.III_fixed: (
        "Fixed camera: one that is attached for good to a structure, for example to a pole, an overhead or a bridge."
    ),
    Clause.III_gps: "GPS: the Global Positioning System, which gives a position by satellite.",
    Clause.III_lpr: "LPR: a license plate reader.",
    Clause.III_query_log: (
        "LPR Data Query Log, also called LPR Query Log: the record that is made whenever LPR data on the server is "
        "searched or queried."
    ),
    Clause.III_hot_list: (
        "Hot list: the plates to look out for. Its data comes through the Integrated Justice Portal of New York State: "
        "the plates of stolen vehicles, plates that were stolen themselves, plates linked to the record of a wanted "
        "person, and plates whose registration is suspended or revoked. It also holds national data (from NCIC or "
        "NICB, for example) for categories like these, and plates connected with AMBER Alerts, with terrorist watch "
        "lists and with similar lists. Plates entered by hand belong to it as well: those linked to crimes just "
        "committed in a local jurisdiction, to gang members, to persons who are wanted, and to others whom an "
        "investigation targets."
    ),
    Clause.III_members: "Members: the Department's sworn police officers.",
    Clause.III_mobile: (
        "Mobile camera: one that a vehicle carries, whether it is attached to the vehicle for good or held by magnets."
    ),
    Clause.III_mou: "MOU: a memorandum of understanding, which is a written agreement.",
    Clause.III_ocr: "OCR: optical character recognition, which reads text out of an image.",
    Clause.III_portable: (
        "Portable camera: one that stands still but can be moved where it is needed, for example in a traffic barrel "
        "or in a sign that shows drivers their speed by radar."
    ),
    Clause.III_sop: "SOP: a standard operating procedure.",
    Clause.III_staff: "Staff: the Department's employees who are not sworn.",
}
