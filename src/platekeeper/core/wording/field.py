"""Our wording of the protocols in the field (VII)."""

from __future__ import annotations

from platekeeper.core.clauses import Clause

TEXT: dict[Clause, str] = {
    Clause.VII_a: (
        "Patrol: LPRs help on general patrol wherever the patrol vehicle is placed so that it can watch vehicle "
        "traffic. LPRs may be used only when this serves a legitimate law enforcement purpose."
    ),
    Clause.VII_b: (
        "No member may use a mobile LPR without proper training in how it is used and in the protocols for operating "
        "it."
    ),
    Clause.VII_c: (
        "Vehicles that carry an LPR should be put to use as often as they can be. While they are not in use they "
        "should be secured."
    ),
    Clause.VII_d: (
        "Members make sure that the LPR system has received its daily hot list upload, so that nobody is stopped on "
        "data that is out of date."
    ),
    Clause.VII_e: (
        "When an LPR shows a hit, the member must take the steps below before making a stop. Departures from these "
        "steps are reviewed by: {VII.e.supervisors}. Hits of one vehicle count as one alarm for {VII.e.window}."
    ),
    Clause.VII_e_1: (
        "Compare the captured image of the plate with the plate on the vehicle, and verify that they match."
    ),
    Clause.VII_e_2: (
        "Have the hit confirmed as accurate by dispatch or a comparable source. At dispatch, hits are confirmed by: "
        "{VII.e.dispatch}."
    ),
    Clause.VII_f: (
        "Only authorized personnel may enter data proactively or access LPR records, and this must serve a legitimate "
        "law enforcement purpose. The rule covers data uploaded before an LPR is deployed and also data that a member "
        "may upload while on a tour of duty. The items below say when a proactive or manual entry on the hot list may "
        "be made in the field, and what should go with it."
    ),
    Clause.VII_f_1: (
        "An entry may be made on a dispatch report of a crime, on a BOLO or on an alert whose broadcast includes a "
        "license plate number."
    ),
    Clause.VII_f_2: (
        "An entry may be made when it is directed or authorized by: {VII.f.directors}. It must serve a legitimate law "
        "enforcement purpose."
    ),
    Clause.VII_f_3: (
        "Members should search their LPR to find out whether it has already read the plate that the alert, bulletin or "
        "alarm is about."
    ),
    Clause.VII_g: (
        "A proactive or manual entry on the hot list must be made in the field for the bulletin of an AMBER Alert, a "
        "Missing Child Alert or a Missing College Student Alert. Members must also search their LPR to find out "
        "whether it has already read the plate that the alert is about."
    ),
    Clause.VII_h: (
        "Members write every use of an LPR into the LPR Daily User Log. The items below say what becomes of it."
    ),
    Clause.VII_h_1: (
        "Once the LPR Daily User Log is completed or filled, which means after {VII.h.1.tours}, it is forwarded to: "
        "{VII.h.1.to}."
    ),
    Clause.VII_h_2: "Responsibility for making sure that its entries are complete rests with: {VII.h.2.checker}.",
    Clause.VII_h_3: (
        "An LPR Daily User Log with an arrest, or with a hit connected with one, is kept in the case folder."
    ),
    Clause.VII_h_4: "The LPR Daily User Log is kept until there is a final disposition of every arrest.",
}
